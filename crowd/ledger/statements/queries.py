"""Reads of statements. Each is one statement, built once; a page costs the same however deep it lies."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from crowd.db import db
from crowd.errors import Invalid
from crowd.ledger.models import Owner, Payout, PayoutAccount, PayoutState, Posting, Pot, PotKind, Transfer
from crowd.ledger.owners import CHALLENGE, ORGANISATION, USER
from crowd.web import paging

NEWEST = 2**63 - 1  # no posting has this id: the first page begins before it
UNDER_WAY = (PayoutState.REQUESTED, PayoutState.BATCHED, PayoutState.SENT)
SHOWN = 10  # challenges, and payouts, of an owner on the page of his statement


@dataclass(frozen=True, slots=True)
class End:
    """The other end of a line: a pot and whose it is; of a line about a payout, the payout and its payee."""

    pot_id: int
    kind: PotKind
    owner: Owner
    owner_id: int
    name: str
    language: str | None = None
    payout_id: int | None = None
    state: PayoutState | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a pot's statement: `amount` is signed (out of it is negative), `balance` is what lay there after it."""

    id: int
    transfer_id: int
    at: datetime
    move: str
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

_POT = sa.bindparam("pot", type_=sa.BigInteger)
_MOST = sa.bindparam("most", type_=sa.Integer)


def _side(mine: Any, other: Any, into: bool) -> sa.Select[Any]:
    """The newest lines in which the pot is this side, before a posting: as many as a page needs, from one index."""
    columns = (Posting.id, Posting.transfer_id, Posting.amount, other.label("other_id"))
    query = sa.select(*columns, sa.literal_column("true" if into else "false", sa.Boolean).label("into"))
    query = query.where(mine == _POT, Posting.id < sa.bindparam("before", type_=sa.BigInteger))
    return query.order_by(Posting.id.desc()).limit(_MOST)


def _lines(*more: Any) -> sa.Select[Any]:
    """The statement for a page of lines, newest first, with these columns besides."""
    both = sa.union_all(
        _side(Posting.target_id, Posting.source_id, True), _side(Posting.source_id, Posting.target_id, False)
    )
    line = both.order_by(sa.literal_column("id").desc()).limit(_MOST).subquery()
    other = aliased(Pot)
    whose = sa.func.coalesce(Payout.owner_type, other.owner_type, type_=Pot.owner_type.type)
    number = sa.func.coalesce(Payout.owner_id, other.owner_id)
    return (
        sa.select(
            line.c.id, line.c.transfer_id, line.c.amount, line.c.into, Transfer.created_at, Transfer.move,
            Transfer.note, Transfer.key, Transfer.subject_type, Transfer.subject_id, Transfer.challenge_id,
            Transfer.actor_name, other.id.label("pot_id"), other.kind, whose.label("owner"), number.label("owner_id"),
            sa.func.coalesce(CHALLENGE.c.title, ORGANISATION.c.name, USER.c.name).label("name"), CHALLENGE.c.language,
            Payout.id.label("payout_id"), Payout.state, *more,
        )
        .select_from(line)
        .join(Transfer, Transfer.id == line.c.transfer_id)
        .join(other, other.id == line.c.other_id)
        .outerjoin(Payout, sa.and_(Transfer.subject_type == "payout", Payout.id == Transfer.subject_id))
        .outerjoin(CHALLENGE, sa.and_(whose == Owner.CHALLENGE, CHALLENGE.c.id == number))
        .outerjoin(ORGANISATION, sa.and_(whose == Owner.ORGANISATION, ORGANISATION.c.id == number))
        .outerjoin(USER, sa.and_(whose == Owner.USER, USER.c.id == number))
        .order_by(line.c.id.desc())
    )  # fmt: skip


def _sum(column: Any) -> Any:
    total = sa.func.coalesce(sa.func.sum(Posting.amount), 0)
    return sa.select(total).where(column == _POT).scalar_subquery()


# What lies in the pot, read with its newest lines in one statement so that they fit together: stored where the pot has
# a floor, else the sum of all its postings.
_STORED = sa.select(Pot.balance).where(Pot.id == _POT).scalar_subquery().label("stands")
_SUMMED = sa.cast(_sum(Posting.target_id) - _sum(Posting.source_id), sa.BigInteger).label("stands")
_NEWEST = {True: _lines(_STORED), False: _lines(_SUMMED)}
_OLDER = _lines()


