"""Tables of the screening."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from challenges.models import Challenge
from challenges.screening.workflow import CheckAnswer, ScreeningOutcome
from crowd.accounts.models import User
from crowd.canonical import Document
from crowd.db import Model, id_column, state_column
from crowd.languages import ENGLISH

NOW = sa.text("crowd_now()")


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """An item: its key, which it keeps through all versions, its names by locale, and whether an approval needs it."""

    key: str
    names: dict[str, str]
    required: bool

    def name(self, locale: str) -> str:
        """Its name in a language; the English one where there is none."""
        return self.names.get(locale) or self.names[ENGLISH.locale]


class ScreeningChecklist(Model):
    """A version of the checklist; `id` counts them. Version 1 is shipped: nobody wrote it."""

    __tablename__ = "screening_checklist"
    __table_args__ = (sa.CheckConstraint("jsonb_array_length(items) > 0", name="items"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stored: Mapped[list[Document]] = mapped_column("items", JSONB)
    note: Mapped[str] = mapped_column(default="")
    written_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    written_at: Mapped[datetime] = mapped_column(server_default=NOW)

    author: Mapped[User | None] = relationship()

    @property
    def items(self) -> Sequence[ChecklistItem]:
        """Its items, in the order of the pages."""
        return [ChecklistItem(**one) for one in self.stored]


class ScreeningRound(Model):
    """One submission of a challenge to the screening.

    `document` is the contract that the draft would have become, None for one sent before rounds were kept. The round
    follows the version of the checklist that was the newest when it began.
    """

    __tablename__ = "screening_round"
    __table_args__ = (
        sa.UniqueConstraint("challenge_id", "number"),
        sa.Index("uq_screening_round_open", "challenge_id", unique=True, postgresql_where=sa.text("ended_at IS NULL")),
        sa.Index("ix_screening_round_due_at", "due_at", postgresql_where=sa.text("ended_at IS NULL")),
        sa.Index(None, "ended_at"),
        sa.CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended"),
        sa.CheckConstraint("(taken_at IS NULL) = (taken_by IS NULL)", name="taken"),
    )

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id", ondelete="CASCADE"))
    number: Mapped[int]
    document: Mapped[Document | None] = mapped_column(JSONB)
    checklist: Mapped[int] = mapped_column(sa.ForeignKey("screening_checklist.id"))
    submitted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    submitted_at: Mapped[datetime]
    due_at: Mapped[datetime]
    taken_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[ScreeningOutcome | None] = state_column(ScreeningOutcome, None)

    challenge: Mapped[Challenge] = relationship(lazy="joined", innerjoin=True)
    holder: Mapped[User | None] = relationship(foreign_keys=[taken_by], lazy="joined")

    def overdue(self, now: datetime) -> bool:
        """Whether it should have ended by now."""
        return self.ended_at is None and self.due_at <= now


class ScreeningCheck(Model):
    """The answer to an item of the checklist in a round."""

    __tablename__ = "screening_check"

    round_id: Mapped[int] = mapped_column(sa.ForeignKey("screening_round.id", ondelete="CASCADE"), primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[CheckAnswer] = state_column(CheckAnswer, None)
    note: Mapped[str] = mapped_column(default="")
    checked_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    checked_at: Mapped[datetime] = mapped_column(server_default=NOW)


class ScreeningRemark(Model):
    """A remark about a field of the brief. The sponsor reads it once it is sent, with the return of its round; what
    they have done about it is `resolved_at`.
    """

    __tablename__ = "screening_remark"
    __table_args__ = (
        sa.Index(None, "challenge_id", "id"),
        sa.Index(None, "round_id"),
        sa.CheckConstraint("resolved_at IS NULL OR sent_at IS NOT NULL", name="sent"),
        sa.CheckConstraint("(resolved_at IS NULL) = (resolved_by IS NULL)", name="resolved"),
    )

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id", ondelete="CASCADE"))
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("screening_round.id", ondelete="CASCADE"))
    field: Mapped[str]
    text: Mapped[str]
    written_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    written_at: Mapped[datetime] = mapped_column(server_default=NOW)
    sent_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    @property
    def is_open(self) -> bool:
        """Whether the sponsor has read it and not resolved it."""
        return self.sent_at is not None and self.resolved_at is None


class SavedAnswer(Model):
    """Words that a person uses again in remarks and returns; shared ones are offered to everybody who screens."""

    __tablename__ = "saved_answer"
    __table_args__ = (sa.Index(None, "user_id"),)

    id: Mapped[int] = id_column()
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    name: Mapped[str]
    text: Mapped[str]
    shared: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)
