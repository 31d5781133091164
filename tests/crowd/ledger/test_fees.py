"""The fee schedule: the council publishes a version from a date on; challenges that were sent before keep theirs."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from werkzeug.test import TestResponse

from challenges import services as challenges
from crowd.clock import now
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.ledger.fees import queries, services
from crowd.ledger.models import FeeRate
from tests import factories
from tests.cast import Cast
from tests.client import Browser

ZONE = ZoneInfo("Asia/Shanghai")  # the platform's


def today() -> date:
    return now().astimezone(ZONE).date()


def publish(cast: Cast, **changes: Any) -> Any:
    facts = {"points": 300, "effective_on": today() + timedelta(days=9), "note": "Lower", "after": 1}
    return services.publish(cast.gu, **facts | changes)


def test_a_version_applies_from_the_beginning_of_its_day(cast: Cast) -> None:
    row = publish(cast)
    begins = datetime.combine(today() + timedelta(days=9), time(), ZONE)
    assert row.effective_from == begins
    assert queries.current_fee("award", begins - timedelta(seconds=1)) == (1, 500)
    assert queries.current_fee("award", begins) == (2, 300)


def test_a_challenge_keeps_the_version_of_the_day_on_which_it_was_sent(cast: Cast) -> None:
    before, draft = factories.screened(cast), factories.challenge(cast.ada, cast.luoyang)
    db.session.add(FeeRate(version=2, kind="award", points=300, effective_from=now() - timedelta(seconds=1)))
    db.session.flush()
    after = challenges.submit(cast.ada, draft.id)
    assert (before.fee_version, before.fee_points) == (1, 500)
    assert (after.fee_version, after.fee_points) == (2, 300)


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
