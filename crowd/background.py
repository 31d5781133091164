"""Jobs: the row in PostgreSQL is the truth, and `crowd.wake_ups` only says that there is one. A job is run at least
once, and has its effects exactly once.

`enqueue` writes the row in the business transaction and wakes a worker after the commit. `run` is the only caller of a
job's function: it claims the row with a fencing token and a lease, and finishes it only while the token is still its
own.
"""

import logging
import random
import secrets
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib import import_module
from typing import Any, cast

import sqlalchemy as sa
from flask import g
from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from crowd import clock, values, wake_ups
from crowd.audit import Actor, record, request_id
from crowd.config import limits
from crowd.db import Model, after_commit, atomic, db, id_column, state_column
from crowd.errors import Conflict, NotFound
from crowd.feature import declared

log = logging.getLogger(__name__)
WAKE_AGAIN = timedelta(seconds=15)


class JobState(StrEnum):
    """Where a job stands; a dead one waits for a person."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class JobKind:
    """How a job kind behaves. `lease` and `backoff` in seconds; `attempts` is a number or the name of a limit.

    `outside` work calls outside systems (mail, bank): its claim is committed first, the call carries a stable key, and
    its function returns a second function that stores the answer. Other work and its effects are one transaction.
    `first` work runs before all other waiting work: people wait for it at a published time.
    """

    name: str
    function: Callable[..., Any]
    outside: bool = False
    first: bool = False
    attempts: int | str = 8
    lease: int = 60
    backoff: int = 5

    @property
    def max_attempts(self) -> int:
        """After how many failed attempts a job is dead."""
        return getattr(limits(), self.attempts) if isinstance(self.attempts, str) else self.attempts


class Job(Model):
    """One unit of work to be done once. `dedup_key` is a business key: enqueuing it twice creates one job."""

    __tablename__ = "job"
    __table_args__ = (
        sa.Index("ix_job_due", "run_at", postgresql_where=sa.text("state = 'ready'")),
        sa.Index("ix_job_lease", "lease_until", postgresql_where=sa.text("state = 'running'")),
        sa.Index(None, "state", "id"),
        sa.Index(None, "kind", "id"),
        sa.Index(None, "challenge_id"),
    )

    id: Mapped[int] = id_column()
    kind: Mapped[str]
    args: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    dedup_key: Mapped[str | None] = mapped_column(unique=True)
    challenge_id: Mapped[int | None]
    state: Mapped[JobState] = state_column(JobState, JobState.READY)
    run_at: Mapped[datetime] = mapped_column(server_default=sa.text("crowd_now()"))
    woken_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    claim_token: Mapped[str | None]
    last_error: Mapped[str | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    request_id: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.text("crowd_now()"))
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def has_failed(self) -> bool:
        """Whether all its attempts failed, so that a person must see to it."""
        return self.state == JobState.DEAD


_TABLE = cast(sa.Table, Job.__table__)  # rows are read in the busiest minute of a challenge: Core, not ORM
_kinds: dict[str, JobKind] = {}
spare_seconds = 0  # how long this process goes on with other due jobs after a wake-up: a worker's children set it


def job(
    name: str, *, outside: bool = False, first: bool = False, attempts: int | str = 8, lease: int = 60, backoff: int = 5
) -> Callable[..., Any]:
    """Mark a function of a package's `jobs.py` as a job kind with this name, which rows keep (`panels.form`)."""

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        _kinds[name] = JobKind(name, function, outside, first, attempts, lease, backoff)
        return function

    return mark


def kind(name: str) -> JobKind:
    """The job kind of that name, imported on first use. Raises LookupError where there is none."""
    if name not in _kinds and (module := declared().job_modules.get(name)):
        import_module(module)
    return _kinds[name]


