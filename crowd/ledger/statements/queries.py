"""Reads of account statements. Each is one SQL statement, built once; a page costs the same at any depth."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from crowd.accounts.models import Organisation, User
from crowd.db import db
from crowd.feature import built_once
from crowd.ledger.models import LedgerAccount, LedgerAccountKind, OwnerType, Posting, Transfer
from crowd.ledger.payouts.models import Payout, PayoutAccount
from crowd.ledger.questions import CHALLENGES
from crowd.ledger.workflow import PayoutState
from crowd.web import paging

NEWEST = 2**63 - 1  # no posting has this id: the first page begins before it
UNDER_WAY = (PayoutState.REQUESTED, PayoutState.BATCHED, PayoutState.SENT)
SHOWN = 10  # challenges, and payouts, of an owner on the page of their account statement


@dataclass(frozen=True, slots=True)
class End:
    """The other side of a line: a ledger account and its owner; for a line about a payout, the payout and its payee."""

    account_id: int
    kind: LedgerAccountKind
    owner: OwnerType
    owner_id: int
    name: str
    language: str | None = None
    payout_id: int | None = None
    state: PayoutState | None = None


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line of an account statement: `amount` is signed (outgoing is negative), `balance` is the balance after it."""

    id: int
    transfer_id: int
    at: datetime
    kind: str
    note: str
    key: str
    subject_type: str
    subject_id: int
    challenge_id: int | None
    actor_name: str
    amount: int
    balance: int
    currency: str
    other: End


# ---- lines

# Queries use tables, not classes: pages show rows, and no objects are created for them.
LEDGER_ACCOUNTS, POSTINGS, TRANSFERS, PAYOUTS, PAYOUT_ACCOUNTS, ORGANISATIONS, USERS = (
    cast(sa.Table, row.__table__)
    for row in (LedgerAccount, Posting, Transfer, Payout, PayoutAccount, Organisation, User)
)
_ACCOUNT = sa.bindparam("account", type_=sa.BigInteger)
_MOST = sa.bindparam("most", type_=sa.Integer)


def _side(mine: Any, other: Any, into: bool) -> sa.Select[Any]:
    """The newest lines with the account on this side, before a posting: as many as a page needs, from one index."""
    columns = (POSTINGS.c.id, POSTINGS.c.transfer_id, POSTINGS.c.amount, other.label("other_id"))
    query = sa.select(*columns, sa.literal_column("true" if into else "false", sa.Boolean).label("into"))
    query = query.where(mine == _ACCOUNT, POSTINGS.c.id < sa.bindparam("before", type_=sa.BigInteger))
    return query.order_by(POSTINGS.c.id.desc()).limit(_MOST)


def _lines(*more: Any) -> sa.Select[Any]:
    """The SQL statement for a page of lines, newest first, with these additional columns."""
    source, target = POSTINGS.c.source_id, POSTINGS.c.target_id
    both = sa.union_all(_side(target, source, True), _side(source, target, False))
    line = both.order_by(sa.literal_column("id").desc()).limit(_MOST).subquery()
    other, transfer, payout = LEDGER_ACCOUNTS.alias("other"), TRANSFERS.c, PAYOUTS.c
    whose = sa.func.coalesce(payout.owner_type, other.c.owner_type, type_=LEDGER_ACCOUNTS.c.owner_type.type)
    number = sa.func.coalesce(payout.owner_id, other.c.owner_id)
    challenges = CHALLENGES()
    name = sa.func.coalesce(challenges.c.title, ORGANISATIONS.c.name, USERS.c.name).label("name")
    return (
        sa.select(
            line.c.id, line.c.transfer_id, line.c.amount, line.c.into, transfer.created_at, transfer.kind,
            transfer.note, transfer.key, transfer.subject_type, transfer.subject_id, transfer.challenge_id,
            transfer.actor_name, other.c.id.label("account_id"), other.c.kind.label("account_kind"),
            whose.label("owner"), number.label("owner_id"), name, challenges.c.language, payout.id.label("payout_id"),
            payout.state, *more,
        )
        .select_from(line)
        .join(TRANSFERS, transfer.id == line.c.transfer_id)
        .join(other, other.c.id == line.c.other_id)
        .outerjoin(PAYOUTS, sa.and_(transfer.subject_type == "payout", payout.id == transfer.subject_id))
        .outerjoin(challenges, sa.and_(whose == OwnerType.CHALLENGE, challenges.c.id == number))
        .outerjoin(ORGANISATIONS, sa.and_(whose == OwnerType.ORGANISATION, ORGANISATIONS.c.id == number))
        .outerjoin(USERS, sa.and_(whose == OwnerType.USER, USERS.c.id == number))
        .order_by(line.c.id.desc())
    )  # fmt: skip


