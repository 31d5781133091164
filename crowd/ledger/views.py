"""Account statements and transfers: a person's money with its reasons, and the whole ledger for finance and
auditors.
"""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd import csv_export
from crowd.config import limits
from crowd.errors import NotFound
from crowd.ledger import labels, links, owners, policy, provenance, queries, services
from crowd.ledger.approvals import queries as approvals
from crowd.ledger.escrows import queries as escrow_queries
from crowd.ledger.models import ApprovalKind, LedgerAccountKind, OwnerType
from crowd.ledger.questions import HELD_AWARDS, RESULTS_PAGE
from crowd.ledger.statements import queries as statements
from crowd.ledger.statements import statement_page
from crowd.money import CURRENCIES, Money
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason
from crowd.web.forms import ReasonForm

blueprint = Blueprint("ledger", __name__)
blueprint.context_processor(labels.for_templates)
OVERSEERS = ("finance", "auditor")
COLUMNS = (
    "posting", "at", "kind", "amount", "balance", "currency",
    "transfer", "key", "subject", "challenge", "actor", "note",
)  # fmt: skip


def _size() -> int:
    return limits().page_rows


# ---- an owner's money


@blueprint.route("/balance")
@guards.signed_in
def mine() -> ResponseReturnValue:
    """The person's own money."""
    actor = guards.person()
    return _statement(OwnerType.USER, actor.id, actor.name)


@blueprint.route("/organisations/<int:organisation_id>/balance")
@guards.signed_in
def organisation(organisation_id: int) -> ResponseReturnValue:
    """The money of an organisation, for its members and overseers of the ledger."""
    return _statement(OwnerType.ORGANISATION, organisation_id, _name(organisation_id))


def _name(organisation_id: int) -> str:
    """The organisation's name. Raises NotFound where the actor may not view its money."""
    actor = guards.person()
    if not policy.can_view_owner(actor, OwnerType.ORGANISATION, organisation_id):
        raise NotFound
    own = (m.organisation.name for m in actor.memberships if m.organisation_id == organisation_id)
    name = next(own, None) or owners.name(OwnerType.ORGANISATION, organisation_id)
    if not name:
        raise NotFound
    return str(name)


def _statement(owner: OwnerType, owner_id: int, name: str) -> ResponseReturnValue:
    holdings, accounts = statements.owned(owner, owner_id)
    sponsor = any(
        ledger_account.kind == LedgerAccountKind.SPONSOR for ledger_account in holdings
    )  # without deposits there is no escrow
    return render_template(
        "ledger/statement.html",
        owner=owner,
        owner_id=owner_id,
        name=name,
        holdings=holdings,
        held=HELD_AWARDS()(owner, owner_id),
        results_page=RESULTS_PAGE(),
        escrows=escrow_queries.escrows(owner_id) if sponsor else None,
        accounts=accounts,
        payouts=statements.payouts(owner, owner_id) if any(ledger_account.asked for ledger_account in holdings) else [],
        can_spend=policy.can_spend(guards.actor(), owner, owner_id),
        answered=not holdings and owner == OwnerType.USER and owners.has_answered(owner_id),
        **_lines(holdings),
    )


def _lines(holdings: list[statements.AccountSummary]) -> dict[str, Any]:
    """The selected account of these and a page of its lines."""
    wanted = arguments().number("account")
    chosen = next(
        (ledger_account for ledger_account in holdings if ledger_account.id == wanted),
        holdings[0] if holdings else None,
    )
    if chosen is None:
        return {"ledger_account": None, "page": None}
    return {"ledger_account": chosen, "page": statements.statement(chosen, after=arguments().after, size=_size())}


@blueprint.route("/organisations/<int:organisation_id>/balance/challenges")
@guards.signed_in
def escrows(organisation_id: int) -> ResponseReturnValue:
    """How the money of each of an organisation's challenges was split."""
    name = _name(organisation_id)
    page = escrow_queries.escrows(organisation_id, after=arguments().after, size=_size())
    return render_template("ledger/escrows.html", name=name, organisation_id=organisation_id, escrows=page)


@blueprint.route("/balance/accounts/<int:account_id>.csv")
@guards.signed_in
def export(account_id: int) -> ResponseReturnValue:
    """An account statement as CSV."""
    account = queries.access_account(guards.actor(), account_id)
    lines = statements.export(account, limits().export_rows)
    return csv_export.response(f"statement-{account.id}-{account.currency}.csv", COLUMNS, map(_row, lines))


