"""The page of a challenge's questions and updates."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges.discussion import policy, queries, services
from challenges.discussion.forms import AnswerForm, QuestionForm, UpdateForm
from challenges.models import Challenge
from challenges.queries import access
from challenges.views import render_page
from crowd import clock
from crowd.errors import NotFound
from crowd.web import confirmation, guards, once
from crowd.web.confirmation import Reason
from crowd.web.forms import Form, ReasonForm

blueprint = Blueprint("discussion", __name__)


@blueprint.get("/challenges/<int:challenge_id>/questions")
@guards.public
def show(challenge_id: int) -> ResponseReturnValue:
    """Questions with their answers, and updates."""
    challenge = access(guards.actor(), challenge_id)
    if challenge.external or challenge.published_at is None:
        raise NotFound
    return _page(challenge)


def _page(challenge: Challenge, form: Form | None = None, about: str = "") -> ResponseReturnValue:
    """`form` is a rejected one, `about` the public id of the question to which it belongs."""
    actor, now = guards.actor(), clock.now()
    questions = queries.list_questions(actor, challenge)
    moderates = policy.can_moderate(actor, challenge)
    answers = policy.can_answer(actor, challenge)
    open_to_me = {one.public_id for one in questions if actor and moderates and one.is_new and one.asker_id != actor.id}
    page = render_page(
        "discussion/show.html", challenge, questions=questions, updates=queries.list_updates(challenge),
        moderates=moderates, open_to_me=open_to_me, answers=answers,
        askers=queries.askers(questions) if moderates else {},
        until=queries.questions_until(challenge), taking=queries.takes_questions(challenge, now),
        asks=policy.can_ask(actor, challenge), tells=answers and challenge.state in policy.TOLD,
        reportable={one.public_id for one in questions if policy.can_report(actor, one)},
        clarifies=challenge.is_open, about=about, refused=form,
        asking=form if isinstance(form, QuestionForm) else QuestionForm(formdata=None),
        answering=form if isinstance(form, AnswerForm) else AnswerForm(formdata=None),
        updating=form if isinstance(form, UpdateForm) else UpdateForm(formdata=None),
        rejecting=form if isinstance(form, ReasonForm) else ReasonForm(formdata=None),
    )  # fmt: skip
    return page, form.status if form else 200


def _again(challenge_id: int, form: Form, about: str = "") -> ResponseReturnValue:
    return _page(access(guards.actor(), challenge_id), form, about)


def _done(challenge_id: int, message: str) -> ResponseReturnValue:
    flash(message, "success")
    return redirect(url_for(".show", challenge_id=challenge_id), 303)


@blueprint.post("/challenges/<int:challenge_id>/questions")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.EXPLAINED)
def ask(challenge_id: int) -> ResponseReturnValue:
    """Ask."""
    form = QuestionForm()
    if not form.passes(lambda: services.ask(guards.person(), challenge_id, text=form.text.data)):
        return _again(challenge_id, form)
    return _done(challenge_id, _("Your question is with the service centre, which publishes it without your name."))


@blueprint.post("/challenges/<int:challenge_id>/questions/<public_id>/publish")
@guards.signed_in
@confirmation.required
def publish(challenge_id: int, public_id: str) -> ResponseReturnValue:
    """Let a question through."""
    services.publish_question(guards.person(), challenge_id, public_id)
    return _done(challenge_id, _("The question is published; the sponsor is asked to answer."))


@blueprint.post("/challenges/<int:challenge_id>/questions/<public_id>/reject")
@guards.signed_in
@confirmation.not_required(Reason.EXPLAINED)
def reject(challenge_id: int, public_id: str) -> ResponseReturnValue:
    """Reject a question, with a reason."""
    form = ReasonForm()
    if not form.passes(lambda: services.reject(guards.person(), challenge_id, public_id, reason=form.reason.data)):
        return _again(challenge_id, form, public_id)
    return _done(challenge_id, _("The question is rejected; who asked reads the reason."))


@blueprint.post("/challenges/<int:challenge_id>/questions/<public_id>/reply")
@guards.signed_in
@confirmation.not_required(Reason.EXPLAINED)
def reply(challenge_id: int, public_id: str) -> ResponseReturnValue:
    """Answer a question."""
    form = AnswerForm()
    actor, clarifies = guards.person(), form.clarification.data
    if not form.passes(
        lambda: services.answer(actor, challenge_id, public_id, text=form.answer.data, clarification=clarifies)
    ):
        return _again(challenge_id, form, public_id)
    return _done(challenge_id, _("The answer is published."))


@blueprint.post("/challenges/<int:challenge_id>/updates")
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.EXPLAINED)
def post_update(challenge_id: int) -> ResponseReturnValue:
    """Post news."""
    form = UpdateForm()
    if not form.passes(lambda: services.post_update(guards.person(), challenge_id, text=form.update.data)):
        return _again(challenge_id, form)
    return _done(challenge_id, _("The update is published."))
