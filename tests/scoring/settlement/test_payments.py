"""The calculation of payments: the fee of each award is exact, down to one minor unit."""

import pytest

from crowd.ledger.models import OwnerType
from scoring.settlement.payments import Due, payments

ALL = [(OwnerType.USER, 1, 10_000)]


@pytest.mark.parametrize(
    ("amounts", "points", "fees"),
    [
        ([1], 5_000, [1]),  # half of one, rounded up
        ([1, 1], 5_000, [1, 0]),  # together one half of two
        ([1, 1, 1], 5_000, [1, 0, 1]),
        ([10_000, 1], 500, [500, 0]),
        ([9, 1], 500, [0, 1]),  # 0.45 and 0.05: a half together
        ([300, 200], 0, [0, 0]),
    ],
)
def test_each_award_bears_what_it_adds_to_the_fee_on_all(amounts: list[int], points: int, fees: list[int]) -> None:
    dues = [Due(number, amount, ALL) for number, amount in enumerate(amounts, 1)]
    made = payments(dues, points)
    assert [one.fee for one in made] == fees
    assert [(one.award, one.amount) for one in made] == list(enumerate(amounts, 1))
    assert all(one.shares == ((OwnerType.USER, 1, one.amount),) for one in made)
