"""Writes to the inbox and the outbox, and what follows: emails, read marks, preferences."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.dialects.postgresql import insert

from crowd import clock
from crowd.audit import Actor, record
from crowd.background import enqueue
from crowd.db import atomic, db
from crowd.errors import Invalid, NotFound
from crowd.notifications import emails, headers, kinds, unsubscribing
from crowd.notifications.models import MutedNotificationGroup, Notification, OutgoingEmail
from crowd.notifications.queries import get_own, unmailed, unwanted_groups
from crowd.notifications.questions import RECIPIENTS, Recipient
from crowd.notifications.unsubscribing import Link

# Core, not ORM, and built once: receipts are sent in the busiest minute of a challenge.
_TOLD = insert(cast(sa.Table, Notification.__table__)).on_conflict_do_nothing().returning(Notification.id)
_batches: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


@atomic
def notify(
    recipient_id: int,
    *,
    kind: str,
    key: str,
    path: str,
    params: Mapping[str, object] | None = None,
    challenge_id: int | None = None,
) -> None:
    """Notify a person, once for each `key` (the recipient is added to it).

    `kind` names the sentence in `notifications/kinds.py`, `params` fill it in, `path` (on this platform) is the page
    that it links to. One job mails all notifications of a transaction. Raises ValueError for a path on another site.
    """
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(f"not a path of this platform: {path!r}")
    batch = _batch()
    row = {
        "user_id": recipient_id,
        "key": f"{key}:{recipient_id}",
        "kind": kind,
        "path": path,
        "params": dict(params or {}),
        "challenge_id": challenge_id,
        "batch": batch,
    }
    created = db.session.execute(_TOLD, row).scalar()
    if created is not None:
        key = f"mail_notifications:{batch}"
        enqueue("notifications.email", batch, key=key, challenge_id=challenge_id, wake=False)


def _batch() -> str:
    """A random key for the running transaction. A key made from the contents would suppress later notifications."""
    transaction = db.session().get_transaction() or db.session().begin()
    return _batches.setdefault(transaction, secrets.token_hex(8))


@atomic
def post_mail(mail: emails.RenderedEmail, *, kind: str, recipient: str, locale: str) -> OutgoingEmail:
    """Put an email into the outbox; a job sends it after the commit."""
    row = OutgoingEmail(
        message_id=f"<{secrets.token_hex(16)}@crowd>",
        kind=kind,
        recipient=recipient,
        locale=locale,
        subject=headers.one_line(mail.subject),
        text=mail.text,
        html=mail.html,
    )
    db.session.add(row)
    db.session.flush()
    enqueue("emails.send", row.id, key=f"mail:{row.id}")
    return row


@atomic
def write_emails(batch: str) -> list[int]:
    """Write one email per person from a batch's notifications; returns the ids of its emails that were not sent yet.

    People who left, and notification groups that a person has muted, are skipped for good.
    """
    notifications = unmailed(batch)
    people = RECIPIENTS()({notification.user_id for notification in notifications})
    unwanted = unwanted_groups(people)
    for user_id, person in people.items():
        wanted = [n for n in notifications if n.user_id == user_id and kinds.group_of(n.kind) not in unwanted[user_id]]
        if wanted:
            urgent = [notification for notification in wanted if kinds.group_of(notification.kind) == kinds.ALWAYS]
            _write(batch, person, urgent, "a", None)
            others = [notification for notification in wanted if notification not in urgent]
            groups = {kinds.group_of(notification.kind) for notification in others}
            _write(batch, person, others, "", unsubscribing.path(user_id, groups))
    for notification in notifications:
        notification.mailed_at = clock.now()
    db.session.flush()
    return list(
        db.session.scalars(
            sa.select(OutgoingEmail.id).where(OutgoingEmail.batch == batch, OutgoingEmail.sent_at.is_(None))
        )
    )


def _write(
    batch: str, person: Recipient, notifications: Sequence[Notification], mark: str, unsubscribe: str | None
) -> None:
    """One email about these notifications, if there are any; `mark` distinguishes it from the batch's other one."""
    if not notifications:
        return
    mail = emails.of_notifications(person, notifications, current_app.config["CROWD"], unsubscribe)
    db.session.add(
        OutgoingEmail(
            message_id=f"<{batch}.{person.id}{mark}@crowd>",
            batch=batch,
            kind="notification",
            recipient=person.email,
            locale=person.locale,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            unsubscribe=unsubscribe,
        )
    )


@atomic
def sent(mail_id: int) -> None:
    """An email was sent: record when, and delete its text (it may contain a link that signs somebody in)."""
    db.session.execute(
        sa.update(OutgoingEmail)
        .where(OutgoingEmail.id == mail_id)
        .values(sent_at=sa.func.crowd_now(), text=None, html=None, unsubscribe=None)
    )


@atomic
def read(actor: Actor, notification_id: int) -> Notification:
    """Mark a notification of the actor as read; returns it. Raises NotFound for anybody else's."""
    row = get_own(actor, notification_id)
    if row.read_at is None:
        row.read_at = clock.now()
    return row


@atomic
def read_all(actor: Actor) -> int:
    """Mark all notifications of the actor as read; returns how many were not."""
    statement = (
        sa.update(Notification)
        .where(Notification.user_id == actor.id, Notification.read_at.is_(None))
        .values(read_at=sa.func.crowd_now())
    )
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


@atomic
def unsubscribe(link: Link, *, all_groups: bool = False) -> None:
    """Stop mail for a link's groups, or for all notifications, for its person. Doing it again changes nothing.

    Anyone who has the link acts for its person. Raises NotFound where the account is closed.
    """
    person = RECIPIENTS()([link.user_id]).get(link.user_id)
    if person is None:
        raise NotFound
    groups = sorted(kinds.groups() if all_groups else link.groups)
    rows = [{"user_id": person.id, "notification_group": group} for group in groups]
    table = cast(sa.Table, MutedNotificationGroup.__table__)
    stopped = db.session.scalars(
        insert(table).values(rows).on_conflict_do_nothing().returning(table.c.notification_group)
    ).all()
    if stopped:
        record(person, "preferences.unsubscribed", person, without_mail=sorted(stopped))


@atomic
def choose(actor: Actor, *, by_mail: Iterable[str]) -> None:
    """Choose the notification groups that are also mailed. Raises Invalid for an unknown group."""
    wanted = set(by_mail)
    if wanted - kinds.groups().keys():
        raise Invalid
    unwanted = kinds.groups().keys() - wanted
    db.session.execute(sa.delete(MutedNotificationGroup).where(MutedNotificationGroup.user_id == actor.id))
    db.session.add_all(MutedNotificationGroup(user_id=actor.id, group=group) for group in sorted(unwanted))
    record(actor, "preferences.changed", actor, without_mail=sorted(unwanted))