def enqueue(
    name: str,
    *args: Any,
    at: datetime | None = None,
    key: str | None = None,
    challenge_id: int | None = None,
    wake: bool = True,
) -> None:
    """Enqueue `name(*args)` in this transaction, at once or at a given time; the same `key` creates one job only.

    `wake=False` where nobody waits for it: the scheduler wakes workers within seconds, for many jobs at a time.
    """
    row: dict[str, object] = {
        "kind": name,
        "args": list(args),
        "dedup_key": key,
        "challenge_id": challenge_id,
        "request_id": request_id(),
    }
    wakes = wake and (at is None or at <= clock.now())
    if at is not None:
        row["run_at"] = at
    if wakes:
        row["woken_at"] = sa.func.crowd_now()
    db.session.flush()  # what the job is about exists before the job
    statement = insert(_TABLE).values(row).on_conflict_do_nothing(index_elements=["dedup_key"])
    job_id = db.session.execute(statement.returning(Job.id)).scalar()
    if job_id is not None and wakes:
        after_commit(lambda: wake_workers({job_id: name}))


def wake_workers(jobs: Mapping[int, str], *, again: bool = False) -> bool:
    """Send wake-ups for jobs (id: name of the kind), as `wake_ups.send`."""
    queues = {job_id: queue_of(name) for job_id, name in jobs.items()}
    return wake_ups.send(queues, f"{__name__}.{perform.__name__}", again=again)


def queue_of(name: str) -> str:
    """The name of the queue for a job kind; for a kind that no longer exists, the ordinary one."""
    try:
        return wake_ups.FIRST if kind(name).first else wake_ups.QUEUE
    except LookupError:
        return wake_ups.QUEUE


def perform(job_id: int) -> None:
    """What RQ calls: do the job with this id, if it is due and free; in a forked child also other due jobs."""
    run(job_id)
    until = time.monotonic() + spare_seconds
    while time.monotonic() < until and run_next():
        pass


def run(job_id: int) -> bool:
    """Do one job if it is due and no other process holds it. True where this call finished it."""
    claimed = _claim(sa.select(Job).where(Job.id == job_id))
    return claimed is not None and _do(claimed)


def run_next() -> bool:
    """Do the job that has been due for the longest time and that no process holds; False where there is none."""
    due = sa.select(Job).where(Job.state == JobState.READY, Job.run_at <= sa.func.crowd_now())
    claimed = _claim(due.order_by(Job.run_at, Job.id).limit(1))
    if claimed is not None:
        _do(claimed)
    return claimed is not None


def is_due(job_id: int) -> bool:
    """Whether a wake-up for this job is still needed."""
    row = db.session.get(Job, job_id)
    return row is not None and _claimable(row, clock.db_now())


