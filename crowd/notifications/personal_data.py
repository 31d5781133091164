"""What notifications know of a person, and delete with them."""

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


def erase(user_id: int, email: str) -> None:
    """Delete a person's inbox and preferences, and the emails to them."""
    db.session.execute(sa.delete(OutgoingEmail).where(OutgoingEmail.recipient == email))
    for table in (Notification, NotificationChoice, QuietHours, Digest):
        db.session.execute(sa.delete(table).where(table.user_id == user_id))


def delete_sent(kind: str) -> None:
    """Delete the sent emails of a kind, and so the addresses to which they went."""
    sent = sa.delete(OutgoingEmail).where(OutgoingEmail.kind == kind, OutgoingEmail.sent_at.is_not(None))
    db.session.execute(sent)
