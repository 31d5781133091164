"""Pages about entering: a registration's own answers, the sponsor's table of who registered, and the documents."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges import queries as challenges
from challenges.models import Challenge
from challenges.policy import can_view as can_view_challenge
from challenges.views import render_page
from crowd import clock, files
from crowd.config import limits
from crowd.errors import NotFound
from crowd.web import confirmation, guards, once
from crowd.web.arguments import arguments
from crowd.web.confirmation import Reason
from submissions.entry import eligibility, policy, queries, services
from submissions.entry.forms import AskedForm, asked
from submissions.models import Registration
from submissions.participation.queries import participation_of

blueprint = Blueprint("entry", __name__)


@blueprint.app_template_global("entry_chances")
def _chances(challenge: Challenge) -> list[eligibility.EntryChance]:
    """Whether the reader may enter, for themselves and for each of their organisations."""
    return eligibility.chances(guards.actor(), challenge)


@blueprint.route("/challenges/<int:challenge_id>/registration", methods=["GET", "POST"])
@guards.signed_in
@guards.sealed
@guards.takes_files
@once.acts
@confirmation.not_required(Reason.EDITABLE)
def registration(challenge_id: int) -> ResponseReturnValue:
    """What the person answered and gave at their registration, to be corrected until the close."""
    challenge = challenges.access(guards.actor(), challenge_id, to=can_view_challenge)
    registration = participation_of(guards.actor(), challenge_id).registration
    if registration is None or not policy.asks(challenge):
        raise NotFound
    given = queries.given(registration)
    form = asked(AskedForm, challenge, given)
    if form.passes(lambda: _corrected(challenge_id, form)):
        flash(_("Your answers are saved."), "success")
        return redirect(url_for(".registration", challenge_id=challenge_id), 303)
    page = render_template(
        "submissions/answers.html", challenge=challenge, form=form, given=given, registration=registration,
        taking=challenge.takes_proposals(clock.now()),
    )  # fmt: skip
    return page, form.status


def _corrected(challenge_id: int, form: AskedForm) -> Registration:
    documents = services.keep(form.chosen())
    return services.correct(guards.person(), challenge_id, answers=form.answers(), documents=documents)


@blueprint.get("/challenges/<int:challenge_id>/registrants")
@guards.signed_in
@guards.sealed
def registrants(challenge_id: int) -> ResponseReturnValue:
    """Who has registered, with what they answered and gave: for the sponsor and the service centre."""
    challenge, page = queries.registrants(
        guards.actor(), challenge_id, after=arguments().after, size=limits().page_rows
    )
    return render_page("submissions/registrants.html", challenge, page=page)


@blueprint.get("/challenges/<int:challenge_id>/documents/<public_id>")
@guards.signed_in
@guards.sealed
def document(challenge_id: int, public_id: str) -> ResponseReturnValue:
    """A document that was given at a registration."""
    return files.attachment(queries.document(guards.actor(), challenge_id, public_id))
