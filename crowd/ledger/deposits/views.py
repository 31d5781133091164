"""Finance's pages: the overview, deposits, and the import of bank statements.

These endpoints belong to the blueprint of the ledger (`ledger.overview`, `ledger.deposit`).
"""

from collections.abc import Iterable
from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd.audit import Actor
from crowd.config import limits
from crowd.ledger import owners
from crowd.ledger import queries as ledger
from crowd.ledger.approvals import details
from crowd.ledger.approvals import policy as approval_policy
from crowd.ledger.approvals import queries as approvals
from crowd.ledger.deposits import bank_statement_import, forms, policy, queries, services
from crowd.ledger.deposits.questions import EXPECTED_PAYMENTS
from crowd.ledger.models import Approval, ApprovalKind, Deposit, OwnerType
from crowd.ledger.payouts import queries as payouts
from crowd.ledger.views import OVERSEERS, blueprint
from crowd.ledger.workflow import DepositState
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments, posted
from crowd.web.confirmation import Reason
from crowd.web.forms import ReasonForm


def _size() -> int:
    return limits().page_rows


@blueprint.route("/finance")
@guards.roles(*OVERSEERS)
def overview() -> ResponseReturnValue:
    """Expected money, deposits, and payouts."""
    newest = queries.list_page(None, after=None, size=8)
    return render_template(
        "ledger/overview.html",
        expected=EXPECTED_PAYMENTS()(),
        counts=queries.counts(),
        unseen=queries.count_unseen(),
        waiting=payouts.counts(),
        check=ledger.last_check(),
        newest=newest,
        titles=_titles(newest),
    )


@blueprint.route("/finance/deposits")
@guards.roles(*OVERSEERS)
def deposit_list() -> ResponseReturnValue:
    """Deposits by state."""
    wanted = arguments().text("state")
    if wanted == "unreconciled":
        page = queries.unseen_page(after=arguments().after, size=_size())
    else:
        state = DepositState(wanted) if wanted in list(DepositState) else None
        page = queries.list_page(state, after=arguments().after, size=_size())
    return render_template(
        "ledger/deposits.html",
        page=page,
        wanted=wanted,
        states=list(DepositState),
        counts=queries.counts(),
        unseen=queries.count_unseen(),
        titles=_titles(page),
    )


def _titles(rows: Iterable[Deposit]) -> dict[int, str]:
    """The titles of the challenges of deposits, by the challenge's id."""
    named = owners.names((OwnerType.CHALLENGE, row.challenge_id) for row in rows if row.challenge_id)
    return {challenge_id: title for (_owner, challenge_id), title in named.items()}


@blueprint.route("/finance/deposits/new", methods=["GET", "POST"])
@guards.roles("finance")
@once.acts
@confirmation.not_required(Reason.CORRECTABLE)
def record_deposit() -> ResponseReturnValue:
    """Record a deposit."""
    form = forms.DepositForm(currency=current_app.config["CROWD"].currency)
    if form.passes(lambda: services.record(guards.person(), **form.values())):
        flash(_told(form.outcome), "success")
        return redirect(url_for("ledger.deposit", deposit_id=form.outcome.id), 303)
    return render_template("ledger/record_deposit.html", form=form), form.status


def _told(row: Deposit) -> str:
    if row.state == DepositState.RECORDED:
        return _("Recorded. A second person must confirm it before it is credited.")
    if row.state == DepositState.SUSPENSE:
        return _("Booked but unallocated. Find the owner, or return it.")
    return _("Credited.")


@blueprint.route("/finance/deposits/<int:deposit_id>")
@guards.roles(*OVERSEERS)
def deposit(deposit_id: int) -> ResponseReturnValue:
    """One deposit, with what can be done next."""
    return _deposit(deposit_id, forms.AllocationForm())


def _deposit(deposit_id: int, form: forms.AllocationForm, reason: ReasonForm | None = None) -> tuple[str, int]:
    actor, reason = guards.actor(), reason or ReasonForm(formdata=None)
    row = queries.access(actor, deposit_id)
    asked = approvals.list_of_deposit(row.id)
    page = render_template(
        "ledger/deposit.html",
        deposit=row,
        several=queries.several_named(row.payment_reference) if row.has_no_owner else [],
        people=_people(row, asked),
        **_whose(row),
        transfers=ledger.transfers_about("deposit", row.id),
        **_approvals(actor, row, asked),
        transitions=policy.open_transitions(actor, row),
        can_handle=policy.can_handle(actor, row),
        can_reconcile=policy.can_reconcile(actor, row),
        form=form,
        reason=reason,
    )
    return page, max(form.status, reason.status)


def _approvals(actor: Actor | None, row: Deposit, asked: list[Approval]) -> dict[str, Any]:
    """Who confirmed the deposit, what else about it waits for a second person, and whether the actor may confirm it."""
    first = [one for one in asked if one.kind == ApprovalKind.DEPOSIT]
    return {
        "confirmations": [one for one in first if one.is_approved],
        "waiting": [(one.id, details.label(one)) for one in asked if one.is_waiting and one not in first],
        "can_confirm": any("approve" in approval_policy.open_transitions(actor, one) for one in first),
    }


