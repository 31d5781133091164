"""The service centre's pages: what waits for screening, approved or returned."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges import queries
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.views import blueprint, render_page
from challenges.workflow import ChallengeState
from crowd.accounts.models import PlatformRole
from crowd.config import limits
from crowd.web import confirmation, guards
from crowd.web.arguments import arguments, posted
from crowd.web.confirmation import Reason
from crowd.web.forms import ReasonForm


@blueprint.get("/screening")
@guards.roles(PlatformRole.SERVICE_CENTRE)
def screening() -> ResponseReturnValue:
    """What waits for screening, the longest first."""
    page = queries.screening_queue(after=arguments().after, size=limits().page_rows)
    return render_template("challenges/screening.html", page=page, again=queries.returned_among(page.rows))


@blueprint.get("/screening/<int:challenge_id>")
@guards.roles(PlatformRole.SERVICE_CENTRE)
def screen(challenge_id: int) -> ResponseReturnValue:
    """The whole challenge on one page, to approve or return it."""
    challenge = queries.access(guards.actor(), challenge_id)
    if challenge.state != ChallengeState.SCREENING:
        return redirect(url_for("challenges.show", challenge_id=challenge_id), 303)
    return _screen_page(challenge, ReasonForm(formdata=None))


def _screen_page(challenge: Challenge, form: ReasonForm) -> str:
    earlier = [event for event in queries.events_of(challenge) if event.action == "challenge.returned"]
    return render_page("challenges/screen.html", challenge, form=form, earlier=earlier)


@blueprint.post("/screening/<int:challenge_id>/approve")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@confirmation.required
def approve(challenge_id: int) -> ResponseReturnValue:
    """Approve a challenge."""
    lifecycle.approve(guards.person(), challenge_id, cost=posted().number("cost"))
    flash(_("The challenge is approved; the sponsor is asked to pay."), "success")
    return redirect(url_for("challenges.screening"), 303)


@blueprint.post("/screening/<int:challenge_id>/return")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@confirmation.not_required(Reason.REPEATABLE)
def return_for_changes(challenge_id: int) -> ResponseReturnValue:
    """Return a challenge with remarks."""
    form = ReasonForm()
    if not form.passes(lambda: lifecycle.return_for_changes(guards.person(), challenge_id, reason=form.reason.data)):
        return _screen_page(queries.access(guards.actor(), challenge_id), form), form.status
    flash(_("The challenge is returned with your remarks."), "success")
    return redirect(url_for("challenges.screening"), 303)
