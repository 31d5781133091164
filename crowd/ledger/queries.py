"""Reads of the ledger: balances, account statements, transfers, fees, and the platform's total."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crowd.access import Rule, access_row
from crowd.audit import Actor
from crowd.db import db
from crowd.ledger import links, owners
from crowd.ledger.models import (
    Approval,
    ApprovalKind,
    Deposit,
    LedgerAccount,
    LedgerAccountKind,
    LedgerCheck,
    OwnerType,
    Posting,
    Transfer,
)
from crowd.ledger.payouts.models import BankResponse, Payout, PayoutBatch
from crowd.ledger.policy import (
    OWN_ACCOUNTS,
    VIEW,
    Behind,
    can_spend,
    can_view_account,
    can_view_transfer,
    is_finance,
    mine,
)
from crowd.ledger.questions import PRIZE_TITLES
from crowd.ledger.statements.queries import StatementLine, export
from crowd.ledger.workflow import ApprovalState, BankResponseOutcome, BatchState, DepositState, PayoutState
from crowd.money import Money
from crowd.web.tasks import Task


@dataclass(frozen=True, slots=True)
class Balance:
    """A summary line of a person's money: its kind, minor units, and the URL of its account statement."""

    label: str
    amount: int
    currency: str
    url: str


# ---- balances ----


def find_account(kind: LedgerAccountKind, owner: OwnerType, owner_id: int, currency: str) -> LedgerAccount | None:
    """The ledger account of that kind, owner and currency, or None."""
    return db.session.scalar(
        sa.select(LedgerAccount).filter_by(kind=kind, owner_type=owner, owner_id=owner_id, currency=currency)
    )


def balance(kind: LedgerAccountKind, owner: OwnerType, owner_id: int, currency: str) -> int:
    """The present balance of a ledger account in minor units; 0 where there is none."""
    account = find_account(kind, owner, owner_id, currency)
    if account is None:
        return 0
    return balances([account])[account.id]


def balances(accounts: Sequence[LedgerAccount]) -> dict[int, int]:
    """Balances by ledger account id: stored for accounts with a floor, the sum of postings for the platform's own."""
    with_floor = [account.id for account in accounts if account.has_floor]
    found = dict(
        db.session.execute(
            sa.select(LedgerAccount.id, LedgerAccount.balance).where(LedgerAccount.id.in_(with_floor))
        ).all()
    )
    return found | {account.id: total(account.id) for account in accounts if not account.has_floor}


def total(account_id: int, *, after: int = 0) -> int:
    """The sum of an account's postings, in minus out, with ids above `after`."""
    into = sa.select(sa.func.coalesce(sa.func.sum(Posting.amount), 0)).where(
        Posting.target_id == account_id, Posting.id > after
    )
    out = sa.select(sa.func.coalesce(sa.func.sum(Posting.amount), 0)).where(
        Posting.source_id == account_id, Posting.id > after
    )
    return int(db.session.scalar(sa.select(into.scalar_subquery() - out.scalar_subquery())) or 0)


def free_balance(organisation_id: int, currency: str) -> int:
    """A sponsor's money that is not in any escrow, in minor units."""
    return balance(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, organisation_id, currency)


