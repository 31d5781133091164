"""Writes to the ledger: the only module that inserts ledger accounts, transfers and postings.

Only this package may import this module (an import contract in setup.cfg); `transfers.py` lists its uses.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import insert

from crowd import clock
from crowd.audit import Actor
from crowd.db import atomic, db
from crowd.errors import Conflict, Invalid
from crowd.ledger.models import WITHOUT_FLOOR, LedgerAccount, LedgerAccountKind, OwnerType, Posting, Transfer
from crowd.money import CURRENCIES, MAX_AMOUNT


@dataclass(frozen=True, slots=True)
class Posted:
    """`amount` minor units from `source` to `target`."""

    source: LedgerAccount
    target: LedgerAccount
    amount: int

    @property
    def body(self) -> tuple[int, int, int, str]:
        """The line as its digest counts it."""
        return self.source.id, self.target.id, self.amount, self.source.currency


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a transfer: a row's table and id, and the challenge to which it belongs."""

    type: str
    id: int
    challenge_id: int | None = None


def get_account(kind: LedgerAccountKind, owner_type: OwnerType, owner_id: int, currency: str) -> LedgerAccount:
    """The ledger account of that kind, owner and currency, created where there is none. Raises Invalid for an unknown
    currency.
    """
    if currency not in CURRENCIES:
        raise Invalid(_("This currency is not supported."))
    key = {"kind": kind, "owner_type": owner_type, "owner_id": owner_id, "currency": currency}
    query = sa.select(LedgerAccount).filter_by(**key)
    account = db.session.scalar(query)
    if account is None:
        row = key | {"has_floor": kind not in WITHOUT_FLOOR}
        # Of two transactions that need the same new account the second waits for the first and finds its row. The
        # balance is not set: the application has no right to set it.
        db.session.execute(insert(LedgerAccount).values(row).on_conflict_do_nothing())
        account = db.session.scalars(query).one()
    return account


def lock(accounts: Sequence[LedgerAccount]) -> None:
    """Lock the accounts that have a floor, in the order of ids, and read their balances again."""
    ids = sorted({account.id for account in accounts})
    db.session.execute(sa.text("SELECT lock_ledger_accounts(:ids)"), {"ids": ids})
    db.session.execute(
        sa.select(LedgerAccount).where(LedgerAccount.id.in_(ids)).execution_options(populate_existing=True)
    ).all()


def find(key: str) -> Transfer | None:
    """The transfer with that business key, or None. Call it only after `lock`: an earlier read loses races."""
    return db.session.scalar(sa.select(Transfer).where(Transfer.key == key))


@atomic
def post(
    actor: Actor,
    *,
    key: str,
    kind: str,
    subject: Subject,
    lines: Sequence[Posted],
    reverses_id: int | None = None,
    note: str = "",
    effective_on: date | None = None,
) -> Transfer:
    """Write one transfer; the same `key` with the same body returns what is stored.

    Raises Invalid for an amount that is not a positive integer of minor units or for mixed currencies, Conflict where
    the key has another body or where an account does not hold enough.
    """
    _check(lines)
    lock([account for line in lines for account in (line.source, line.target)])
    body = digest(
        key, kind, subject, reverses_id, [(x.source.id, x.target.id, x.amount, x.source.currency) for x in lines]
    )
    stored = find(key)
    if stored is None:
        _check_floors(lines)
        row = {
            "key": key, "kind": kind, "body_digest": body, "actor_id": actor.id, "actor_name": actor.name,
            "subject_type": subject.type, "subject_id": subject.id, "challenge_id": subject.challenge_id,
            "reverses_id": reverses_id, "note": note, "effective_on": effective_on or clock.today(),
        }  # fmt: skip
        fresh = insert(Transfer).values(row).on_conflict_do_nothing(index_elements=["key"])
        transfer_id = db.session.scalar(fresh.returning(Transfer.id))
        if transfer_id is not None:
            return _write(transfer_id, lines)
        stored = find(key)  # accounts without a floor are not locked: another transaction was faster, and has committed
    if stored is None or stored.body_digest != body:
        raise Conflict(_("This was booked before with other figures. Nothing was changed."), key=key)
    return stored


def digest(
    key: str, kind: str, subject: Subject, reverses_id: int | None, lines: Sequence[tuple[int, int, int, str]]
) -> str:
    """SHA-256 of a transfer's body as canonical JSON: its lines and its subject. `ledger check` recomputes it."""
    body = {
        "key": key,
        "kind": kind,
        "subject": [subject.type, subject.id, subject.challenge_id],
        "reverses": reverses_id,
        "lines": [list(line) for line in lines],
    }
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _write(transfer_id: int, lines: Sequence[Posted]) -> Transfer:
    rows = [
        {
            "transfer_id": transfer_id, "source_id": line.source.id, "target_id": line.target.id,
            "amount": line.amount, "currency": line.source.currency,
        }
        for line in lines
    ]  # fmt: skip
    db.session.execute(sa.insert(Posting).values(rows))
    for line in lines:
        db.session.expire(line.source, ["balance"])
        db.session.expire(line.target, ["balance"])
    return db.session.scalars(sa.select(Transfer).where(Transfer.id == transfer_id)).one()


def _check(lines: Sequence[Posted]) -> None:
    if not lines:
        raise Invalid(_("There is nothing to transfer."))
    for line in lines:
        if type(line.amount) is not int or not 0 < line.amount <= MAX_AMOUNT:
            raise Invalid(_("The amount must be above zero and within the platform's limit."))
        if len({line.source.currency, line.target.currency, lines[0].source.currency}) != 1:
            raise Invalid(_("Money of different currencies is not mixed."))


def _check_floors(lines: Sequence[Posted]) -> None:
    """Raise a readable error where the database's floor would reject the transfer."""
    change: dict[int, int] = {}
    for line in lines:
        change[line.source.id] = change.get(line.source.id, 0) - line.amount
        change[line.target.id] = change.get(line.target.id, 0) + line.amount
    for account in {account.id: account for line in lines for account in (line.source, line.target)}.values():
        if account.has_floor and account.balance + change[account.id] < 0:
            raise Conflict(_("There is not enough money for this. No money was transferred."), account=account.id)
