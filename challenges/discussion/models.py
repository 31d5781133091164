"""Questions and updates of a challenge."""

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from challenges.discussion.workflow import QuestionState
from crowd.db import Model, id_column, state_column

NOW = sa.text("crowd_now()")


def _token() -> str:
    """A public id that says nothing about how many there are."""
    return secrets.token_urlsafe(9)


class ChallengeQuestion(Model):
    """A question. `asker_id` is shown to the service centre only; `contract_version_id` is the version that the answer
    became, where it is a clarification.
    """

    __tablename__ = "challenge_question"
    __table_args__ = (
        sa.Index(None, "challenge_id", "state", "id"),
        sa.Index(None, "asker_id"),
        sa.CheckConstraint(
            "CASE state WHEN 'answered' THEN answered_at IS NOT NULL WHEN 'hidden' THEN true"
            " ELSE answered_at IS NULL END",
            name="answered",
        ),
        sa.CheckConstraint("(state = 'asked') = (moderated_at IS NULL)", name="moderated"),
    )

    id: Mapped[int] = id_column()
    public_id: Mapped[str] = mapped_column(unique=True, default=_token)
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    asker_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    language: Mapped[str] = mapped_column(sa.String(16))
    text: Mapped[str]
    state: Mapped[QuestionState] = state_column(QuestionState, QuestionState.ASKED)
    asked_at: Mapped[datetime] = mapped_column(server_default=NOW)
    moderated_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    moderated_at: Mapped[datetime | None]
    reject_reason: Mapped[str] = mapped_column(default="")
    answer: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    answered_at: Mapped[datetime | None]
    contract_version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("contract_version.id"))

    @property
    def is_new(self) -> bool:
        """Whether it waits for the service centre."""
        return self.state == QuestionState.ASKED

    @property
    def waits_for_answer(self) -> bool:
        """Whether it is published and not answered."""
        return self.state == QuestionState.PUBLISHED


class ChallengeUpdate(Model):
    """News of the sponsor about an open or judged challenge."""

    __tablename__ = "challenge_update"
    __table_args__ = (sa.Index(None, "challenge_id", "id"),)

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    text: Mapped[str]
    posted_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    posted_at: Mapped[datetime] = mapped_column(server_default=NOW)
