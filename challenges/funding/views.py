"""Pages of a challenge's money, and finance's pages."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from challenges.funding import forms, queries, services
from challenges.funding.policy import can_upload_slip, can_view_funding, can_view_postings
from challenges.lifecycle.services import fund as fund_challenge
from challenges.policy import is_sponsor
from challenges.queries import access
from crowd import clock, files
from crowd.errors import Conflict
from crowd.ledger import labels, links, owners
from crowd.ledger import queries as ledger
from crowd.ledger.approvals import details
from crowd.ledger.approvals import policy as approval_policy
from crowd.ledger.approvals import queries as approvals
from crowd.ledger.deposits import policy as deposit_policy
from crowd.ledger.deposits import queries as deposits
from crowd.ledger.deposits import services as deposit_services
from crowd.ledger.models import Approval, Deposit, DepositState, OwnerType
from crowd.ledger.payouts import queries as payouts
from crowd.ledger.policy import Behind, can_view_owner, can_view_transfer
from crowd.web import guards, once
from crowd.web.arguments import arguments, posted

blueprint = Blueprint("funding", __name__)
blueprint.context_processor(labels.for_templates)
FINANCE = ("finance", "auditor")


def _size() -> int:
    return int(current_app.config["CROWD"].limits.page_rows)


# ---- a challenge's money


@blueprint.route("/challenges/<int:challenge_id>/funding")
@guards.signed_in
def show(challenge_id: int) -> Any:
    """What to pay, where to, what has arrived, and what is missing."""
    return _show(challenge_id, forms.SlipForm())


def _show(challenge_id: int, form: forms.SlipForm) -> Any:
    actor = guards.actor()
    funding = queries.funding_of(access(actor, challenge_id, to=can_view_funding))
    page = render_template(
        "funding/show.html",
        funding=funding,
        challenge=funding.challenge,
        account=current_app.config["CROWD"].receiving_account,
        statement=_statement(actor, funding.challenge.organisation_id),
        sponsor=is_sponsor(actor, funding.challenge),
        can_fund=queries.can_fund_now(actor, funding),
        can_upload=can_upload_slip(actor, funding.challenge),
        form=form,
    )
    return page, form.status


def _statement(actor: Any, organisation_id: int) -> str | None:
    """The URL of the sponsor's account statement, for those who may open it: the service centre sees only the
    funding.
    """
    opens = can_view_owner(actor, OwnerType.ORGANISATION, organisation_id)
    return links.statement(OwnerType.ORGANISATION, organisation_id) if opens else None


@blueprint.post("/challenges/<int:challenge_id>/funding")
@guards.signed_in
@once.acts
def fund(challenge_id: int) -> Any:
    """The sponsor transfers free money into escrow."""
    challenge = fund_challenge(guards.actor(), challenge_id)
    flash(_("The prizes and the fee are now held in escrow."), "success")
    return redirect(url_for("challenges.show", challenge_id=challenge.id), 303)


@blueprint.post("/challenges/<int:challenge_id>/funding/slips")
@guards.signed_in
@once.acts
@guards.takes_files
def upload_slip(challenge_id: int) -> Any:
    """The sponsor uploads a proof of payment."""
    form = forms.SlipForm()
    slip = form.slip.data
    if form.passes(lambda: services.upload_slip(guards.actor(), challenge_id, slip.stream, slip.filename or "")):
        flash(
            _("The payment proof was received. Finance looks for the payment; you need to do nothing else."), "success"
        )
        return redirect(url_for("funding.show", challenge_id=challenge_id), 303)
    return _show(challenge_id, form)


@blueprint.route("/funding/slips/<int:payment_proof_id>")
@guards.signed_in
def slip(payment_proof_id: int) -> Response:
    """A transfer slip as a download."""
    return files.attachment(queries.payment_proof_file(guards.actor(), payment_proof_id))


@blueprint.route("/challenges/<int:challenge_id>/funding/request")
@guards.signed_in
def request_payment(challenge_id: int) -> Any:
    """An invoice for printing."""
    funding = queries.funding_of(access(guards.actor(), challenge_id, to=can_view_funding))
    if funding.challenge.payment_reference is None:
        raise Conflict(_("The challenge is not approved yet, so there is nothing to pay."))
    account = current_app.config["CROWD"].receiving_account
    return render_template("funding/request_payment.html", funding=funding, challenge=funding.challenge,
                           account=account, today=clock.now())  # fmt: skip


# ---- public


@blueprint.route("/challenges/<int:challenge_id>/postings")
@guards.public
def postings(challenge_id: int) -> Any:
    """Every line of a challenge's escrow, for everybody who sees the challenge."""
    actor = guards.actor()
    challenge = access(actor, challenge_id, to=can_view_postings)
    trail = queries.trail(challenge)
    behind = Behind(sponsor_id=challenge.organisation_id)
    open_to_me = {row.id for row in trail.transfers.values() if can_view_transfer(actor, row, behind)}
    return render_template("funding/postings.html", challenge=challenge, trail=trail, open_to_me=open_to_me)


