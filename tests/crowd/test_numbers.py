"""Numbers that programs write; what people write is in tests/crowd/test_money.py."""

from decimal import Decimal

import pytest

from crowd.numbers import exact


@pytest.mark.parametrize("given", ["0.25", Decimal("0.25")])
def test_a_number_is_what_it_says(given: object) -> None:
    assert exact(given) == Decimal("0.25")


@pytest.mark.parametrize("given", ["", "a", "NaN", "sNaN", "Infinity", "-inf", "1,5", "\x00", None])
def test_what_is_no_number_is_refused_as_a_wrong_choice(given: object) -> None:
    with pytest.raises(ValueError, match=r".*"):
        exact(given)