def statement(pot: Any, *, after: str | None, size: int) -> paging.Page[Line]:
    """A page of a pot's lines, newest first, each with the balance after it; `pot` has id, currency and `guarded`.

    The cursor carries the balance on, signed, so that no page counts the ones before it again. Raises Invalid for a
    cursor that is not one of ours for this pot.
    """
    before, stands = _read(pot.id, after) if after else (NEWEST, None)
    asked = {"pot": pot.id, "before": before, "most": size + 1}
    rows = db.session.execute(_OLDER if after else _NEWEST[pot.guarded], asked).all()
    if stands is None:
        stands = rows[0].stands if rows else 0
    lines = list(_running(rows[:size], stands, pot.currency))
    cursor = None
    if len(rows) > size:
        cursor = _seal().dumps([pot.id, lines[-1].id, lines[-1].balance - lines[-1].amount])
    return paging.Page(lines, cursor, first=not after)


def export(pot: Pot, limit: int) -> Iterator[Line]:
    """The newest `limit` lines of a pot, with running balances, newest first; asked for when the first is wanted."""
    rows = db.session.execute(_NEWEST[pot.guarded], {"pot": pot.id, "before": NEWEST, "most": limit}).all()
    yield from _running(rows, rows[0].stands if rows else 0, pot.currency)


def _running(rows: Iterable[Any], stands: int, currency: str) -> Iterator[Line]:
    for row in rows:
        amount = row.amount if row.into else -row.amount
        yield Line(
            row.id, row.transfer_id, row.created_at, row.move, row.note, row.key, row.subject_type, row.subject_id,
            row.challenge_id, row.actor_name, amount, stands, currency,
            End(
                row.pot_id, row.kind, row.owner, row.owner_id, row.name or "", row.language, row.payout_id, row.state
            ),
        )  # fmt: skip
        stands -= amount


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="crowd.statement")


def _read(pot_id: int, cursor: str) -> tuple[int, int]:
    """(posting, balance before it) of a cursor that was sealed for this pot."""
    try:
        whose, before, stands = _seal().loads(cursor)
    except (BadData, TypeError, ValueError) as error:
        raise Invalid(_("This address of a page is not one of ours.")) from error
    if whose != pot_id:
        raise Invalid(_("This address of a page is not one of ours."))
    return before, stands


# ---- what an owner has


@dataclass(frozen=True, slots=True)
class Holding:
    """A pot that its owner can use: `going` is on its way to the bank, `paid` is what the bank has paid in all."""

    id: int
    kind: PotKind
    currency: str
    guarded: bool
    balance: int
    going: int
    paid: int

    @property
    def earned(self) -> int:
        """All that ever came in by awards: what is there, under way, and gone. Payouts are the only way out."""
        return self.balance + self.going + self.paid


def _total(*conditions: Any) -> Any:
    return sa.cast(sa.func.coalesce(sa.func.sum(Payout.amount).filter(*conditions), 0), sa.BigInteger)


_OWNER = {"owner": sa.bindparam("owner", type_=Pot.owner_type.type), "owner_id": sa.bindparam("owner_id")}
_OUT = (
    sa.select(
        Payout.origin_id,
        _total(Payout.state.in_(UNDER_WAY)).label("going"),
        _total(Payout.state == PayoutState.PAID).label("paid"),
    )
    .where(Payout.owner_type == _OWNER["owner"], Payout.owner_id == _OWNER["owner_id"])
    .group_by(Payout.origin_id)
    .subquery()
)
_HOLDINGS = (
    sa.select(
        Pot.id, Pot.kind, Pot.currency, Pot.guarded, Pot.balance,
        sa.func.coalesce(_OUT.c.going, 0), sa.func.coalesce(_OUT.c.paid, 0),
    )
    .outerjoin(_OUT, _OUT.c.origin_id == Pot.id)
    .where(
        Pot.owner_type == _OWNER["owner"], Pot.owner_id == _OWNER["owner_id"],
        Pot.kind.in_((PotKind.SPONSOR, PotKind.PAYABLE)),
    )
    .order_by(Pot.kind.desc(), Pot.currency)
)  # fmt: skip


def holdings(owner: Owner, owner_id: int) -> list[Holding]:
    """The pots that an owner has statements of, free balance and earnings by currency, with what left them."""
    return [Holding(*row) for row in db.session.execute(_HOLDINGS, {"owner": owner, "owner_id": owner_id})]


