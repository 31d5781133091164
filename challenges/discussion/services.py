"""Every write of questions and updates."""

import re
from dataclasses import replace

from flask_babel import lazy_gettext as _

from challenges import followers
from challenges.contract import queries as contracts
from challenges.contract import services as amendments
from challenges.discussion import notifications, policy, queries
from challenges.discussion.events import NewsPosted
from challenges.discussion.models import ChallengeQuestion, ChallengeUpdate
from challenges.discussion.workflow import TRANSITIONS, WORDING, QuestionState
from challenges.models import Challenge
from challenges.queries import access
from crowd import clock
from crowd.accounts.models import User
from crowd.audit import HIDDEN, Actor, record
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden
from crowd.events import publish
from crowd.reasons import required, written
from crowd.workflow import next_state

MARKDOWN, _ESCAPED = re.compile(r"([\\`*_{}\[\]()#+.!|<>~&:/-])"), r"\\\1"  # a question is quoted as plain text


@atomic
def ask(actor: User, challenge_id: int, *, text: str) -> ChallengeQuestion:
    """Ask about an open challenge; the service centre sees it first.

    Raises Conflict (after the cut-off, asked before, too many of one person), Invalid.
    """
    now = clock.arrived_at()
    challenge = access(actor, challenge_id, to=policy.can_ask)
    if not queries.takes_questions(challenge, now):
        raise Conflict(_("This challenge takes no more questions."))
    text = written(text, "text")
    if queries.has_asked(actor, challenge, text):
        raise Conflict(_("You have asked this already."))
    most = limits().questions_per_person
    if queries.count_of(actor, challenge) >= most:
        raise Conflict(_("You may ask at most %(number)s questions about one challenge.", number=most))
    question = ChallengeQuestion(
        challenge_id=challenge.id, asker_id=actor.id, language=actor.locale, text=text, asked_at=now
    )
    db.session.add(question)
    db.session.flush()
    record(HIDDEN, "question.asked", question)  # the trail has more readers than may know who asked
    notifications.asked(challenge, question)
    return question


@atomic
def publish_question(actor: Actor, challenge_id: int, public_id: str) -> ChallengeQuestion:
    """Let a question through: everybody reads it, and the sponsor is asked to answer. Raises Conflict."""
    challenge, question = _moderated(actor, challenge_id, public_id, "publish")
    record(actor, "question.published", question)
    notifications.published(challenge, question)
    return question


@atomic
def reject(actor: Actor, challenge_id: int, public_id: str, *, reason: str) -> ChallengeQuestion:
    """Reject a question, with a reason that its asker reads. Raises Conflict, Invalid."""
    reason = required(reason)
    challenge, question = _moderated(actor, challenge_id, public_id, "reject")
    question.reject_reason = reason
    record(actor, "question.rejected", question, reason=reason)
    notifications.rejected(challenge, question)
    return question


@atomic
def hide(actor: Actor, question_id: int) -> ChallengeQuestion:
    """Hide a published question with its answer, after a report; once hidden it stays so. One that has become part of
    the contract meanwhile stays as it is: everybody relies on it.
    """
    question = queries.lock_question(question_id)
    if question.state != QuestionState.HIDDEN and question.contract_version_id is None:
        question.state = next_state(TRANSITIONS, WORDING, question.state, "hide")
        record(actor, "question.hidden", question)
    return question


def _moderated(actor: Actor, challenge_id: int, public_id: str, operation: str) -> tuple[Challenge, ChallengeQuestion]:
    challenge = access(actor, challenge_id, to=policy.can_moderate)
    question = queries.get_question(challenge, public_id, lock=True)
    if question.asker_id == actor.id:
        raise Forbidden(_("Somebody else must decide about your question."))
    state, now = next_state(TRANSITIONS, WORDING, question.state, operation), clock.db_now()
    question.state, question.moderated_by, question.moderated_at = state, actor.id, now
    return challenge, question


@atomic
def answer(
    actor: Actor, challenge_id: int, public_id: str, *, text: str, clarification: bool = False
) -> ChallengeQuestion:
    """Answer a published question. As a clarification the answer becomes a version of the contract, below the problem.

    Raises Conflict (answered before; as a clarification: not open), Invalid.
    """
    text = written(text, "answer")
    challenge = access(actor, challenge_id, to=policy.can_answer, lock=clarification)
    question = queries.get_question(challenge, public_id, lock=True)
    state, now = next_state(TRANSITIONS, WORDING, question.state, "answer"), clock.db_now()
    question.state, question.answer, question.answered_by, question.answered_at = state, text, actor.id, now
    if clarification:
        question.contract_version_id = _clarify(actor, challenge, question)
    db.session.flush()
    record(actor, "question.answered", question, clarification=clarification)
    _announce(actor, challenge, "answered", question.id)
    return question


def _clarify(actor: Actor, challenge: Challenge, question: ChallengeQuestion) -> int:
    """The question and its answer at the end of the problem, as the next version of the contract."""
    if not challenge.is_open:
        raise Conflict(_("Only the contract of an open challenge can be changed."))
    brief = contracts.brief_in_force(challenge)
    quoted = "\n".join(f"> {MARKDOWN.sub(_ESCAPED, line)}" for line in question.text.splitlines())
    brief = replace(brief, problem_statement=f"{brief.problem_statement.rstrip()}\n\n{quoted}\n\n{question.answer}")
    shown = amendments.plan(challenge, brief, answer=True).digest
    version = amendments.amend(actor, challenge.id, brief=brief, reason=question.text, shown=shown, answer=True)
    return version.id


@atomic
def post_update(actor: Actor, challenge_id: int, *, text: str) -> ChallengeUpdate:
    """News of the sponsor, for everybody who reads the challenge. Raises Conflict where it is not open or judged."""
    text = written(text, "update")
    challenge = access(actor, challenge_id, to=policy.can_answer)
    if challenge.state not in policy.TOLD:
        raise Conflict(_("Updates are posted while a challenge is open or being judged."))
    update = ChallengeUpdate(challenge_id=challenge.id, text=text, posted_by=actor.id, posted_at=clock.db_now())
    db.session.add(update)
    db.session.flush()
    record(actor, "update.posted", update)
    _announce(actor, challenge, "update", update.id)
    return update


def _announce(actor: Actor, challenge: Challenge, what: str, number: int) -> None:
    publish(NewsPosted(challenge.id, what, number))
    followers.announce(actor, challenge, f"{what}:{number}")