def is_unfinished(name: str, challenge_id: int) -> bool:
    """Whether a job of this kind for a challenge is still to be done, or being done now."""
    query = sa.select(Job.id).where(
        Job.challenge_id == challenge_id, Job.kind == name, Job.state.in_((JobState.READY, JobState.RUNNING))
    )
    return db.session.scalar(query.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this process holds, by its fencing token."""

    job_id: int
    name: str
    args: list[Any]
    token: str


def _do(claim: Claim) -> bool:
    job_id, name = claim.job_id, claim.name
    g.job, started = (job_id, name), time.perf_counter()  # for the log: all lines carry it
    try:
        _perform(kind(name), claim)
        log.info("job done", extra={"milliseconds": round((time.perf_counter() - started) * 1000, 1)})
    except Exception as error:  # the row records any error; nothing of the work is stored
        db.session.rollback()
        log.warning("job %s %s failed: %s", job_id, name, error, exc_info=True)
        _failed(job_id, claim.token, error)
        return False
    finally:
        g.pop("job", None)
    return True


@atomic
def _claim(query: sa.Select[Job]) -> Claim | None:
    now = clock.db_now()
    row = db.session.scalar(query.with_for_update(skip_locked=True))
    if row is None or not _claimable(row, now):
        return None
    row.claim_token = secrets.token_hex(8)
    row.attempts += 1
    row.state = JobState.RUNNING
    row.started_at = now
    row.lease_until = now + timedelta(seconds=_lease(row.kind))
    g.request_id = row.request_id or f"job-{row.id}"
    return Claim(row.id, row.kind, list(row.args), row.claim_token)


def _claimable(row: Job, now: datetime) -> bool:
    if row.state == JobState.READY:
        return row.run_at <= now
    return row.state == JobState.RUNNING and row.lease_until is not None and row.lease_until <= now


def _lease(name: str) -> int:
    try:
        return kind(name).lease
    except LookupError:
        return 60


def _perform(what: JobKind, claim: Claim) -> None:
    effects = what.function(*claim.args) if what.outside else lambda: what.function(*claim.args)
    _finish(claim.job_id, claim.token, effects)


@atomic
def _finish(job_id: int, token: str, effects: Callable[[], object] | None) -> None:
    """Effects and `done` in one transaction; raises where another process has taken the lease, so that nothing is
    stored.
    """
    result = effects() if effects else None
    db.session.flush()
    done = db.session.execute(
        sa.update(Job)
        .where(Job.id == job_id, Job.claim_token == token, Job.state == JobState.RUNNING)
        .values(
            state=JobState.DONE,
            finished_at=sa.func.crowd_now(),
            lease_until=None,
            last_error=None,
            result=result if isinstance(result, dict) else None,
        )
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise LostLease(f"job {job_id}: the lease ran out and another worker has it")


class LostLease(Exception):
    """The work took longer than its lease; another worker does it again, and this try is rolled back."""


@atomic
def _failed(job_id: int, token: str, error: Exception) -> None:
    row = db.session.scalar(sa.select(Job).where(Job.id == job_id, Job.claim_token == token).with_for_update())
    if row is None or row.state != JobState.RUNNING:
        return
    try:
        what = kind(row.kind)
        limit, backoff = what.max_attempts, what.backoff
    except LookupError:
        limit, backoff = 1, 0
    row.last_error = "".join(traceback.format_exception_only(error)).strip()[:2000]
    row.lease_until = None
    if row.attempts >= limit:
        row.state = JobState.DEAD
        row.finished_at = clock.db_now()
        log.error("job %s %s is dead after %s attempts: %s", row.id, row.kind, row.attempts, row.last_error)
        return
    wait = min(backoff * 2 ** (row.attempts - 1), 3600)
    row.state = JobState.READY
    row.run_at = clock.db_now() + timedelta(seconds=wait * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load only


@atomic
def retry(actor: Actor, job_id: int) -> Job:
    """Reset the attempts of a dead job and wake a worker for it. Raises NotFound, Conflict where it is not dead."""
    row = db.session.scalar(sa.select(Job).where(Job.id == job_id).with_for_update())
    if row is None:
        raise NotFound
    if not row.has_failed:
        raise Conflict(_("Only a failed job can be tried again."))
    row.state, row.attempts, row.run_at, row.finished_at = JobState.READY, 0, clock.db_now(), None
    record(actor, "job.retried", row, kind=values.job(row.kind))
    name = row.kind
    after_commit(lambda: wake_workers({job_id: name}))
    return row


@atomic
def prune_done(prefix: str, before: datetime) -> int:
    """Delete jobs that were done before that time and whose key begins so; returns their number."""
    done = (Job.state == JobState.DONE, Job.dedup_key.startswith(prefix, autoescape=True), Job.finished_at < before)
    gone = db.session.execute(sa.delete(Job).where(*done))
    return gone.rowcount  # type: ignore[attr-defined]


@atomic
def requeue_due(limit: int = 200) -> list[int]:
    """Send a wake-up for each job that is due or whose lease ran out, unless one was sent recently; returns the ids.

    Safe on any number of hosts. A wake-up that Redis has lost is sent again after WAKE_AGAIN.
    """
    now = clock.db_now()
    due = sa.or_(
        sa.and_(Job.state == JobState.READY, Job.run_at <= now),
        sa.and_(Job.state == JobState.RUNNING, Job.lease_until <= now),
    )
    unheard = sa.or_(Job.woken_at.is_(None), Job.woken_at < now - WAKE_AGAIN, Job.woken_at < Job.run_at)
    later = Job.kind.not_in([what.name for what in _kinds.values() if what.first])
    query = sa.select(Job).where(due, unheard).order_by(later, Job.run_at).limit(limit)
    jobs = list(db.session.scalars(query.with_for_update(skip_locked=True)))
    for row in jobs:
        row.woken_at = now
    found = {row.id: row.kind for row in jobs}
    after_commit(lambda: wake_workers(found, again=True))
    return list(found)
