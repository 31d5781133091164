"""People read their inbox: older notifications are read, newer ones are not."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from crowd import clock
from crowd.accounts.models import User
from crowd.db import db
from crowd.demo.scenarios.founding import AGE
from crowd.demo.simulator import Script, Simulator
from crowd.notifications import services as notifications
from crowd.notifications.models import Notification

EVERY = timedelta(days=5)
UNREAD = timedelta(days=9)  # how long a notification may stay unread


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """Every few days, up to the morning before the end."""
    last = end - timedelta(hours=11)
    turns = int((AGE - EVERY) / EVERY)
    yield _reading([last - turn * EVERY for turn in reversed(range(turns))])


def _reading(instants: list[datetime]) -> Script:
    for instant in instants:
        yield instant
        for notice, reader in _seen():
            notifications.read(db.session.get_one(User, reader), notice)


def _seen() -> list[tuple[int, int]]:
    """(notification, its person) of all that are unread for too long."""
    query = sa.select(Notification.id, Notification.user_id).where(
        Notification.read_at.is_(None), Notification.created_at < clock.now() - UNREAD
    )
    return [(notice, reader) for notice, reader in db.session.execute(query.order_by(Notification.id))]
