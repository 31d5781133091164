"""Text from outside takes time with its length, never with its square: what is too long is refused before any work.

Each input was once worked on whole: sorted, parsed, multiplied or drawn before anybody looked at how long it is.
"""

import io
import sys
import time
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from challenges import filtering
from challenges.search_tokens import tokens, wanted
from crowd import money, text
from crowd.accounts.passwords import MAX_LENGTH, PasswordRules
from crowd.errors import Invalid
from crowd.file_names import clean_name
from crowd.ledger.deposits import bank_statement
from crowd.ledger.payouts import bank_file as bank_file
from crowd.numbers import Unreadable
from crowd.web.arguments import Arguments
from crowd.web.fields import MoneyField, TagsField, line
from crowd.web.forms import Form
from crowd.web.templating import render_markdown
from crowd.web.time_fields import InstantField
from submissions.forms import ShareRow
from tests.client import Browser

PAIR = "\u0301\u0316"  # an acute above, a grave below: each has to move before the other
MARKS = 100_000


def marks(number: int) -> str:
    return "a" + PAIR * (number // 2)


def seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def grows(work: Callable[[int], object], small: int) -> float:
    """How many times the work of `small` is the work of four times as much."""
    return min(seconds(lambda: work(4 * small)) for _ in range(2)) / max(seconds(lambda: work(small)), 1e-3)


def test_the_kind_is_real() -> None:
    """What this page is about: the standard library alone takes sixteen times as long for four times as much."""
    assert grows(lambda number: unicodedata.normalize("NFC", marks(number)), 2_000) > 8


@pytest.mark.parametrize("form", ["NFC", "NFKC", "NFKD"])
@pytest.mark.parametrize(
    "pattern", [PAIR, "a" + PAIR * 14, "\u0344", "\U0001d165\u0301", "é", "가", "\ufdfa", "中文"], ids=ascii
)
def test_normalising_takes_time_with_the_length(form: Any, pattern: str) -> None:
    assert grows(lambda number: text.normalise("a" + pattern * (number // len(pattern)), form), 25_000) < 8


def test_every_mark_of_unicode_is_known() -> None:
    known = {chr(code) for code in range(sys.maxunicode + 1) if unicodedata.combining(chr(code))}
    over = {mark for mark in known if text.cut_marks("a" + mark * 40) != "a" + mark * text.MAX_MARKS}
    assert not over


def test_what_people_write_stays_as_it_is() -> None:
    for written in ("Nguyễn Thị Hiền", "e\u0301tude", "กำลัง", "שָׁלוֹם", "한국어", "合同", "a" + PAIR * 15, ""):
        assert text.cut_marks(written) == written
        assert text.normalise(written) == unicodedata.normalize("NFC", written)
    assert text.clean(" Ha\u0308user\r\nund\rHo\x00fe ") == "Häuser\nund\nHofe"
    assert text.clean("\ud800x") == "x"


def test_a_text_is_too_long_only_where_no_form_of_it_fits() -> None:
    """The longest that comes of one character: three letters of Hangul, each with a mark, and line ends of two."""
    written = unicodedata.normalize("NFD", "한" * 80)
    assert not text.is_too_long(written, 80)
    assert text.clean(written, 80) == "한" * 80
    assert text.clean(marks(MARKS), 80) == marks(MARKS), "it is refused for its length, so nothing was done with it"


class Whole(Form):
    name = line("Name", "80")
    amount = MoneyField("Amount")
    at = InstantField("At")
    tags = TagsField("Tags")


HUGE: dict[str, Callable[[int], str]] = {
    "marks": marks,
    "digits": lambda number: "9" * number,
    "letters": lambda number: "x" * number,
    "commas": lambda number: "a," * (number // 2),
    "spaces": lambda number: " " * number + "x",
}


@pytest.mark.parametrize("kind", HUGE)
@pytest.mark.parametrize("field", ["name", "amount", "at", "tags"])
def test_a_field_refuses_what_is_too_long_in_no_time(isolated: Flask, field: str, kind: str) -> None:
    def send(number: int) -> None:
        with isolated.test_request_context(method="POST"):
            form = Whole(MultiDict({field: HUGE[kind](number)}), meta={"csrf": False})
            assert not form.validate()
            form.render = str(form[field])

    send(1_000)
    assert grows(send, MARKS) < 8
    assert seconds(lambda: send(MARKS)) < 0.5


def test_an_address_is_not_taken_apart_where_it_is_too_long(isolated: Flask) -> None:
    with isolated.test_request_context(method="POST"):
        row = ShareRow(MultiDict({"address": marks(MARKS) + "@crowd.example", "percent": "5"}))
        assert seconds(row.validate) < 0.5
        assert len(row.address.errors) == 1, "its length is refused, and nothing more is said of it"
        row = ShareRow(MultiDict({"address": "a@" + "xn--" * MARKS + ".example", "percent": "5"}))
        assert seconds(row.validate) < 0.5
        assert len(row.address.errors) == 1


@pytest.mark.parametrize(
    "work",
    [
        lambda sent: tokens(sent),
        lambda sent: wanted(text.question(sent)),
        lambda sent: clean_name(sent + ".pdf"),
        lambda sent: clean_name(("a/" * (len(sent) // 2)) + sent),
        lambda sent: filtering.read(Arguments(MultiDict([("q", sent), ("tag", sent), ("organisation", sent)]))),
        lambda sent: text.line(sent, 254),
        lambda sent: render_markdown(sent),
    ],
    ids=["search index", "question", "file name", "path", "filters", "line", "markdown"],
)
@pytest.mark.parametrize("kind", HUGE)
def test_nothing_that_reads_a_text_takes_longer_than_its_length(isolated: Flask, work: Any, kind: str) -> None:
    with isolated.test_request_context():
        assert grows(lambda number: work(HUGE[kind](number)), MARKS // 4) < 8
        assert seconds(lambda: work(HUGE[kind](MARKS))) < 2


def test_a_file_name_keeps_its_ending_however_long_it_is() -> None:
    assert clean_name("x" * MARKS + ".pdf") == "x" * 100 + ".pdf"
    assert clean_name("C:\\temp\\" + marks(MARKS) + ".docx").endswith(".docx")
    assert clean_name("../../" + "y" * 300) == "y" * 110


def test_a_password_is_measured_before_it_is_normalised(isolated: Flask) -> None:
    with isolated.test_request_context():
        rules = PasswordRules(isolated)
        for sent in (marks(MARKS), "x" * MARKS):
            told: list[Any] = []
            assert seconds(lambda sent=sent, told=told: told.extend(rules.validate(sent, True))) < 0.2  # type: ignore[misc]
            assert str(MAX_LENGTH) in told[0][0]
        assert rules.validate("e\u0301tude in three words", True) == rules.validate("étude in three words", True)


@pytest.mark.parametrize("written", ["1" * 5_000_000, "1e999999999", "0." + "0" * 5_000_000 + "1", "1," * 2_000_000])
def test_an_amount_is_measured_before_it_is_worked_out(written: str) -> None:
    def read() -> None:
        with pytest.raises(Unreadable, match=r"long|no number"):
            money.parse(written, "CNY")

    assert seconds(read) < 0.2


HEADER = b"reference,date,payer,amount,currency\n"
LINE = b"B1,2026-12-14,Luoyang,5.00,CNY\n"


def test_a_bank_statement_is_read_no_further_than_its_limit(isolated: Flask) -> None:
    with isolated.test_request_context():
        with pytest.raises(Invalid):
            bank_statement.read(HEADER + LINE * 400_000)  # 12 MB
        whole = HEADER + LINE * 300_000
        assert seconds(lambda: bank_statement.read(whole)) < 4
        found = bank_statement.read(whole)
        rows, problems = found.rows, found.problems
        assert (len(rows), len(problems)) == (bank_statement.MAX_ROWS, 1)
        wide = HEADER.rstrip() + b",x" * 200_000 + b"\n" + b"B1\n" * 4_000
        with pytest.raises(Invalid):
            bank_statement.read(wide)
        rows = bank_statement.read(HEADER + LINE.replace(b"Luoyang", marks(60_000).encode())).rows
        assert len(rows[0].payer) <= bank_statement.MAX_CELL_LENGTH


def test_a_file_of_answers_is_read_no_further_than_its_limit(isolated: Flask) -> None:
    with isolated.test_request_context():
        whole = b"payment,status,amount,currency,reason\n" + b"PAYOUT-1,paid,5.00,CNY,\n" * 400_000
        started = time.process_time()
        with pytest.raises(Invalid):
            bank_file.read(whole)
        assert time.process_time() - started < 5


MANY: dict[str, Callable[[], str]] = {
    "one address, many links": lambda: "[a]: " + "b" * 20_000 + "\n\n" + "[a]" * 6_000,
    "wide table, short rows": lambda: "|a" * 900 + "|\n" + "|-" * 900 + "|\n" + "|a|\n" * 900,
    "a quote without its marks": lambda: "> " * 11 + "a\n" + "b\n" * 25_000,
    "references without end": lambda: "[a\n" * 20_000,
}


@pytest.mark.parametrize("kind", MANY)
def test_markdown_makes_no_page_much_larger_than_its_text(isolated: Flask, kind: str) -> None:
    with isolated.test_request_context():
        source = MANY[kind]()
        assert len(render_markdown(source)) < 10 * len(source) + 100_000
        assert seconds(lambda: render_markdown(source + " ")) < 5


def post(app: Flask, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded") -> int:
    return app.test_client().post(path, data=body, content_type=kind).status_code


def test_a_form_has_no_more_fields_than_a_page_could_have(isolated: Flask) -> None:
    app = isolated
    for body in (b"a&" * 900_000, b"a=1&" * 2_000_000, b"a=" + b"x" * 20_000_000):
        started = time.process_time()
        assert post(app, "/account/login", body) == 413
        assert time.process_time() - started < 2
    assert post(app, "/account/login", b"a=1&" * 400) == 400, "few enough, but without a token"


def test_the_page_of_a_new_account_answers_at_once(browser: Browser) -> None:
    """The example: two such requests, of nobody in particular, stopped the site for 27 seconds."""
    for field in ("name", "email"):
        started = time.process_time()
        answer = browser.post("/account/register", {"email": "lin@crowd.example", "terms": "y", field: marks(MARKS)})
        assert time.process_time() - started < 2
        assert answer.status_code < 500
    for path in ("/account/login", "/account/reset"):
        sent = {"email": marks(MARKS) + "@crowd.example", "password": marks(MARKS)}
        started = time.process_time()
        answer = browser.post(path, sent)
        assert time.process_time() - started < 2
        assert answer.status_code == 422


def test_what_stands_in_an_address_or_a_header_is_cut(isolated: Flask) -> None:
    client = isolated.test_client()
    started = time.process_time()
    assert client.get("/challenges", query_string={"q": marks(MARKS)}).status_code == 200
    assert client.get("/people", query_string={"field": marks(MARKS)}).status_code == 200
    answer = client.get("/terms", headers={"X-Request-ID": "a" * 100_000, "Cookie": "theme=" + "x" * 100_000})
    assert answer.status_code == 200
    assert len(answer.headers["X-Request-ID"]) < 65
    assert client.get("/terms", headers={"X-Request-ID": "é" * 20}).headers["X-Request-ID"].isascii()
    assert time.process_time() - started < 4


def test_an_upload_with_an_endless_name_is_refused_or_cut(isolated: Flask) -> None:
    client = isolated.test_client()
    started = time.process_time()
    answer = client.post(
        "/account/login",
        data={"file": (io.BytesIO(b"x"), "n" * 3_000_000 + ".pdf")},
        content_type="multipart/form-data",
    )
    assert answer.status_code in (400, 413)
    assert time.process_time() - started < 2
