"""Sums of reputation, read as rows: stored once, as events, and added up when asked."""

import sqlalchemy as sa

from crowd.accounts.models import User
from crowd.db import Base
from scoring.models import ReputationEvent, ReputationKind


def _count(kind: ReputationKind) -> sa.ColumnElement[int]:
    return sa.func.count().filter(ReputationEvent.kind == kind)


_sums = (
    sa.select(
        User.id,
        User.name,
        User.expertise,
        sa.cast(sa.func.sum(ReputationEvent.points), sa.BigInteger).label("points"),
        _count(ReputationKind.AWARDED).label("awarded"),
        _count(ReputationKind.PLACED).label("placed"),
        _count(ReputationKind.REVIEWED).label("reviewed"),
    )
    .join(ReputationEvent, ReputationEvent.user_id == User.id)
    .where(User.active)
    .group_by(User.id)
    .subquery("standing")
)


class Standing:
    """A person's points in all, and the challenges in which they were won, by kind. Read-only."""

    id: int
    name: str
    expertise: list[str]
    points: int
    awarded: int
    placed: int
    reviewed: int


Base.registry.map_imperatively(Standing, _sums, primary_key=[_sums.c.id])
