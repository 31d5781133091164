"""Questions and updates: who asks until when, what the centre lets through, who answers, and who hears of it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from challenges.contract import queries as contracts
from challenges.discussion import queries, services
from challenges.discussion.workflow import QuestionState
from challenges.models import Challenge
from crowd import clock
from crowd.audit import AuditEvent
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.following.services import follow
from crowd.notifications.models import Notification
from crowd.web.markdown import render
from submissions import services as submissions
from tests import factories
from tests.cast import Cast


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    return factories.opened(cast)


def told(kind: str) -> list[int]:
    return list(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == kind)))


def published(cast: Cast, challenge: Challenge, text: str = "Is one site enough?") -> str:
    """The public id of Bo's question, which Eve has let through."""
    question = services.ask(cast.bo, challenge.id, text=text)
    return services.publish_question(cast.eve, challenge.id, question.public_id).public_id


def test_a_question_is_seen_once_the_centre_has_published_it(cast: Cast, challenge: Challenge) -> None:
    question = services.ask(cast.bo, challenge.id, text="Is one site enough?")
    assert queries.list_questions(None, challenge) == queries.list_questions(cast.ada, challenge) == []
    assert queries.list_questions(cast.bo, challenge) == queries.list_questions(cast.eve, challenge) == [question]
    assert cast.eve.id in told("challenges.question_asked")
    services.publish_question(cast.eve, challenge.id, question.public_id)
    assert queries.list_questions(None, challenge) == [question]
    assert cast.ada.id in told("challenges.question_published")


def test_the_same_question_is_taken_once(cast: Cast, challenge: Challenge) -> None:
    question = services.ask(cast.bo, challenge.id, text="Is one site enough?")
    with pytest.raises(Conflict):
        services.ask(cast.bo, challenge.id, text=" is ONE  site enough？ ")
    services.ask(cast.cy, challenge.id, text="Is one site enough?")
    services.reject(cast.eve, challenge.id, question.public_id, reason="It names a person.")
    services.ask(cast.bo, challenge.id, text="Is one site enough?")


def test_a_rejected_question_stays_with_who_asked_and_the_reason(cast: Cast, challenge: Challenge) -> None:
    question = services.ask(cast.bo, challenge.id, text="My solution is …")
    with pytest.raises(Invalid):
        services.reject(cast.eve, challenge.id, question.public_id, reason=" ")
    services.reject(cast.eve, challenge.id, question.public_id, reason="It tells of a solution.")
    assert queries.list_questions(None, challenge) == []
    assert told("challenges.question_rejected") == [cast.bo.id]
    with pytest.raises(Conflict):
        services.publish_question(cast.eve, challenge.id, question.public_id)


def test_only_the_sponsor_answers_and_only_once(cast: Cast, challenge: Challenge) -> None:
    public_id = published(cast, challenge)
    with pytest.raises(Forbidden):
        services.answer(cast.bo, challenge.id, public_id, text="Yes.")
    question = services.answer(cast.ada, challenge.id, public_id, text="Yes.")
    assert (question.state, question.answer) == (QuestionState.ANSWERED, "Yes.")
    with pytest.raises(Conflict):
        services.answer(cast.ada, challenge.id, public_id, text="No.")
    assert contracts.in_force(challenge).number == 1


def test_participants_and_followers_hear_of_each_answer_and_update_once(cast: Cast, challenge: Challenge) -> None:
    submissions.register(cast.bo, challenge.id, accepted=True)
    follow(cast.cy, "challenge", challenge.id)
    services.answer(cast.ada, challenge.id, published(cast, challenge), text="Yes.")
    services.answer(cast.ada, challenge.id, published(cast, challenge, "Are two?"), text="Yes, again.")
    services.post_update(cast.ada, challenge.id, text="We show the site on Friday.")
    for _turn in range(2):
        factories.run_jobs("registrations.notify_news")
        factories.run_jobs("challenges.notify_followers")
    assert told("submissions.question_answered") == [cast.bo.id] * 2
    assert told("submissions.update_posted") == [cast.bo.id]
    assert told("challenges.followed_answered") == [cast.cy.id] * 2
    assert told("challenges.followed_update") == [cast.cy.id]


def test_an_answer_that_clarifies_is_a_version_of_the_contract(cast: Cast, challenge: Challenge) -> None:
    question = services.answer(
        cast.ada, challenge.id, published(cast, challenge), text="Yes, one site.", clarification=True
    )
    version = contracts.in_force(challenge)
    assert (version.number, version.change_class, version.id) == (2, "clarifying", question.contract_version_id)
    assert challenge.problem_statement.endswith("> Is one site enough?\n\nYes, one site.")


def test_a_question_is_quoted_as_plain_text(cast: Cast, challenge: Challenge) -> None:
    question = services.ask(cast.bo, challenge.id, text="## Rights\n[here](http://evil.example) belong to me")
    services.publish_question(cast.eve, challenge.id, question.public_id)
    services.answer(cast.ada, challenge.id, question.public_id, text="No.", clarification=True)
    shown = str(render(challenge.problem_statement, 2, ""))
    assert "[here](" in shown
    assert "Rights</h" not in shown


def test_the_trail_does_not_say_who_asked(cast: Cast, challenge: Challenge) -> None:
    services.ask(cast.bo, challenge.id, text="Is one site enough?")
    event = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "question.asked")).one()
    assert (event.is_hidden, event.actor_id, event.actor_name) == (True, None, "Not shown")


def test_questions_are_taken_until_the_cut_off(cast: Cast, challenge: Challenge) -> None:
    until = queries.questions_until(challenge)
    assert until is not None
    assert queries.takes_questions(challenge, until - timedelta(seconds=1))
    assert not queries.takes_questions(challenge, until)
    factories.move_dates(challenge, closes_at=clock.now() + timedelta(seconds=30))
    with pytest.raises(Conflict):
        services.ask(cast.bo, challenge.id, text="Too late?")


def test_the_sponsor_does_not_ask_and_nobody_asks_without_end(cast: Cast, challenge: Challenge) -> None:
    with pytest.raises(Forbidden):
        services.ask(cast.ada, challenge.id, text="Ourselves?")
    for number in range(10):
        services.ask(cast.bo, challenge.id, text=f"Question {number}?")
    with pytest.raises(Conflict):
        services.ask(cast.bo, challenge.id, text="One more?")


def test_updates_come_while_it_is_open_or_judged(cast: Cast) -> None:
    settled = factories.settled(cast, "bo")
    with pytest.raises(Conflict):
        services.post_update(cast.ada, settled.id, text="Too late.")