# ---- finance


@blueprint.route("/finance")
@guards.roles(*FINANCE)
def desk() -> Any:
    """Expected money, deposits, and payouts."""
    newest = deposits.list_page(None, after=None, size=8)
    return render_template(
        "funding/desk.html",
        expected=queries.expected(),
        counts=deposits.counts(),
        unseen=deposits.count_unseen(),
        waiting=payouts.counts(),
        check=ledger.last_check(),
        newest=newest,
        titles=queries.titles([row.challenge_id for row in newest]),
    )


@blueprint.route("/finance/deposits")
@guards.roles(*FINANCE)
def deposit_list() -> Any:
    """Deposits by state."""
    wanted = arguments().text("state")
    if wanted == "unseen":
        page = deposits.unseen_page(after=arguments().after, size=_size())
    else:
        state = DepositState(wanted) if wanted in list(DepositState) else None
        page = deposits.list_page(state, after=arguments().after, size=_size())
    return render_template(
        "funding/deposits.html",
        page=page,
        wanted=wanted,
        states=list(DepositState),
        counts=deposits.counts(),
        unseen=deposits.count_unseen(),
        titles=queries.titles([row.challenge_id for row in page]),
    )


@blueprint.route("/finance/deposits/new", methods=["GET", "POST"])
@guards.roles("finance")
@once.acts
def record_deposit() -> Any:
    """Record a deposit."""
    form = forms.DepositForm(currency=current_app.config["CROWD"].currency)
    if form.passes(lambda: services.record_deposit(guards.actor(), **form.values())):
        flash(_told(form.outcome), "success")
        return redirect(url_for("funding.deposit", deposit_id=form.outcome.id), 303)
    return render_template("funding/record.html", form=form), form.status


def _told(row: Deposit) -> str:
    if row.state == DepositState.RECORDED:
        return _("Recorded. A second person must confirm it before it is credited.")
    if row.state == DepositState.SUSPENSE:
        return _("Booked, but its owner is not known. Find the owner, or return it.")
    return _("Credited.")


@blueprint.route("/finance/deposits/<int:deposit_id>")
@guards.roles(*FINANCE)
def deposit(deposit_id: int) -> Any:
    """One deposit, with what can be done next."""
    return _deposit(deposit_id, forms.AttributeForm())


def _deposit(deposit_id: int, form: forms.AttributeForm, reason: forms.ReasonForm | None = None) -> Any:
    actor, reason = guards.actor(), reason or forms.ReasonForm(formdata=None)
    row = deposits.access(actor, deposit_id)
    asked = approvals.list_of_deposit(row.id)
    page = render_template(
        "funding/deposit.html",
        deposit=row,
        several=queries.several_named(row.payment_reference) if row.organisation_id is None else [],
        people=_people(row, asked),
        **_whose(row),
        transfers=ledger.transfers_about("deposit", row.id),
        approvals=asked,
        approval_labels={one.id: details.label(one) for one in asked},
        can_confirm=any(approval_policy.can_approve(actor, one) for one in asked if one.state == "waiting"),
        can_give_back=deposit_policy.can_give_back(actor, row),
        can_handle=deposit_policy.can_handle(actor, row),
        form=form,
        reason=reason,
    )
    return page, max(form.status, reason.status)


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
def confirm_deposit(deposit_id: int) -> Any:
    """The second person confirms."""
    row = services.confirm_deposit(guards.actor(), deposit_id)
    flash(_("Confirmed.") if row.state == DepositState.CREDITED else _told(row), "success")
    return redirect(url_for("funding.deposit", deposit_id=row.id), 303)


