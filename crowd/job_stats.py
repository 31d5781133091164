"""The backlog of jobs for operators: how many of which kind, for how long, and which are dead."""

from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from crowd import clock
from crowd.audit import record
from crowd.background import Job, JobState, wake
from crowd.db import after_commit, atomic, db
from crowd.errors import Conflict, NotFound
from crowd.values import job


def oldest_due_seconds() -> float:
    """How long the oldest due job has waited, in seconds; 0 where nothing waits."""
    oldest = db.session.scalar(
        sa.select(sa.func.min(Job.run_at)).where(Job.state == JobState.READY, Job.run_at <= sa.func.crowd_now())
    )
    return max(0.0, (clock.db_now() - oldest).total_seconds()) if oldest else 0.0


def count_dead() -> int:
    """How many jobs are dead and wait for an operator."""
    return db.session.scalar(sa.select(sa.func.count()).where(Job.state == JobState.DEAD)) or 0


def counts() -> dict[str, int]:
    """Numbers of jobs by state; each state is a key."""
    rows = db.session.execute(sa.select(Job.state, sa.func.count()).group_by(Job.state)).all()
    found = {str(state): number for state, number in rows}
    return {str(state): found.get(str(state), 0) for state in JobState}


def counts_by_kind() -> list[tuple[str, JobState, int]]:
    """(kind, state, number) of all jobs."""
    query = sa.select(Job.kind, Job.state, sa.func.count()).group_by(Job.kind, Job.state).order_by(Job.kind, Job.state)
    return [(row[0], row[1], row[2]) for row in db.session.execute(query)]


def listed(state: str | None, kind_name: str | None) -> sa.Select[Job]:
    """The jobs of a state and a kind (None: all), in no order yet; an unknown state matches nothing."""
    query = sa.select(Job)
    if state:
        query = query.where(Job.state == JobState(state) if state in list(JobState) else sa.false())
    if kind_name:
        query = query.where(Job.kind == kind_name)
    return query


@atomic
def retry(actor: Any, job_id: int) -> Job:
    """Reset the attempts of a dead job and wake a worker for it. Raises NotFound, Conflict where it is not dead."""
    row = db.session.scalar(sa.select(Job).where(Job.id == job_id).with_for_update())
    if row is None:
        raise NotFound
    if row.state != JobState.DEAD:
        raise Conflict(_("Only a failed job can be tried again."))
    row.state, row.attempts, row.run_at, row.finished_at = JobState.READY, 0, clock.db_now(), None
    record(actor, "job.retried", row, kind=job(row.kind))
    name = row.kind
    after_commit(lambda: wake({job_id: name}))
    return row
