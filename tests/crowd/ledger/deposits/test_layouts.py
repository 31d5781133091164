"""A bank's file is read as the last one with the same headings: encoding, order of day and month, and columns."""

import io
import re
from collections.abc import Sequence
from datetime import date

import pytest

from crowd.errors import Forbidden, Invalid
from crowd.ledger.deposits import bank_statement_import, bank_text
from crowd.ledger.deposits import queries as deposits
from crowd.ledger.deposits.bank_statement import BankStatementRow, Layout
from tests.cast import Cast
from tests.client import Browser

COLUMNS = {"reference": 0, "date": 1, "payer": 2, "amount": 3}
JAPANESE = "記号,いつ,だれ,いくら\n{0}1,2026/11/02,{1},{3}\n{0}2,2026/11/03,{1},2{3}\n"
ITALIAN = "Conto: IT60 X054 2811 1010 0000 0123 456\nNumero;Giorno;Ordinante;Importo\n{0}1;05/11/2026;{1};{3},50\n"
BARE = "{0}1|2026-11-04|{1}|{3}.00\n{0}2|2026-11-05|{1}|2{3}.00\n"
BRITISH = "Account number: {2}\nReference,Date,Payer,Amount\n{0}1,05/11/2026,{1},{3}.00\n"


def rows(cast: Cast, data: bytes, layout: Layout = bank_statement_import.AS_FOUND) -> Sequence[BankStatementRow]:
    return bank_statement_import.preview(cast.fen, data, layout).statement.rows


@pytest.mark.parametrize(
    ("layout", "encoding", "payer", "chosen", "day"),
    [
        (JAPANESE, "shift_jis", "株式会社山田", Layout("shift_jis", None, COLUMNS, "CNY"), date(2026, 11, 2)),
        (ITALIAN, "cp1252", "Società Perù", Layout("", True, COLUMNS, "CNY"), date(2026, 11, 5)),
        (BARE, "big5", "臺灣銀行", Layout("big5", None, COLUMNS, "CNY"), date(2026, 11, 4)),
        (BRITISH, "utf-8", "Luoyang Water", Layout("", False, currency="CNY"), date(2026, 5, 11)),
    ],
    ids=["Japanese headings", "Italian headings", "no headings", "a known bank"],
)
def test_the_next_file_of_a_bank_is_read_as_the_last_one(
    cast: Cast, layout: str, encoding: str, payer: str, chosen: Layout, day: date
) -> None:
    november, december = (
        layout.format(name, payer, "12345678", amount).encode(encoding) for name, amount in (("N", 10), ("D", 11))
    )
    assert rows(cast, november) == [], "nobody knows yet how it is to be read"
    assert bank_statement_import.book(cast.fen, november, chosen).problems == []
    (first, *_others) = rows(cast, december)
    assert (first.reference, first.date, first.payer) == ("D1", day, payer)
    assert bank_statement_import.preview(cast.fen, december).as_before
    assert bank_statement_import.book(cast.finn, december).created == len(rows(cast, december))


def test_what_is_only_looked_at_is_not_kept(cast: Cast) -> None:
    data = JAPANESE.format("J", "X", "", 1).encode()
    assert rows(cast, data, Layout("", None, COLUMNS, "CNY"))
    assert not bank_statement_import.preview(cast.fen, data).as_before
    assert bank_statement_import.preview(cast.fen, data).statement.missing
    with pytest.raises(Invalid):
        bank_statement_import.book(cast.fen, data)
    with pytest.raises(Forbidden):
        bank_statement_import.preview(cast.ada, data)


def test_two_accounts_with_the_same_headings_keep_each_its_own(cast: Cast) -> None:
    ours, other = (BRITISH.format("A", "X", number, 9).encode() for number in ("12345678", "87654321"))
    bank_statement_import.book(cast.fen, ours, Layout("", True, currency="CNY"))
    assert rows(cast, ours)[0].date == date(2026, 11, 5)
    assert rows(cast, other) == [], "an other account's order says nothing"
    bank_statement_import.book(cast.fen, other, Layout("", False, currency="CNY"))
    assert [rows(cast, data)[0].date.month for data in (ours, other)] == [11, 5]


def test_what_a_file_shows_outweighs_what_was_kept(cast: Cast) -> None:
    data = BRITISH.format("A", "Müller", "12345678", 9)
    bank_statement_import.book(cast.fen, data.encode("cp1252"), Layout("cp1252", True, currency="CNY"))
    american = data.replace("05/11", "11/25").encode()
    (row,) = rows(cast, american)
    assert (row.date, row.payer) == (date(2026, 11, 25), "Müller"), "days in the other order, and now in UTF-8"
    assert not bank_statement_import.preview(cast.fen, american).as_before


