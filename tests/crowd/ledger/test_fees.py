"""The fee schedule: the council publishes a version from a date on; challenges that were sent before keep theirs."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from challenges.lifecycle import services as lifecycle
from crowd.clock import now
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.ledger.fees import charts, queries, services
from crowd.ledger.models import FeeRate, Transfer
from tests import factories
from tests.cast import Cast
from tests.client import Browser

ZONE = ZoneInfo("Asia/Shanghai")  # the platform's


def today() -> date:
    return now().astimezone(ZONE).date()


def publish(cast: Cast, **changes: Any) -> Any:
    facts: dict[str, Any] = {"points": 300, "effective_on": today() + timedelta(days=9), "note": "Lower", "after": 1}
    return services.publish(cast.gu, **facts | changes)


def test_a_version_applies_from_the_beginning_of_its_day(cast: Cast) -> None:
    row = publish(cast)
    begins = datetime.combine(today() + timedelta(days=9), time(), ZONE)
    assert row.effective_from == begins
    assert queries.current_fee("award", begins - timedelta(seconds=1)) == (1, 500)
    assert queries.current_fee("award", begins) == (2, 300)


def test_a_challenge_keeps_the_version_of_the_day_on_which_it_was_sent(cast: Cast) -> None:
    before, draft = factories.screened(cast), factories.challenge(cast.ada, cast.luoyang)
    db.session.add(FeeRate(version=2, kind="award", basis_points=300, effective_from=now() - timedelta(seconds=1)))
    db.session.flush()
    after = lifecycle.submit(cast.ada, draft.id)
    assert (before.fee_version, before.fee_basis_points) == (1, 500)
    assert (after.fee_version, after.fee_basis_points) == (2, 300)


def test_a_later_version_takes_the_place_of_one_that_has_not_begun(cast: Cast) -> None:
    publish(cast, points=900)
    publish(cast, points=500, after=2, effective_on=today() + timedelta(days=3))
    assert queries.current_fee("award", now() + timedelta(days=30)) == (3, 500)


@pytest.mark.parametrize("days", [0, -1, -400])
def test_no_version_reaches_into_the_past(cast: Cast, days: int) -> None:
    with pytest.raises(Invalid) as refused:
        publish(cast, effective_on=today() + timedelta(days=days))
    assert set(refused.value.fields) == {"effective_on"}


def test_only_the_council_publishes_and_only_after_what_it_was_shown(cast: Cast) -> None:
    for other in (cast.ada, cast.eve, cast.fen, cast.adm):
        with pytest.raises(Forbidden):
            services.publish(other, points=0, effective_on=today() + timedelta(days=9), note="Free", after=1)
    publish(cast)
    with pytest.raises(Conflict):
        publish(cast)
    with pytest.raises(Invalid):
        publish(cast, note=" ", after=2)


def answered(browser: Browser, form: dict[str, str]) -> TestResponse:
    """Send the form and, where it asks, answer the question that repeats the rate and the day."""
    page = browser.post("/fees/new", form)
    asked = re.search(r'name="confirmed" value="([^"]+)"', page.text)
    return browser.post("/fees/new", form | {"confirmed": asked[1]}) if asked else page


def test_the_council_publishes_by_page(cast: Cast, browser: Browser) -> None:
    day = today() + timedelta(days=9)
    form = {"rate": "4,5", "effective_on": day.isoformat(), "note": "Agreed on in the council", "after": "1"}
    browser.sign_in(cast.gu)
    assert "/fees/new" in browser.get("/fees").text
    for field, wrong in (("rate", "Infinity"), ("rate", "101"), ("effective_on", "2020-01-01"), ("note", "")):
        refused = answered(browser, form | {field: wrong})
        assert refused.status_code == 422
        assert f"{field}-problem" in refused.text
    assert answered(browser, form).status_code == 303
    page = browser.get("/fees").text
    assert "4.5%" in page
    assert "Agreed on in the council" in page
    assert "5% of what is awarded" in page, "the version in force, not the newest"
    assert browser.sign_in(cast.ada).get("/fees/new").status_code == 403


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("effective_on", 0), ("effective_on", -1), ("effective_on", -400), ("note", " "), ("after", "0")],
)
def test_what_cannot_be_published_is_refused_before_anybody_is_asked(
    field: str, wrong: Any, cast: Cast, browser: Browser
) -> None:
    value = (today() + timedelta(days=wrong)).isoformat() if isinstance(wrong, int) else wrong
    form = {"rate": "4,5", "effective_on": (today() + timedelta(days=9)).isoformat(), "note": "Agreed", "after": "1"}
    page = browser.sign_in(cast.gu).post("/fees/new", form | {field: value})
    assert page.status_code == (409 if field == "after" else 422)
    assert 'name="confirmed"' not in page.text
    assert "cannot be changed or withdrawn" not in page.text
    assert queries.last_version() == 1


def test_our_own_words_are_told_in_the_reader_s_language_and_the_council_s_as_they_were_typed(
    cast: Cast, browser: Browser
) -> None:
    publish(cast, note="The first schedule")
    pages = {code: browser.get("/fees", headers={"Accept-Language": code}).text for code in ("en", "zh-CN")}
    assert (pages["en"].count("The first schedule"), pages["zh-CN"].count("The first schedule")) == (2, 1)
    assert "首版收费标准" in pages["zh-CN"]


def test_what_the_settlement_writes_into_the_books_is_told_in_the_reader_s_language(
    cast: Cast, browser: Browser
) -> None:
    challenge = factories.settled(cast)
    browser.sign_in(cast.fen)
    cast.fen.locale = "zh_Hans_CN"
    db.session.flush()
    (number,) = db.session.scalars(
        sa.select(Transfer.id).where(Transfer.kind == "refund", Transfer.challenge_id == challenge.id)
    )
    for path in (f"/challenges/{challenge.id}/transfers", f"/balance/transfers/{number}"):
        page = browser.get(path)
        assert page.status_code == 200, path
        assert "What was not awarded" not in page.text
        assert "未授出" in page.text, path


def test_the_example_of_the_fee_is_what_a_challenge_would_do(cast: Cast, browser: Browser) -> None:
    """The same prizes, of which the same part is awarded, at the rate of the schedule in force."""
    challenge = factories.settled(cast)
    assert challenge.prize_total == charts.PRIZES
    page = browser.get("/fees").text
    for shown in ("¥300,000", "¥315,000", "¥200,000", "¥10,000", "¥105,000"):
        assert shown in page
    assert "5% of what is awarded" in page
    postings = browser.get(f"/challenges/{challenge.id}/transfers").text
    for shown in ("315,000", "200,000", "10,000", "105,000"):
        assert shown in postings
