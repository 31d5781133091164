"""Reads of the inbox, and of who gets mail."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from crowd.audit import Actor
from crowd.db import db
from crowd.errors import NotFound
from crowd.notifications import kinds
from crowd.notifications.models import Frequency, Notification, NotificationChoice, OutgoingEmail, QuietHours
from crowd.notifications.timing import Quiet
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


def frequencies(user_ids: Iterable[int]) -> dict[int, dict[str, Frequency]]:
    """For each person, how often they get mail about each group: what they have chosen, else what is usual."""
    usual = {group: kinds.usual_frequency(group) for group in kinds.groups()}
    found = {user_id: dict(usual) for user_id in user_ids}
    query = sa.select(NotificationChoice.user_id, NotificationChoice.group, NotificationChoice.frequency)
    for user_id, group, frequency in db.session.execute(query.where(NotificationChoice.user_id.in_(list(found)))):
        found[user_id][group] = frequency
    return found


def quiet_hours(user_ids: Iterable[int]) -> dict[int, Quiet]:
    """The quiet hours of those of these people who have some."""
    query = sa.select(QuietHours.user_id, QuietHours.begins, QuietHours.ends)
    rows = db.session.execute(query.where(QuietHours.user_id.in_(list(user_ids))))
    return {user_id: Quiet(begins, ends) for user_id, begins, ends in rows}


def is_due(now: datetime) -> sa.ColumnElement[bool]:
    """Whether a notification waits for a digest that is due."""
    return sa.and_(Notification.mailed_at.is_(None), Notification.due_at <= now)


def people_due(now: datetime, after: int, number: int) -> dict[int, datetime]:
    """The next people with notifications that are due, in the order of their ids, and when their digest was due."""
    query = (
        sa.select(Notification.user_id, sa.func.max(Notification.due_at))
        .where(is_due(now), Notification.user_id > after)
        .group_by(Notification.user_id)
        .order_by(Notification.user_id)
        .limit(number)
    )
    return {user_id: due_at for user_id, due_at in db.session.execute(query) if due_at is not None}


def entries_due(user_ids: Iterable[int], now: datetime, number: int) -> dict[int, list[Notification]]:
    """The first so many notifications that are due, and not read yet, of each of these people, locked."""
    found: dict[int, list[Notification]] = {user_id: [] for user_id in user_ids}
    people = sa.select(sa.func.unnest(sa.cast(list(found), ARRAY(sa.BigInteger))).label("id")).subquery()
    first = (
        sa.select(Notification.id)
        .where(Notification.user_id == people.c.id, is_due(now), Notification.read_at.is_(None))
        .order_by(Notification.id)
        .limit(number)
        .with_for_update()
        .lateral()
    )
    ids = sa.select(first.c.id).select_from(people.join(first, sa.true()))
    for row in db.session.scalars(sa.select(Notification).where(Notification.id.in_(ids)).order_by(Notification.id)):
        found[row.user_id].append(row)
    return found


def count_due(user_ids: Iterable[int], now: datetime) -> dict[int, int]:
    """How many notifications of each of these people are due, and not read yet."""
    query = sa.select(Notification.user_id, sa.func.count()).where(
        Notification.user_id.in_(list(user_ids)), is_due(now), Notification.read_at.is_(None)
    )
    return dict(db.session.execute(query.group_by(Notification.user_id)).all())


def unsent(batch: str) -> list[int]:
    """The ids of the emails of a batch that are not sent yet."""
    query = sa.select(OutgoingEmail.id).where(OutgoingEmail.batch == batch, OutgoingEmail.sent_at.is_(None))
    return list(db.session.scalars(query.order_by(OutgoingEmail.id)))


def unmailed(batch: str) -> Sequence[Notification]:
    """The notifications of a batch that were neither mailed nor left for a digest yet, locked."""
    query = sa.select(Notification).where(
        Notification.batch == batch, Notification.mailed_at.is_(None), Notification.due_at.is_(None)
    )
    return db.session.scalars(query.order_by(Notification.id).with_for_update()).all()


def find_unsent(mail_id: int) -> OutgoingEmail | None:
    """An email that waits to be sent, or None where it was sent."""
    return db.session.scalar(
        sa.select(OutgoingEmail).where(OutgoingEmail.id == mail_id, OutgoingEmail.sent_at.is_(None))
    )


def count_unsent() -> int:
    """How many emails wait to be sent."""
    return int(db.session.scalar(sa.select(sa.func.count()).where(OutgoingEmail.sent_at.is_(None))) or 0)
