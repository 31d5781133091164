"""Reads of days off: a person's own, and who is away."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from crowd import clock
from crowd.accounts.models import User
from crowd.cases import bodies
from crowd.cases.days_off.models import DaysOff
from crowd.config import zone
from crowd.db import db


def own(user_id: int) -> Sequence[DaysOff]:
    """The days off of a person that are not over, the next first."""
    query = sa.select(DaysOff).where(DaysOff.user_id == user_id, DaysOff.last_day >= clock.today())
    return db.session.scalars(query.order_by(DaysOff.first_day)).all()


def away(user_ids: Collection[int]) -> Mapping[int, date]:
    """Of these people those who are away today, with the last of these days."""
    query = sa.select(DaysOff.user_id, DaysOff.last_day).where(DaysOff.user_id.in_(user_ids), *_today())
    return dict(db.session.execute(query).all())


def away_until(user_ids: Collection[int], until: datetime | None) -> set[int]:
    """Of these people those who are away from today through the day of a time."""
    last = until.astimezone(zone()).date() if until else None
    return {user_id for user_id, day in away(user_ids).items() if last is not None and day >= last}


def _today() -> tuple[sa.ColumnElement[bool], ...]:
    today = clock.today()
    return DaysOff.first_day <= today, DaysOff.last_day >= today


@dataclass(frozen=True, slots=True)
class Away:
    """A colleague who is away, and until when."""

    id: int
    name: str
    last_day: date


def colleagues(actor: User) -> Sequence[Away]:
    """Who of the person's bodies is away today, who is back first first."""
    theirs = [User.roles.any(name=bodies.BODIES[body].role.value) for body in bodies.of_person(actor)]
    query = sa.select(User.id, User.name, DaysOff.last_day).join(DaysOff, DaysOff.user_id == User.id)
    query = query.where(User.active, sa.or_(sa.false(), *theirs), *_today())
    return [Away(*row) for row in db.session.execute(query.order_by(DaysOff.last_day, User.name, User.id))]