def _sum(side: sa.ColumnElement[int]) -> sa.ScalarSelect[int]:
    total = sa.func.coalesce(sa.func.sum(POSTINGS.c.amount), 0)
    return sa.select(total).where(side == _ACCOUNT).scalar_subquery()


# The account's balance, read with its newest lines in one statement so that they are consistent: stored where it has
# a floor, else the sum of all its postings.
_STORED = sa.select(LEDGER_ACCOUNTS.c.balance).where(LEDGER_ACCOUNTS.c.id == _ACCOUNT).scalar_subquery().label("stands")
_SUMMED = sa.cast(_sum(POSTINGS.c.target_id) - _sum(POSTINGS.c.source_id), sa.BigInteger).label("stands")
_newest_stored = built_once(lambda: _lines(_STORED))
_newest_summed = built_once(lambda: _lines(_SUMMED))
_older = built_once(lambda: _lines())


def _newest(account: Any) -> sa.Select[Any]:
    return _newest_stored() if account.has_floor else _newest_summed()


def statement(account: Any, *, after: str | None, size: int) -> paging.Page[StatementLine]:
    """A page of an account's lines, newest first, each with the balance after it; `account` is a row with `has_floor`.

    The cursor contains the balance, signed, so that no page sums the previous ones again. Raises Invalid for a
    cursor that is not one of ours for this account.
    """
    place = paging.Cursor(f"statement.{account.id}")
    before, stands = place.read(after) if after else (NEWEST, None)
    asked = {"account": account.id, "before": before, "most": size + 1}
    rows = db.session.execute(_older() if after else _newest(account), asked).all()
    if stands is None:
        stands = rows[0].stands if rows else 0
    lines = list(_running(rows[:size], stands, account.currency))
    cursor = None
    if len(rows) > size:
        cursor = place.write([lines[-1].id, lines[-1].balance - lines[-1].amount])
    return paging.Page(lines, cursor, first=not after)


def export(account: LedgerAccount, limit: int) -> Iterator[StatementLine]:
    """The newest `limit` lines of an account, with running balances, newest first; queried when the first is read."""
    rows = db.session.execute(_newest(account), {"account": account.id, "before": NEWEST, "most": limit}).all()
    yield from _running(rows, rows[0].stands if rows else 0, account.currency)


def _running(rows: Iterable[Any], stands: int, currency: str) -> Iterator[StatementLine]:
    for row in rows:
        amount = row.amount if row.into else -row.amount
        yield StatementLine(
            row.id, row.transfer_id, row.created_at, row.kind, row.note, row.key, row.subject_type, row.subject_id,
            row.challenge_id, row.actor_name, amount, stands, currency,
            End(
                row.account_id, row.account_kind, row.owner, row.owner_id, row.name or "", row.language, row.payout_id,
                row.state,
            ),
        )  # fmt: skip
        stands -= amount


# ---- an owner's accounts


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """A ledger account that its owner can use: `going` is on the way to the bank, `paid` is the total paid by the bank.

    `asked` is the number of all requested payouts.
    """

    id: int
    kind: LedgerAccountKind
    currency: str
    has_floor: bool
    balance: int
    going: int
    paid: int
    asked: int

    @property
    def earned(self) -> int:
        """The total of all awards: the balance, pending payouts, and paid ones. Money leaves only by payouts."""
        return self.balance + self.going + self.paid


