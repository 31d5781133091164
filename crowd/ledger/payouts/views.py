"""Payouts: bank accounts and payouts of owners, batches of finance, bank responses.

These endpoints belong to the blueprint of the ledger (`ledger.payouts`, `ledger.batch`).
"""

from flask import Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd import clock
from crowd.config import limits
from crowd.errors import Conflict, NotFound
from crowd.file_names import as_attachment
from crowd.ledger import owners, policy
from crowd.ledger import queries as ledger
from crowd.ledger.approvals import queries as approvals
from crowd.ledger.forms import AccountForm, AnswersForm, CurrencyForm, WithdrawForm
from crowd.ledger.models import ApprovalKind, LedgerAccount, OwnerType, Transfer
from crowd.ledger.payouts import bank_file, bank_responses, progress, queries, services
from crowd.ledger.payouts import policy as payout_policy
from crowd.ledger.payouts.models import Payout, PayoutBatch
from crowd.ledger.views import OVERSEERS, blueprint
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason

# ---- owners


@blueprint.route("/balance/payout-accounts/<any(user,organisation):owner>/<int:owner_id>", methods=["GET", "POST"])
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.AUTHENTICATED)
def payout_account(owner: str, owner_id: int) -> ResponseReturnValue:
    """Set the bank account for payouts."""
    whose = OwnerType(owner)
    if not policy.can_spend(guards.actor(), whose, owner_id):
        raise NotFound
    form = AccountForm(currency=arguments().text("currency") or current_app.config["CROWD"].currency)
    if form.passes(lambda: services.change_account(guards.person(), whose, owner_id, **form.values())):
        flash(_("Payouts in %(currency)s now go to this account.", currency=form.outcome.currency), "success")
        return redirect(_home(whose, owner_id), 303)
    return _account_page(form, whose, owner_id), form.status


def _account_page(form: AccountForm, owner: OwnerType, owner_id: int) -> str:
    return render_template(
        "ledger/payout_account.html",
        form=form,
        name=owners.name(owner, owner_id),
        home=_home(owner, owner_id),
        cooling=current_app.config["CROWD"].cooling,
    )


def _home(owner: OwnerType, owner_id: int) -> str:
    if owner == OwnerType.USER:
        return url_for("ledger.mine")
    return url_for("ledger.organisation", organisation_id=owner_id)


@blueprint.route("/balance/accounts/<int:account_id>/withdraw", methods=["GET", "POST"])
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def withdraw(account_id: int) -> ResponseReturnValue:
    """Request a payout."""
    ledger_account = ledger.access_account(guards.actor(), account_id)
    if not payout_policy.can_request(guards.actor(), ledger_account):
        raise NotFound
    form = WithdrawForm(data={"currency": ledger_account.currency, "amount": ledger_account.balance or None})
    if form.passes(lambda: services.request(guards.person(), account_id, amount=form.amount.data)):
        flash(_("Requested. The money is set aside; finance sends it with the next batch."), "success")
        return redirect(url_for("ledger.payout", payout_id=form.outcome.id), 303)
    return _withdraw_page(form, ledger.access_account(guards.actor(), account_id)), form.status


def _withdraw_page(form: WithdrawForm, ledger_account: LedgerAccount) -> str:
    account = queries.account(ledger_account.owner_type, ledger_account.owner_id, ledger_account.currency)
    return render_template(
        "ledger/withdraw.html",
        form=form,
        ledger_account=ledger_account,
        home=_home(ledger_account.owner_type, ledger_account.owner_id),
        account=account,
        usable_from=queries.on_hold_until(account, clock.now()) if account else None,
        cooling=current_app.config["CROWD"].cooling,
        last_batch=queries.last_batch_at(ledger_account.currency),
    )


@blueprint.route("/balance/payouts/<int:payout_id>")
@guards.signed_in
def payout(payout_id: int) -> ResponseReturnValue:
    """One payout: its progress, and the bank responses."""
    actor = guards.actor()
    row = queries.access(actor, payout_id)
    transfers = ledger.transfers_about("payout", row.id)
    return render_template(
        "ledger/payout.html",
        payout=row,
        name=owners.name(row.owner_type, row.owner_id),
        home=_home(row.owner_type, row.owner_id),
        way=_payout_steps(row, transfers),
        transfers=transfers,
        answers=queries.answers_about(row.id),
        finance=policy.oversees(actor),
        usable_from=queries.on_hold_until(row.account, clock.now()) if row.awaits_batch else None,
        transitions=payout_policy.open_transitions(actor, row),
    )


def _payout_steps(payout: Payout, transfers: list[Transfer]) -> list[progress.PayoutStep]:
    people = _people(payout.requested_by, *_makers(payout.batch))
    cancelled_at = next((row.created_at for row in transfers if row.kind == "payout_cancel"), None)
    return progress.payout_steps(guards.actor(), payout, people, cancelled_at)


def _people(*ids: int | None) -> progress.People:
    return owners.names((OwnerType.USER, number) for number in ids if number)


def _makers(batch: PayoutBatch | None) -> tuple[int | None, ...]:
    return (batch.created_by, batch.approved_by) if batch else ()


@blueprint.post("/balance/payouts/<int:payout_id>/cancel")
@guards.signed_in
@confirmation.not_required(Reason.REPEATABLE)
def cancel_payout(payout_id: int) -> ResponseReturnValue:
    """Cancel a payout that is in no batch yet."""
    row = services.cancel(guards.person(), payout_id)
    flash(_("Cancelled. The money is back where it was."), "success")
    return redirect(url_for("ledger.payout", payout_id=row.id), 303)


