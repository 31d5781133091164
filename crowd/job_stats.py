"""The backlog of jobs for operators: how many of which kind, for how long, and which are dead."""

import sqlalchemy as sa

from crowd import clock
from crowd.background import Job, JobState
from crowd.db import db


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
