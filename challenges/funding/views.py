"""Pages of a challenge's money: what to pay, the payment proofs, and the lines of its escrow."""

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges.funding import forms, queries, services
from challenges.funding.policy import can_upload_payment_proof, can_view_funding, can_view_postings
from challenges.lifecycle.services import fund as fund_challenge
from challenges.policy import may_sponsor
from challenges.queries import access
from crowd import clock, files
from crowd.accounts.organisations.rights import Right
from crowd.audit import Actor
from crowd.errors import Conflict
from crowd.ledger import labels, links
from crowd.ledger.models import OwnerType
from crowd.ledger.policy import Behind, can_view_owner, can_view_transfer
from crowd.web import confirmation, guards, once
from crowd.web.confirmation import Reason

blueprint = Blueprint("funding", __name__)
blueprint.context_processor(labels.for_templates)


# ---- a challenge's money


@blueprint.route("/challenges/<int:challenge_id>/funding")
@guards.signed_in
def show(challenge_id: int) -> ResponseReturnValue:
    """What to pay, where to, what has arrived, and what is missing."""
    return _show(challenge_id, forms.PaymentProofForm())


def _show(challenge_id: int, form: forms.PaymentProofForm) -> ResponseReturnValue:
    actor = guards.person()
    funding = queries.funding_of(access(actor, challenge_id, to=can_view_funding))
    page = render_template(
        "funding/show.html",
        funding=funding,
        challenge=funding.challenge,
        account=current_app.config["CROWD"].receiving_account,
        statement=_statement(actor, funding.challenge.organisation_id),
        sponsor=may_sponsor(actor, funding.challenge, Right.VIEW_MONEY),
        can_fund=queries.can_fund_now(actor, funding),
        can_upload=can_upload_payment_proof(actor, funding.challenge),
        form=form,
    )
    return page, form.status


def _statement(actor: Actor, organisation_id: int) -> str | None:
    """The URL of the sponsor's account statement, for those who may open it: the service centre sees only the
    funding.
    """
    opens = can_view_owner(actor, OwnerType.ORGANISATION, organisation_id)
    return links.statement(OwnerType.ORGANISATION, organisation_id) if opens else None


@blueprint.post("/challenges/<int:challenge_id>/funding")
@guards.signed_in
@once.acts
@confirmation.required
def fund(challenge_id: int) -> ResponseReturnValue:
    """The sponsor transfers free money into escrow."""
    challenge = fund_challenge(guards.person(), challenge_id)
    flash(_("The prizes and the fee are now held in escrow."), "success")
    return redirect(url_for("challenges.show", challenge_id=challenge.id), 303)


@blueprint.post("/challenges/<int:challenge_id>/funding/payment-proofs")
@guards.signed_in
@once.acts
@guards.takes_files
@confirmation.not_required(Reason.HARMLESS)
def upload_payment_proof(challenge_id: int) -> ResponseReturnValue:
    """The sponsor uploads a proof of payment."""
    form, actor = forms.PaymentProofForm(), guards.person()
    proof = form.payment_proof.data
    if form.passes(lambda: services.upload_payment_proof(actor, challenge_id, proof.stream, proof.filename or "")):
        flash(
            _("The payment proof was received. Finance looks for the payment; you need to do nothing else."), "success"
        )
        return redirect(url_for("funding.show", challenge_id=challenge_id), 303)
    return _show(challenge_id, form)


@blueprint.route("/funding/payment-proofs/<int:payment_proof_id>")
@guards.signed_in
def payment_proof(payment_proof_id: int) -> Response:
    """A payment proof as a download."""
    return files.attachment(queries.payment_proof_file(guards.actor(), payment_proof_id))


@blueprint.route("/challenges/<int:challenge_id>/funding/invoice")
@guards.signed_in
def invoice(challenge_id: int) -> ResponseReturnValue:
    """An invoice for printing."""
    funding = queries.funding_of(access(guards.actor(), challenge_id, to=can_view_funding))
    if funding.challenge.payment_reference is None:
        raise Conflict(_("The challenge is not approved yet, so there is nothing to pay."))
    account = current_app.config["CROWD"].receiving_account
    return render_template(
        "funding/invoice.html", funding=funding, challenge=funding.challenge, account=account, today=clock.now()
    )


# ---- public


@blueprint.route("/challenges/<int:challenge_id>/transfers")
@guards.public
def transfers(challenge_id: int) -> ResponseReturnValue:
    """Every line of a challenge's escrow, for everybody who sees the challenge."""
    actor = guards.actor()
    challenge = access(actor, challenge_id, to=can_view_postings)
    trail = queries.trail(challenge)
    behind = Behind(sponsor_id=challenge.organisation_id)
    open_to_me = {row.id for row in trail.transfers.values() if can_view_transfer(actor, row, behind)}
    return render_template("funding/transfers.html", challenge=challenge, trail=trail, open_to_me=open_to_me)
