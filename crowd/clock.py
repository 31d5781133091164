"""The one clock. All instants are aware and in UTC; pages show them in the person's zone.

`now()` is for display and for choosing what is due. Whether an act is in time is decided by `db_now()`: the
database's own clock, read in a statement of its own after the row lock was granted. Both carry one offset, which is
zero outside the demonstration's past and tests, and which only the database's owner can set.
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from crowd.db import db

_offset = timedelta(0)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC) + _offset


def db_now() -> datetime:
    """The database's present instant. Read it after the lock, or a request that waited is judged by a stale clock."""
    return db.session.execute(sa.text("SELECT crowd_now()")).scalar_one()


def set_offset(offset: timedelta) -> None:
    """Move this process's clock into the past. Raises ValueError for a positive offset."""
    global _offset
    if offset > timedelta(0):
        raise ValueError("the clock may be set back, never forward")
    _offset = offset


def offset() -> timedelta:
    """The offset of this process's clock; zero outside the demonstration's past and tests."""
    return _offset