@blueprint.post("/finance/deposits/<int:deposit_id>/attribute")
@guards.roles("finance")
def allocate_deposit(deposit_id: int) -> Any:
    """Allocate the deposit."""
    form = forms.AttributeForm()
    if not form.passes(lambda: services.allocate_deposit(guards.actor(), deposit_id, **form.values())):
        return _deposit(deposit_id, form)
    done = _("The deposit was allocated and credited.")
    flash(_told_of(form.outcome, DepositState.CREDITED, done), "success")
    return redirect(url_for("funding.deposit", deposit_id=deposit_id), 303)


@blueprint.post("/finance/deposits/<int:deposit_id>/seen")
@guards.roles("finance")
def see_deposit(deposit_id: int) -> Any:
    """Reconcile the deposit with a bank statement."""
    deposit_services.reconcile(guards.actor(), deposit_id)
    flash(_("Marked as reconciled."), "success")
    return redirect(url_for("funding.deposit", deposit_id=deposit_id), 303)


@blueprint.post("/finance/deposits/<int:deposit_id>/discard")
@guards.roles("finance")
def discard_deposit(deposit_id: int) -> Any:
    """Discard a deposit that was recorded by mistake."""
    form = forms.ReasonForm()
    if not form.passes(lambda: deposit_services.discard(guards.actor(), deposit_id, **form.values())):
        return _deposit(deposit_id, forms.AttributeForm(formdata=None), form)
    flash(_("Discarded. Nothing was booked."), "success")
    return redirect(url_for("funding.deposit", deposit_id=deposit_id), 303)


@blueprint.post("/finance/deposits/<int:deposit_id>/return")
@guards.roles("finance")
@once.acts
def return_deposit(deposit_id: int) -> Any:
    """The bank has sent the money back to its payer."""
    form = forms.ReasonForm()
    if not form.passes(lambda: deposit_services.return_to_payer(guards.actor(), deposit_id, **form.values())):
        return _deposit(deposit_id, forms.AttributeForm(formdata=None), form)
    row = deposits.access(guards.actor(), deposit_id)
    flash(_told_of(row, DepositState.RETURNED, _("Recorded as returned.")), "success")
    return redirect(url_for("funding.deposit", deposit_id=deposit_id), 303)


@blueprint.route("/finance/statements", methods=["GET", "POST"])
@guards.roles("finance")
@guards.takes_files
def statement() -> Any:
    """Import a bank statement: first a preview, then the booking."""
    file_id = posted().number("file")
    form = forms.StatementForm(kept=file_id)
    form.passes(lambda: _statement_step(form, file_id))
    shown = form.outcome or {}
    blank = forms.StatementForm(formdata=None) if shown.get("result") else form
    facts = {"form": form, "blank": blank, "file_id": file_id, "preview": None, "result": None, "last": None} | shown
    return render_template("funding/statement.html", **facts), form.status


def _statement_step(form: forms.StatementForm, file_id: int | None) -> dict[str, Any]:
    """The page's next step: the preview of a file, or the result of its booking. Only what was shown is booked."""
    actor = guards.actor()
    if file_id is None:
        upload = form.statement.data
        file_id = services.keep_statement(actor, upload.stream, upload.filename).id
    data = services.kept_statement(actor, file_id)
    if posted().text("then") == "book" and posted().text("shown") == str(form.layout):
        return {"result": services.import_statement(actor, data, form.layout)}
    reading = services.preview_statement(actor, data, form.layout)
    form.show(reading.statement)
    return {"preview": reading.statement, "last": reading.kept if reading.as_before else None, "file_id": file_id}
