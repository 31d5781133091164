"""The totals of the challenges of this platform that everybody may see, by month: written by the operations
themselves, so that no page counts them again. `crowd ledger check` compares them with the challenges, awards and
postings that they derive from.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from challenges.models import Challenge
from crowd.db import Model, db
from crowd.ledger.queries import postings_of_escrow


class MonthlyTotal(Model):
    """The totals of our challenges that everybody may see, in one currency and one month (its first day, in UTC).

    Counts: `opened`, `closed` and the `proposals` that were in then, `decided` and how many of these were `rewarded`,
    `settled`, `cancelled` while open and `stopped` in judging. Minor units: `funded` into escrow, `awarded` by
    decisions, `paid` to winners, `fees`, `honoraria` to reviewers and `refunded` out of escrow. Seconds, added up:
    `decision_seconds` from close to decision, `payment_seconds` from decision to settlement.
    """

    __tablename__ = "monthly_total"

    month: Mapped[date] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(sa.String(3), primary_key=True)
    opened: Mapped[int]
    closed: Mapped[int]
    proposals: Mapped[int]
    decided: Mapped[int]
    rewarded: Mapped[int]
    settled: Mapped[int]
    cancelled: Mapped[int]
    stopped: Mapped[int]
    funded: Mapped[int]
    awarded: Mapped[int]
    paid: Mapped[int]
    fees: Mapped[int]
    honoraria: Mapped[int]
    refunded: Mapped[int]
    decision_seconds: Mapped[int]
    payment_seconds: Mapped[int]


COUNTS = tuple(column.name for column in MonthlyTotal.__table__.columns if not column.primary_key)
_NEW = insert(cast(sa.Table, MonthlyTotal.__table__))
_ADDED: dict[str, Any] = {name: getattr(MonthlyTotal, name) + getattr(_NEW.excluded, name) for name in COUNTS}
_ADD = _NEW.on_conflict_do_update(index_elements=["month", "currency"], set_=_ADDED)


def add_to_month(challenge: Challenge, at: datetime, **numbers: int) -> None:
    """Add to the month of a time; part of the operation's own transaction, and its last lock. What is for invited
    people only is not counted, so that no difference between two pages tells of it.

    `numbers` are columns of MonthTotal: counts, minor units of the challenge's currency, seconds.
    """
    if challenge.by_invitation:
        return
    row = dict.fromkeys(COUNTS, 0) | {name: int(number) for name, number in numbers.items()}
    db.session.execute(_ADD, row | {"month": month_of(at), "currency": challenge.currency})


def count_from_now(challenge: Challenge) -> None:
    """Count an open challenge that everybody may see from now on: its opening, and what was paid into its escrow."""
    assert challenge.published_at is not None
    add_to_month(challenge, challenge.published_at, opened=1)
    for line in postings_of_escrow(challenge.id, challenge.currency):
        add_to_month(challenge, line.at, funded=line.amount)


def month_of(at: datetime) -> date:
    """The first day of the month of a time, in UTC for everybody."""
    return at.astimezone(UTC).date().replace(day=1)


_MONTHS = sa.select(MonthlyTotal).order_by(MonthlyTotal.month, MonthlyTotal.currency)


def months() -> Sequence[MonthlyTotal]:
    """A row for each month and currency in which something happened, the first month first."""
    return db.session.scalars(_MONTHS).all()


_BY_CURRENCY = (
    sa.select(
        MonthlyTotal.currency,
        *(
            sa.cast(sa.func.sum(column), sa.BigInteger).label(name)
            for name, column in (
                ("decisions", MonthlyTotal.decided),
                ("awarded", MonthlyTotal.awarded),
                ("paid", MonthlyTotal.paid),
            )
        ),
    )
    .group_by(MonthlyTotal.currency)
    .having(sa.func.sum(MonthlyTotal.decided) > 0)
    .order_by(sa.func.sum(MonthlyTotal.awarded).desc())
)


def decisions() -> Sequence[Any]:
    """The totals of all decisions, the largest first: rows (currency, decisions, awarded, paid)."""
    return db.session.execute(_BY_CURRENCY).all()