def has_earnings(user_id: int | sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    """Whether a person ever had earnings, as SQL."""
    return sa.exists().where(
        LedgerAccount.kind == LedgerAccountKind.PAYABLE,
        LedgerAccount.owner_type == OwnerType.USER,
        LedgerAccount.owner_id == user_id,
    )


def in_escrow(challenge_id: int, currency: str) -> int:
    """The money in a challenge's escrow, in minor units."""
    return balance(LedgerAccountKind.ESCROW, OwnerType.CHALLENGE, challenge_id, currency)


def escrows(challenge_ids: Iterable[int]) -> dict[int, int]:
    """The money in the escrows of challenges, in minor units of each one's currency, by the challenge's id."""
    query = sa.select(LedgerAccount.owner_id, LedgerAccount.balance).where(
        LedgerAccount.kind == LedgerAccountKind.ESCROW,
        LedgerAccount.owner_type == OwnerType.CHALLENGE,
        LedgerAccount.owner_id.in_(list(challenge_ids)),
        LedgerAccount.balance > 0,
    )
    return dict(db.session.execute(query).all())


_FILLED = (
    sa.select(LedgerAccount)
    .where(OWN_ACCOUNTS, LedgerAccount.balance > 0)
    .order_by(LedgerAccount.kind, LedgerAccount.id)
)


def balances_of(actor: Actor) -> list[Balance]:
    """The balances of the actor and the actor's organisations, and their money in escrow, for the dashboard."""
    accounts = db.session.scalars(_FILLED, mine(actor)).all()
    names = owners.names((account.owner_type, account.owner_id) for account in accounts)
    own = [
        Balance(_label(account, names), account.balance, account.currency, _statement_of(account))
        for account in accounts
    ]
    return own + _escrows_of(actor.organisations_with(VIEW))


def _escrows_of(organisation_ids: list[int]) -> list[Balance]:
    """One line for each organisation and currency that has something in escrow."""
    if not organisation_ids:
        return []
    held = db.session.execute(owners.escrow_sums(), {"organisations": organisation_ids})
    return [
        Balance(_("In escrow"), row.amount, row.currency, url_for("ledger.organisation", organisation_id=row.owner))
        for row in held
    ]


def _label(account: LedgerAccount, names: dict[owners.Key, str]) -> str:
    name = names.get((account.owner_type, account.owner_id), "")
    if account.kind == LedgerAccountKind.SPONSOR:
        return _("Free balance of %(name)s", name=name)
    return (
        _("Available to pay out")
        if account.owner_type == OwnerType.USER
        else _("To be paid out to %(name)s", name=name)
    )


def _statement_of(account: LedgerAccount) -> str:
    return links.statement(account.owner_type, account.owner_id, account.id) or ""


# ---- ledger accounts and transfers ----


def access_account(actor: Actor | None, account_id: int) -> LedgerAccount:
    """The ledger account, if the actor may view its statement. Raises NotFound."""
    return access_row(actor, LedgerAccount, account_id, view=can_view_account, to=None)


@dataclass(frozen=True, slots=True)
class About:
    """The purpose of a transfer; what does not apply is empty."""

    title: str = ""
    language: str | None = None
    prize: str = ""
    deposit: Deposit | None = None
    payout: Payout | None = None


def about(transfer: Transfer) -> About:
    """The purpose of a transfer: a challenge and one of its prizes, a deposit, or a payout."""
    kind, row_id = transfer.subject_type, transfer.subject_id
    challenge = (OwnerType.CHALLENGE, transfer.challenge_id or 0)
    party = owners.parties([challenge]).get(challenge) if transfer.challenge_id else None
    return About(
        title=party.name if party else "",
        language=party.language if party else None,
        prize=PRIZE_TITLES()([row_id]).get(row_id, "") if kind == "award" else "",
        deposit=db.session.get(Deposit, row_id) if kind == "deposit" else None,
        payout=db.session.get(Payout, row_id) if kind == "payout" else None,
    )


def postings_of_escrow(challenge_id: int, currency: str) -> list[StatementLine]:
    """All lines of a challenge's escrow, oldest first, each with the balance after it."""
    account = find_account(LedgerAccountKind.ESCROW, OwnerType.CHALLENGE, challenge_id, currency)
    if account is None:
        return []
    return list(reversed(list(export(account, 10_000))))


def access(actor: Actor | None, transfer_id: int, to: Rule[Transfer] | None = None) -> Transfer:
    """A transfer with its lines. Raises NotFound where the actor may not view it, Forbidden where not `to`."""
    refused = _l("You may see this transfer, but not change it.")
    return access_row(actor, Transfer, transfer_id, view=_can_view, to=to, refused=refused)


def _can_view(actor: Actor | None, transfer: Transfer) -> bool:
    return can_view_transfer(actor, transfer, behind(transfer))


def behind(transfer: Transfer) -> Behind:
    """Who may view a transfer in addition to the owners of its accounts."""
    payout = db.session.get(Payout, transfer.subject_id) if transfer.subject_type == "payout" else None
    challenge_id = transfer.challenge_id
    return Behind(
        sponsor_id=owners.sponsors([challenge_id]).get(challenge_id) if challenge_id is not None else None,
        payee=(payout.owner_type, payout.owner_id) if payout is not None else None,
    )


def reversal_of(transfer_id: int) -> Transfer | None:
    """The reversal of this transfer, or None."""
    return db.session.scalar(sa.select(Transfer).where(Transfer.reverses_id == transfer_id))


def transfers(transfer_ids: Sequence[int]) -> list[Transfer]:
    """Transfers by their ids, oldest first."""
    return list(db.session.scalars(sa.select(Transfer).where(Transfer.id.in_(transfer_ids)).order_by(Transfer.id)))


def transfers_about(subject_type: str, subject_id: int) -> list[Transfer]:
    """All transfers about one subject, oldest first."""
    query = sa.select(Transfer).where(Transfer.subject_type == subject_type, Transfer.subject_id == subject_id)
    return list(db.session.scalars(query.order_by(Transfer.id)))


# ---- ledger checks ----


def last_check() -> LedgerCheck | None:
    """The newest ledger check, or None."""
    return db.session.scalar(sa.select(LedgerCheck).order_by(LedgerCheck.id.desc()).limit(1))


def checks(limit: int = 20) -> list[LedgerCheck]:
    """The newest ledger checks."""
    return list(db.session.scalars(sa.select(LedgerCheck).order_by(LedgerCheck.id.desc()).limit(limit)))


# ---- dashboard


def waiting(actor: Actor) -> list[Task]:
    """What waits for a person here: finance's queues, and money that can be paid out."""
    return [*_for_finance(actor), *_to_withdraw(actor)]


def _queue(table: Any, *conditions: sa.ColumnElement[bool]) -> tuple[Any, Any]:
    """(number, oldest) of the rows that match the conditions, as subqueries."""
    return (
        sa.select(sa.func.count()).select_from(table).where(*conditions).scalar_subquery(),
        sa.select(sa.func.min(table.created_at)).where(*conditions).scalar_subquery(),
    )


_ME = sa.bindparam("me", type_=sa.BigInteger)
_NO_DEPOSIT = Approval.kind != ApprovalKind.DEPOSIT  # those are counted as deposits
_QUEUES = (
    _queue(Deposit, Deposit.state == DepositState.RECORDED, Deposit.recorded_by != _ME),
    _queue(Approval, Approval.state == ApprovalState.WAITING, Approval.requested_by != _ME, _NO_DEPOSIT),
    _queue(Deposit, Deposit.state == DepositState.SUSPENSE),
    _queue(Payout, Payout.state == PayoutState.REQUESTED, Payout.requested_by != _ME),
    _queue(PayoutBatch, PayoutBatch.state == BatchState.DRAFT, PayoutBatch.created_by != _ME),
    _queue(BankResponse, BankResponse.outcome == BankResponseOutcome.FLAGGED),
)
_FOR_FINANCE = sa.select(*(number for number, _since in _QUEUES), *(since for _number, since in _QUEUES))


def _for_finance(actor: Actor) -> list[Task]:
    """What waits for approval, payouts to batch, batches to approve, responses to resolve: one statement for all."""
    if not is_finance(actor):
        return []
    found = db.session.execute(_FOR_FINANCE, {"me": actor.id}).one()
    tasks = (
        (_("Deposits to confirm"), url_for("ledger.deposit_list", state="recorded")),
        (_("Pending approvals"), url_for("ledger.approvals")),
        (_("Unidentified deposits"), url_for("ledger.deposit_list", state="suspense")),
        (_("Payouts to put into a batch"), url_for("ledger.payouts")),
        (_("Batches to approve"), url_for("ledger.payouts")),
        (_("Bank responses to review"), url_for("ledger.payouts")),
    )
    return [
        Task(text, url, due_at=found[len(tasks) + i], count=found[i]) for i, (text, url) in enumerate(tasks) if found[i]
    ]


def _to_withdraw(actor: Actor) -> list[Task]:
    """Unpaid earnings of the person, and of the organisations whose money they pay out."""
    return [
        Task(
            _("Withdraw your earnings"),
            url_for("ledger.withdraw", account_id=account.id),
            Money(account.currency, account.balance),
        )
        for account in db.session.scalars(_FILLED, mine(actor))
        if account.kind == LedgerAccountKind.PAYABLE and can_spend(actor, account.owner_type, account.owner_id)
    ]
