"""An amount is the same by whichever way it comes, or is refused by all of them; what is echoed is what was read."""

import csv
import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from challenges.importing.prizes import understand_prize
from crowd import capitals, money, numbers
from crowd.ledger.deposits import bank_statement as deposits_bank_statement
from crowd.ledger.payouts import bank_file as bank_file
from crowd.numbers import Unreadable, UnreadableReason
from crowd.web import readings
from crowd.web.fields import CurrencyField, MoneyField
from crowd.web.forms import Form
from crowd.web.templating import format_money
from tests.client import Browser
from tests.inputs.amounts import ROWS, SIGNED, Row

LANGUAGES = ("en", "zh_Hans_CN")
Door = Callable[[str, str], int | None]


class Asked(Form):
    currency = CurrencyField("Currency")
    amount = MoneyField("Amount")


@pytest.fixture(scope="module", autouse=True)
def request_context(shared_app: Flask) -> Iterator[None]:
    with shared_app.test_request_context("/", method="POST", headers={"Accept-Language": "en"}):
        yield


def reading(read: Callable[[], int]) -> int | UnreadableReason:
    """What is read, or why nothing is."""
    try:
        return read()
    except Unreadable as error:
        return error.reason


def page(written: str, currency: str) -> int | None:
    form = Asked(MultiDict({"currency": currency, "amount": written}), meta={"csrf": False})
    return form.amount.data if form.validate() else None


def bank_statement(written: str, currency: str) -> int | None:
    lines = io.StringIO()
    csv.writer(lines).writerows([COLUMNS, ["B1", "2026-11-02", "Luoyang", written, currency]])
    found = deposits_bank_statement.read(lines.getvalue().encode())
    assert len(found.rows) + len(found.problems) + found.outgoing == 1
    return found.rows[0].amount if found.rows else None


def is_answer_of(written: str, currency: str, amount: int) -> bool:
    return bank_file.BankResponseRow(1, "PAYOUT-1", "paid", written, currency, "").is_of(amount, currency)


COLUMNS = ("reference", "date", "payer", "amount", "currency")
DOORS: dict[str, Door] = {"page": page, "statement": bank_statement}


def test_the_table_is_as_large_as_it_says() -> None:
    assert len({(written, currency) for written, currency, _expected in ROWS}) == len(ROWS) >= 240


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[1]} {row[0][:30]!a}")
def test_an_amount_is_read_the_same_by_every_way_in(row: Row) -> None:
    written, currency, expected = row
    assert reading(lambda: money.parse(written, currency).amount) == expected
    wanted = None if isinstance(expected, UnreadableReason) else expected
    signs = (
        expected == UnreadableReason.SIGN
    )  # a statement may have signs; where money goes it is no deposit, which is tested below
    doors = {name: door for name, door in DOORS.items() if not (signs and name == "statement")}
    assert {name: door(written, currency) for name, door in doors.items()} == dict.fromkeys(doors, wanted)
    assert is_answer_of(written, currency, wanted or 1) == (wanted is not None)
    assert not is_answer_of(written, currency, (wanted or 0) + 100)


@pytest.mark.parametrize(("written", "currency", "amount"), SIGNED)
def test_signs_are_read_where_they_are_allowed(written: str, currency: str, amount: int) -> None:
    assert money.parse(written, currency, signed=True).amount == amount
    assert bank_statement(written, currency) == (amount if amount > 0 else None), "money that went is no deposit"
    if amount < 0:
        with pytest.raises(Unreadable):
            money.parse(written, currency)


@pytest.mark.parametrize("row", [row for row in ROWS if isinstance(row[2], int)], ids=lambda row: f"{row[0]!a}")
def test_an_imported_prize_that_is_an_amount_is_the_same_amount(row: Row) -> None:
    """In the currency that it names; one that names none, or a sign of two, is not guessed to be in another."""
    written, currency, expected = row
    assert isinstance(expected, int)
    total = understand_prize(written, "prize").total
    assert total is None or total.currency != currency or total.amount == expected
    if currency == "USD" or "EUR" in written or "元" in written:
        assert total == money.Money(currency, expected) or "日元" in written or "万" in written