def _row(line: statements.StatementLine) -> tuple[Any, ...]:
    return (
        line.id, line.at, line.kind, Money(line.currency, line.amount).decimal,
        Money(line.currency, line.balance).decimal, line.currency, line.transfer_id, line.key,
        f"{line.subject_type} {line.subject_id}", line.challenge_id, line.actor_name, line.note,
    )  # fmt: skip


# ---- all money


@blueprint.route("/finance/accounts")
@guards.roles(*OVERSEERS)
def platform() -> ResponseReturnValue:
    """All money of the platform, by kind and by currency."""
    return render_template("ledger/platform.html", sheet=statement_page.read())


@blueprint.route("/finance/accounts/<any({}):kind>/<currency>".format(",".join(LedgerAccountKind)))
@guards.roles(*OVERSEERS)
def accounts(kind: str, currency: str) -> ResponseReturnValue:
    """The owners and balances of one kind of account."""
    if currency not in CURRENCIES:
        raise NotFound
    page = statement_page.accounts_page(LedgerAccountKind(kind), currency, after=arguments().after, size=_size())
    ends = statement_page.ends_of(page.rows)
    return render_template(
        "ledger/accounts.html", kind=LedgerAccountKind(kind), currency=currency, page=page, ends=ends
    )


@blueprint.route("/finance/accounts/<int:account_id>")
@guards.roles(*OVERSEERS)
def account(account_id: int) -> ResponseReturnValue:
    """The statement of any ledger account."""
    row = queries.access_account(guards.actor(), account_id)
    page = statements.statement(row, after=arguments().after, size=_size())
    balance, (end,) = queries.balances([row])[row.id], statement_page.ends_of([row]).values()
    return render_template(
        "ledger/account.html", ledger_account=row, end=end, name=end.name, balance=balance, page=page
    )


# ---- transfers


@blueprint.route("/balance/transfers/<int:transfer_id>")
@guards.signed_in
def transfer(transfer_id: int) -> ResponseReturnValue:
    """One transfer: amount, purpose, who decided, and its reversal."""
    return _transfer(transfer_id, ReasonForm())


def _transfer(transfer_id: int, form: ReasonForm) -> str:
    actor = guards.person()
    row = queries.access(actor, transfer_id)
    lines = policy.visible_lines(actor, row, queries.behind(row))
    return render_template(
        "ledger/transfer.html",
        transfer=row,
        lines=lines,
        ends=statement_page.ends_of(
            [ledger_account for line in lines for ledger_account in (line.source, line.target)]
        ),
        about=queries.about(row),
        cause=links.cause(row, overseer=policy.oversees(actor)),
        acts=provenance.acts_behind([row])[row.id],
        reversal=queries.reversal_of(row.id),
        waiting=approvals.find_waiting(ApprovalKind.REVERSAL, row.id),
        can_reverse=services.can_reverse(actor, row),
        form=form,
    )


@blueprint.post("/balance/transfers/<int:transfer_id>/reverse")
@guards.roles("finance")
@once.acts
@confirmation.required
def reverse(transfer_id: int) -> ResponseReturnValue:
    """Reverse a wrong deposit or allocation."""
    form = ReasonForm()
    if not form.passes(lambda: services.reverse(guards.person(), transfer_id, **form.values())):
        return _transfer(transfer_id, form), form.status
    reversal = queries.reversal_of(transfer_id)
    if reversal is None:
        flash(_("Requested. Another finance officer must approve it."), "success")
    else:
        flash(_("The transfer was reversed."), "success")
    return redirect(url_for("ledger.transfer", transfer_id=reversal.id if reversal else transfer_id), 303)


# ---- the ledger check


@blueprint.route("/finance/ledger-check")
@guards.roles(*OVERSEERS, "administrator", "service_centre")
def check() -> ResponseReturnValue:
    """The findings of the last ledger checks."""
    return render_template("ledger/check.html", last=queries.last_check(), checks=queries.checks())


@blueprint.post("/finance/ledger-check")
@guards.roles("finance", "auditor", "administrator")
@once.acts
@confirmation.not_required(Reason.HARMLESS)
def check_now() -> ResponseReturnValue:
    """Request a ledger check."""
    services.ask_for_check(guards.person())
    flash(_("The ledger is being checked. Come back in a moment."), "info")
    return redirect(url_for("ledger.check"), 303)
