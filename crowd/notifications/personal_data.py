"""What notifications know of a person, and delete with them."""

from collections.abc import Sequence

import sqlalchemy as sa

from crowd.db import db
from crowd.feature import PersonalData
from crowd.notifications.models import Digest, Notification, NotificationChoice, OutgoingEmail, QuietHours

_TOLD = (Notification.kind, Notification.params, Notification.path, Notification.created_at, Notification.read_at)
PERSONAL_DATA: PersonalData = {
    "notifications": lambda user_id: sa.select(*_TOLD).where(Notification.user_id == user_id).order_by(Notification.id),
    "email_choices": lambda user_id: sa.select(NotificationChoice.group, NotificationChoice.frequency).where(
        NotificationChoice.user_id == user_id
    ),
    "digests": lambda user_id: sa.select(Digest.due_at, Digest.created_at).where(Digest.user_id == user_id),
    "quiet_hours": lambda user_id: sa.select(QuietHours.begins, QuietHours.ends).where(QuietHours.user_id == user_id),
}

_MEANT = """
    CASE WHEN value #>> '{person,0}' = :id THEN jsonb_set(value, '{person,1}', to_jsonb(CAST(:name AS text)))
    WHEN key IN ('actor', 'email', 'person', 'reviewer') AND value #>> '{}' = ANY(:called)
    THEN to_jsonb(CAST(:name AS text)) END
"""
_RENAME = sa.text(
    "UPDATE notification SET params = "  # noqa: S608 - both parts are constants of this file
    f"(SELECT jsonb_object_agg(key, coalesce({_MEANT}, value)) FROM jsonb_each(params)) "
    f"WHERE EXISTS (SELECT FROM jsonb_each(params) WHERE {_MEANT} IS NOT NULL)"
)


def erase(user_id: int, email: str) -> None:
    """Delete a person's inbox and preferences, and the emails to them."""
    db.session.execute(sa.delete(OutgoingEmail).where(OutgoingEmail.recipient == email))
    for table in (Notification, NotificationChoice, QuietHours, Digest):
        db.session.execute(sa.delete(table).where(table.user_id == user_id))


def rename(user_id: int, called: Sequence[str], name: str) -> None:
    """Let other people's inboxes, and what is kept of sent emails, have `name` where a person was `called` otherwise.

    Values of `crowd.values.person` are found by the account. What was stored before there were any are plain names:
    there a namesake is renamed, too.
    """
    given = {"id": str(user_id), "called": list(called), "name": name}
    db.session.execute(_RENAME, given)
    for one in called:
        said = OutgoingEmail.subject.contains(one, autoescape=True)
        sent = sa.update(OutgoingEmail).where(OutgoingEmail.sent_at.is_not(None), said)
        db.session.execute(sent.values(subject=name))


def delete_sent(kind: str) -> None:
    """Delete the sent emails of a kind, and so the addresses to which they went."""
    sent = sa.delete(OutgoingEmail).where(OutgoingEmail.kind == kind, OutgoingEmail.sent_at.is_not(None))
    db.session.execute(sent)


def delete_sent_to(address: str, kind: str) -> None:
    """Delete the sent emails of a kind to an address."""
    theirs = OutgoingEmail.kind == kind, OutgoingEmail.recipient == address, OutgoingEmail.sent_at.is_not(None)
    db.session.execute(sa.delete(OutgoingEmail).where(*theirs))
