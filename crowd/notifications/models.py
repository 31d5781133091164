"""The inbox and the outbox."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crowd.db import Model, id_column, state_column

NOW = sa.text("crowd_now()")


class Frequency(StrEnum):
    """How often a person gets mail about a group of notifications; the inbox always has them at once."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class Notification(Model):
    """One notification to one person. `key` is the business key: the same key is stored once.

    `batch` groups the notifications of one transaction, which one job mails; `mailed_at` says that this was decided,
    also where the person wants no mail. `due_at` is when its email is due, where that is later: a digest has it then.
    The sentence is made at display, from `kind` and `params`, in the reader's language of that moment.
    """

    __tablename__ = "notification"
    __table_args__ = (
        sa.Index(None, "user_id", "id"),
        sa.Index("ix_notification_unread", "user_id", postgresql_where=sa.text("read_at IS NULL")),
        sa.Index("ix_notification_unmailed", "batch", postgresql_where=sa.text("mailed_at IS NULL")),
        sa.Index(
            "ix_notification_due",
            "user_id",
            "due_at",
            postgresql_where=sa.text("mailed_at IS NULL AND due_at IS NOT NULL"),
        ),
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
    due_at: Mapped[datetime | None]


class NotificationChoice(Model):
    """How often a person has chosen to get mail about a group of notifications."""

    __tablename__ = "notification_choice"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True)
    group: Mapped[str] = mapped_column("notification_group", primary_key=True)
    frequency: Mapped[Frequency] = state_column(Frequency, None)


class QuietHours(Model):
    """The hours of a person's day, in their time zone, in which they get no mail but what is urgent: from the beginning
    of one to the beginning of the other, over midnight where it is the later one.
    """

    __tablename__ = "quiet_hours"
    __table_args__ = (
        sa.CheckConstraint("begins BETWEEN 0 AND 23 AND ends BETWEEN 0 AND 23 AND begins <> ends", name="hours"),
    )

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True)
    begins: Mapped[int] = mapped_column(sa.SmallInteger)
    ends: Mapped[int] = mapped_column(sa.SmallInteger)


class Digest(Model):
    """One digest of a person: for each time at which one is due there is at most one, however many workers write."""

    __tablename__ = "digest"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class OutgoingEmail(Model):
    """An email, written in the operation's transaction and sent by a job; its text is deleted once it is sent.

    `unsubscribe` is the path that stops such emails; None for mail that is always sent. `list_name` is the list by
    which a mailbox may sort it, `thread` its conversation: the same for all emails to a person about one challenge.
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
    list_name: Mapped[str | None]
    thread: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    sent_at: Mapped[datetime | None]
