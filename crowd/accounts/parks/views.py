"""The page of an organisation's parks, or of a park's firms."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd.accounts.organisations.queries import access as access_organisation
from crowd.accounts.parks import policy, queries, services
from crowd.accounts.parks.forms import FirmForm
from crowd.accounts.views import blueprint
from crowd.web import confirmation, guards, once
from crowd.web.confirmation import Reason


@blueprint.get("/organisations/<int:organisation_id>/parks")
@guards.signed_in
def parks(organisation_id: int) -> ResponseReturnValue:
    """The firms of a park, or the parks of a firm, with the open invitations."""
    return _page(organisation_id, FirmForm(formdata=None))


def _page(organisation_id: int, form: FirmForm) -> ResponseReturnValue:
    actor = guards.actor()
    row = access_organisation(actor, organisation_id, to=policy.can_view_parks)
    rows = queries.list_of(row.id)
    page = render_template(
        "accounts/parks.html",
        organisation=row,
        rows=rows,
        transitions={one.id: policy.open_transitions(actor, one) for one in rows},
        may_invite=policy.can_invite(actor, row),
        form=form,
    )
    return page, form.status


@blueprint.post("/organisations/<int:organisation_id>/parks/invite")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def invite_firm(organisation_id: int) -> ResponseReturnValue:
    """Invite a firm into the park."""
    form = FirmForm()
    if not form.passes(lambda: services.invite(guards.person(), organisation_id, **form.values())):
        return _page(organisation_id, form)
    flash(_("%(firm)s is invited.", firm=form.outcome.firm.name), "success")
    return redirect(_here(organisation_id), 303)


@blueprint.post("/organisations/<int:organisation_id>/parks/<int:membership_id>/accept")
@guards.signed_in
@confirmation.not_required(Reason.REVERSIBLE)
def accept_park(organisation_id: int, membership_id: int) -> ResponseReturnValue:
    """Accept the invitation of a park."""
    row = services.accept(guards.person(), membership_id)
    flash(_("%(firm)s is now a member of %(park)s.", firm=row.firm.name, park=row.park.name), "success")
    return redirect(_here(organisation_id), 303)


@blueprint.post("/organisations/<int:organisation_id>/parks/<int:membership_id>/decline")
@guards.signed_in
@confirmation.required
def decline_park(organisation_id: int, membership_id: int) -> ResponseReturnValue:
    """Decline the invitation of a park."""
    services.decline(guards.person(), membership_id)
    flash(_("The invitation is declined."), "success")
    return redirect(_here(organisation_id), 303)


@blueprint.post("/organisations/<int:organisation_id>/parks/<int:membership_id>/withdraw")
@guards.signed_in
@confirmation.not_required(Reason.REPEATABLE)
def withdraw_park_invitation(organisation_id: int, membership_id: int) -> ResponseReturnValue:
    """Withdraw a park's invitation."""
    services.withdraw(guards.person(), membership_id)
    flash(_("The invitation is withdrawn."), "success")
    return redirect(_here(organisation_id), 303)


@blueprint.post("/organisations/<int:organisation_id>/parks/<int:membership_id>/end")
@guards.signed_in
@confirmation.required
def end_park_membership(organisation_id: int, membership_id: int) -> ResponseReturnValue:
    """End a firm's membership of a park, as either side."""
    services.end(guards.person(), membership_id)
    flash(_("The membership has ended."), "success")
    return redirect(_here(organisation_id), 303)


def _here(organisation_id: int) -> str:
    return url_for("accounts.parks", organisation_id=organisation_id)
