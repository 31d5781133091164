"""Who may import a bank's statement, whose file it is until it is booked, and what becomes of lines that do not fit."""

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa

from crowd import clock, files
from crowd.db import db
from crowd.errors import Forbidden, NotFound
from crowd.ledger.deposits import bank_statement_import
from crowd.ledger.deposits.queries import find_by_reference
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.ledger.deposits.test_layouts import fields

HEAD = "reference,date,payer,amount,currency\n"
LINE = HEAD + "S1,2026-11-19,P,5,CNY\n"


@pytest.mark.parametrize("who", ["aud", "adm", "ada"])
def test_who_records_no_deposits_stores_no_statement(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    with pytest.raises(Forbidden):
        bank_statement_import.keep(person, io.BytesIO(LINE.encode()), "s.csv")
    with pytest.raises(Forbidden):
        bank_statement_import.preview(person, LINE.encode())
    assert db.session.scalars(sa.select(files.StoredFile)).all() == []


def test_a_statement_is_booked_by_the_person_who_was_shown_it(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.fen)
    upload = {"statement": (io.BytesIO(LINE.encode()), "s.csv")}
    form = fields(browser.post("/finance/bank-statements", upload, content_type="multipart/form-data").text)
    form = {name: value for name, value in form.items() if name != "csrf_token"} | {
        "then": "book"
    }  # each has their own
    browser.sign_in(cast.finn)
    assert browser.post("/finance/bank-statements", form).status_code == 404
    assert find_by_reference("S1") is None
    browser.sign_in(cast.fen)
    assert "1 deposits recorded" in browser.post("/finance/bank-statements", form).text
    assert find_by_reference("S1") is not None


def test_no_file_of_another_kind_is_read_as_a_statement(cast: Cast) -> None:
    kept = files.keep(io.BytesIO(b"%PDF-1.7\n" + b"x" * 100), "plan.pdf", kinds=("pdf",), limit=1_000)
    drawing = bank_statement_import._refer(cast.fen, kept)
    for number in (drawing.id, drawing.id + 1):
        with pytest.raises(NotFound):
            bank_statement_import.kept(cast.fen, number)


def test_a_line_that_cannot_be_recorded_is_named_and_keeps_no_other_from_being_booked(cast: Cast) -> None:
    today = clock.today()
    old, coming = today.replace(year=today.year - 6, day=1), today + timedelta(days=2)
    text = f"{HEAD}S1,{old},P,5,CNY\nS2,{today},P,5,CNY\nS3,{coming},P,5,CNY\nS4,{today},P,5,CNY\n"
    done = bank_statement_import.book(cast.fen, text.encode())
    assert (done.created, len(done.problems)) == (1, 3)
    for line, reason in (("Line 2", "more than five years ago"), ("Line 4", "in the future"), ("Line 5", "S2")):
        assert any(line in problem and reason in problem for problem in done.problems), (line, done.problems)
    assert [bool(find_by_reference(name)) for name in ("S1", "S2", "S3", "S4")] == [False, True, False, False]
