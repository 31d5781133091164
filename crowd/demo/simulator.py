"""The simulator: a clock that can be set into the past, and scripts that alternate in order of time.

A script is a generator that yields the times of its actions. The simulator sets the platform's clock to the
earliest of them, runs the jobs that have become due, and resumes that script. So many challenges run
in parallel as in reality, and every row has a realistic time.
"""

import heapq
import itertools
import random
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from crowd import background, clock, wake_ups
from crowd.background import Job, JobState
from crowd.db import commit, db
from crowd.errors import Conflict

Script = Generator[datetime, None, None]
Part = Generator[datetime, None, datetime]  # part of a script; it returns how far the time has advanced
MAX_ROUNDS = 1_000
RUNNING = 20_261_121  # the advisory lock of a run
SEED = 20260


class Simulator:
    """`now` is the simulated time. Use `opened()` to create one."""

    def __init__(self, owner: sa.Engine, start: datetime) -> None:
        self._owner = owner
        self._queue: list[tuple[datetime, int, Script]] = []
        self._numbers = itertools.count()
        self._arrive(start)

    @property
    def now(self) -> datetime:
        return clock.now()

    def add(self, script: Script) -> None:
        """Add a script, from its first yielded time."""
        self._next(script)

    def play(self, until: datetime, follow: Callable[[datetime], None] = lambda instant: None) -> None:
        """Play all scripts, and the jobs between their actions, up to a time; `follow` is called with each action's
        time.
        """
        while self._queue and self._queue[0][0] <= until:
            instant, _, script = heapq.heappop(self._queue)
            self._let_pass(instant)
            follow(instant)
            self._next(script)
        self._let_pass(until)

    def _next(self, script: Script) -> None:
        instant = next(script, None)
        commit()
        db.session.expunge_all()
        if instant is not None:
            heapq.heappush(self._queue, (instant, next(self._numbers), script))

    def _let_pass(self, instant: datetime) -> None:
        """Run the jobs that become due until `instant`, each at its own time, then set the clock to it."""
        for _ in range(MAX_ROUNDS):
            job_id, run_at = self._first_due(instant)
            if job_id is None or run_at is None:
                break
            if run_at > clock.now():
                self._arrive(run_at)
            background.run(job_id)
            db.session.expunge_all()
        if instant > clock.now():
            self._arrive(instant)

    def _arrive(self, instant: datetime) -> None:
        """Set the clock to this time; to the present, where it is in the future."""
        set_back(self._owner, min(instant - datetime.now(UTC), timedelta(0)))

    def _first_due(self, instant: datetime) -> tuple[int | None, datetime | None]:
        query = (
            sa.select(Job.id, Job.run_at)
            .where(Job.state == JobState.READY, Job.run_at <= instant)
            .order_by(Job.run_at, Job.id)
            .limit(1)
        )
        row = db.session.execute(query).first()
        commit()
        return (row.id, row.run_at) if row else (None, None)


@contextmanager
def alone(owner_url: str) -> Iterator[sa.Engine]:
    """The database as its owner, who may set its clock back; no other run uses it meanwhile.

    Raises Conflict where one does.
    """
    owner = sa.create_engine(owner_url)
    try:
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as holder:
            if not holder.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": RUNNING}):
                raise Conflict(_l("Another process is loading the demonstration. Wait until it is done."))
            yield owner
    finally:
        owner.dispose()  # its connection releases the lock


@contextmanager
def opened(owner: sa.Engine, start: datetime) -> Iterator[Simulator]:
    """A simulator whose clock begins at `start`; afterwards the clock is correct again, whatever happened."""
    simulator = Simulator(owner, start)
    try:
        yield simulator
    finally:
        set_back(owner, timedelta(0))
        wake_ups.drop()  # the simulator ran every job


def set_back(owner: sa.Engine, offset: timedelta) -> bool:
    """Set the platform's one clock, in the database and in this process: `offset` is zero or negative.

    Returns whether the database's was different, as after a killed run.
    """
    with owner.begin() as connection:
        statement = sa.text("UPDATE platform_clock SET behind = :offset WHERE behind <> :offset")
        changed = connection.execute(statement, {"offset": offset}).rowcount
    clock.set_offset(offset)
    return bool(changed)


def set_right(owner_url: str) -> bool:
    """Reset the platform's clock; returns whether it was set back."""
    owner = sa.create_engine(owner_url, poolclass=sa.NullPool)
    return set_back(owner, timedelta(0))


def chance(*about: object) -> random.Random:
    """A random generator with a stable seed for a subject, whatever else is added to the scenario: `about` are keys of
    the personas and of texts, or words of both, and never a row's id.
    """
    return random.Random(f"{SEED}:{about!r}")  # noqa: S311 - demonstration data, not a secret
