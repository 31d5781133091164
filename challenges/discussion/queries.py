"""Reads of questions and updates."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from challenges import policy as challenge_policy
from challenges.discussion import policy
from challenges.discussion.models import ChallengeQuestion, ChallengeUpdate
from challenges.discussion.workflow import PUBLIC, QuestionState
from challenges.models import Challenge
from challenges.rules import rules_of
from challenges.workflow import ChallengeState
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.organisations.rights import Right
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import NotFound
from crowd.text import key
from crowd.web.tasks import MAX_TASKS, Task


def questions_until(challenge: Challenge) -> datetime | None:
    """The time until which questions are taken: some time before the close, as the contract says."""
    seconds = rules_of(challenge).question_seconds
    return challenge.closes_at - timedelta(seconds=seconds) if challenge.closes_at else None


def takes_questions(challenge: Challenge, at: datetime) -> bool:
    """Whether a question that arrives at that time is taken."""
    until = questions_until(challenge)
    return challenge.state == ChallengeState.OPEN and until is not None and at < until


def get_question(challenge: Challenge, public_id: str, *, lock: bool = False) -> ChallengeQuestion:
    """A question of the challenge. Raises NotFound."""
    query = sa.select(ChallengeQuestion).where(
        ChallengeQuestion.challenge_id == challenge.id, ChallengeQuestion.public_id == public_id
    )
    found = db.session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)
    if found is None:
        raise NotFound
    return found


def lock_question(question_id: int) -> ChallengeQuestion:
    """A question by its id, under its lock, for jobs."""
    return db.session.get_one(ChallengeQuestion, question_id, with_for_update=True, populate_existing=True)


def list_questions(actor: Actor | None, challenge: Challenge) -> Sequence[ChallengeQuestion]:
    """The questions that the reader may see, the newest first: the published ones, their own, and for the service
    centre all.
    """
    query = sa.select(ChallengeQuestion).where(ChallengeQuestion.challenge_id == challenge.id)
    if not policy.can_moderate(actor, challenge):
        own = ChallengeQuestion.asker_id == actor.id if isinstance(actor, User) else sa.false()
        query = query.where(sa.or_(ChallengeQuestion.state.in_(PUBLIC), own))
    return db.session.scalars(query.order_by(ChallengeQuestion.id.desc())).all()


def askers(questions: Sequence[ChallengeQuestion]) -> dict[int, str]:
    """The names of who asked, by account: for the service centre only."""
    wanted = {one.asker_id for one in questions}
    return {row.id: row.name for row in db.session.execute(sa.select(User.id, User.name).where(User.id.in_(wanted)))}


def count_of(actor: User, challenge: Challenge) -> int:
    """How many questions the person has asked about a challenge."""
    query = sa.select(sa.func.count()).where(
        ChallengeQuestion.challenge_id == challenge.id, ChallengeQuestion.asker_id == actor.id
    )
    return db.session.scalar(query) or 0


def has_asked(actor: User, challenge: Challenge, text: str) -> bool:
    """Whether the person has asked the same about a challenge, and it was not rejected."""
    query = sa.select(ChallengeQuestion.text).where(
        ChallengeQuestion.challenge_id == challenge.id,
        ChallengeQuestion.asker_id == actor.id,
        ChallengeQuestion.state != QuestionState.REJECTED,
    )
    return key(text) in map(key, db.session.scalars(query))


def list_updates(challenge: Challenge) -> Sequence[ChallengeUpdate]:
    """The sponsor's updates, the newest first."""
    query = sa.select(ChallengeUpdate).where(ChallengeUpdate.challenge_id == challenge.id)
    return db.session.scalars(query.order_by(ChallengeUpdate.id.desc())).all()


def waiting(actor: User) -> list[Task]:
    """Questions to publish, for the service centre, and questions to answer, for the sponsor; by challenge."""
    tasks = []
    if actor.is_any(PlatformRole.SERVICE_CENTRE):
        asked = [ChallengeQuestion.state == QuestionState.ASKED]
        tasks += _tasks(_("Publish or reject questions"), asked, actor, policy.can_moderate)
    mine = Challenge.organisation_id.in_(actor.organisations_with(Right.POST))
    to_answer = [ChallengeQuestion.state == QuestionState.PUBLISHED, mine]
    return tasks + _tasks(_("Answer questions"), to_answer, actor, challenge_policy.is_sponsor)


def _tasks(
    text: str, conditions: Sequence[sa.ColumnElement[bool]], actor: User, may: challenge_policy.Rule[Challenge]
) -> list[Task]:
    query = (
        sa.select(Challenge, sa.func.count().label("number"), sa.func.min(ChallengeQuestion.asked_at).label("since"))
        .join(ChallengeQuestion, ChallengeQuestion.challenge_id == Challenge.id)
        .where(*conditions)
        .group_by(Challenge.id)
        .order_by(sa.literal_column("since"))
        .limit(MAX_TASKS)
    )
    return [
        Task(text, url_for("discussion.show", challenge_id=challenge.id), challenge.title, since, count=number)
        for challenge, number, since in db.session.execute(query.options(sa.orm.lazyload("*")))
        if may(actor, challenge)
    ]
