"""The one clock. All instants are aware and in UTC; pages show them in the person's zone.

`now()` is for display and for choosing what is due. `db_now()` is the database's clock, by which states are dated.
Whether an act is in time is decided by `arrived_at()`: the database's instant at which the request had arrived whole,
however long it then waited for a thread, a statement or a lock (docs/decisions/0001). All carry one offset, which is
zero outside the demonstration's past and tests, and which only the database's owner can set.
"""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from flask import g, has_request_context, request

from crowd.config import zone
from crowd.db import db

ARRIVED = "crowd.arrived"  # in a request's environ: a function that says when it had arrived whole (time.monotonic)
FRESH = 1.0  # seconds for which what was learnt of the database's clock is used without looking at it again
DRIFT = 0.0005  # how far the two clocks may come apart in a second, at most
_offset = timedelta(0)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC) + _offset


def today() -> date:
    """The date on the platform's own calendar, which is that of its zone: what dates money."""
    return now().astimezone(zone()).date()


def db_now() -> datetime:
    """The database's present instant. Read it after the lock: what is dated by it then stands in the right order."""
    return db.session.execute(sa.text("SELECT crowd_now()")).scalar_one()


def arrived_at() -> datetime:
    """The database's instant at which the running request had arrived whole: decides whether an act is in time.

    The same for all of a request, and never before the truth. Without a request (jobs, commands), and behind a server
    that does not say when requests arrive, it is the present instant.
    """
    if not has_request_context() or ARRIVED not in request.environ:
        return db_now()
    if "arrived_at" not in g:
        if _beginning is None or time.monotonic() - _beginning.learnt > FRESH:
            before = time.monotonic()
            learn(before, db_now())
        assert _beginning is not None
        g.arrived_at = _beginning.latest + timedelta(seconds=request.environ[ARRIVED]())
    return g.arrived_at  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Beginning:
    """Between which instants of the database this process's monotonic clock began, and when that was learnt."""

    earliest: datetime
    latest: datetime
    learnt: float


_beginning: _Beginning | None = None


def learn(before: float, instant: datetime) -> None:
    """Note that the database's clock showed `instant` between `before`, of the monotonic clock, and now.

    What is known gets closer with each answer that comes quickly, and does not suffer from one that comes slowly. Where
    an answer contradicts it, the database's clock was set, and the answer alone is what is known.
    """
    global _beginning
    now = time.monotonic()
    earliest, latest = instant - timedelta(seconds=now), instant - timedelta(seconds=before)
    if _beginning is not None:
        drift = timedelta(seconds=(now - _beginning.learnt) * DRIFT)
        known = _beginning.earliest - drift, _beginning.latest + drift
        if earliest <= known[1] and known[0] <= latest:
            earliest, latest = max(earliest, known[0]), min(latest, known[1])
    _beginning = _Beginning(earliest, latest, now)


def set_offset(offset: timedelta) -> None:
    """Move this process's clock into the past. Raises ValueError for a positive offset."""
    global _offset
    if offset > timedelta(0):
        raise ValueError("the clock may be set back, never forward")
    _offset = offset


def offset() -> timedelta:
    """The offset of this process's clock; zero outside the demonstration's past and tests."""
    return _offset
