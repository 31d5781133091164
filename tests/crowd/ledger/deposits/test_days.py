"""Dates of money are dates of the platform's zone, which in these tests is China's, eight hours before UTC."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from crowd import clock
from crowd.errors import Invalid
from crowd.ledger import queries as ledger
from crowd.ledger.deposits import services as deposits
from crowd.ledger.models import Deposit
from tests.cast import Cast

BEFORE = date(2026, 11, 16)  # a Monday


@pytest.fixture
def at() -> Iterator[Callable[[int, int], None]]:
    """Sets this process's clock to an hour of that Monday in UTC."""

    def go(hour: int, minute: int) -> None:
        wanted = datetime(BEFORE.year, BEFORE.month, BEFORE.day, hour, minute, tzinfo=UTC)
        clock.set_offset(wanted - datetime.now(UTC))

    yield go
    clock.set_offset(timedelta(0))


def come(cast: Cast, value_date: date, *, known: bool = True) -> Deposit:
    return deposits.record(
        cast.fen,
        bank_reference=f"B{value_date}",
        value_date=value_date,
        payer="Luoyang Water",
        amount=500,
        currency="CNY",
        organisation_id=cast.luoyang.id if known else None,
    )


@pytest.mark.parametrize(
    ("hour", "minute", "ahead"), [(23, 59, 1), (22, 0, 1), (16, 0, 1), (15, 59, 0), (8, 0, 0), (0, 0, 0)]
)
def test_money_of_today_is_not_in_the_future_wherever_utc_is(
    cast: Cast, at: Callable[[int, int], None], hour: int, minute: int, ahead: int
) -> None:
    at(hour, minute)
    today = BEFORE + timedelta(days=ahead)
    assert clock.today() == today
    assert come(cast, today).value_date == today
    with pytest.raises(Invalid) as refused:
        come(cast, today + timedelta(days=1))
    assert set(refused.value.fields) == {"value_date"}


def test_a_transfer_is_dated_by_the_day_in_the_platforms_zone(cast: Cast, at: Callable[[int, int], None]) -> None:
    at(17, 0)
    row = come(cast, BEFORE, known=False)
    deposits.allocate(cast.finn, row.id, organisation_id=cast.luoyang.id)
    moved = ledger.transfers_about("deposit", row.id)
    assert [transfer.effective_on for transfer in moved] == [BEFORE, BEFORE + timedelta(days=1)], moved


@pytest.mark.parametrize("value_date", [date(1926, 11, 16), date(1970, 1, 1), date(2016, 11, 16), date(2021, 11, 1)])
def test_a_day_long_ago_is_a_slip_of_the_pen(cast: Cast, at: Callable[[int, int], None], value_date: date) -> None:
    at(8, 0)
    with pytest.raises(Invalid) as refused:
        come(cast, value_date)
    assert set(refused.value.fields) == {"value_date"}
    assert come(cast, date(2025, 12, 31)).id, "last year's is none"
