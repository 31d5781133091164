"""Reads of payouts, accounts, batches and bank responses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import selectinload

from crowd.access import Rule, access_row
from crowd.audit import Actor
from crowd.db import db
from crowd.ledger.models import OwnerType
from crowd.ledger.payouts.models import BankFile, BankResponse, Payout, PayoutAccount, PayoutBatch
from crowd.ledger.payouts.policy import can_view, can_view_batch
from crowd.ledger.workflow import BankResponseOutcome, BatchState, PayoutState
from crowd.web import paging


def access(actor: Actor | None, payout_id: int, *, to: Rule[Payout] | None = None, lock: bool = False) -> Payout:
    """A payout, under its row lock if `lock`. Raises NotFound where the actor may not see it, Forbidden."""
    refused = _l("Only the owner can do this.")
    return access_row(actor, Payout, payout_id, view=can_view, to=to, lock=lock, refused=refused)


def access_batch(actor: Actor | None, batch_id: int, *, lock: bool = False) -> PayoutBatch:
    """A batch with its payouts. Raises NotFound."""
    payouts = [selectinload(PayoutBatch.payouts)]
    return access_row(actor, PayoutBatch, batch_id, view=can_view_batch, to=None, lock=lock, options=payouts)


def account(owner: OwnerType, owner_id: int, currency: str) -> PayoutAccount | None:
    """The current account of an owner for a currency, or None."""
    return db.session.scalar(
        sa.select(PayoutAccount).where(
            PayoutAccount.owner_type == owner,
            PayoutAccount.owner_id == owner_id,
            PayoutAccount.currency == currency,
            PayoutAccount.replaced_at.is_(None),
        )
    )


def on_hold_until(account: PayoutAccount, now: datetime) -> datetime | None:
    """From when on payouts may go to an account, some hours after it was set; None where they may `now`."""
    usable_from: datetime = account.created_at + current_app.config["CROWD"].cooling
    return usable_from if usable_from > now else None


def requested(limit: int) -> list[Payout]:
    """The payouts that wait for a batch, oldest first."""
    query = sa.select(Payout).where(Payout.state == PayoutState.REQUESTED).order_by(Payout.id)
    return list(db.session.scalars(query.limit(limit)))


def asked_for() -> Sequence[sa.Row[str, int, int]]:
    """What waits for a batch, by currency: rows (currency, number, minor units)."""
    query = (
        sa.select(
            Payout.currency,
            sa.func.count().label("number"),
            sa.cast(sa.func.sum(Payout.amount), sa.BigInteger).label("amount"),
        )
        .where(Payout.state == PayoutState.REQUESTED)
        .group_by(Payout.currency)
        .order_by(Payout.currency)
    )
    return db.session.execute(query).all()


def counts() -> Any:
    """How much waits for finance: a row (requested, to_approve, flagged)."""
    waiting = (
        ("requested", Payout.state == PayoutState.REQUESTED),
        ("to_approve", PayoutBatch.state == BatchState.DRAFT),
        ("flagged", BankResponse.outcome == BankResponseOutcome.FLAGGED),
    )
    numbers = [sa.select(sa.func.count()).where(rule).scalar_subquery().label(name) for name, rule in waiting]
    return db.session.execute(sa.select(*numbers)).one()


def sums_of(batches: Sequence[PayoutBatch]) -> dict[int, tuple[int, int]]:
    """(number of payouts, minor units) of each batch, by its id."""
    query = (
        sa.select(Payout.batch_id, sa.func.count(), sa.cast(sa.func.sum(Payout.amount), sa.BigInteger))
        .where(Payout.batch_id.in_([batch.id for batch in batches]))
        .group_by(Payout.batch_id)
    )
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query) if row[0] is not None}


def batches_page(*, after: str | None, size: int) -> paging.Page[PayoutBatch]:
    """Batches that wait for nobody's approval, newest first."""
    query = sa.select(PayoutBatch).where(PayoutBatch.state != BatchState.DRAFT)
    return paging.page(query, [(PayoutBatch.id, True)], name="batches", after=after, size=size)


def to_approve(limit: int) -> list[PayoutBatch]:
    """Batches that wait for a second person, oldest first."""
    query = sa.select(PayoutBatch).where(PayoutBatch.state == BatchState.DRAFT)
    return list(db.session.scalars(query.order_by(PayoutBatch.id).limit(limit)))


def last_batch_at(currency: str) -> datetime | None:
    """When finance made its newest batch in a currency, or None."""
    query = sa.select(PayoutBatch.created_at).where(PayoutBatch.currency == currency)
    return db.session.scalar(query.order_by(PayoutBatch.id.desc()).limit(1))


def flagged(limit: int) -> list[BankResponse]:
    """Bank responses that a person must resolve, oldest first."""
    query = sa.select(BankResponse).where(BankResponse.outcome == BankResponseOutcome.FLAGGED)
    return list(db.session.scalars(query.order_by(BankResponse.id).limit(limit)))


def answers_about(payout_id: int) -> list[BankResponse]:
    """All bank responses about a payout, in the order in which they were read."""
    query = sa.select(BankResponse).where(BankResponse.payout_id == payout_id)
    return list(db.session.scalars(query.order_by(BankResponse.id)))


def find_file(digest: str) -> BankFile | None:
    """The response file with that SHA-256, or None."""
    return db.session.scalar(sa.select(BankFile).where(BankFile.digest == digest))


def files(limit: int = 10) -> list[BankFile]:
    """The newest files of bank responses."""
    return list(db.session.scalars(sa.select(BankFile).order_by(BankFile.id.desc()).limit(limit)))
