"""The service centre's pages: what waits for screening, approved or returned."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges import queries
from challenges.lifecycle import services as lifecycle
from challenges.screening import queries as screening_queries
from challenges.screening import services as screening_services
from challenges.screening.forms import ApproveForm
from challenges.screening.views import SCREENERS, insert, screen_page
from challenges.views import blueprint
from challenges.workflow import ChallengeState
from crowd.accounts.models import PlatformRole
from crowd.accounts.units.forms import UnitHandOverForm
from crowd.accounts.units.views import queue_tabs
from crowd.config import limits
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments, posted
from crowd.web.confirmation import Reason
from crowd.web.forms import ReasonForm


@blueprint.get("/screening")
@guards.roles(*SCREENERS)
def screening() -> ResponseReturnValue:
    """What waits for screening in one of the person's queues, by when it is due."""
    queues = screening_queries.queues(guards.actor(), arguments().text("unit"))
    page = screening_queries.queue(queues, after=arguments().after, size=limits().page_rows)
    return render_template(
        "challenges/screening.html",
        page=page,
        tabs=queue_tabs(queues, "challenges.screening"),
        work=screening_queries.work_on(row.challenge for row in page),
        pace=screening_queries.pace(),
        screens=guards.person().is_any(PlatformRole.SERVICE_CENTRE),
    )


@blueprint.get("/screening/<int:challenge_id>")
@guards.roles(*SCREENERS)
def screen(challenge_id: int) -> ResponseReturnValue:
    """The whole challenge on one page, to approve or return it."""
    challenge = queries.access(guards.actor(), challenge_id)
    if challenge.state != ChallengeState.SCREENING:
        return redirect(url_for("challenges.show", challenge_id=challenge_id), 303)
    return screen_page(challenge)


@blueprint.post("/screening/<int:challenge_id>/hand-over")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def hand_over_screening(challenge_id: int) -> ResponseReturnValue:
    """Hand the screening over to another unit, or back to the service centre."""
    form = UnitHandOverForm()
    if not form.passes(lambda: screening_services.hand_over(guards.person(), challenge_id, **form.values())):
        return screen_page(queries.access(guards.actor(), challenge_id), form)
    flash(_("The screening is handed over."), "success")
    return redirect(url_for("challenges.screening"), 303)


@blueprint.post("/screening/<int:challenge_id>/approve")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@confirmation.required
def approve(challenge_id: int) -> ResponseReturnValue:
    """Approve a challenge."""
    form = ApproveForm()
    if not form.passes(lambda: lifecycle.approve(guards.person(), challenge_id, cost=form.cost.data)):
        return screen_page(queries.access(guards.actor(), challenge_id), form)
    flash(_("The challenge is approved; the sponsor is asked to pay."), "success")
    return redirect(url_for("challenges.screening"), 303)


@blueprint.post("/screening/<int:challenge_id>/return")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@confirmation.not_required(Reason.REPEATABLE)
def return_for_changes(challenge_id: int) -> ResponseReturnValue:
    """Return a challenge with remarks."""
    form = ReasonForm()
    if "insert" in posted():
        insert(form.reason, guards.person(), posted().number("saved"))
        return screen_page(queries.access(guards.actor(), challenge_id), form)
    if not form.passes(lambda: lifecycle.return_for_changes(guards.person(), challenge_id, reason=form.reason.data)):
        return screen_page(queries.access(guards.actor(), challenge_id), form)
    flash(_("The challenge is returned with your remarks."), "success")
    return redirect(url_for("challenges.screening"), 303)