def test_a_file_that_shows_nothing_leaves_what_was_kept(cast: Cast) -> None:
    """A month without umlauts and with the year first says nothing of encoding and order."""
    data = BRITISH.format("A", "M黮ler", "12345678", 9)
    bank_statement_import.book(cast.fen, data.encode("gb18030"), Layout("gb18030", True, currency="CNY"))
    plain = BRITISH.format("B", "X", "12345678", 9).replace("05/11/2026", "2026-11-05")
    bank_statement_import.book(cast.fen, plain.encode())
    (row,) = rows(cast, data.encode("gb18030"))
    assert (row.payer, row.date) == ("M黮ler", date(2026, 11, 5))


def test_a_later_choice_replaces_an_earlier_one(cast: Cast) -> None:
    data = BRITISH.format("A", "X", "12345678", 9).encode()
    for order, month in ((True, 11), (False, 5)):
        bank_statement_import.book(cast.fen, data, Layout("", order, currency="CNY"))
        assert rows(cast, data)[0].date.month == month


def test_the_currency_of_a_bank_is_asked_for_once_and_kept(cast: Cast) -> None:
    november, december = (BRITISH.format(name, "X", "12345678", 9).encode() for name in "ND")
    british = Layout("", True)
    assert bank_statement_import.preview(cast.fen, november, british).statement.nameless
    with pytest.raises(Invalid):
        bank_statement_import.book(cast.fen, november, british)
    bank_statement_import.book(cast.fen, november, Layout("", True, currency="EUR"))
    (row,) = rows(cast, december)
    assert row.currency == "EUR"
    assert bank_statement_import.preview(cast.fen, december).as_before
    assert rows(cast, december, Layout(currency="USD"))[0].currency == "USD", "another choice"
    said = b"Currency: USD\n" + december
    assert rows(cast, said)[0].currency == "USD", "what a file says outweighs what was kept"


def test_a_layout_that_was_kept_with_a_direction_unread_does_not_book_what_went_out(cast: Cast) -> None:
    head = "Account number: 12345678\nReference,Date,Payer,Amount,Currency,Way\n"
    came = head + "A1,2026-11-05,X,9.00,CNY,\n"
    assert bank_statement_import.book(cast.fen, came.encode()).created == 1
    went = head + "A2,2026-11-06,X,9.00,CNY,Debit\nA3,2026-11-06,X,8.00,CNY,Credit\n"
    found = bank_statement_import.book(cast.fen, went.encode())
    assert (found.created, found.outgoing, deposits.find_by_reference("A2")) == (1, 1, None)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("账号,6222 0000 1111 2223", "6222000011112223"),
        ("银行账号：６２２２000011112223", "6222000011112223"),
        ("Konto: DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("Account number,12345678,2026-11-01", "12345678"),
        ("IBAN;CH93 0076 2011 6238 5295 7", "CH9300762011623852957"),
        ("Account holder,Luoyang Water", ""),
        ("户名,某某公司", ""),
        ("Konto;1", ""),
    ],
)
def test_the_account_of_a_file_stands_before_its_table(line: str, number: str) -> None:
    assert bank_text.account_of([re.split("[,;]", line)]) == number


def sent(data: bytes) -> dict[str, object]:
    return {"statement": (io.BytesIO(data), "bank.csv")}


def fields(page: str) -> dict[str, str]:
    """What the preview's form would send unchanged."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    chosen = {
        name: found[1]
        for name, body in re.findall(r'<select[^>]* name="([\w-]+)"[^>]*>(.*?)</select>', page, re.DOTALL)
        if (found := re.search(r'<option selected value="([^"]*)"', body))
    }
    return hidden | chosen


def test_finance_chooses_columns_on_the_preview_and_is_told_next_time(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.fen)
    page = browser.post(
        "/finance/bank-statements",
        sent(JAPANESE.format("P", "山田", "", 1).encode("shift_jis")),
        content_type="multipart/form-data",
    )
    form = fields(page.text) | {"encoding": "shift_jis", "then": "preview"}
    page = browser.post("/finance/bank-statements", form)
    assert "だれ" in page.text
    assert "Book these lines" not in page.text
    form = fields(page.text) | {f"columns-{name}": str(place) for name, place in COLUMNS.items()}
    page = browser.post("/finance/bank-statements", form | {"then": "book"})
    assert "says in which currency" in page.text
    assert "山田" not in page.text
    form = fields(page.text) | {"currency": "JPY"}
    page = browser.post("/finance/bank-statements", form | {"then": "book"})
    assert deposits.find_by_reference("P1") is None, "what was not shown is not booked"
    assert "山田" in page.text
    page = browser.post("/finance/bank-statements", fields(page.text) | {"then": "book"})
    assert "2 deposits recorded" in page.text
    page = browser.post(
        "/finance/bank-statements",
        sent(JAPANESE.format("Q", "山田", "", 2).encode("shift_jis")),
        content_type="multipart/form-data",
    )
    assert "Read as last time" in page.text
    assert "Q2" in page.text
    row = deposits.find_by_reference("P1")
    assert row is not None
    assert (row.currency, row.amount) == ("JPY", 1)
    assert '<option selected value="JPY">' in page.text, "kept for the next file"
    again = fields(page.text) | {"columns-payer": "0", "then": "preview"}
    assert "Read as last time" not in browser.post("/finance/bank-statements", again).text
