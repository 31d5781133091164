"""Recurring jobs: each run of a schedule is a unique row, so that any number of schedulers may run."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from crowd import clock
from crowd.background import enqueue, prune_done
from crowd.db import Model, atomic, db


class ScheduleRun(Model):
    """One run of a schedule: UNIQUE(schedule, due_at) makes any number of schedulers safe."""

    __tablename__ = "schedule_run"

    schedule: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)


@atomic
def tick(schedule: Mapping[str, timedelta]) -> list[str]:
    """Enqueue every scheduled job whose run is new. `schedule` maps a job's name to the time between its runs."""
    now = clock.db_now()
    enqueued = []
    for name, every in schedule.items():
        seconds = int(every.total_seconds())
        due_at = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, now.tzinfo)
        run = insert(ScheduleRun).values(schedule=name, due_at=due_at).on_conflict_do_nothing()
        if db.session.execute(run.returning(ScheduleRun.due_at)).scalar() is not None:
            enqueue(name, key=f"schedule:{name}:{int(due_at.timestamp())}")
            enqueued.append(name)
    return enqueued


@atomic
def prune(before: timedelta) -> int:
    """Delete finished scheduled jobs and runs older than `before`; business jobs stay as history."""
    limit = clock.db_now() - before
    db.session.execute(sa.delete(ScheduleRun).where(ScheduleRun.due_at < limit))
    return prune_done("schedule:", limit)
