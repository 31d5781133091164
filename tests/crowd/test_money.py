"""Money as arithmetic: whatever is written in whatever notation is read back, and no minor unit is lost or made."""

import re
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd import capitals
from crowd.money import CURRENCIES, MAX_AMOUNT, Money, apply_basis_points, currencies, parse, split
from crowd.numbers import Unreadable, UnreadableReason

MINOR = st.integers(0, MAX_AMOUNT)
CODES = st.sampled_from(sorted(CURRENCIES))
WEIGHTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=9).filter(any)
BEFORE = {"CNY": "¥ ￥ RMB 人民币 CNY", "EUR": "€ EUR 欧元", "USD": "$ US$ USD 美元", "JPY": "¥ JPY 日元"}
BEHIND = {"CNY": "元 元整 CNY 人民币", "EUR": "€ Euro EUR 欧元", "USD": "USD dollars 美元", "JPY": "円 JPY 日元"}

WIDE = {code: code + 0xFEE0 for code in range(33, 127)}


def grouped(digits: str, mark: str) -> str:
    return re.sub(r"(?<=\d)(?=(?:\d{3})+$)", mark, digits)


def lakhs(digits: str) -> str:
    return re.sub(r"(?<=\d)(?=(?:\d{2})+$)", ",", digits[:-3]) + f",{digits[-3:]}" if len(digits) > 3 else digits


def notations(money: Money) -> dict[str, str]:
    """The amount as it is written in each convention, without the currency."""
    digits = CURRENCIES[money.currency]
    whole, minor = divmod(money.amount, 10**digits)
    fraction = f"{minor:0{digits}}" if digits else ""

    def written(text: str, mark: str) -> str:
        return text + (mark + fraction if digits else "")

    return {
        "plain": written(str(whole), "."),
        "English": written(grouped(str(whole), ","), "."),
        "German": written(grouped(str(whole), "."), ","),
        "French": written(grouped(str(whole), "\u202f"), ","),
        "Swiss": written(grouped(str(whole), "’"), "."),
        "Indian": written(lakhs(str(whole)), "."),
        "full width": written(grouped(str(whole), ","), ".").translate(WIDE),
    }


@given(MINOR, CODES, st.data())
def test_every_notation_is_read_back_with_the_currency_on_either_side(
    amount: int, currency: str, data: st.DataObject
) -> None:
    """Yen without a group of its own would be ambiguous in none of them: they have no decimals."""
    money = Money(currency, amount)
    front = data.draw(st.sampled_from(["", *BEFORE[currency].split()]))
    behind = data.draw(st.sampled_from(["", *BEHIND[currency].split()]))
    space = data.draw(st.sampled_from(["", " ", "\u00a0"]))
    for name, written in notations(money).items():
        assert parse(front + space + written, currency) == money, name
        assert parse(written + space + behind, currency) == money, name
        assert parse(f"-{written}", currency, signed=True) == Money(currency, -amount), name
        assert parse(f"({front}{written})", currency, signed=True) == Money(currency, -amount), name


@given(st.integers(1, 9_999), st.integers(0, 9_999), st.integers(0, 9_999))
def test_units_of_ten_thousand_add_up(hundred_millions: int, ten_thousands: int, ones: int) -> None:
    """`3亿20万5000元`; a last part of one digit is ambiguous, and refused elsewhere."""
    parts = [(hundred_millions, "亿"), (ten_thousands, "万"), (ones if ones > 9 else 0, "")]
    written = "".join(f"{number}{unit}" for number, unit in parts if number)
    total = sum(number * {"亿": 10**8, "万": 10**4, "": 1}[unit] for number, unit in parts)
    assert parse(f"{written}元", "CNY") == Money("CNY", 100 * total)


@given(MINOR)
def test_coins_and_capitals_are_read_back(amount: int) -> None:
    yuan, fen = divmod(amount, 100)
    assert parse(f"{yuan}元{fen // 10}角{fen % 10}分", "CNY").amount == amount
    assert parse(f"人民币{capitals.write(amount)}", "CNY").amount == amount


@given(MINOR, CODES, CODES)
def test_another_currencys_amount_is_never_read(amount: int, currency: str, other: str) -> None:
    written = f"{Money(other, amount).decimal:f} {other}"
    assert currencies(written) == {other}
    if other != currency:
        with pytest.raises(ValueError):
            parse(written, currency)


