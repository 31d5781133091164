"""Entries of registers and what happened to them, to which the application only adds rows; and where each stands."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crowd.db import Model, id_column, state_column
from crowd.registers.workflow import EntryOrigin, EntryState, EventKind

NOW = sa.text("crowd_now()")


class RegisterEntry(Model):
    """An entry as it was granted: the document's canonical bytes, their SHA-256 (the database compares them), and
    copies of its salt and its data, which a trigger writes. What happened since is in its events.

    The SHA-256 is public, the salt is not: without it nobody can try values that are not public until one fits.
    """

    __tablename__ = "register_entry"
    __table_args__ = (
        sa.UniqueConstraint("number"),
        sa.CheckConstraint("num_nonnulls(user_id, organisation_id) = 1", name="holder"),
        sa.CheckConstraint("digest = encode(sha256(document), 'hex')", name="digest"),
        sa.CheckConstraint("salt ~ '^[0-9a-f]{32}$'", name="salt"),
        sa.CheckConstraint("valid_until > valid_from", name="validity"),
        sa.Index(None, "register", "id"),
        sa.Index(None, "user_id"),
        sa.Index(None, "organisation_id"),
    )

    id: Mapped[int] = id_column()
    register: Mapped[str]
    number: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    document: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    salt: Mapped[str] = mapped_column(sa.String(32), server_default=sa.FetchedValue(), deferred=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    data: Mapped[dict[str, object]] = mapped_column(JSONB, server_default=sa.FetchedValue())
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    origin: Mapped[EntryOrigin] = state_column(EntryOrigin, EntryOrigin.GRANTED)

    @property
    def holder_kind(self) -> str:
        """`user` or `organisation`."""
        return "user" if self.organisation_id is None else "organisation"

    @property
    def holder_id(self) -> int:
        """The number of the person's account, or of the organisation."""
        found = self.user_id if self.organisation_id is None else self.organisation_id
        assert found is not None
        return found


class RegisterEvent(Model):
    """What happened to an entry, in the order of `number`: its state and its end from then on, who did it, and why.

    `cause` is a word of the package that did it without a person's reason (`register_cause`); `case_id` is the case
    that decided it.
    """

    __tablename__ = "register_event"
    __table_args__ = (
        sa.UniqueConstraint("entry_id", "number"),
        sa.Index(None, "acted_by"),
        sa.Index(None, "case_id", postgresql_where=sa.text("case_id IS NOT NULL")),
    )

    id: Mapped[int] = id_column()
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("register_entry.id"))
    number: Mapped[int]
    kind: Mapped[EventKind] = state_column(EventKind, None)
    state: Mapped[EntryState] = state_column(EntryState, None)
    valid_until: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    cause: Mapped[str] = mapped_column(default="")
    acted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))
    at: Mapped[datetime] = mapped_column(server_default=NOW)

    def state_at(self, now: datetime) -> EntryState:
        """The entry's state at a time after this event, also before the job has run that expires it."""
        ended = self.valid_until is not None and self.valid_until <= now
        return EntryState.EXPIRED if ended and self.state != EntryState.REVOKED else self.state


class RegisterStanding(Model):
    """What the last event of an entry says, for counts; a trigger writes it."""

    __tablename__ = "register_standing"
    __table_args__ = (sa.Index(None, "register", "valid_until", postgresql_where=sa.text("state = 'valid'")),)

    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("register_entry.id"), primary_key=True)
    register: Mapped[str]
    state: Mapped[EntryState] = state_column(EntryState, None)
    valid_until: Mapped[datetime | None]
