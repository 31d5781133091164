"""Numbers of entries: what is drawn, what is read, and what the check sign finds."""

import pytest

from crowd.registers import numbers

KNOWN = "EX-" + "4F7K-92QM-" + numbers.check_sign("EX4F7K92QM")


def test_a_number_cannot_be_guessed_and_can_be_read_out() -> None:
    drawn = {numbers.draw("EX") for _one in range(500)}
    assert len(drawn) == 500
    for one in drawn:
        assert numbers.read(one) == one
        assert len(one) == 14
        assert not set(one) & set("01ILO")


@pytest.mark.parametrize(
    "typed",
    [
        KNOWN.lower(), KNOWN.replace("-", ""), KNOWN.replace("-", " "), f"  {KNOWN}\n", KNOWN.replace("-", "－"),
        KNOWN.replace("-", "–"), "".join(chr(ord(sign) + 0xFEE0) for sign in KNOWN), KNOWN.replace("-", "　"),
    ],
)  # fmt: skip
def test_it_is_read_however_it_is_typed(typed: str) -> None:
    assert numbers.read(typed) == KNOWN


@pytest.mark.parametrize("typed", ["", "EX", KNOWN[:-1], KNOWN + "2", KNOWN.replace("4", "0"), "x" * 100_000, "EX-🦊"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        numbers.read(typed)


def test_one_wrong_sign_and_two_that_changed_places_are_found() -> None:
    plain = KNOWN.replace("-", "")
    for place, right in enumerate(plain):
        for sign in set(numbers.SIGNS) - {right}:
            with pytest.raises(ValueError, match=r".*"):
                numbers.read(plain[:place] + sign + plain[place + 1 :])
    for place in range(len(plain) - 1):
        swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
        if swapped != plain:
            with pytest.raises(ValueError, match=r".*"):
                numbers.read(swapped)
