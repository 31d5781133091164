"""Reads of units: who is on their staff, and to which unit the work on a row belongs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import lazy_gettext as _l

from crowd.accounts.models import PlatformRole, User
from crowd.accounts.units.models import HandOver, OperatorUnit, UnitMember
from crowd.audit import Actor
from crowd.db import Model, db
from crowd.errors import NotFound, Sentence
from crowd.feature import declared
from crowd.taxonomy.vocabulary import current
from crowd.web.tasks import Task

Column = sa.SQLColumnExpression
UnitId = sa.ColumnElement[int | None]
STAFF = sa.and_(User.active, User.roles.any(name=PlatformRole.SERVICE_CENTRE.value))


class Queue(StrEnum):
    """Which part of the waiting work is shown."""

    MINE = "mine"
    NONE = "none"
    ALL = "all"


QUEUES = {Queue.MINE: _l("My unit"), Queue.NONE: _l("Without a unit")}


@dataclass(frozen=True, slots=True)
class Queues:
    """The queues of a person: which one is shown, and for each how many wait, and since when. There is only that of all
    where no unit has staff.
    """

    shown: Queue
    counts: Mapping[Queue, int]
    since: Mapping[Queue, datetime | None]
    within: sa.ColumnElement[bool]  # whether a row is in the queue that is shown

    def tasks(self, text: Sentence, endpoint: str) -> list[Task]:
        """What of it waits for the person: the work of their unit and what has none; all, where they are of no unit."""
        served = (Queue.MINE, Queue.NONE) if Queue.MINE in self.counts else (Queue.ALL,)
        return [
            Task(text, url_for(endpoint, unit=queue), QUEUES.get(queue, ""), self.since[queue], self.counts[queue])
            for queue in served
            if self.counts[queue]
        ]


def list_units() -> Sequence[OperatorUnit]:
    """The units that are open, the oldest first."""
    query = sa.select(OperatorUnit).where(OperatorUnit.closed_at.is_(None))
    return db.session.scalars(query.order_by(OperatorUnit.id)).all()


def get_unit(unit_id: int, *, lock: bool = False) -> OperatorUnit:
    """An open unit by its id. Raises NotFound."""
    row = db.session.get(OperatorUnit, unit_id, with_for_update=lock)
    if row is None or row.closed_at is not None:
        raise NotFound
    return row


def members_of(unit_id: int) -> Sequence[UnitMember]:
    """The people of a unit by name, also those who are not on its staff any more."""
    query = sa.select(UnitMember).join(UnitMember.user).where(UnitMember.unit_id == unit_id)
    return db.session.scalars(query.order_by(User.name, User.id)).all()


def staff() -> dict[int, list[int]]:
    """The ids of the staff of each unit that has some."""
    found = defaultdict(list)
    query = sa.select(UnitMember.unit_id, UnitMember.user_id).join(UnitMember.user).where(STAFF)
    for row in db.session.execute(query.order_by(UnitMember.user_id)):
        found[row.unit_id].append(row.user_id)
    return dict(found)


def free_staff() -> Sequence[User]:
    """The people of the service centre who are of no unit, by name."""
    elsewhere = sa.select(UnitMember.user_id)
    return db.session.scalars(
        sa.select(User).where(STAFF, User.id.not_in(elsewhere)).order_by(User.name, User.id)
    ).all()


def staffed_units() -> list[OperatorUnit]:
    """The units that have staff, the oldest first."""
    staffed = staff()
    return [unit for unit in list_units() if unit.id in staffed]


def unit_of_person(actor: Actor | None) -> int | None:
    """The id of the unit on whose staff the person is."""
    query = sa.select(UnitMember.unit_id).join(UnitMember.user)
    return db.session.scalar(query.where(UnitMember.user_id == actor.id, STAFF)) if isinstance(actor, User) else None


def led_by(actor: Actor | None) -> int | None:
    """The id of the unit that the person leads, as one of its staff."""
    query = sa.select(UnitMember.unit_id).join(UnitMember.user).where(UnitMember.leads, STAFF)
    return db.session.scalar(query.where(UnitMember.user_id == actor.id)) if isinstance(actor, User) else None


def unit_clause(kind: type[Model], row_id: Column[int], region_id: Column[int | None]) -> UnitId:
    """The id of the unit to which the work on a row belongs, as SQL: to which it was handed over, else that of the
    nearest region at or above its own. NULL (the service centre) where there is none, or where it has no staff.
    """
    staffed = sorted(staff())
    handed = sa.and_(HandOver.subject_type == kind.__tablename__, HandOver.subject_id == row_id)
    chosen = sa.select(HandOver.unit_id).where(handed, HandOver.unit_id.in_(staffed)).correlate_except(HandOver)
    any_chosen = sa.exists(sa.select(1).where(handed).correlate_except(HandOver))
    regional = [(region_id.in_(ids), sa.literal(unit)) for unit, ids in _regions().items() if unit in staffed]
    return sa.case((any_chosen, chosen.scalar_subquery()), *regional, else_=sa.null())


def waiting_in(unit_id: int) -> dict[str, list[int]]:
    """The ids of the rows that wait in a unit, by the kind of work."""
    found = {name: list(work.waiting(unit_id)) for name, work in declared().unit_work.items()}
    return {name: ids for name, ids in found.items() if ids}


def _regions() -> dict[int, list[int]]:
    """For each unit the ids of the regions for which it is the nearest at or above."""
    vocabulary = current()
    placed = [(vocabulary.by_id(unit.region_id), unit.id) for unit in list_units()]
    known = [(entry, unit) for entry, unit in placed if entry is not None]
    nearest: dict[int, int] = {}
    for entry, unit in sorted(known, key=lambda one: len(vocabulary.above(one[0]))):  # a nearer one comes later
        nearest |= dict.fromkeys(vocabulary.ids_below(entry), unit)
    found = defaultdict(list)
    for region, unit in nearest.items():
        found[unit].append(region)
    return found


def queues(actor: Actor | None, unit: UnitId, waiting: sa.Select[int], since: Column[Any], asked: str = "") -> Queues:
    """The queues of a person over the rows that `waiting` selects, which belong to a `unit` and wait `since` a time:
    the one asked for, else that of their unit, else all.
    """
    mine = unit_of_person(actor)
    clauses = {Queue.MINE: unit == mine, Queue.NONE: unit.is_(None), Queue.ALL: sa.true()}
    there = {Queue.MINE: mine is not None, Queue.NONE: bool(staff()), Queue.ALL: True}
    offered = [queue for queue in Queue if there[queue]]
    by_unit = waiting.with_only_columns(
        unit.label("unit"), sa.func.count(), sa.func.min(since), maintain_column_froms=True
    ).group_by("unit")
    rows = db.session.execute(by_unit).all()
    within = {Queue.MINE: lambda one: one == mine, Queue.NONE: lambda one: one is None, Queue.ALL: lambda _one: True}
    of = {queue: [row for row in rows if within[queue](row[0])] for queue in offered}
    counts = {queue: sum(number for _unit, number, _since in of[queue]) for queue in offered}
    oldest = {queue: min((first for _unit, _number, first in of[queue]), default=None) for queue in offered}
    default = Queue.MINE if mine is not None else Queue.ALL
    shown = Queue(asked) if asked in offered else default
    return Queues(shown, counts, oldest, clauses[shown])


@dataclass(frozen=True, slots=True)
class Work:
    """Where the work on a row is: the unit (None is the service centre), and the last hand-over."""

    unit: OperatorUnit | None
    hand_over: HandOver | None


def work_on(kind: type[Model], rows: sa.Select[int, int | None]) -> dict[int, Work]:
    """The work on the rows of which this selects the id and the unit's id."""
    found = db.session.execute(rows).all()
    query = sa.select(HandOver).where(
        HandOver.subject_type == kind.__tablename__, HandOver.subject_id.in_([row_id for row_id, _unit in found])
    )
    handed = {row.subject_id: row for row in db.session.scalars(query)}
    known = {unit.id: unit for unit in list_units()}
    return {row_id: Work(known.get(unit_id or 0), handed.get(row_id)) for row_id, unit_id in found}
