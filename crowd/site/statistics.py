"""The platform's totals, for the home page and the statistics page: sums of the monthly totals that each operation
updates.

One small statement whatever the number of challenges; nothing here reveals a proposal before its challenge has closed.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from challenges import monthly_totals

SHOWN = 24  # months in charts and in their table
DAY = 86_400  # seconds
Pairs = list[tuple[str, int]]  # (currency, minor units), the largest first


@dataclass(frozen=True, slots=True)
class Stand:
    """How many challenges are in each state: now, or at the end of a month. `called_off` counts those that
    had opened.
    """

    open: int
    judging: int
    decided: int
    settled: int
    called_off: int


@dataclass(frozen=True, slots=True)
class Month:
    """What happened in a month, in all currencies, and the states of challenges at its end."""

    month: date
    opened: int
    closed: int
    proposals: int
    decided: int
    settled: int
    stand: Stand


@dataclass(frozen=True, slots=True)
class Flow:
    """How the money of all escrows in a currency was split, in minor units: `funded` is the sum of the others."""

    currency: str
    funded: int
    paid: int
    fees: int
    honoraria: int
    refunded: int

    @property
    def held(self) -> int:
        return self.funded - self.paid - self.fees - self.honoraria - self.refunded


class Statistics:
    """Everything since the beginning, from rows of `MonthTotal`, the first month first."""

    def __init__(self, rows: Sequence[monthly_totals.MonthlyTotal]) -> None:
        self.rows = rows

    def __bool__(self) -> bool:
        return any(row.opened for row in self.rows)

    def total(self, name: str) -> int:
        """A count, or seconds, over all months and currencies."""
        return sum(getattr(row, name) for row in self.rows)

    @cached_property
    def stand(self) -> Stand:
        """The states of challenges now."""
        return _status(self.total)

    @cached_property
    def flows(self) -> list[Flow]:
        """The split of the money, by currency, the largest first."""
        names = ("funded", "paid", "fees", "honoraria", "refunded")
        sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(names, 0))
        for row in self.rows:
            for name in sums[row.currency]:
                sums[row.currency][name] += getattr(row, name)
        flows = [Flow(currency, **found) for currency, found in sums.items() if found["funded"]]
        return sorted(flows, key=lambda flow: -flow.funded)

    @property
    def held(self) -> Pairs:
        """The money in escrow."""
        return self._pairs(lambda flow: flow.held)

    @property
    def paid(self) -> Pairs:
        """The money paid to winners."""
        return self._pairs(lambda flow: flow.paid)

    def _pairs(self, amount: Callable[[Flow], int]) -> Pairs:
        return sorted(((flow.currency, amount(flow)) for flow in self.flows if amount(flow)), key=lambda pair: -pair[1])

    @property
    def rewarded(self) -> float | None:
        """The share of decisions that gave at least one prize; None before the first."""
        return self.total("rewarded") / self.total("decided") if self.total("decided") else None

    @property
    def days_to_decide(self) -> float | None:
        """From close to decision, on average."""
        return self._days("decision_seconds", "decided")

    @property
    def days_to_pay(self) -> float | None:
        """From decision to payment, on average."""
        return self._days("payment_seconds", "settled")

    def _days(self, seconds: str, number: str) -> float | None:
        return self.total(seconds) / self.total(number) / DAY if self.total(number) else None

    @cached_property
    def months(self) -> list[Month]:
        """Every month from the first to the last in which something happened, at most the latest `SHOWN`."""
        sums: dict[date, dict[str, int]] = defaultdict(lambda: dict.fromkeys(monthly_totals.COUNTS, 0))
        for row in self.rows:
            for name in monthly_totals.COUNTS:
                sums[row.month][name] += getattr(row, name)
        whole, months = dict.fromkeys(monthly_totals.COUNTS, 0), []
        for month in _between(sums):
            here = sums[month]
            whole = {name: whole[name] + here[name] for name in whole}
            shown = {name: here[name] for name in ("opened", "closed", "proposals", "decided", "settled")}
            months.append(Month(month, **shown, stand=_status(whole.__getitem__)))
        return months[-SHOWN:]


def _status(total: Callable[[str], int]) -> Stand:
    """The states of challenges, from how many entered and left each state."""
    return Stand(
        open=total("opened") - total("closed") - total("cancelled"),
        judging=total("closed") - total("decided") - total("stopped"),
        decided=total("decided") - total("settled"),
        settled=total("settled"),
        called_off=total("cancelled") + total("stopped"),
    )


def _between(months: Collection[date]) -> Iterator[date]:
    """Every month from the first of these to the last, also those in which nothing happened."""
    month = min(months, default=date.max)
    while months and month <= max(months):
        yield month
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


def load() -> Statistics:
    """The statistics as they are now, in one statement."""
    return Statistics(monthly_totals.months())