_PAYOUTS = (
    sa.select(
        Payout.id, Payout.state, Payout.created_at, Payout.amount, Payout.currency, Payout.answered_at,
        sa.func.right(PayoutAccount.number, 4).label("ending"),
    )
    .join(PayoutAccount, PayoutAccount.id == Payout.account_id)
    .where(Payout.owner_type == _OWNER["owner"], Payout.owner_id == _OWNER["owner_id"])
    .order_by(Payout.id.desc())
    .limit(SHOWN)
)  # fmt: skip


def payouts(owner: Owner, owner_id: int) -> list[Any]:
    """An owner's newest payouts: rows (id, state, created_at, amount, currency, answered_at, ending)."""
    return list(db.session.execute(_PAYOUTS, {"owner": owner, "owner_id": owner_id}))


# ---- what is and was in escrow


@dataclass(frozen=True, slots=True)
class Escrow:
    """Where the money of one challenge went, in minor units: what was paid in is all the rest together."""

    challenge_id: int
    title: str
    language: str
    currency: str
    held: int
    paid_in: int
    awarded: int
    fee: int
    back: int


_OTHER = aliased(Pot)


def moved(pot_id: Any) -> Any:
    """(paid_in, awarded, fee, back) of the escrow with that pot, as SQL to be joined beside it."""
    outward = Posting.source_id == pot_id

    def total(*conditions: Any) -> Any:
        return sa.cast(sa.func.coalesce(sa.func.sum(Posting.amount).filter(*conditions), 0), sa.BigInteger)

    return (
        sa.select(
            total(Posting.target_id == pot_id).label("paid_in"),
            total(outward, _OTHER.kind == PotKind.PAYABLE).label("awarded"),
            total(outward, _OTHER.kind == PotKind.FEE).label("fee"),
            total(outward, _OTHER.kind == PotKind.SPONSOR).label("back"),
        )
        .join_from(Posting, _OTHER, _OTHER.id == sa.case((outward, Posting.target_id), else_=Posting.source_id))
        .where(sa.or_(outward, Posting.target_id == pot_id))
        .lateral()
    )


_OF_CHALLENGE = sa.and_(Pot.kind == PotKind.ESCROW, Pot.owner_type == Owner.CHALLENGE, Pot.owner_id == CHALLENGE.c.id)
_COLUMNS = (CHALLENGE.c.id, CHALLENGE.c.title, CHALLENGE.c.language, Pot.currency, Pot.balance)


def _escrows(which: sa.Select[Any]) -> sa.Select[Any]:
    """The statement for these escrows, with where the money of each went."""
    escrow = which.add_columns(Pot.id.label("pot")).join_from(CHALLENGE, Pot, _OF_CHALLENGE).subquery()
    sums = moved(escrow.c.pot)
    head = (escrow.c.id, escrow.c.title, escrow.c.language, escrow.c.currency, escrow.c.balance)
    query = sa.select(*head, sums.c.paid_in, sums.c.awarded, sums.c.fee, sums.c.back)
    return query.join_from(escrow, sums, sa.true()).order_by(escrow.c.id.desc())


_ESCROWS = _escrows(
    sa.select(*_COLUMNS)
    .where(CHALLENGE.c.organisation_id == sa.bindparam("organisation"), CHALLENGE.c.id < sa.bindparam("before"))
    .order_by(CHALLENGE.c.id.desc())
    .limit(_MOST)
)
_THESE = _escrows(
    sa.select(*_COLUMNS).where(CHALLENGE.c.id == sa.any_(sa.bindparam("challenges", type_=ARRAY(sa.BigInteger))))
)


def escrows_of(challenge_ids: Sequence[int]) -> dict[int, Escrow]:
    """Where the money of these challenges went, by the challenge's id; without those that never had any."""
    rows = db.session.execute(_THESE, {"challenges": list(challenge_ids)}) if challenge_ids else ()
    return {row.id: Escrow(*row) for row in rows}


def escrows(organisation_id: int, *, after: str | None = None, size: int = SHOWN) -> paging.Page[Escrow]:
    """The challenges of an organisation that ever had money in escrow, newest first, with where it went."""
    asked = {"organisation": organisation_id, "before": _number(after) if after else NEWEST, "most": size + 1}
    rows = [Escrow(*row) for row in db.session.execute(_ESCROWS, asked)]
    cursor = str(rows[size - 1].challenge_id) if len(rows) > size else None
    return paging.Page(rows[:size], cursor, first=not after)


def _number(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < len(str(NEWEST))):
        raise Invalid(_("This address of a page is not one of ours."))
    return int(cursor)