def _whose(row: Deposit) -> dict[str, Any]:
    """The organisation's name, and the deposit's challenge."""
    challenge = (OwnerType.CHALLENGE, row.challenge_id or 0)
    return {
        "organisation": owners.label(row.organisation_id) if row.organisation_id else "",
        "challenge": owners.parties([challenge]).get(challenge),
    }


def _people(row: Deposit, asked: list[Approval]) -> dict[int, str]:
    ids = {row.recorded_by, *(one.decided_by for one in asked if one.decided_by)}
    named = owners.names((OwnerType.USER, person) for person in ids)
    return {person: name for (_owner, person), name in named.items()}


def _told_of(row: Deposit, state: DepositState, done: str) -> str:
    return done if row.state == state else _("Requested. Another finance officer must approve it.")


@blueprint.post("/finance/deposits/<int:deposit_id>/confirm")
@guards.roles("finance")
@confirmation.required
def confirm_deposit(deposit_id: int) -> ResponseReturnValue:
    """The second person confirms."""
    row = services.confirm(guards.person(), deposit_id)
    flash(_("Confirmed.") if row.state == DepositState.CREDITED else _told(row), "success")
    return redirect(url_for("ledger.deposit", deposit_id=row.id), 303)


@blueprint.post("/finance/deposits/<int:deposit_id>/allocate")
@guards.roles("finance")
@confirmation.required
def allocate_deposit(deposit_id: int) -> ResponseReturnValue:
    """Allocate the deposit."""
    form = forms.AllocationForm()
    if not form.passes(lambda: services.allocate(guards.person(), deposit_id, **form.values())):
        return _deposit(deposit_id, form)
    done = _("The deposit was allocated and credited.")
    flash(_told_of(form.outcome, DepositState.CREDITED, done), "success")
    return redirect(url_for("ledger.deposit", deposit_id=deposit_id), 303)


@blueprint.post("/finance/deposits/<int:deposit_id>/reconcile")
@guards.roles("finance")
@confirmation.required
def reconcile_deposit(deposit_id: int) -> ResponseReturnValue:
    """Reconcile the deposit with a bank statement."""
    services.reconcile(guards.person(), deposit_id)
    flash(_("Marked as reconciled."), "success")
    return redirect(url_for("ledger.deposit", deposit_id=deposit_id), 303)


@blueprint.post("/finance/deposits/<int:deposit_id>/discard")
@guards.roles("finance")
@confirmation.required
def discard_deposit(deposit_id: int) -> ResponseReturnValue:
    """Discard a deposit that was recorded by mistake."""
    form = ReasonForm()
    if not form.passes(lambda: services.discard(guards.person(), deposit_id, **form.values())):
        return _deposit(deposit_id, forms.AllocationForm(formdata=None), form)
    flash(_("Discarded. Nothing was booked."), "success")
    return redirect(url_for("ledger.deposit", deposit_id=deposit_id), 303)


@blueprint.post("/finance/deposits/<int:deposit_id>/return")
@guards.roles("finance")
@once.acts
@confirmation.required
def return_deposit(deposit_id: int) -> ResponseReturnValue:
    """The bank has sent the money back to its payer."""
    form = ReasonForm()
    if not form.passes(lambda: services.return_to_payer(guards.person(), deposit_id, **form.values())):
        return _deposit(deposit_id, forms.AllocationForm(formdata=None), form)
    row = queries.access(guards.actor(), deposit_id)
    flash(_told_of(row, DepositState.RETURNED, _("Recorded as returned.")), "success")
    return redirect(url_for("ledger.deposit", deposit_id=deposit_id), 303)


@blueprint.route("/finance/bank-statements", methods=["GET", "POST"])
@guards.roles("finance")
@guards.takes_files
@confirmation.not_required(Reason.CORRECTABLE)
def bank_statement() -> ResponseReturnValue:
    """Import a bank statement: first a preview, then the booking."""
    file_id = posted().number("file")
    form = forms.StatementForm(kept=file_id)
    form.passes(lambda: _statement_step(form, file_id))
    shown = form.outcome or {}
    blank = forms.StatementForm(formdata=None) if shown.get("result") else form
    facts = {"form": form, "blank": blank, "file_id": file_id, "preview": None, "result": None, "last": None} | shown
    return render_template("ledger/bank_statement.html", **facts), form.status


def _statement_step(form: forms.StatementForm, file_id: int | None) -> dict[str, Any]:
    """The page's next step: the preview of a file, or the result of its booking. Only what was shown is booked."""
    actor = guards.person()
    if file_id is None:
        upload = form.statement.data
        file_id = bank_statement_import.keep(actor, upload.stream, upload.filename).id
    data = bank_statement_import.kept(actor, file_id)
    if posted().text("then") == "book" and posted().text("shown") == str(form.layout):
        return {"result": bank_statement_import.book(actor, data, form.layout)}
    reading = bank_statement_import.preview(actor, data, form.layout)
    form.show(reading.statement)
    return {"preview": reading.statement, "last": reading.kept if reading.as_before else None, "file_id": file_id}