@dataclass(frozen=True, slots=True)
class Account:
    """A bank account to which an owner is paid now, as shown on a page: by the `ending` of its number."""

    currency: str
    holder: str
    bank: str
    ending: str


def _total(*conditions: sa.ColumnElement[bool]) -> sa.Cast[int]:
    return sa.cast(sa.func.coalesce(sa.func.sum(PAYOUTS.c.amount).filter(*conditions), 0), sa.BigInteger)


def _owned_by(table: sa.FromClause) -> sa.ColumnElement[bool]:
    owner = sa.bindparam("owner", type_=LEDGER_ACCOUNTS.c.owner_type.type)
    return sa.and_(table.c.owner_type == owner, table.c.owner_id == sa.bindparam("owner_id"))


_OUT = (
    sa.select(
        PAYOUTS.c.source_account_id,
        _total(PAYOUTS.c.state.in_(UNDER_WAY)).label("going"),
        _total(PAYOUTS.c.state == PayoutState.PAID).label("paid"),
        sa.func.count().label("asked"),
    )
    .where(_owned_by(PAYOUTS))
    .group_by(PAYOUTS.c.source_account_id)
    .subquery()
)
_USED = (
    sa.select(
        *(LEDGER_ACCOUNTS.c[name] for name in ("id", "kind", "currency", "has_floor", "balance")),
        *(sa.func.coalesce(_OUT.c[name], 0).label(name) for name in ("going", "paid", "asked")),
    )
    .outerjoin(_OUT, _OUT.c.source_account_id == LEDGER_ACCOUNTS.c.id)
    .where(
        _owned_by(LEDGER_ACCOUNTS),
        LEDGER_ACCOUNTS.c.kind.in_((LedgerAccountKind.SPONSOR, LedgerAccountKind.PAYABLE)),
    )
    .subquery()
)
_NAMED = (
    sa.select(
        PAYOUT_ACCOUNTS.c.currency,
        PAYOUT_ACCOUNTS.c.holder,
        PAYOUT_ACCOUNTS.c.bank,
        sa.func.right(PAYOUT_ACCOUNTS.c.number, 4),
    )
    .where(_owned_by(PAYOUT_ACCOUNTS), PAYOUT_ACCOUNTS.c.replaced_at.is_(None))
    .subquery()
)
_OWNED = (
    sa.select(_USED, *_NAMED.c)
    .select_from(sa.join(_USED, _NAMED, _USED.c.currency == _NAMED.c.currency, full=True))
    .order_by(_USED.c.kind.desc(), _USED.c.currency, _NAMED.c.currency)
)


def owned(owner: OwnerType, owner_id: int) -> tuple[list[AccountSummary], list[Account]]:
    """The ledger accounts of an owner's statements, free balance and earnings by currency, and the bank accounts for
    payouts.

    One SQL statement: a ledger account without a bank account has one row, and so has a bank account without a ledger
    account.
    """
    parts = len(_USED.c)
    rows = [tuple(row) for row in db.session.execute(_OWNED, {"owner": owner, "owner_id": owner_id})]
    accounts = {row[parts]: Account(*row[parts:]) for row in rows if row[parts] is not None}
    return [AccountSummary(*row[:parts]) for row in rows if row[0] is not None], list(accounts.values())


_NEWEST_PAYOUTS = (
    sa.select(
        PAYOUTS.c.id,
        PAYOUTS.c.state,
        PAYOUTS.c.created_at,
        PAYOUTS.c.amount,
        PAYOUTS.c.currency,
        sa.func.right(PAYOUT_ACCOUNTS.c.number, 4).label("ending"),
    )
    .join(PAYOUT_ACCOUNTS, PAYOUT_ACCOUNTS.c.id == PAYOUTS.c.account_id)
    .where(_owned_by(PAYOUTS))
    .order_by(PAYOUTS.c.id.desc())
    .limit(SHOWN)
)


def payouts(owner: OwnerType, owner_id: int) -> list[Any]:
    """An owner's newest payouts: rows (id, state, created_at, amount, currency, ending)."""
    return list(db.session.execute(_NEWEST_PAYOUTS, {"owner": owner, "owner_id": owner_id}))