# ---- finance


@blueprint.route("/finance/payouts")
@guards.roles(*OVERSEERS)
def payouts() -> ResponseReturnValue:
    """Payouts that wait for a batch, the batches, and the bank responses."""
    return _payouts(AnswersForm())


def _payouts(form: AnswersForm) -> str:
    size = limits().page_rows
    waiting, batches = queries.requested(size), queries.batches_page(after=arguments().after, size=size)
    to_approve, flagged, files = queries.to_approve(size), queries.flagged(size), queries.files()
    return render_template(
        "ledger/payouts.html",
        counts=queries.counts(),
        asked=waiting,
        asked_for=queries.asked_for(),
        names=_names(waiting),
        usable={row.id: queries.on_hold_until(row.account, clock.now()) for row in waiting},
        to_approve=to_approve,
        batches=batches,
        sums=queries.sums_of([*to_approve, *batches.rows]),
        flagged=flagged,
        bookable=bank_responses.bookable(flagged),
        resolving=approvals.waiting_about(ApprovalKind.BANK_RESPONSE, [row.id for row in flagged]),
        files=files,
        unapproved=approvals.waiting_about(ApprovalKind.BANK_FILE, [row.id for row in files]),
        form=form,
    )


def _names(rows: list[Payout]) -> dict[tuple[OwnerType, int], str]:
    return owners.names((row.owner_type, row.owner_id) for row in rows)


@blueprint.post("/finance/batches")
@guards.roles("finance")
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def make_batch() -> ResponseReturnValue:
    """Put the requested payouts of one currency into a batch."""
    row = services.make_batch(guards.person(), currency=CurrencyForm().check().currency.data)
    flash(_("Batch %(number)s has been created. Another finance officer must approve it.", number=row.id), "success")
    return redirect(url_for("ledger.batch", batch_id=row.id), 303)


@blueprint.route("/finance/batches/<int:batch_id>")
@guards.roles(*OVERSEERS)
def batch(batch_id: int) -> ResponseReturnValue:
    """One batch with its payouts."""
    actor = guards.actor()
    row = queries.access_batch(actor, batch_id)
    return render_template(
        "ledger/batch.html",
        batch=row,
        names=_names(row.payouts),
        way=progress.batch_steps(actor, row, _people(*_makers(row))),
        total=sum(payout.amount for payout in row.payouts),
        transitions=payout_policy.open_batch_transitions(actor, row),
    )


@blueprint.route("/finance/batches/<int:batch_id>.csv")
@guards.roles("finance")
def batch_file(batch_id: int) -> ResponseReturnValue:
    """The file of an approved batch, as the bank gets it."""
    row = queries.access_batch(guards.actor(), batch_id)
    if row.approved_at is None:
        raise Conflict(_("The batch is not approved yet, so there is no file."))
    headers = {
        "Content-Disposition": as_attachment(bank_file.name_of(row)),
        "X-Content-Type-Options": "nosniff",
    }
    return Response(bank_file.write(row.payouts), content_type="text/csv; charset=utf-8", headers=headers)


@blueprint.post("/finance/batches/<int:batch_id>/approve")
@guards.roles("finance")
@confirmation.required
def approve_batch(batch_id: int) -> ResponseReturnValue:
    """Approve as the second person; a job sends the file."""
    services.approve(guards.person(), batch_id)
    flash(_("Approved. The file is being sent to the bank; its responses are read automatically."), "success")
    return redirect(url_for("ledger.batch", batch_id=batch_id), 303)


@blueprint.post("/finance/batches/<int:batch_id>/cancel")
@guards.roles("finance")
@confirmation.required
def cancel_batch(batch_id: int) -> ResponseReturnValue:
    """Discard a batch that is not approved."""
    services.cancel_batch(guards.person(), batch_id)
    flash(_("The batch was cancelled; its payouts go into the next one."), "success")
    return redirect(url_for("ledger.payouts"), 303)


@blueprint.post("/finance/bank-responses")
@guards.roles("finance")
@once.acts
@guards.takes_files
@confirmation.not_required(Reason.CORRECTABLE)
def upload_bank_responses() -> ResponseReturnValue:
    """Upload a file of bank responses; a job reads it."""
    form = AnswersForm()
    upload = form.answers.data
    if not form.passes(lambda: bank_responses.upload(guards.person(), upload.stream, upload.filename or "")):
        return _payouts(form), form.status
    waits = approvals.find_waiting(ApprovalKind.BANK_FILE, form.outcome.id)
    done, waiting = _("Received. The responses are being read."), _("Received. Another person must approve it.")
    flash(waiting if waits else done, "success")
    return redirect(url_for("ledger.payouts"), 303)


@blueprint.post("/finance/bank-responses/<int:response_id>")
@guards.roles("finance")
@confirmation.required
def resolve_bank_response(response_id: int) -> ResponseReturnValue:
    """Resolve a flagged response that names no payout of ours."""
    bank_responses.resolve(guards.person(), response_id)
    flash(_("Recorded."), "success")
    return redirect(url_for("ledger.payouts"), 303)


@blueprint.post("/finance/bank-responses/<int:response_id>/<any(book,dismiss):outcome>")
@guards.roles("finance")
@once.acts
@confirmation.required
def request_resolution(response_id: int, outcome: str) -> ResponseReturnValue:
    """Ask a second person to approve the outcome of a flagged response about a payout."""
    row = bank_responses.request_resolution(guards.person(), response_id, book=outcome == "book")
    flash(_("Requested. Another finance officer must approve it."), "success")
    return redirect(url_for("ledger.approval", approval_id=row.id), 303)
