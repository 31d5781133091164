"""Invitations to challenges, and addresses that want none."""

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from challenges.invitations.workflow import ADMITS, OUT, TRANSITIONS, InvitationState
from challenges.models import Challenge
from crowd.accounts.models import Organisation, User
from crowd.db import Model, id_column, state_column

NOW = sa.text("crowd_now()")


def _public_id() -> str:
    """A public id that says nothing about how many there are."""
    return secrets.token_urlsafe(9)


class ChallengeInvitation(Model):
    """An invitation to an email address or to an organisation; neither, once the address was deleted.

    `user_id` is the account that it belongs to: the one with this address, or the one that accepted it. `mails` counts
    what was sent, in all.
    """

    __tablename__ = "challenge_invitation"
    __table_args__ = (
        sa.UniqueConstraint("challenge_id", "address"),
        sa.UniqueConstraint("challenge_id", "organisation_id"),
        sa.Index(None, "challenge_id", "state", "id"),
        sa.Index(None, "address", "last_mail_at"),
        sa.Index(None, "user_id"),
        sa.Index(None, "organisation_id"),
        sa.CheckConstraint("num_nonnulls(address, organisation_id) <= 1", name="recipient"),
        sa.CheckConstraint("state NOT IN ('sent', 'seen', 'registered') OR sent_at IS NOT NULL", name="sent"),
        sa.CheckConstraint("(state = 'declined') = (declined_at IS NOT NULL)", name="declined"),
    )

    id: Mapped[int] = id_column()
    public_id: Mapped[str] = mapped_column(unique=True, default=_public_id)
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    address: Mapped[str | None]
    name: Mapped[str] = mapped_column(default="")
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    message: Mapped[str] = mapped_column(default="")
    state: Mapped[InvitationState] = state_column(InvitationState, InvitationState.PREPARED)
    invited_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    prepared_at: Mapped[datetime] = mapped_column(server_default=NOW)
    sent_at: Mapped[datetime | None]
    last_mail_at: Mapped[datetime | None]
    mails: Mapped[int] = mapped_column(default=0, server_default="0")
    seen_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]  # withdrawn, expired or blocked

    challenge: Mapped[Challenge] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])

    @property
    def admits(self) -> bool:
        """Whether one may still register with it."""
        return self.state in ADMITS

    @property
    def is_unopened(self) -> bool:
        """Whether it is sent, and nobody has opened it."""
        return self.state == InvitationState.SENT

    @property
    def is_unanswered(self) -> bool:
        """Whether it is sent, and not answered."""
        return self.state in OUT

    @property
    def is_revocable(self) -> bool:
        """Whether the sponsor may withdraw it."""
        return self.state in TRANSITIONS["withdraw"][0]

    @property
    def is_declined(self) -> bool:
        """Whether it was declined."""
        return self.state == InvitationState.DECLINED

    @property
    def was_forgotten(self) -> bool:
        """Whether its address was deleted."""
        return self.address is None and self.organisation_id is None


class InvitationRefusal(Model):
    """An address that wants no invitations, by the SHA-256 of the address: it has to be known after its deletion."""

    __tablename__ = "invitation_refusal"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    refused_at: Mapped[datetime] = mapped_column(server_default=NOW)
