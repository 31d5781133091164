"""Each table of `tests.inputs.statements`: what a bank's file says is read, and what it does not say is not guessed."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from crowd import money
from crowd.ledger.deposits import bank_statement, encodings
from crowd.ledger.deposits.bank_statement import BankStatement, Layout
from crowd.ledger.deposits.headings import ABSENT
from tests.inputs.statements import CURRENCIES, DATES, DIRECTIONS, ENCODED, FILES, IN, LINE, OUT, TEXTS

AS_FOUND = Layout()


@pytest.fixture(autouse=True)
def request_context(isolated: Flask) -> Iterator[None]:
    """Words of refusals need a reader."""
    with isolated.test_request_context():
        yield


def read(head: str, *lines: str, layout: Layout = AS_FOUND) -> BankStatement:
    return bank_statement.read("\n".join((head, *lines)).encode(), layout)


def outcome(found: BankStatement) -> tuple[int, int, int]:
    return len(found.rows), found.outgoing, len(found.problems)


@pytest.mark.parametrize(("heading", "cell", "way"), DIRECTIONS)
def test_money_that_went_out_is_never_booked_as_income(heading: str, cell: str, way: str) -> None:
    found = read(f"Reference|Date|Payer|Amount|Currency|{heading}", f"B1|2026-12-14|X|5.00|CNY|{cell}")
    assert outcome(found) == {IN: (1, 0, 0), OUT: (0, 1, 0), LINE: (0, 0, 1)}[way]


@pytest.mark.parametrize("heading", ["Type", "交易类型", "Umsatztyp", "Richtung", "Was"])
def test_a_line_without_a_direction_is_a_problem_where_others_have_one(heading: str) -> None:
    head = f"Reference|Date|Payer|Amount|Currency|{heading}"
    lines = [f"B{at}|2026-12-14|X|5.00|CNY|{cell}" for at, cell in enumerate(("Credit", "", "Debit"))]
    assert outcome(read(head, *lines)) == (1, 1, 1)


def test_a_column_is_no_direction_because_of_dashes_or_of_words_that_say_more() -> None:
    dashes = read("Reference|Date|Payer|Amount|Currency|Cheque", "B1|2026-12-14|X|5|CNY|-", "B2|2026-12-14|X|5|CNY|-")
    assert outcome(dashes) == (2, 0, 0)
    kinds = read("Reference|Date|Payer|Amount|Currency|Type", "B1|2026-12-14|X|5|CNY|SEPA", "B2|2026-12-14|X|5|CNY|ACH")
    assert outcome(kinds) == (2, 0, 0)
    apart = read("Reference|Date|Payer|Debit|Credit|Currency|Type", "B1|2026-12-14|X||5|CNY|Wire", "||||||Withdrawal")
    assert len(apart.rows) == 1, "the columns say which way"


def test_a_text_stays_a_text_where_it_says_more_than_a_direction() -> None:
    head, line = "Reference|Date|Payer|Amount|Currency|Details", "B1|2026-12-14|X|5|CNY|{}"
    for words in ("Direct credit CR-1", "Deposit", "转入"):
        found = read(head, line.format(words))
        assert [row.text for row in found.rows] == [words]
    assert outcome(read(head, line.format("CREDIT"), line.format("DEBIT"))) == (1, 1, 0)


def test_the_first_payment_of_a_file_without_headings_is_no_heading() -> None:
    columns = {"reference": 0, "date": 1, "payer": 2, "amount": 3, "currency": 4, "text": 5}
    lines = ("B1|2026-12-14|Credit|5万元|CNY|Amount", "B2|2026-12-14|Debit|7 CNY|CNY|b")
    found = read(*lines, layout=Layout(columns=columns))
    assert [(row.amount, row.payer, row.text) for row in found.rows] == [
        (5_000_000, "Credit", "Amount"),
        (700, "Debit", "b"),
    ]


def test_a_layout_kept_without_a_direction_finds_it_and_a_person_may_say_there_is_none() -> None:
    head, line = "Reference|Date|Payer|Amount|Currency|Dr/Cr", "B1|2026-12-14|X|5.00|CNY|D"
    kept = {"reference": 0, "date": 1, "payer": 2, "amount": 3}
    assert outcome(read(head, line, layout=Layout(columns=kept))) == (0, 1, 0)
    assert outcome(read(head, line, layout=Layout(columns=kept | {"sign": ABSENT}))) == (1, 0, 0)


@pytest.mark.parametrize(
    ("heading", "cells"),
    [("Debit|Credit", "5.00|7.00"), ("借方|贷方", "5.00|7.00"), ("Amount|Debit|Credit", "|1|2"), ("Soll|Haben", "1|2")],
)
def test_a_line_that_says_that_money_came_and_went_is_left_to_a_person(heading: str, cells: str) -> None:
    assert outcome(read(f"Reference|Date|Payer|Currency|{heading}", f"B1|2026-12-14|X|CNY|{cells}")) == (0, 0, 1)


@pytest.mark.parametrize("cell", ["5.00 Dr", "5.00DR", "5,00 S", "-5.00 Cr", "5.00 D", "(5.00) Dr."])
def test_a_mark_behind_the_amount_says_that_it_went(cell: str) -> None:
    assert outcome(read("Reference|Date|Payer|Currency|Amount", f"B1|2026-12-14|X|EUR|{cell}")) == (0, 1, 0)


@pytest.mark.parametrize(("amount", "heading", "cell", "code"), CURRENCIES)
def test_a_currency_is_read_wherever_the_file_says_it(amount: str, heading: str, cell: str, code: str) -> None:
    found = read(f"Reference|Date|Payer|{amount}|{heading}", f"B1|2026-12-14|X|5|{cell}")
    assert outcome(found) == ((0, 0, 1) if code == LINE else (1, 0, 0))
    assert [row.currency for row in found.rows] == [code][: len(found.rows)]


@pytest.mark.parametrize("amount", ["5.00", "¥5.00", "1,234", "+7"])
@pytest.mark.parametrize("heading", ["Amount", "金额", "Betrag", "Montant"])
def test_a_currency_that_nothing_says_is_asked_for(heading: str, amount: str) -> None:
    head, line = f"Reference|Date|Payer|{heading}|Ccy", f"B1|2026-12-14|X|{amount}|"
    found = read(head, line)
    assert (outcome(found), found.nameless) == ((0, 0, 0), True)
    chosen = read(head, line, layout=Layout(currency="CNY"))
    assert (outcome(chosen), chosen.rows[0].currency) == ((1, 0, 0), "CNY")


def test_a_line_that_names_no_currency_is_a_problem_where_others_name_one() -> None:
    head = "Reference|Date|Payer|Amount|Ccy"
    found = read(head, "B1|2026-12-14|X|5|EUR", "B2|2026-12-14|X|5|")
    assert (outcome(found), found.nameless) == ((1, 0, 1), False)
    both = read(head, "B1|2026-12-14|X|5|EUR", "B2|2026-12-14|X|5|", layout=Layout(currency="USD"))
    assert [row.currency for row in both.rows] == ["EUR", "USD"]


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_banks_of_many_countries_are_read(content: str) -> None:
    kept = Layout(day_first=True) if "11/12/26" in content else Layout()
    found = bank_statement.read(content.encode(), kept)
    assert (found.problems, found.outgoing, found.missing, found.nameless) == ([], 0, (), False)
    (row,) = found.rows
    assert (row.reference, row.date, row.payer) == ("B1", date(2026, 12, 14), "Luoyang Water")
    assert money.Money(row.currency, row.amount) == money.Money("EUR", 300_050)


@pytest.mark.parametrize(("booking", "value"), DATES)
def test_the_value_date_wins_over_the_booking_date(booking: str, value: str) -> None:
    for heads, days in (((booking, value), "2026-12-11|2026-12-14"), ((value, booking), "2026-12-14|2026-12-11")):
        found = read(f"{'|'.join(heads)}|Reference|Payer|Amount|Ccy", f"{days}|B1|X|5|EUR")
        assert found.rows[0].date == date(2026, 12, 14)


@pytest.mark.parametrize(("one", "other"), TEXTS)
def test_the_text_of_a_payment_is_that_of_all_its_columns(one: str, other: str) -> None:
    for words in ("Zahlung|CR-1", "CR-1|Zahlung"):
        found = read(f"Reference|Date|Payer|Amount|Ccy|{one}|{other}", f"B1|2026-12-14|X|5|EUR|{words}")
        assert found.rows[0].text == words.replace("|", " ")
    assert found.headings["text"] == f"{one}, {other}"


@pytest.mark.parametrize(
    "days",
    [("06/13/2026", "13/06/2026"), ("13/06/2026", "06/13/2026"), ("31-12-25", "12-31-25"), ("25.12.2025", "12/26/2025"),
     ("01/02/2026", "06/13/2026", "13/06/2026")],
)  # fmt: skip
def test_a_file_with_days_in_both_orders_asks_for_the_order(days: tuple[str, ...]) -> None:
    lines = [f"B{at}|{day}|X|5|EUR" for at, day in enumerate((*days, "01/02/2026"))]
    found = read("Reference|Date|Payer|Amount|Ccy", *lines)
    assert (found.contradictory, found.ambiguous, found.layout.day_first) == (True, True, None)
    assert not any(row.date.month <= 2 for row in found.rows), "nobody knows"
    chosen = read("Reference|Date|Payer|Amount|Ccy", *lines, layout=Layout(day_first=True))
    assert chosen.rows[-1].date == date(2026, 2, 1)
    assert chosen.problems, "the days in the other order stay problems"


@pytest.mark.parametrize(
    ("head", "names"),
    [("Date|Amount|Description|Balance", ["reference", "payer"]), ("流水号|对方户名|摘要|余额", ["date", "amount"]),
     ("Buchungstag|Betrag|Saldo|Kundenreferenz", ["payer"]), ("Référence|Date|Donneur d'ordre|Solde", ["amount"])],
)  # fmt: skip
def test_what_is_missing_is_named(head: str, names: list[str]) -> None:
    assert read(head, "a|b|c|d").missing == names


@pytest.mark.parametrize(("encoding", "payer"), ENCODED)
def test_a_name_is_read_in_the_encoding_of_its_file(encoding: str, payer: str) -> None:
    data = f"Reference,Date,Payer,Amount,Currency\nB1,2026-12-14,{payer},5,EUR\n".encode(encoding)
    assert payer in encodings.decoded(data)[0]


def test_a_file_with_known_headings_is_in_the_encoding_in_which_they_are() -> None:
    for encoding, head in {
        "big5": "日期,付款人,金額,摘要",
        "gb18030": "日期,付款人,金额,摘要",
        "cp932": "取引日,振込依頼人,金額,摘要",
        "cp850": "Währung;Empfänger;Betrag",
    }.items():
        assert head in encodings.decoded(f"{head}\n".encode(encoding))[0], encoding
