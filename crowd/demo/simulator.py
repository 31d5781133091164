"""The theatre of the story: a clock that can be set into the past, and scripts that take turns in the order of time.

A script is a generator that yields the instants at which it wants to act. The theatre sets the platform's clock to the
earliest of them, does the jobs that have become due, and lets that script go on; so the lives of many challenges run
beside one another as they would in truth, and every row carries the instant at which it happened.
"""

import heapq
import itertools
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from crowd import background, clock
from crowd.background import Job, JobState
from crowd.db import commit, db
from crowd.errors import Conflict

Script = Generator[datetime, None, None]
Part = Generator[datetime, None, datetime]  # of a script; it says how far the story's time has come
MAX_ROUNDS = 1_000
TELLING = 20_261_121  # the advisory lock under which a story is told


class Theatre:
    """`now` is the story's present. Use `opened()` to make one."""

    def __init__(self, owner: sa.Engine, start: datetime) -> None:
        self._owner = owner
        self._queue: list[tuple[datetime, int, Script]] = []
        self._numbers = itertools.count()
        self._arrive(start)

    @property
    def now(self) -> datetime:
        return clock.now()

    def add(self, script: Script) -> None:
        """Let a script play from the instant that it yields first."""
        self._next(script)

    def play(self, until: datetime, follow: Callable[[datetime], None] = lambda instant: None) -> None:
        """Play all scripts, and the jobs between their acts, up to an instant; `follow` hears each act's instant."""
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
        """Do what becomes due until `instant`, each job at its own time, then arrive there."""
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
        """Let it be this instant; the present, where that lies ahead."""
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
    """The database as its owner, who may set its clock back; nobody else tells a story in it meanwhile.

    Raises Conflict where somebody does.
    """
    owner = sa.create_engine(owner_url)
    try:
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as holder:
            if not holder.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": TELLING}):
                raise Conflict(_l("Another process is loading the demonstration. Wait until it is done."))
            yield owner
    finally:
        owner.dispose()  # and with its connection the lock is given back


@contextmanager
def opened(owner: sa.Engine, start: datetime) -> Iterator[Theatre]:
    """A theatre whose clock begins at `start`; afterwards the clock is true again, whatever happened."""
    theatre = Theatre(owner, start)
    try:
        yield theatre
    finally:
        set_back(owner, timedelta(0))
        background.silence()  # every job was done on stage


def set_back(owner: sa.Engine, offset: timedelta) -> bool:
    """Set the platform's one clock, in the database and in this process: `offset` is zero or negative.

    Says whether the database's stood elsewhere, as after a story that was killed in the middle.
    """
    with owner.begin() as connection:
        statement = sa.text("UPDATE platform_clock SET behind = :offset WHERE behind <> :offset")
        changed = connection.execute(statement, {"offset": offset}).rowcount
    clock.set_offset(offset)
    return bool(changed)


def set_right(owner_url: str) -> bool:
    """Make the platform's clock true; whether it was not."""
    owner = sa.create_engine(owner_url, poolclass=sa.NullPool)
    return set_back(owner, timedelta(0))
