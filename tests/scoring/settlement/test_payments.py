"""The calculation of fees: the fee of each award is exact, down to one minor unit."""

import pytest

from scoring.settlement.payments import fees


@pytest.mark.parametrize(
    ("amounts", "points", "added"),
    [
        ([1], 5_000, [1]),  # half of one, rounded up
        ([1, 1], 5_000, [1, 0]),  # together one half of two
        ([1, 1, 1], 5_000, [1, 0, 1]),
        ([10_000, 1], 500, [500, 0]),
        ([9, 1], 500, [0, 1]),  # 0.45 and 0.05: a half together
        ([300, 200], 0, [0, 0]),
    ],
)
def test_each_award_bears_what_it_adds_to_the_fee_on_all(amounts: list[int], points: int, added: list[int]) -> None:
    assert fees(amounts, points) == added
