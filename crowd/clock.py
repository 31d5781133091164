"""The one clock. All times are aware and in UTC; pages show them in the person's time zone.

`now()` is for display and for choosing what is due. `db_now()` is the database's clock, which dates states.
`arrived_at()` decides whether an operation is in time: the database's time at which the request had arrived completely,
however long it then waited for a thread, a statement or a lock (docs/decisions/0001). All carry one offset, which is
zero outside the demonstration's past and tests, and which only the database's owner can set.
"""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import available_timezones

import sqlalchemy as sa
from flask import g, has_request_context, request

from crowd.config import zone
from crowd.db import db

ARRIVED = "crowd.arrived"  # in a request's environ: when it had arrived completely, as a function (time.monotonic)
FRESH = 1.0  # seconds for which a reading of the database's clock is used before it is read again
DRIFT = 0.0005  # how far the two clocks may drift apart per second, at most
_offset = timedelta(0)


def now() -> datetime:
    """The present time, aware, in UTC."""
    return datetime.now(UTC) + _offset


@cache
def time_zones() -> frozenset[str]:
    """The names of all time zones; reading them takes a walk through some 600 files."""
    return frozenset(available_timezones())


def today() -> date:
    """The date in the platform's time zone, which dates money."""
    return now().astimezone(zone()).date()


def db_now() -> datetime:
    """The database's present time. Read it after the lock, so that dates are in the right order."""
    return db.session.execute(sa.text("SELECT crowd_now()")).scalar_one()


def arrived_at() -> datetime:
    """The database's time at which the request had arrived completely: decides whether an operation is in time.

    The same throughout a request, and never too early. Without a request (jobs, commands), and behind a server
    that does not say when requests arrive, it is the present time.
    """
    if not has_request_context() or ARRIVED not in request.environ:
        return db_now()
    if "arrived_at" not in g:
        if _beginning is None or time.monotonic() - _beginning.learnt > FRESH:
            before = time.monotonic()
            learn(before, db_now())
        assert _beginning is not None
        g.arrived_at = _beginning.latest + timedelta(seconds=request.environ[ARRIVED]())
    return g.arrived_at


@dataclass(frozen=True, slots=True)
class _Beginning:
    """Between which database times this process's monotonic clock began, and when that was measured."""

    earliest: datetime
    latest: datetime
    learnt: float


_beginning: _Beginning | None = None


def learn(before: float, instant: datetime) -> None:
    """Record that the database's clock showed `instant` between `before`, of the monotonic clock, and now.

    The known interval gets narrower with each fast response and does not suffer from a slow one. Where a response
    contradicts it, the database's clock was set, and only that response counts.
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