@pytest.mark.parametrize(
    ("written", "decimals", "expected"),
    [("1,234", 3, UnreadableReason.AMBIGUOUS), ("1.234", 3, UnreadableReason.AMBIGUOUS), ("1,234.567", 3, 1234567),
     ("1234,567", 3, 1234567), ("1.234,567", 3, 1234567),
     ("0,234", 3, 234), ("1,234,567", 3, 1234567000), ("1 234.5678", 3, UnreadableReason.DECIMALS),
     ("1'234", 3, 1234000), ("12,50", 3, 12500)],
)  # fmt: skip
def test_a_currency_of_three_decimals_has_more_that_is_ambiguous(
    written: str, decimals: int, expected: int | UnreadableReason
) -> None:
    assert reading(lambda: numbers.read(written, decimals)) == expected


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("written", "currency", "both"),
    [("60.000", "CNY", ("¥60,000.00", "¥60.00", "60000.00")), ("1.234", "EUR", ("€1,234.00", "1.234", "1234.00")),
     ("3万5", "CNY", ("¥30,005.00", "¥35,000.00", "30005.00")),
     ("1,234 Mio", "EUR", ("€1,234,000,000.00", "€1,234,000.00"))],
)  # fmt: skip
def test_a_refusal_of_what_is_ambiguous_names_both_readings(
    language: str, written: str, currency: str, both: tuple[str, ...]
) -> None:
    with force_locale(language):
        said = readings.read(written, currency)["problem"]
    assert all(one in said for one in both), said


def test_each_reason_has_words_of_its_own_in_both_languages() -> None:
    for language in LANGUAGES:
        with force_locale(language):
            said = {readings.refusal(Unreadable(reason, said="€"), "CNY") for reason in UnreadableReason}
        assert len(said) == len(UnreadableReason) - 2, "no number, decimals and what is left ask for the same"


def test_the_line_beside_a_field_is_told_by_the_platform(browser: Browser) -> None:
    told = browser.get("/amounts?text=3.5万&currency=CNY", headers={"Accept-Language": "zh"}).get_json()
    assert "35,000.00" in told["understood"]
    assert "叁万伍仟元整" in told["understood"]
    told = browser.get("/amounts?text=60.000&currency=EUR", headers={"Accept-Language": "en"}).get_json()
    assert set(told) == {"problem"}
    assert browser.get("/amounts?text=+&currency=XXX").get_json() == {}
    told = browser.get("/amounts?text=1,234&currency=JPY", headers={"Accept-Language": "en"}).get_json()
    assert told["understood"].endswith("1,234")


def test_a_field_shows_how_its_amount_was_understood() -> None:
    form = Asked(MultiDict({"currency": "EUR", "amount": "1.500,00"}), meta={"csrf": False})
    assert "€1,500.00" in form.amount.understood
    assert Asked(MultiDict({"currency": "EUR", "amount": "60.000"}), meta={"csrf": False}).amount.understood == ""


MINOR = st.integers(0, money.MAX_AMOUNT)
CODES = st.sampled_from(sorted(money.CURRENCIES))


@given(MINOR, CODES, st.sampled_from(LANGUAGES), st.booleans())
def test_what_is_printed_is_read_back(amount: int, currency: str, language: str, exact: bool) -> None:
    with force_locale(language):
        shown = format_money(amount, currency, exact)
    assert money.parse(shown, currency).amount == amount
    assert money.parse(f"{money.Money(currency, amount).decimal:f}", currency).amount == amount


@given(st.one_of(MINOR, st.lists(st.sampled_from("0019"), min_size=1, max_size=15).map("".join).map(int)))
def test_a_sum_in_words_is_read_back(amount: int) -> None:
    words = capitals.write(amount)
    assert capitals.read(words) == amount
    assert money.parse(words, "CNY").amount == amount
    assert "零零" not in words


@given(st.text("0123456789.,' 万亿元¥€-()\u202f５．，", max_size=14), CODES)
def test_what_is_read_never_differs_from_what_is_echoed(written: str, currency: str) -> None:
    said = readings.read(written, currency)
    amount = page(written, currency)
    if amount is None:
        assert "understood" not in said or money.parse(written, currency).amount == 0
        return
    shown = said["understood"].removeprefix("Understood as ")
    assert money.parse(shown, currency).amount == amount
    assert form_again(amount, currency) == amount
    figures = [numbers.plain(one) for one in written if numbers.plain(one).isdigit()]
    assert Decimal(money.Money(currency, amount).decimal) == 0 or figures, "no amount comes of a text without figures"


def form_again(amount: int, currency: str) -> Any:
    """What the field shows of an amount is read as that amount when the form is sent again unchanged."""
    shown = Asked(formdata=None, data={"currency": currency, "amount": amount}).amount._value()
    return page(shown, currency)


@pytest.mark.parametrize(
    ("written", "said"), [("5 eur", "EUR"), ("us$ 5", "USD"), ("5 Rs.", "INR"), ("€5", "EUR"), ("5 franken", "CHF"),
                          ("5 日元", "JPY"), ("5 usd", "USD"), ("5 Euro", "EUR")],
)  # fmt: skip
def test_an_amount_in_another_currency_is_refused_with_that_currencys_code(written: str, said: str) -> None:
    with pytest.raises(Unreadable) as refused:
        money.parse(written, "CNY")
    assert refused.value.said == said
