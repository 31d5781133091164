"""What is granted besides money, and the vouchers for it."""

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from challenges.models import Challenge
from challenges.support.workflow import GrantedTo, VoucherState
from crowd.accounts.models import Organisation, User
from crowd.db import Model, id_column, state_column

NOW = sa.text("crowd_now()")


def _token() -> str:
    """A public id that says nothing about how many there are."""
    return secrets.token_urlsafe(9)


class SupportLine(Model):
    """`quantity` units of something that an organisation grants each party of a challenge. Not changed after the draft:
    the contract has it. `agreed_at`: the grantor has agreed, the sponsor by writing it.
    """

    __tablename__ = "support_line"
    __table_args__ = (
        sa.Index(None, "challenge_id", "id"),
        sa.Index(None, "grantor_id"),
        sa.CheckConstraint("quantity > 0 AND valid_days > 0", name="amounts"),
        sa.CheckConstraint("agreed_at IS NULL OR declined_at IS NULL", name="answered"),
    )

    id: Mapped[int] = id_column()
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id", ondelete="CASCADE"))
    grantor_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    title: Mapped[str]
    quantity: Mapped[int]
    unit: Mapped[str]
    conditions: Mapped[str] = mapped_column(default="")
    granted_to: Mapped[GrantedTo] = state_column(GrantedTo, GrantedTo.AWARDED)
    valid_days: Mapped[int]
    agreed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    agreed_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]

    grantor: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    challenge: Mapped[Challenge] = relationship()

    @property
    def waits(self) -> bool:
        """Whether the grantor has not answered."""
        return self.agreed_at is None and self.declined_at is None


class Voucher(Model):
    """A party's voucher for a line: a person's, or (`organisation_id`) an agency's for which they take part.

    `wish` is what the party asked of the grantor when it was redeemed; `reason` why the grantor handed it back.
    """

    __tablename__ = "voucher"
    __table_args__ = (
        sa.Index(
            "uq_voucher_party", "support_id", "user_id", "organisation_id", unique=True,
            postgresql_nulls_not_distinct=True, postgresql_where=sa.text("state <> 'void'"),
        ),
        sa.Index(None, "challenge_id"),
        sa.Index(None, "user_id", "id"),
        sa.Index("ix_voucher_expires_at", "expires_at", postgresql_where=sa.text("state = 'granted'")),
        sa.CheckConstraint("(state IN ('redeemed', 'confirmed')) <= (redeemed_at IS NOT NULL)", name="redeemed"),
        sa.CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed"),
    )  # fmt: skip

    id: Mapped[int] = id_column()
    public_id: Mapped[str] = mapped_column(unique=True, default=_token)
    support_id: Mapped[int] = mapped_column(sa.ForeignKey("support_line.id"))
    challenge_id: Mapped[int] = mapped_column(sa.ForeignKey("challenge.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    state: Mapped[VoucherState] = state_column(VoucherState, VoucherState.GRANTED)
    granted_at: Mapped[datetime] = mapped_column(server_default=NOW)
    expires_at: Mapped[datetime]
    wish: Mapped[str] = mapped_column(default="")
    redeemed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    confirmed_at: Mapped[datetime | None]

    line: Mapped[SupportLine] = relationship(lazy="joined", innerjoin=True)
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    organisation: Mapped[Organisation | None] = relationship(foreign_keys=[organisation_id])

    @property
    def is_granted(self) -> bool:
        """Whether it can be redeemed."""
        return self.state == VoucherState.GRANTED

    @property
    def is_redeemed(self) -> bool:
        """Whether it waits for the grantor."""
        return self.state == VoucherState.REDEEMED
