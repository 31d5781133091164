"""The stage of the story: a clock that can be set into the past, and scripts that take turns in the order of time.

A script is a generator that yields the instants at which it wants to act. The stage sets the platform's clock to the
earliest of them, does the jobs that have become due, and lets that script go on; so the lives of many challenges run
beside one another as they would in truth, and every row carries the instant at which it happened.
"""

import heapq
import itertools
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from rq import Queue

from crowd import background, clock
from crowd.background import Job, JobState
from crowd.db import db, finish

Script = Generator[datetime, None, None]
MOST_ROUNDS = 1_000


class Stage:
    """`now` is the story's present. Use `on_stage()` to make one."""

    def __init__(self, owner: sa.Engine, start: datetime) -> None:
        self._owner = owner
        self._queue: list[tuple[datetime, int, Script]] = []
        self._numbers = itertools.count()
        self.set_clock(start)

    @property
    def now(self) -> datetime:
        return clock.now()

    def set_clock(self, instant: datetime) -> None:
        """Set the platform's one clock; never into the future."""
        offset = min(instant - datetime.now(UTC), timedelta(0))
        with self._owner.begin() as connection:
            connection.execute(sa.text("UPDATE platform_clock SET behind = :offset"), {"offset": offset})
        clock.set_offset(offset)

    def add(self, script: Script) -> None:
        """Let a script play from the instant that it yields first."""
        self._next(script)

    def play(self, until: datetime, told: Callable[[datetime], None] = lambda instant: None) -> None:
        """Play all scripts, and the jobs between their acts, up to an instant."""
        while self._queue and self._queue[0][0] <= until:
            instant, _, script = heapq.heappop(self._queue)
            self._let_pass(instant)
            told(instant)
            self._next(script)
        self._let_pass(until)

    def _next(self, script: Script) -> None:
        try:
            instant = next(script)
        except StopIteration:
            return
        finally:
            finish()
            db.session.expunge_all()
        heapq.heappush(self._queue, (instant, next(self._numbers), script))

    def _let_pass(self, instant: datetime) -> None:
        """Do what becomes due until `instant`, each job at its own time, then arrive there."""
        for _ in range(MOST_ROUNDS):
            job_id, run_at = self._first_due(instant)
            if job_id is None or run_at is None:
                break
            if run_at > clock.now():
                self.set_clock(run_at)
            background.run(job_id)
            db.session.expunge_all()
        if instant > clock.now():
            self.set_clock(instant)

    def _first_due(self, instant: datetime) -> tuple[int | None, datetime | None]:
        query = (
            sa.select(Job.id, Job.run_at)
            .where(Job.state == JobState.READY, Job.run_at <= instant)
            .order_by(Job.run_at, Job.id)
            .limit(1)
        )
        row = db.session.execute(query).first()
        finish()
        return (row.id, row.run_at) if row else (None, None)


@contextmanager
def on_stage(owner_url: str, start: datetime) -> Iterator[Stage]:
    """A stage whose clock begins at `start`; afterwards the clock is true again, whatever happened."""
    owner = sa.create_engine(owner_url, poolclass=sa.NullPool)
    stage = Stage(owner, start)
    try:
        yield stage
    finally:
        set_right(owner_url)
        owner.dispose()
        Queue(background.QUEUE, connection=background.connection()).empty()  # every job was done on stage


def set_right(owner_url: str) -> bool:
    """Make the platform's clock true; whether it was not, as after a story that was killed in the middle."""
    owner = sa.create_engine(owner_url, poolclass=sa.NullPool)
    with owner.begin() as connection:
        changed = connection.execute(
            sa.text("UPDATE platform_clock SET behind = interval '0' WHERE behind <> interval '0'")
        )
    clock.set_offset(timedelta(0))
    return bool(changed.rowcount)
