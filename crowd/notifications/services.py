"""Writes to the inbox and the outbox, and what follows: emails, read marks, preferences."""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, cast
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import insert

from crowd import clock
from crowd.audit import Actor, record
from crowd.background import enqueue
from crowd.db import atomic, db
from crowd.errors import Invalid, NotFound
from crowd.notifications import digests, emails, headers, kinds, unsubscribing
from crowd.notifications.models import Frequency, Notification, NotificationChoice, OutgoingEmail, QuietHours
from crowd.notifications.queries import frequencies as frequencies_of
from crowd.notifications.queries import get_own, quiet_hours, unmailed, unsent
from crowd.notifications.questions import RECIPIENTS, Recipient
from crowd.notifications.timing import due_at
from crowd.notifications.unsubscribing import Link

# Core, not ORM, and built once: receipts are sent in the busiest minute of a challenge.
_TOLD = insert(cast(sa.Table, Notification.__table__)).on_conflict_do_nothing().returning(Notification.id)
_batches: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


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
    notify_all([recipient_id], kind=kind, key=key, path=path, params=params, challenge_id=challenge_id)


@atomic
def notify_all(
    recipient_ids: Sequence[int],
    *,
    kind: str,
    key: str,
    path: str,
    params: Mapping[str, object] | None = None,
    challenge_id: int | None = None,
) -> None:
    """Notify several people of the same, as `notify` does one."""
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError(f"not a path of this platform: {path!r}")
    batch = _batch()
    row = {
        "kind": kind,
        "path": path,
        "params": dict(params or {}),
        "challenge_id": challenge_id,
        "batch": batch,
    }
    rows = [row | {"user_id": user_id, "key": f"{key}:{user_id}"} for user_id in recipient_ids]
    if rows and db.session.scalars(_TOLD, rows).first() is not None:
        job_key = f"mail_notifications:{batch}"
        enqueue("notifications.email", batch, key=job_key, challenge_id=challenge_id, wake=False)


def _batch() -> str:
    """A random key for the running transaction. A key made from the contents would suppress later notifications."""
    transaction = db.session().get_transaction() or db.session().begin()
    return _batches.setdefault(transaction, secrets.token_hex(8))


@atomic
def post_mail(
    mail: emails.RenderedEmail, *, kind: str, recipient: str, locale: str, unsubscribe: str | None = None
) -> OutgoingEmail:
    """Put an email into the outbox; a job sends it after the commit. `unsubscribe` is the path that stops such ones."""
    row = OutgoingEmail(
        message_id=f"<{secrets.token_hex(16)}@crowd>",
        kind=kind,
        recipient=recipient,
        locale=locale,
        subject=headers.one_line(mail.subject),
        text=mail.text,
        html=mail.html,
        unsubscribe=unsubscribe,
    )
    db.session.add(row)
    db.session.flush()
    enqueue("emails.send", row.id, key=f"mail:{row.id}")
    return row


@atomic
def write_emails(batch: str) -> list[int]:
    """Write one email per person from a batch's notifications; returns the ids of its emails that were not sent yet.

    What a person wants later, or what falls into their quiet hours, waits for a digest. People who left, and groups of
    which a person wants no mail, are skipped for good.
    """
    notifications, now = unmailed(batch), clock.now()
    people = RECIPIENTS()({notification.user_id for notification in notifications})
    chosen, quiet = frequencies_of(people), quiet_hours(people)
    mails: dict[tuple[int, bool], list[Notification]] = defaultdict(list)  # of a person, whether urgent
    for notification in notifications:
        person, group = people.get(notification.user_id), kinds.group_of(notification.kind)
        urgent = group == kinds.ALWAYS
        frequency = Frequency.NEVER if person is None else chosen[person.id].get(group, Frequency.AT_ONCE)
        if person is not None and frequency != Frequency.NEVER:
            hours = quiet.get(person.id)
            notification.due_at = None if urgent else due_at(frequency, now, person.time_zone, hours)
            if notification.due_at is None:
                mails[person.id, urgent].append(notification)
        if notification.due_at is None:
            notification.mailed_at = now
    for (user_id, urgent), some in mails.items():
        _write(batch, people[user_id], some, urgent=urgent)
    db.session.flush()
    return unsent(batch)


def _write(batch: str, person: Recipient, notifications: Sequence[Notification], *, urgent: bool) -> None:
    """One email about these notifications; urgent ones have an email of their own, which nobody stops."""
    groups = sorted({kinds.group_of(notification.kind) for notification in notifications})
    unsubscribe = None if urgent else unsubscribing.path(person.id, groups)
    mail = emails.of_notifications(person, notifications, current_app.config["CROWD"], unsubscribe)
    key, list_name = f"{batch}.{person.id}{'a' if urgent else ''}", groups[0] if len(groups) == 1 else "notifications"
    row = emails.outgoing(
        person, mail, notifications, key=key, batch=batch, kind="notification", unsubscribe=unsubscribe,
        list_name=list_name,
    )  # fmt: skip
    db.session.add(row)


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
    before = frequencies_of([person.id])[person.id]
    groups = [group for group in (kinds.groups() if all_groups else link.groups) if before[group] != Frequency.NEVER]
    for group in sorted(groups):
        _choose(person.id, group, Frequency.NEVER)
        digests.reschedule(person.id, group)
    if groups:
        record(person, "preferences.unsubscribed", person, without_mail=sorted(groups))


@atomic
def choose(actor: Actor, *, frequencies: Mapping[str, str], quiet: tuple[int, int] | None = None) -> None:
    """Choose how often each of these groups is mailed, and the quiet hours (beginning and end, hours of the day).

    What waits for a digest is due by what has changed, and as before where nothing has. Raises Invalid for an unknown
    group or frequency, and for hours that are none.
    """
    known = {frequency.value for frequency in Frequency}
    if frequencies.keys() - kinds.groups().keys() or set(frequencies.values()) - known:
        raise Invalid
    user_id = cast(int, actor.id)
    before, hours = frequencies_of([user_id])[user_id], quiet_hours([user_id]).get(user_id)
    _keep_quiet_hours(user_id, quiet)
    for group, frequency in sorted(frequencies.items()):
        _choose(user_id, group, Frequency(frequency))
        if frequency != before[group]:
            digests.reschedule(user_id, group)
        elif hours != quiet_hours([user_id]).get(user_id):
            digests.reschedule(user_id, group, due=False)
    without = [group for group, frequency in frequencies.items() if frequency == Frequency.NEVER]
    record(actor, "preferences.changed", actor, without_mail=sorted(without))


def _keep_quiet_hours(user_id: int, quiet: tuple[int, int] | None) -> None:
    if quiet is not None and (quiet[0] == quiet[1] or not all(0 <= hour < 24 for hour in quiet)):
        raise Invalid.at("quiet_ends", _("The quiet hours begin and end at different times."))
    db.session.execute(sa.delete(QuietHours).where(QuietHours.user_id == user_id))
    if quiet is not None:
        db.session.add(QuietHours(user_id=user_id, begins=quiet[0], ends=quiet[1]))
        db.session.flush()


def _choose(user_id: int, group: str, frequency: Frequency) -> None:
    row = {"user_id": user_id, "notification_group": group, "frequency": frequency}
    table = cast(sa.Table, NotificationChoice.__table__)
    db.session.execute(
        insert(table).values(row).on_conflict_do_update(constraint=table.primary_key, set_={"frequency": frequency})
    )
