"""Writing into the inbox and the outbox."""

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from crowd.background import enqueue
from crowd.db import atomic, db
from crowd.notifications.models import Mail, Notification


@atomic
def notify(
    recipient_id: int,
    *,
    kind: str,
    key: str,
    path: str,
    facts: Mapping[str, Any] | None = None,
    challenge_id: int | None = None,
) -> None:
    """Tell a person one thing, once for ever for `key` (the recipient is added to it).

    `kind` names the sentence in `notifications/kinds.py`, `facts` fill it in, `path` is where it leads.
    """
    row = {
        "user_id": recipient_id,
        "key": f"{key}:{recipient_id}",
        "kind": kind,
        "path": path,
        "facts": dict(facts or {}),
        "challenge_id": challenge_id,
    }
    statement = insert(Notification).values(row).on_conflict_do_nothing().returning(Notification.id)
    created = db.session.execute(statement).scalar()
    if created is not None:
        enqueue("crowd.notifications.jobs.mail_notices", key=f"mail_notices:{key}", challenge_id=challenge_id)


@atomic
def post_mail(*, kind: str, recipient: str, locale: str, subject: str, text: str, html: str | None) -> Mail:
    """Put a letter into the outbox; a job sends it after the commit."""
    row = Mail(
        message_id=f"<{secrets.token_hex(16)}@crowd>",
        kind=kind,
        recipient=recipient,
        locale=locale,
        subject=" ".join(subject.split()),
        text=text,
        html=html,
    )
    db.session.add(row)
    db.session.flush()
    enqueue("crowd.notifications.jobs.send_mail", row.id, key=f"mail:{row.id}")
    return row
