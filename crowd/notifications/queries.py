"""Reads of the inbox."""

from collections.abc import Sequence

import sqlalchemy as sa

from crowd.db import db
from crowd.notifications.models import Notification


def unread_count(user_id: int) -> int:
    """How many notices a person has not read."""
    query = sa.select(sa.func.count()).where(Notification.user_id == user_id, Notification.read_at.is_(None))
    return db.session.scalar(query) or 0


def recent(user_id: int, limit: int) -> Sequence[Notification]:
    """A person's newest notices."""
    query = sa.select(Notification).where(Notification.user_id == user_id).order_by(Notification.id.desc()).limit(limit)
    return list(db.session.scalars(query))
