"""Payouts, the bank accounts and batches in which they go to the bank, and the bank's responses."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowd.db import Model, id_column, state_column
from crowd.ledger.models import NOW, OwnerType
from crowd.ledger.workflow import BankResponseOutcome, BatchState, PayoutState


class PayoutAccount(Model):
    """A bank account to which an owner (user or organisation) is paid; one current account an owner and currency."""

    __tablename__ = "payout_account"
    __table_args__ = (
        sa.Index(
            "uq_payout_account_current",
            "owner_type",
            "owner_id",
            "currency",
            unique=True,
            postgresql_where=sa.text("replaced_at IS NULL"),
        ),
    )

    id: Mapped[int] = id_column()
    owner_type: Mapped[OwnerType] = state_column(OwnerType, OwnerType.USER)
    owner_id: Mapped[int]
    currency: Mapped[str] = mapped_column(sa.String(3))
    holder: Mapped[str]
    bank: Mapped[str]
    number: Mapped[str]
    bic: Mapped[str] = mapped_column(default="", server_default="")
    created_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    replaced_at: Mapped[datetime | None]

    @property
    def ending(self) -> str:
        """The last four characters of the number: pages show the rest only to finance."""
        return self.number[-4:]


class PayoutBatch(Model):
    """Payouts that go to the bank in one file; made by one person, approved by another."""

    __tablename__ = "payout_batch"
    __table_args__ = (
        sa.CheckConstraint("approved_by IS NULL OR approved_by <> created_by", name="two_people"),
        sa.Index(None, "state", "id"),
    )

    id: Mapped[int] = id_column()
    currency: Mapped[str] = mapped_column(sa.String(3))
    state: Mapped[BatchState] = state_column(BatchState, BatchState.DRAFT)
    created_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    approved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    approved_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    file_digest: Mapped[str | None] = mapped_column(sa.String(64))
    settled_at: Mapped[datetime | None]

    payouts: Mapped[list["Payout"]] = relationship(order_by="Payout.id", viewonly=True)

    @property
    def awaits_approval(self) -> bool:
        """Whether a second person has to approve it."""
        return self.state == BatchState.DRAFT


class Payout(Model):
    """An owner's request to pay earned (or free) money to their bank account. `source_account_id` is its source account
    (a row of `ledger_account`).
    """

    __tablename__ = "payout"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.Index(None, "state", "id"),
        sa.Index(None, "owner_type", "owner_id", "id"),
        sa.Index(None, "batch_id"),
    )

    id: Mapped[int] = id_column()
    source_account_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_account.id", ondelete="RESTRICT"))
    owner_type: Mapped[OwnerType] = state_column(OwnerType, OwnerType.USER)
    owner_id: Mapped[int]
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("payout_account.id"))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(sa.String(3))
    state: Mapped[PayoutState] = state_column(PayoutState, PayoutState.REQUESTED)
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payout_batch.id"))
    requested_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    bank_responded_at: Mapped[datetime | None]
    bank_response: Mapped[dict[str, Any] | None] = mapped_column(JSONB)

    account: Mapped[PayoutAccount] = relationship(lazy="joined", viewonly=True)
    batch: Mapped[PayoutBatch | None] = relationship(viewonly=True)

    @property
    def awaits_batch(self) -> bool:
        """Whether it is requested, and in no batch yet."""
        return self.state == PayoutState.REQUESTED


class BankFile(Model):
    """A file of bank responses. Its digest is unique, so that a second read has no effect."""

    __tablename__ = "bank_file"

    id: Mapped[int] = id_column()
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str]
    stored_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stored_file.id"))
    uploaded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    read_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")


class BankResponse(Model):
    """One line of a bank response, word for word, and its outcome."""

    __tablename__ = "bank_response"
    __table_args__ = (
        sa.UniqueConstraint("file_id", "line"),
        sa.Index(None, "outcome", "id"),
        sa.Index(None, "payout_id"),
    )

    id: Mapped[int] = id_column()
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("bank_file.id"))
    line: Mapped[int]
    payout_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payout.id"))
    row: Mapped[dict[str, Any]] = mapped_column(JSONB)
    outcome: Mapped[BankResponseOutcome] = state_column(BankResponseOutcome, BankResponseOutcome.EARLY)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    resolved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    resolved_at: Mapped[datetime | None]
