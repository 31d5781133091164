"""Reads of the escrow accounts of an organisation's challenges. Each is one SQL statement, built once."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.selectable import LateralFromClause

from crowd.db import db
from crowd.feature import built_once
from crowd.ledger.models import LedgerAccountKind, OwnerType
from crowd.ledger.questions import CHALLENGES
from crowd.ledger.statements.queries import LEDGER_ACCOUNTS, NEWEST, POSTINGS, SHOWN, TRANSFERS
from crowd.web import paging

_MOST = sa.bindparam("most", type_=sa.Integer)


@dataclass(frozen=True, slots=True)
class EscrowTotal:
    """How money in one currency was split, in minor units: the amount paid in is the sum of the rest."""

    currency: str
    held: int
    paid_in: int
    awarded: int
    fee: int
    honoraria: int
    back: int


@dataclass(frozen=True, slots=True)
class Escrow(EscrowTotal):
    """How the money of one challenge was split."""

    challenge_id: int
    title: str
    language: str


_OTHER = LEDGER_ACCOUNTS.alias("other")


def _moved(account_id: sa.ColumnElement[int]) -> LateralFromClause:
    """(paid_in, awarded, fee, honoraria, back) of the escrow account, as SQL for a join."""
    source, target = POSTINGS.c.source_id, POSTINGS.c.target_id
    outward = source == account_id
    earned = _OTHER.c.kind == LedgerAccountKind.PAYABLE

    def total(*conditions: sa.ColumnElement[bool]) -> sa.Cast[int]:
        return sa.cast(sa.func.coalesce(sa.func.sum(POSTINGS.c.amount).filter(*conditions), 0), sa.BigInteger)

    return (
        sa.select(
            total(target == account_id).label("paid_in"),
            total(outward, earned, TRANSFERS.c.kind != "honorarium").label("awarded"),
            total(outward, _OTHER.c.kind == LedgerAccountKind.FEE).label("fee"),
            total(outward, earned, TRANSFERS.c.kind == "honorarium").label("honoraria"),
            total(outward, _OTHER.c.kind == LedgerAccountKind.SPONSOR).label("back"),
        )
        .join_from(POSTINGS, _OTHER, _OTHER.c.id == sa.case((outward, target), else_=source))
        .join(TRANSFERS, TRANSFERS.c.id == POSTINGS.c.transfer_id)
        .where(sa.or_(outward, target == account_id))
        .lateral()
    )


def _of(challenge_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    kind = LEDGER_ACCOUNTS.c.kind == LedgerAccountKind.ESCROW
    return sa.and_(
        kind, LEDGER_ACCOUNTS.c.owner_type == OwnerType.CHALLENGE, LEDGER_ACCOUNTS.c.owner_id == challenge_id
    )


@built_once
def _escrows() -> sa.Select[Any]:
    challenges = CHALLENGES()
    row = challenges.c
    escrow = (
        sa.select(
            row.id,
            row.title,
            row.language,
            LEDGER_ACCOUNTS.c.currency,
            LEDGER_ACCOUNTS.c.balance,
            LEDGER_ACCOUNTS.c.id.label("account"),
        )
        .join_from(challenges, LEDGER_ACCOUNTS, _of(row.id))
        .where(row.organisation_id == sa.bindparam("organisation"), row.id < sa.bindparam("before"))
        .order_by(row.id.desc())
        .limit(_MOST)
        .subquery()
    )
    sums = _moved(escrow.c.account)
    split = (
        escrow.c.currency,
        escrow.c.balance,
        sums.c.paid_in,
        sums.c.awarded,
        sums.c.fee,
        sums.c.honoraria,
        sums.c.back,
    )
    query = sa.select(*split, escrow.c.id, escrow.c.title, escrow.c.language)
    return query.join_from(escrow, sums, sa.true()).order_by(escrow.c.id.desc())


def escrows(organisation_id: int, *, after: str | None = None, size: int = SHOWN) -> paging.Page[Escrow]:
    """The challenges of an organisation that ever had money in escrow, newest first, with its split.

    Raises Invalid for a cursor of another list.
    """
    place = paging.Cursor(f"escrows.{organisation_id}")
    before = place.read(after)[0] if after else NEWEST
    asked = {"organisation": organisation_id, "before": before, "most": size + 1}
    rows = [Escrow(*row) for row in db.session.execute(_escrows(), asked)]
    cursor = place.write([rows[size - 1].challenge_id]) if len(rows) > size else None
    return paging.Page(rows[:size], cursor, first=not after)


@built_once
def _escrow_totals() -> sa.Select[Any]:
    challenges = CHALLENGES()
    sums = _moved(LEDGER_ACCOUNTS.c.id)
    added = (LEDGER_ACCOUNTS.c.balance, sums.c.paid_in, sums.c.awarded, sums.c.fee, sums.c.honoraria, sums.c.back)
    return (
        sa.select(LEDGER_ACCOUNTS.c.currency, *(sa.cast(sa.func.sum(column), sa.BigInteger) for column in added))
        .join_from(challenges, LEDGER_ACCOUNTS, _of(challenges.c.id))
        .join(sums, sa.true())
        .where(challenges.c.organisation_id == sa.bindparam("organisation"))
        .group_by(LEDGER_ACCOUNTS.c.currency)
        .order_by(LEDGER_ACCOUNTS.c.currency)
    )


def escrow_totals(organisation_id: int) -> list[EscrowTotal]:
    """The split of the money of all challenges of an organisation, by currency."""
    return [EscrowTotal(*row) for row in db.session.execute(_escrow_totals(), {"organisation": organisation_id})]
