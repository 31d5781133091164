"""Reads of reviewers' fees."""

from collections.abc import Sequence

import sqlalchemy as sa

from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd.db import db
from scoring.models import Assignment
from scoring.workflow import AssignmentState

IN_TIME = sa.and_(Assignment.state == AssignmentState.DONE, Assignment.done_at <= Assignment.due_at)


def to_pay(challenge_id: int) -> list[Assignment]:
    """The reviews of a challenge, locked, that came in time and whose fee is not paid."""
    query = sa.select(Assignment).where(
        Assignment.challenge_id == challenge_id, IN_TIME, Assignment.fee > 0, Assignment.fee_paid_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(Assignment.id).with_for_update(of=Assignment)))


def earned(challenge_id: int) -> int:
    """What the reviews that came in time earn together, paid or not, in minor units."""
    earns = sa.or_(IN_TIME, Assignment.fee_paid_at.is_not(None))
    query = sa.select(sa.func.coalesce(sa.func.sum(Assignment.fee), 0))
    return int(db.session.scalar(query.where(Assignment.challenge_id == challenge_id, earns)) or 0)


def paid(challenge_id: int) -> int:
    """What was paid to reviewers of a challenge, in minor units."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Assignment.fee), 0))
    of_challenge = (Assignment.challenge_id == challenge_id, Assignment.fee_paid_at.is_not(None))
    return int(db.session.scalar(query.where(*of_challenge)) or 0)


def awaited(user_id: int) -> Sequence[sa.Row[int, str, str, str, int, int]]:
    """What a person's reviews earn that came in time and are not paid yet: rows (title, currency, amount, reviews)."""
    query = (
        sa.select(
            Challenge.id, Challenge.title, Challenge.language, Challenge.currency,
            sa.cast(sa.func.sum(Assignment.fee), sa.BigInteger).label("amount"), sa.func.count().label("reviews"),
        )
        .join(Challenge, Challenge.id == Assignment.challenge_id)
        .where(
            Assignment.reviewer_id == user_id, IN_TIME, Assignment.fee > 0, Assignment.fee_paid_at.is_(None),
            Challenge.state.in_((ChallengeState.JUDGING, ChallengeState.DECIDED)),
        )
        .group_by(Challenge.id)
        .order_by(Challenge.id)
    )  # fmt: skip
    return db.session.execute(query).all()
