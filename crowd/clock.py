"""The one clock. All instants are aware and in UTC; pages show them in the person's zone.

`now()` is for display and for choosing what is due. `db_now()` is the database's clock, by which states are dated.
Whether an act is in time is decided by `arrived_at()`: the database's instant at which the request had arrived whole,
however long it then waited for a thread, a statement or a lock (docs/decisions/0001). All carry one offset, which is
zero outside the demonstration's past and tests, and which only the database's owner can set.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask import g, has_request_context, request

from crowd.db import db

ARRIVED = "crowd.arrived"  # in a request's environ: a function that says when it had arrived whole (time.monotonic)
CLOSE_READING = 0.005  # seconds: the database's clock is read again where its answer took longer than this
READINGS = 3
_offset = timedelta(0)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC) + _offset


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
        g.arrived_at = _by_the_database(request.environ[ARRIVED])
    return g.arrived_at  # type: ignore[no-any-return]


def _by_the_database(arrived: Callable[[], float]) -> datetime:
    """An instant of this process's clock on the database's, by the quickest of a few readings of both."""
    readings = []
    for _ in range(READINGS):
        before = time.monotonic()
        instant = db_now()
        took = time.monotonic() - before
        readings.append((took, instant - timedelta(seconds=before)))
        if took < CLOSE_READING:
            break
    _took, zero = min(readings)
    return zero + timedelta(seconds=arrived())


def set_offset(offset: timedelta) -> None:
    """Move this process's clock into the past. Raises ValueError for a positive offset."""
    global _offset
    if offset > timedelta(0):
        raise ValueError("the clock may be set back, never forward")
    _offset = offset


def offset() -> timedelta:
    """The offset of this process's clock; zero outside the demonstration's past and tests."""
    return _offset
