"""The page of a challenge's support, and that of a person's vouchers."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges.support import policy, queries, services
from challenges.support.forms import RedeemForm, SupportForm
from crowd.web import confirmation, guards, once
from crowd.web.confirmation import Reason
from crowd.web.forms import Form, ReasonForm

blueprint = Blueprint("support", __name__)


@blueprint.get("/challenges/<int:challenge_id>/support")
@guards.public
def show(challenge_id: int) -> ResponseReturnValue:
    """What is granted besides money, by whom; in the draft the sponsor writes it and grantors answer."""
    return _page(challenge_id, SupportForm(formdata=None))


def _page(challenge_id: int, form: SupportForm) -> ResponseReturnValue:
    actor = guards.actor()
    challenge, lines = queries.access_support(actor, challenge_id)
    page = render_template(
        "support/show.html",
        challenge=challenge,
        lines=lines,
        editable=challenge.is_draft and policy.can_edit(actor, challenge),
        answers={line.id for line in lines if challenge.is_draft and policy.can_answer(actor, line)},
        vouchers=queries.held(guards.person(), challenge_id) if actor else [],
        form=form,
    )
    return page, form.status


def _back(challenge_id: int, message: str) -> ResponseReturnValue:
    flash(message, "success")
    return redirect(url_for(".show", challenge_id=challenge_id), 303)


@blueprint.post("/challenges/<int:challenge_id>/support")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def add(challenge_id: int) -> ResponseReturnValue:
    """Write into the draft what somebody grants."""
    form = SupportForm()
    if not form.passes(lambda: services.add(guards.person(), challenge_id, **form.values())):
        return _page(challenge_id, form)
    return _back(challenge_id, _("The support is in the draft."))


@blueprint.post("/challenges/<int:challenge_id>/support/<int:line_id>/remove")
@guards.signed_in
@confirmation.required
def remove(challenge_id: int, line_id: int) -> ResponseReturnValue:
    """Remove it from the draft."""
    services.remove(guards.person(), challenge_id, line_id)
    return _back(challenge_id, _("The support is removed."))


@blueprint.post("/challenges/<int:challenge_id>/support/<int:line_id>/agree")
@guards.signed_in
@confirmation.not_required(Reason.REVERSIBLE)
def agree(challenge_id: int, line_id: int) -> ResponseReturnValue:
    """Agree for the grantor."""
    services.agree(guards.person(), challenge_id, line_id)
    return _back(challenge_id, _("You have agreed. The sponsor is notified."))


@blueprint.post("/challenges/<int:challenge_id>/support/<int:line_id>/decline")
@guards.signed_in
@confirmation.not_required(Reason.REVERSIBLE)
def decline(challenge_id: int, line_id: int) -> ResponseReturnValue:
    """Decline for the grantor."""
    services.decline(guards.person(), challenge_id, line_id)
    return _back(challenge_id, _("You have declined. The sponsor is notified."))


# ---- vouchers


@blueprint.get("/vouchers")
@guards.signed_in
def vouchers() -> ResponseReturnValue:
    """The person's vouchers, and those that their organisations confirm."""
    return _vouchers()


def _vouchers(form: Form | None = None, about: str = "") -> ResponseReturnValue:
    actor = guards.person()
    page = render_template(
        "support/vouchers.html", held=queries.held(actor), granted=queries.granted(actor), about=about, refused=form,
        redeeming=form if isinstance(form, RedeemForm) else RedeemForm(formdata=None),
        returning=form if isinstance(form, ReasonForm) else ReasonForm(formdata=None),
    )  # fmt: skip
    return page, form.status if form else 200


@blueprint.post("/vouchers/<public_id>/redeem")
@guards.signed_in
@confirmation.not_required(Reason.EXPLAINED)
def redeem(public_id: str) -> ResponseReturnValue:
    """Redeem a voucher."""
    form = RedeemForm()
    if not form.passes(lambda: services.redeem(guards.person(), public_id, wish=form.wish.data)):
        return _vouchers(form, public_id)
    flash(_("The voucher is redeemed; its grantor is notified."), "success")
    return redirect(url_for(".vouchers"), 303)


@blueprint.post("/vouchers/<public_id>/confirm")
@guards.signed_in
@confirmation.required
def confirm(public_id: str) -> ResponseReturnValue:
    """Confirm that it was used."""
    services.confirm(guards.person(), public_id)
    flash(_("You have confirmed that the voucher was used."), "success")
    return redirect(url_for(".vouchers"), 303)


@blueprint.post("/vouchers/<public_id>/hand-back")
@guards.signed_in
@confirmation.not_required(Reason.EXPLAINED)
def hand_back(public_id: str) -> ResponseReturnValue:
    """Hand it back to its party, with a reason."""
    form = ReasonForm()
    if not form.passes(lambda: services.refuse(guards.person(), public_id, reason=form.reason.data)):
        return _vouchers(form, public_id)
    flash(_("The voucher is handed back to its party."), "success")
    return redirect(url_for(".vouchers"), 303)
