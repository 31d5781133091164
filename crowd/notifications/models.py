"""The inbox and the outbox."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crowd.db import Model, id_column

NOW = sa.text("crowd_now()")


class Notification(Model):
    """One notification to one person. `key` is the business key: the same key is stored once.

    `batch` groups the notifications of one transaction, which one job mails; `mailed_at` says that this was decided,
    also where the person has muted the mail.
    The sentence is made at display, from `kind` and `params`, in the reader's language of that moment.
    """

    __tablename__ = "notification"
    __table_args__ = (
        sa.Index(None, "user_id", "id"),
        sa.Index("ix_notification_unread", "user_id", postgresql_where=sa.text("read_at IS NULL")),
        sa.Index("ix_notification_unmailed", "batch", postgresql_where=sa.text("mailed_at IS NULL")),
    )

    id: Mapped[int] = id_column()
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    path: Mapped[str]
    challenge_id: Mapped[int | None]
    batch: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class MutedNotificationGroup(Model):
    """A group of notifications that a person does not want by mail; they still appear in the inbox."""

    __tablename__ = "muted_notification_group"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True)
    group: Mapped[str] = mapped_column("notification_group", primary_key=True)


class OutgoingEmail(Model):
    """An email, written in the operation's transaction and sent by a job; its text is deleted once it is sent.

    `unsubscribe` is the path that stops such emails; None for mail that is always sent.
    """

    __tablename__ = "outgoing_email"
    __table_args__ = (sa.Index("ix_outgoing_email_unsent", "batch", postgresql_where=sa.text("sent_at IS NULL")),)

    id: Mapped[int] = id_column()
    message_id: Mapped[str] = mapped_column(unique=True)
    batch: Mapped[str | None]
    kind: Mapped[str]
    recipient: Mapped[str]
    locale: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str | None]
    html: Mapped[str | None]
    unsubscribe: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    sent_at: Mapped[datetime | None]
