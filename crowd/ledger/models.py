"""Ledger accounts, transfers and postings; the database's rules for them are in the migration (see
docs/architecture.md).
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crowd.db import Model, id_column, state_column
from crowd.files import StoredFile
from crowd.ledger.approvals.kinds import ApprovalKind
from crowd.ledger.deposits.bank_text import reference_key
from crowd.ledger.workflow import (
    BOOKED,
    ApprovalState,
    DepositState,
)

NOW = sa.text("crowd_now()")


class LedgerAccountKind(StrEnum):
    """Kinds of ledger accounts. BANK, FEE and SUSPENSE are the platform's and have no floor; no other goes
    below zero.
    """

    BANK = "bank"
    SPONSOR = "sponsor"
    ESCROW = "escrow"
    PAYABLE = "payable"
    HELD = "held"
    FEE = "fee"
    SUSPENSE = "suspense"


WITHOUT_FLOOR = (LedgerAccountKind.BANK, LedgerAccountKind.FEE, LedgerAccountKind.SUSPENSE)


class OwnerType(StrEnum):
    """The type of a ledger account's or payout's `owner_id`. PLATFORM has the id 0."""

    PLATFORM = "platform"
    ORGANISATION = "organisation"
    USER = "user"
    CHALLENGE = "challenge"
    PAYOUT = "payout"


class LedgerAccount(Model):
    """A ledger account. Only the database's trigger on postings changes `balance`.

    An account without a floor stores none (0): no transfer waits for it, and its balance is the sum of its postings.
    """

    __tablename__ = "ledger_account"
    __table_args__ = (
        sa.UniqueConstraint("kind", "owner_type", "owner_id", "currency"),
        sa.Index(None, "owner_type", "owner_id"),
        sa.Index("ix_ledger_account_kind", "kind", "currency", "balance", "id"),
        sa.CheckConstraint("NOT has_floor OR balance >= 0", name="floor"),
        sa.CheckConstraint("has_floor = (kind NOT IN ('bank', 'fee', 'suspense'))", name="has_floor"),
        sa.CheckConstraint("has_floor OR balance = 0", name="no_floor_no_balance"),
    )

    id: Mapped[int] = id_column()
    kind: Mapped[LedgerAccountKind] = state_column(LedgerAccountKind, LedgerAccountKind.SPONSOR)
    owner_type: Mapped[OwnerType] = state_column(OwnerType, OwnerType.PLATFORM)
    owner_id: Mapped[int]
    currency: Mapped[str] = mapped_column(sa.String(3))
    has_floor: Mapped[bool]
    balance: Mapped[int] = mapped_column(server_default="0")


class Transfer(Model):
    """One transfer of money. `key` is its business key, stored for ever; `body_digest` distinguishes a repeat from
    another body.
    """

    __tablename__ = "transfer"
    __table_args__ = (sa.Index(None, "subject_type", "subject_id"), sa.Index(None, "challenge_id"))

    id: Mapped[int] = id_column()
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    body_digest: Mapped[str] = mapped_column(sa.String(64))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[int]
    challenge_id: Mapped[int | None]
    reverses_id: Mapped[int | None] = mapped_column(sa.ForeignKey("transfer.id", ondelete="RESTRICT"), unique=True)
    note: Mapped[str] = mapped_column(default="")
    effective_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    transaction_id: Mapped[int] = mapped_column(
        sa.BigInteger, server_default=sa.text("(pg_current_xact_id()::text)::bigint")
    )

    postings: Mapped[list["Posting"]] = relationship(lazy="selectin", order_by="Posting.id", viewonly=True)


class Posting(Model):
    """One line of a transfer: `amount` minor units from `source` to `target`; balanced by construction."""

    __tablename__ = "posting"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint("source_id <> target_id", name="two_accounts"),
        sa.Index(None, "transfer_id"),
        sa.Index(None, "source_id", "id"),
        sa.Index(None, "target_id", "id"),
    )

    id: Mapped[int] = id_column()
    transfer_id: Mapped[int] = mapped_column(sa.ForeignKey("transfer.id", ondelete="RESTRICT"))
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_account.id", ondelete="RESTRICT"))
    target_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_account.id", ondelete="RESTRICT"))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(sa.String(3))

    transfer: Mapped[Transfer] = relationship(viewonly=True)
    source: Mapped[LedgerAccount] = relationship(foreign_keys=[source_id], lazy="joined")
    target: Mapped[LedgerAccount] = relationship(foreign_keys=[target_id], lazy="joined")


def _reference_key(context: Any) -> str:
    return reference_key(context.get_current_parameters()["bank_reference"])


class Deposit(Model):
    """A recorded deposit at the bank; `reconciled_at` is empty until it is reconciled."""

    __tablename__ = "deposit"
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount"),
        sa.CheckConstraint("state <> 'credited' OR organisation_id IS NOT NULL", name="credited"),
        sa.Index(
            "uq_deposit_reference_key", "reference_key", unique=True, postgresql_where=sa.text("state <> 'discarded'")
        ),
        sa.Index(None, "state", "id"),
        sa.Index(None, "organisation_id"),
        sa.Index(None, "challenge_id"),
        sa.Index(None, "value_date", "amount"),
    )

    id: Mapped[int] = id_column()
    bank_reference: Mapped[str]
    reference_key: Mapped[str] = mapped_column(default=_reference_key)  # the same, as compared
    value_date: Mapped[date]
    payer: Mapped[str]
    payment_reference: Mapped[str] = mapped_column(default="")
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(sa.String(3))
    state: Mapped[DepositState] = state_column(DepositState, DepositState.RECORDED)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    challenge_id: Mapped[int | None] = mapped_column(sa.ForeignKey("challenge.id"))
    payment_proof_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stored_file.id"))
    recorded_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    reconciled_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")

    payment_proof: Mapped[StoredFile | None] = relationship(viewonly=True)

    @property
    def awaits_confirmation(self) -> bool:
        """Whether a second person has to confirm it before it is booked."""
        return self.state == DepositState.RECORDED

    @property
    def has_no_owner(self) -> bool:
        """Whether its money is still to be allocated."""
        return self.organisation_id is None and self.state in (DepositState.RECORDED, DepositState.SUSPENSE)

    @property
    def unreconciled(self) -> bool:
        """Whether it is booked, but no bank statement has shown it yet."""
        return self.reconciled_at is None and self.state in BOOKED

    @property
    def to_reconcile(self) -> bool:
        """Whether a bank statement should show it: booked, or awaiting its confirmation."""
        return self.unreconciled or (self.reconciled_at is None and self.awaits_confirmation)


class StatementLayout(Model):
    """The layout of the files of one bank account: what finance booked last with the same headings
    (`bank_statement.keys`).

    `day_first` is empty and `encoding` "" as long as no file has shown it and nobody has chosen it. `columns` is the
    position of each field; for the currency, its code where all lines have the same.
    """

    __tablename__ = "statement_layout"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    encoding: Mapped[str]
    day_first: Mapped[bool | None]
    columns: Mapped[dict[str, int | str]] = mapped_column(JSONB)
    kept_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    kept_at: Mapped[datetime]


class Approval(Model):
    """One person's request about money, and who else approved it. A request that needed nobody else is `single`.

    `subject_id` is of the table that the kind names; `sums` are minor units by party ("CNY organisation 7", "CNY payer
    acme"), which add up over a day; `data` are the arguments of the operation that runs after the approval.
    """

    __tablename__ = "approval"
    __table_args__ = (
        sa.CheckConstraint(
            "state <> 'approved' OR (decided_by IS NOT NULL AND decided_by <> requested_by)", name="two_people"
        ),
        sa.CheckConstraint("(decided_at IS NOT NULL) = (state IN ('approved', 'declined'))", name="decided"),
        sa.Index(
            "uq_approval_waiting", "kind", "subject_id", unique=True, postgresql_where=sa.text("state = 'waiting'")
        ),
        sa.Index(None, "kind", "subject_id"),
        sa.Index(None, "kind", "created_at"),
        sa.Index(None, "state", "id"),
    )

    id: Mapped[int] = id_column()
    kind: Mapped[ApprovalKind] = state_column(ApprovalKind, None)
    subject_id: Mapped[int]
    state: Mapped[ApprovalState] = state_column(ApprovalState, ApprovalState.WAITING)
    sums: Mapped[dict[str, int]] = mapped_column(JSONB)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    requested_by: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    decided_at: Mapped[datetime | None]

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for a second person."""
        return self.state == ApprovalState.WAITING

    @property
    def is_approved(self) -> bool:
        """Whether a second person has approved it."""
        return self.state == ApprovalState.APPROVED


class LedgerCheck(Model):
    """One run of the ledger check: its findings (each with a name, subject and severity), and what it read."""

    __tablename__ = "ledger_check"

    id: Mapped[int] = id_column()
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    postings: Mapped[int]
    milliseconds: Mapped[int]
    errors: Mapped[int]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
