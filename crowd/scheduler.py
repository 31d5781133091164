"""Recurring jobs: each run of a schedule is a unique row, so that any number of schedulers may run."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from crowd import clock
from crowd.background import enqueue, prune_done
from crowd.db import Model, atomic, db


class Slot(Model):
    """One run of a schedule: UNIQUE(schedule, slot) makes any number of schedulers safe."""

    __tablename__ = "slot"

    schedule: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[datetime] = mapped_column(primary_key=True)


@atomic
def tick(schedule: Mapping[str, timedelta]) -> list[str]:
    """Enqueue every scheduled job whose slot is new. `schedule` maps a job's name to the time between its slots."""
    now = clock.db_now()
    rung = []
    for name, every in schedule.items():
        seconds = int(every.total_seconds())
        slot = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, now.tzinfo)
        taken = insert(Slot).values(schedule=name, slot=slot).on_conflict_do_nothing().returning(Slot.slot)
        if db.session.execute(taken).scalar() is not None:
            enqueue(name, key=f"slot:{name}:{int(slot.timestamp())}")
            rung.append(name)
    return rung


@atomic
def prune(before: timedelta) -> int:
    """Delete finished scheduled jobs and slots older than `before`; business jobs stay as history."""
    limit = clock.db_now() - before
    db.session.execute(sa.delete(Slot).where(Slot.slot < limit))
    return prune_done("slot:", limit)
