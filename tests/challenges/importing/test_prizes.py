"""Prizes as people typed them: an amount is believed only where it is plainly the total."""

import pytest

from challenges.importing.prizes import understand_prize
from crowd.money import Money


def read(text, prose=""):
    prize = understand_prize(text, "total-prize-offered-cash", prose)
    amount = None if prize.total is None else (prize.total.currency, prize.total.amount)
    return amount, prize.limit, [problem.reason.value for problem in prize.problems]


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("$425,000", 42_500_000),
        ("$1500", 150_000),
        ("30000", 3_000_000),
        ("$15,000,000.00", 1_500_000_000),
        (" $2,850 ", 285_000),
        ("$1.5 million", 150_000_000),
        ("$1.5M", 150_000_000),
        ("750K", 75_000_000),
        ("USD 100,000", 10_000_000),
        ("100,000 dollars in total cash prizes", 10_000_000),
        ("US$20,000", 2_000_000),
        ("$99.95", 9_995),
        ("1.000.000", 100_000_000),
        ("US$ 1\u00a0500\u00a0000", 150_000_000),
        ("$1.500,00", 150_000),
        ("１２，０００", 1_200_000),
    ],
)
def test_an_amount_is_understood(text, cents):
    assert read(text) == (("USD", cents), False, [])


def test_up_to_is_a_limit():
    assert read("Up to $240,000") == (("USD", 24_000_000), True, [])
    assert read("a prize purse of up to $1M") == (("USD", 100_000_000), True, [])


def test_a_range_is_a_limit_and_said():
    assert read("$5,000 - $10,000") == (("USD", 1_000_000), True, ["prize_range"])
    assert read("$1 million to $2.5 million") == (("USD", 250_000_000), True, ["prize_range"])


@pytest.mark.parametrize("text", ["0", "$0", "$0.00", "N/A", "None", "no cash prize", "Non-monetary"])
def test_no_money_is_zero_and_not_unknown(text):
    assert understand_prize(text, "prize").total == Money("USD", 0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("TBD", "prize_not_understood"),
        ("$100,000 per winner", "prize_not_understood"),
        ("$10,000 each", "prize_not_understood"),
        ("1,000,00", "prize_not_understood"),
        ("$60.000", "prize_not_understood"),
        ("60.000", "prize_not_understood"),
        ("€1.5.0", "prize_not_understood"),
        ("-$500", "prize_not_understood"),
        ("$1.505", "prize_not_understood"),
        ("1e9", "prize_not_understood"),
        ("$" + "9" * 200, "prize_too_large"),
        ("$99 billion billion", "prize_not_understood"),
        ("$99,999 billion", "prize_too_large"),
        ("$5,000, $3,000 and $2,000", "prize_several"),
        ("£5,000", "prize_currency"),
        ("$5,000 CAD", "prize_currency"),
        ("words " * 200, "prize_not_understood"),
    ],
)
def test_what_is_no_total_is_reported(text, reason):
    assert read(text) == (None, False, [reason])


def test_other_currencies_that_are_kept_here():
    assert read("€5,000")[0] == ("EUR", 500_000)
    assert read("5,000 JPY")[0] == ("JPY", 5_000)


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("Total Prize Pool: $1.2 million Phase 1: $200,000", (("USD", 120_000_000), False, ["prize_from_text"])),
        ("The total prize purse is up to $755,000. More", (("USD", 75_500_000), True, ["prize_from_text"])),
        ("No cash prizes are provided.", (("USD", 0), False, ["prize_from_text"])),
        ("Monetary prize awards are not being offered.", (("USD", 0), False, ["prize_from_text"])),
        ("Ten winners get $5,000 each.", (None, False, ["prize_not_given"])),
        ("Total Cash Prize Pool Selected teams will share $50,000.", (None, False, ["prize_not_given"])),
        ("", (None, False, ["prize_not_given"])),
    ],
)
def test_an_empty_field_is_filled_only_from_a_sentence_that_names_the_total(prose, expected):
    assert read("", prose) == expected