THIRD = st.integers(-(MAX_AMOUNT // 3), MAX_AMOUNT // 3)


@given(THIRD, THIRD, THIRD, CODES)
def test_sums_are_those_of_integers(a: int, b: int, c: int, currency: str) -> None:
    one, two, three = (Money(currency, amount) for amount in (a, b, c))
    assert one + two == two + one == Money(currency, a + b)
    assert (one + two) + three == one + (two + three)
    assert (one + two) - two == one
    assert one.decimal + two.decimal == (one + two).decimal
    assert bool(one) is (a != 0)
    assert (one < two) is (a < b)


def test_what_is_no_money_is_refused() -> None:
    for currency, amount in (("XXX", 1), ("CNY", MAX_AMOUNT + 1), ("CNY", -MAX_AMOUNT - 1)):
        with pytest.raises(ValueError):
            Money(currency, amount)
    wrong: tuple[Any, ...] = (1.0, True, "1")
    for value in wrong:
        with pytest.raises(TypeError):
            Money("CNY", value)
    assert Money("CNY", MAX_AMOUNT).amount == -Money("CNY", -MAX_AMOUNT).amount
    for act in (Money.__add__, Money.__sub__):
        with pytest.raises(ValueError):
            act(Money("CNY", 1), Money("EUR", 1))


def test_a_currency_that_is_not_known_is_named_and_not_at_length() -> None:
    for code, said in (("XYZ", "XYZ"), ("ABCDEFGHIJKLM", "ABCDEFGHIJ")):
        with pytest.raises(Unreadable) as refused:
            parse("5", code)
        assert (refused.value.reason, refused.value.said) == (UnreadableReason.CURRENCY, said)


def test_the_largest_amount_is_read_and_no_larger_one() -> None:
    assert parse("10000000000000", "CNY").amount == parse("10万亿元", "CNY").amount == MAX_AMOUNT
    for written in ("10000000000000.01", "100000亿0.01元"):
        with pytest.raises(Unreadable):
            parse(written, "CNY")


# ---- splits and parts


@given(MINOR, WEIGHTS)
def test_a_split_is_exact_and_no_part_is_off_by_a_minor_unit(amount: int, weights: list[int]) -> None:
    parts = split(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1
        assert weight or not part


@given(st.integers(0, 99), st.data())
def test_a_split_does_not_depend_on_the_order(amount: int, data: st.DataObject) -> None:
    """Who has the same weight may get a minor unit more or less; nobody else may by standing first."""
    weights = data.draw(st.lists(st.integers(0, 9), min_size=1, max_size=6).filter(any))
    shuffled = data.draw(st.permutations(weights))
    parts, again = split(amount, weights), split(amount, shuffled)
    assert sorted(zip(weights, parts, strict=True)) == sorted(zip(shuffled, again, strict=True))


@given(MINOR, WEIGHTS, st.integers(2, 7))
def test_a_split_depends_on_proportions_only(amount: int, weights: list[int], factor: int) -> None:
    assert split(amount, [weight * factor for weight in weights]) == split(amount, weights)


@given(MINOR, WEIGHTS)
def test_who_has_more_weight_never_gets_less(amount: int, weights: list[int]) -> None:
    pairs = sorted(zip(weights, split(amount, weights), strict=True))
    assert all(part <= following for (weight, part), (more, following) in pairwise(pairs) if weight < more)


@pytest.mark.parametrize(("amount", "weights", "parts"), [
    (100, [1, 1, 1], [34, 33, 33]), (1, [1, 1], [1, 0]), (2, [1, 3], [0, 2]), (2, [3, 1], [2, 0]), (0, [5], [0]),
    (7, [0, 1], [0, 7]), (10, [5000, 3000, 2000], [5, 3, 2]),
])  # fmt: skip
def test_the_last_minor_unit_goes_to_the_largest_remainder(amount: int, weights: list[int], parts: list[int]) -> None:
    """Then to the larger part, then to who stands first."""
    assert split(amount, weights) == parts


@pytest.mark.parametrize("weights", [[0], [0, 0], [-1, 2], [3, -1], []])
def test_no_split_without_a_weight_or_with_a_negative_one(weights: list[int]) -> None:
    with pytest.raises(ValueError):
        split(100, weights)


@given(MINOR, st.integers(0, 10_000))
def test_basis_points_round_half_up_to_a_minor_unit(amount: int, points: int) -> None:
    part, exact = apply_basis_points(amount, points), Fraction(amount * points, 10_000)
    assert -Fraction(1, 2) < part - exact <= Fraction(1, 2)
    assert apply_basis_points(amount, 10_000) == amount
    assert apply_basis_points(amount, 0) == 0
