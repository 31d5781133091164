"""The page on which a park chooses the firm for a draft, and the firm consents."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges.on_behalf import policy, services
from challenges.on_behalf.forms import BeneficiaryForm
from challenges.queries import access
from challenges.views import blueprint
from crowd.accounts.parks import queries
from crowd.web import confirmation, guards
from crowd.web.arguments import posted
from crowd.web.confirmation import Reason


@blueprint.route("/challenges/<int:challenge_id>/firm", methods=["GET", "POST"])
@guards.signed_in
@confirmation.not_required(Reason.EDITABLE)
def firm(challenge_id: int) -> ResponseReturnValue:
    """Choose the firm for which the park posts."""
    challenge = access(guards.actor(), challenge_id, to=policy.can_view)
    form = BeneficiaryForm(data={"firm_id": challenge.for_organisation_id})
    form.offer(queries.firms_of(challenge.organisation_id))
    if form.passes(lambda: services.choose_firm(guards.person(), challenge_id, **form.values())):
        flash(_("The draft is saved."), "success")
        return redirect(url_for(".firm", challenge_id=challenge_id), 303)
    page = render_template(
        "challenges/firm.html",
        challenge=challenge,
        form=form,
        is_member=queries.is_member(challenge.organisation_id, challenge.for_organisation_id or 0),
        chooses=challenge.is_draft and policy.can_choose_firm(guards.actor(), challenge),
        consents=challenge.is_draft and policy.can_consent(guards.actor(), challenge),
    )
    return page, form.status


@blueprint.post("/challenges/<int:challenge_id>/consent")
@guards.signed_in
@confirmation.required
def consent(challenge_id: int) -> ResponseReturnValue:
    """Consent for the firm."""
    services.consent(guards.person(), challenge_id, seen=posted().moment("seen"))
    flash(_("The consent is recorded."), "success")
    return redirect(url_for(".firm", challenge_id=challenge_id), 303)


@blueprint.post("/challenges/<int:challenge_id>/consent/withdraw")
@guards.signed_in
@confirmation.not_required(Reason.REVERSIBLE)
def withdraw_consent(challenge_id: int) -> ResponseReturnValue:
    """Withdraw the firm's consent."""
    services.withdraw_consent(guards.person(), challenge_id)
    flash(_("The consent is withdrawn."), "success")
    return redirect(url_for(".firm", challenge_id=challenge_id), 303)
