"""Reads of the inbox, and of who gets mail."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from crowd.audit import Actor
from crowd.db import db
from crowd.errors import NotFound
from crowd.notifications.models import MutedNotificationGroup, Notification, OutgoingEmail
from crowd.web.paging import Page, page


def unread_of(user_id: sa.SQLColumnExpression[int]) -> sa.ScalarSelect[int]:
    """How many notifications a person has not read, as a subquery of a statement with the person."""
    unread = (Notification.user_id == user_id, Notification.read_at.is_(None))
    return sa.select(sa.func.count(Notification.id)).where(*unread).scalar_subquery()


def unread_count(user_id: int) -> int:
    """How many notifications the person has not read."""
    return int(db.session.scalar(sa.select(unread_of(sa.literal(user_id)))) or 0)


_RECENT = (
    sa.select(Notification)
    .where(Notification.user_id == sa.bindparam("me"))
    .order_by(Notification.id.desc())
    .limit(sa.bindparam("number", type_=sa.Integer))
)


def recent(user_id: int, number: int) -> Sequence[Notification]:
    """The person's newest notifications, read or not."""
    return db.session.scalars(_RECENT, {"me": user_id, "number": number}).all()


def list_inbox(user_id: int, *, unread: bool, after: str | None, size: int) -> Page[Notification]:
    """One page of the inbox, newest first; `unread` leaves out read ones. Raises Invalid for a foreign cursor."""
    query = sa.select(Notification).where(Notification.user_id == user_id)
    if unread:
        query = query.where(Notification.read_at.is_(None))
    return page(query, [(Notification.id, True)], name="inbox", after=after, size=size)


def get_own(actor: Actor, notification_id: int) -> Notification:
    """A notification of the actor. Raises NotFound for anybody else's."""
    row = db.session.scalar(
        sa.select(Notification).where(Notification.id == notification_id, Notification.user_id == actor.id)
    )
    if row is None:
        raise NotFound
    return row


def unwanted_groups(user_ids: Iterable[int]) -> dict[int, set[str]]:
    """For each person, the notification groups that are muted."""
    found: dict[int, set[str]] = {user_id: set() for user_id in user_ids}
    query = sa.select(MutedNotificationGroup.user_id, MutedNotificationGroup.group).where(
        MutedNotificationGroup.user_id.in_(list(found))
    )
    for user_id, group in db.session.execute(query):
        found[user_id].add(group)
    return found


def unmailed(batch: str) -> Sequence[Notification]:
    """The notifications of a batch for which no email was written yet, locked."""
    query = sa.select(Notification).where(Notification.batch == batch, Notification.mailed_at.is_(None))
    return db.session.scalars(query.order_by(Notification.id).with_for_update()).all()


def find_unsent(mail_id: int) -> OutgoingEmail | None:
    """An email that waits to be sent, or None where it was sent."""
    return db.session.scalar(
        sa.select(OutgoingEmail).where(OutgoingEmail.id == mail_id, OutgoingEmail.sent_at.is_(None))
    )


def count_unsent() -> int:
    """How many emails wait to be sent."""
    return int(db.session.scalar(sa.select(sa.func.count()).where(OutgoingEmail.sent_at.is_(None))) or 0)
