"""What challenges add up to by month: each act counts itself, and the sums are those of what is there."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from challenges import monthly_totals
from challenges.lifecycle import services as lifecycle
from crowd.db import db
from crowd.ledger import check
from tests import factories, recount
from tests.cast import Cast

SECONDS = ("decision_seconds", "payment_seconds")


def sums(currency: str = "CNY") -> dict[str, int]:
    """What is written down in one currency, over all months, without what is nothing."""
    rows = db.session.scalars(sa.select(monthly_totals.MonthlyTotal).execution_options(populate_existing=True)).all()
    found = {
        name: sum(getattr(row, name) for row in rows if row.currency == currency) for name in monthly_totals.COUNTS
    }
    return {name: number for name, number in found.items() if number}


def recounted() -> dict[str, int]:
    """The same from all that has happened."""
    return {name: number for name, number in recount.totals().items() if number}


def without_seconds(found: dict[str, int]) -> dict[str, int]:
    return {name: number for name, number in found.items() if name not in SECONDS}


def test_nothing_is_counted_before_anything_is_published_or_paid(cast: Cast) -> None:
    factories.approved(cast)
    assert sums() == {}


def test_each_act_counts_once_in_its_month(cast: Cast) -> None:
    challenge = factories.funded(cast)
    cost = challenge.cost
    assert sums() == {"funded": cost}
    factories.opened(cast)
    assert sums() == {"funded": 2 * cost, "opened": 1}
    decided = factories.decided(cast, "bo", "bea", awards=2)
    assert sums() | {"decision_seconds": 0} == {
        "funded": 3 * cost, "opened": 2, "closed": 1, "proposals": 2, "decided": 1, "rewarded": 1,
        "awarded": 27_000_000, "decision_seconds": 0,
    }  # fmt: skip
    assert check.run_checks() == []
    factories.move_dates(decided, appeals_until=decided.decided_at)
    factories.settlement.settle(factories.SYSTEM, decided.id)
    found = sums()
    assert (found["settled"], found["paid"]) == (1, 27_000_000)
    assert found["paid"] + found.get("fees", 0) + found["refunded"] == cost, "what one escrow held went somewhere"
    assert without_seconds(recounted()) == without_seconds(found)
    assert check.run_checks() == []


def test_what_is_called_off_gives_back_and_is_counted_by_where_it_stood(cast: Cast) -> None:
    cost = factories.opened(cast).cost
    lifecycle.cancel(cast.ada, factories.opened(cast).id, reason="The mains are replaced.")
    lifecycle.cancel(cast.eve, factories.judging(cast).id, reason="A flaw in the data.")
    found = sums()
    assert (found["opened"], found["cancelled"], found["stopped"]) == (3, 1, 1)
    assert (found["funded"], found["refunded"]) == (3 * cost, 2 * cost)
    assert without_seconds(recounted()) == without_seconds(found)
    assert check.run_checks() == []


def test_decisions_add_up_by_currency(cast: Cast) -> None:
    factories.decided(cast, "bo", "bea")
    factories.settled(cast, "bo", "bea", awards=2)
    factories.decided(cast, "bo", awards=0)
    assert [tuple(row) for row in monthly_totals.decisions()] == [("CNY", 3, 47_000_000, 27_000_000)]
    assert sums()["rewarded"] == 2


def test_an_act_that_is_rolled_back_counts_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from challenges import notifications

    def fails(_challenge: object) -> None:
        raise RuntimeError("the mail room burns")

    challenge = factories.approved(cast)
    number, cost = challenge.id, challenge.cost
    factories.pay_in(cast, cast.luoyang, cost)
    monkeypatch.setattr(notifications, "funded", fails)
    with pytest.raises(RuntimeError):
        lifecycle.fund(cast.ada, number)
    assert sums() == {}


def test_months_begin_at_the_same_instant_for_everybody() -> None:
    assert monthly_totals.month_of(datetime(2026, 11, 30, 23, 59, tzinfo=UTC)) == date(2026, 11, 1)
    assert monthly_totals.month_of(datetime.fromisoformat("2026-12-01T07:00:00+08:00")) == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("harm", "finding"),
    [
        ("UPDATE monthly_total SET settled = settled + 1", "month_wrong"),
        ("UPDATE monthly_total SET refunded = refunded - 1", "escrow_wrong"),
    ],
)
def test_the_check_of_the_books_warns_where_the_sums_are_wrong(harm: str, finding: str, cast: Cast) -> None:
    factories.settled(cast)
    assert check.run_checks() == []
    db.session.flush()
    db.session.execute(sa.text(harm))
    assert (finding, True) in [(found.name, found.warning) for found in check.run_checks()]
