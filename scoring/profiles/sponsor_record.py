"""A sponsor's record: a pure calculation over its challenges."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

GRACE = timedelta(hours=1)  # an automatic payment within the hour is on time


@dataclass(frozen=True, slots=True)
class Record:
    """Decisions, how many of them in time, after how many days on average; payments, and how many on time."""

    decided: int
    in_time: int
    days: float
    paid: int
    paid_in_time: int


def of_sponsor(challenges: Iterable[Any]) -> Record | None:
    """The record; `challenges` have the dates of their lifecycle, and when the last hold of their payments was
    released, which is no delay of the sponsor. None before the first decision.
    """
    decided = [row for row in challenges if row.decided_at is not None and row.closed_at is not None]
    if not decided:
        return None
    paid = [row for row in decided if row.settled_at is not None and row.appeals_until is not None]
    taken = sum(((row.decided_at - row.closed_at) for row in decided), timedelta(0)) / len(decided)
    return Record(
        decided=len(decided),
        in_time=sum(row.decision_due_at is None or row.decided_at <= row.decision_due_at for row in decided),
        days=taken / timedelta(days=1),
        paid=len(paid),
        paid_in_time=sum(row.settled_at <= _payable_at(row.appeals_until, row.released_at) + GRACE for row in paid),
    )


def _payable_at(appeals_until: datetime, released_at: datetime | None) -> datetime:
    return max(appeals_until, released_at or appeals_until)
