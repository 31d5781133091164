"""Statements and transfers: where my money is and why, and the state of all books for finance and auditors."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from crowd import tables
from crowd.errors import NotFound
from crowd.ledger import owners, policy, queries, services, words
from crowd.ledger.forms import ReasonForm
from crowd.ledger.models import Owner, Pot
from crowd.ledger.payouts import queries as payouts
from crowd.money import Money
from crowd.web import guards

blueprint = Blueprint("ledger", __name__)
blueprint.context_processor(words.for_templates)
OVERSEERS = ("finance", "auditor")
COLUMNS = (
    "posting", "at", "move", "amount", "balance", "currency",
    "transfer", "key", "subject", "challenge", "actor", "note",
)  # fmt: skip


@blueprint.route("/money")
@guards.signed_in
def mine() -> Any:
    """My own money."""
    return _statement(Owner.USER, guards.actor().id)


@blueprint.route("/organisations/<int:organisation_id>/money")
@guards.signed_in
def organisation(organisation_id: int) -> Any:
    """The money of an organisation, for its members and those who oversee the books."""
    if not policy.can_see_owner(guards.actor(), Owner.ORGANISATION, organisation_id):
        raise NotFound
    return _statement(Owner.ORGANISATION, organisation_id)


def _statement(owner: Owner, owner_id: int) -> Any:
    pots = queries.pots_of(owner, owner_id)
    escrows = queries.escrows_of(owner_id) if owner == Owner.ORGANISATION else []
    return render_template(
        "ledger/statement.html",
        owner=owner,
        owner_id=owner_id,
        name=owners.name(owner, owner_id),
        pots=pots,
        escrows=escrows,
        titles=owners.names((pot.owner_type, pot.owner_id) for pot in escrows),
        under_way=queries.under_way(owner, owner_id),
        accounts=payouts.accounts(owner, owner_id),
        payouts=payouts.of_owner(owner, owner_id),
        can_spend=policy.can_spend(guards.actor(), owner, owner_id),
        **_lines(pots),
    )


def _lines(pots: list[Pot]) -> dict[str, Any]:
    """The chosen pot of these and a page of its lines."""
    wanted = request.args.get("pot", type=int)
    chosen = next((pot for pot in pots if pot.id == wanted), pots[0] if pots else None)
    if chosen is None:
        return {"pot": None, "page": None}
    size = current_app.config["CROWD"].limits.page_rows
    return {"pot": chosen, "page": queries.statement(chosen, after=request.args.get("after"), size=size)}


@blueprint.route("/money/pots/<int:pot_id>.csv")
@guards.signed_in
def export(pot_id: int) -> Any:
    """A pot's statement as CSV."""
    pot = queries.access_pot(guards.actor(), pot_id)
    lines = queries.export(pot, current_app.config["CROWD"].limits.export_rows)
    return tables.response(f"statement-{pot.id}-{pot.currency}.csv", COLUMNS, map(_row, lines))


def _row(line: queries.Line) -> tuple[Any, ...]:
    transfer, currency = line.posting.transfer, line.posting.currency
    return (
        line.posting.id, transfer.created_at, transfer.move, Money(currency, line.amount).decimal,
        Money(currency, line.balance).decimal, currency, transfer.id, transfer.key,
        f"{transfer.subject_type} {transfer.subject_id}", transfer.challenge_id, transfer.actor_name, transfer.note,
    )  # fmt: skip


@blueprint.route("/finance/money")
@guards.roles(*OVERSEERS)
def platform() -> Any:
    """All that the platform holds, and the statements of its own pots."""
    pots = queries.platform_pots()
    return render_template(
        "ledger/platform.html",
        pots=pots,
        balances=queries.balances(pots),
        sums=queries.sums_by_kind(),
        **_lines(pots),
    )


@blueprint.route("/money/transfers/<int:transfer_id>")
@guards.signed_in
def transfer(transfer_id: int) -> Any:
    """One transfer: who, when, what, why, and what undid it."""
    return _transfer(transfer_id, ReasonForm())


def _transfer(transfer_id: int, form: ReasonForm) -> Any:
    actor = guards.actor()
    row = queries.access(actor, transfer_id)
    lines = policy.visible_lines(actor, row)
    ends = [(pot.owner_type, pot.owner_id) for line in lines for pot in (line.source, line.target)]
    return render_template(
        "ledger/transfer.html",
        transfer=row,
        lines=lines,
        names=owners.names(ends),
        cause=words.cause_url(row, overseer=policy.oversees(actor)),
        reversal=queries.reversal_of(row.id),
        can_undo=services.can_undo(actor, row),
        form=form,
    )


@blueprint.post("/money/transfers/<int:transfer_id>/reverse")
@guards.roles("finance")
def reverse(transfer_id: int) -> Any:
    """Undo a wrong deposit or attribution."""
    reason = ReasonForm().check().reason.data
    reversal = services.reverse(guards.actor(), transfer_id, reason=reason)
    flash(_("Undone. The mirror image of the transfer was booked."), "success")
    return redirect(url_for("ledger.transfer", transfer_id=reversal.id), 303)


@blueprint.route("/finance/check")
@guards.roles(*OVERSEERS, "administrator", "service_centre")
def check() -> Any:
    """What the last checks of the books found."""
    return render_template("ledger/check.html", last=queries.last_check(), checks=queries.checks())


@blueprint.post("/finance/check")
@guards.roles("finance", "auditor", "administrator")
def check_now() -> Any:
    """Ask for a check of the books."""
    services.ask_for_check(guards.actor())
    flash(_("The books are being checked. Come back in a moment."), "info")
    return redirect(url_for("ledger.check"), 303)
