"""Reads of deposits."""

from datetime import date

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from crowd.access import Rule, access_row
from crowd.audit import Actor
from crowd.db import db
from crowd.ledger.deposits import payment_reference
from crowd.ledger.deposits.bank_text import reference_key
from crowd.ledger.deposits.policy import can_view
from crowd.ledger.deposits.questions import PAYMENT_PURPOSE, PaymentPurpose
from crowd.ledger.models import Deposit
from crowd.ledger.workflow import DepositState
from crowd.names import name_keys
from crowd.web import paging


def access(actor: Actor | None, deposit_id: int, *, to: Rule[Deposit] | None = None, lock: bool = False) -> Deposit:
    """A deposit, under its row lock if `lock`. Raises NotFound where hidden, Forbidden where not `to`."""
    return access_row(
        actor,
        Deposit,
        deposit_id,
        view=can_view,
        to=to,
        lock=lock,
        refused=_l("This takes a finance officer other than the one who recorded the deposit."),
    )


def find_by_reference(bank_reference: str) -> Deposit | None:
    """The deposit with that bank reference, in any case and width, that was not discarded, or None."""
    same = Deposit.reference_key == reference_key(bank_reference)
    return db.session.scalar(sa.select(Deposit).where(same, Deposit.state != DepositState.DISCARDED))


def find_alike(*, payer: str, value_date: date, amount: int, currency: str, bank_reference: str) -> Deposit | None:
    """A deposit of the same payer, day and amount under another bank reference that was not discarded, or None."""
    same = (Deposit.value_date == value_date, Deposit.amount == amount, Deposit.currency == currency)
    standing = sa.select(Deposit).where(*same, Deposit.state != DepositState.DISCARDED).order_by(Deposit.id)
    own, keys = reference_key(bank_reference), set(name_keys(payer))
    for row in db.session.scalars(standing):
        if row.reference_key != own and not keys.isdisjoint(name_keys(row.payer)):
            return row
    return None


def list_page(state: DepositState | None, *, after: str | None, size: int) -> paging.Page[Deposit]:
    """Deposits in a state (or all), newest first."""
    query = sa.select(Deposit)
    if state is not None:
        query = query.where(Deposit.state == state)
    return paging.page(query, [(Deposit.id, True)], name="deposits", after=after, size=size)


_UNSEEN = (Deposit.reconciled_at.is_(None), Deposit.state.in_((DepositState.CREDITED, DepositState.SUSPENSE)))


def unseen_page(*, after: str | None, size: int) -> paging.Page[Deposit]:
    """Booked deposits that are not reconciled yet, newest first."""
    query = sa.select(Deposit).where(*_UNSEEN)
    return paging.page(query, [(Deposit.id, True)], name="deposits.unseen", after=after, size=size)


def count_unseen() -> int:
    """How many booked deposits are not reconciled yet."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Deposit).where(*_UNSEEN)) or 0


def of_challenge(challenge_id: int) -> list[Deposit]:
    """The deposits for a challenge, oldest first, without discarded ones."""
    query = sa.select(Deposit).where(Deposit.challenge_id == challenge_id, Deposit.state != DepositState.DISCARDED)
    return list(db.session.scalars(query.order_by(Deposit.id)))


def counts() -> dict[DepositState, int]:
    """How many deposits are in each state."""
    rows = db.session.execute(sa.select(Deposit.state, sa.func.count()).group_by(Deposit.state))
    return {row[0]: row[1] for row in rows}


def named_by(payment_text: str) -> PaymentPurpose | None:
    """What the one payment reference in a payment's text stands for, or None: also where there are several."""
    reference = payment_reference.read(payment_text)
    if reference is None:
        return None
    return PAYMENT_PURPOSE()(reference)


def several_named(payment_text: str) -> list[str]:
    """The payment references in a payment's text where there are more than one, so that a person must decide."""
    found = payment_reference.read_all(payment_text)
    return found if len(found) > 1 else []
