"""A person's own deadlines by a link that expires, can be withdrawn, and shows nobody else's."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from icalendar import Calendar

from crowd.db import commit, db
from crowd.feeds import queries, services
from crowd.feeds.models import CalendarLink
from crowd.following import services as following
from tests import factories
from tests.cast import Cast
from tests.client import Browser


def path_of(browser: Browser) -> str:
    """The path of the link on the person's page."""
    page = browser.get("/account/calendar").text
    return "/calendar/" + page.partition("/calendar/")[2].partition("<")[0]


def events(browser: Browser, path: str) -> dict[str, Any]:
    answer = browser.client.get(path)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    return {str(event["SUMMARY"]): event for event in Calendar.from_ical(answer.data).events}


def test_the_link_shows_what_waits_and_what_is_followed(cast: Cast, browser: Browser) -> None:
    row, other = factories.opened(cast), factories.funded(cast, title="Another one", opens_at=None)
    factories.proposal(cast.bo, row, submitted=False, title="CANARY title", abstract="CANARY abstract")
    following.follow(cast.bo, "challenge", other.id)
    browser.sign_in(cast.bo)
    assert "You have no link yet" in browser.get("/account/calendar").text
    assert browser.post("/account/calendar").status_code == 303
    found = events(browser, path_of(browser))
    assert found.keys() == {f"Submit your proposal: {row.title}", "Closes: Another one"}
    assert {event["DTSTART"].dt for event in found.values()} == {
        row.closes_at.replace(microsecond=0), other.closes_at.replace(microsecond=0),
    }  # fmt: skip
    assert "CANARY" not in browser.client.get(path_of(browser)).text
    assert len({str(event["UID"]) for event in found.values()}) == 2


def test_it_is_in_the_language_and_zone_of_its_person(cast: Cast, browser: Browser) -> None:
    cast.bo.locale, cast.bo.time_zone = "zh_Hans_CN", "Europe/Berlin"
    commit()
    with browser.app.test_request_context():
        token = queries.token_of(services.create_link(cast.bo))
    calendar = Calendar.from_ical(browser.client.get(f"/calendar/{token}.ics").data)
    assert str(calendar["X-WR-TIMEZONE"]) == "Europe/Berlin"
    assert "截止" in str(calendar["X-WR-CALNAME"])


@pytest.mark.parametrize("end", ["withdrawn", "replaced", "expired", "closed", "forged"])
def test_a_link_ends(cast: Cast, browser: Browser, end: str) -> None:
    browser.sign_in(cast.bo)
    browser.post("/account/calendar")
    path = path_of(browser)
    assert browser.client.get(path).status_code == 200
    if end == "withdrawn":
        browser.post("/account/calendar/revoke")
    elif end == "replaced":
        browser.post("/account/calendar")
        assert browser.client.get(path_of(browser)).status_code == 200
    elif end == "expired":
        row = db.session.scalars(sa.select(CalendarLink)).one()
        row.expires_at -= timedelta(days=367)
    elif end == "closed":
        cast.bo.active = False
    else:
        path = path.replace(".ics", "x.ics")
    commit()
    assert browser.client.get(path).status_code == 404


def test_the_link_is_good_for_nothing_else(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    browser.post("/account/calendar")
    token = path_of(browser).removeprefix("/calendar/").removesuffix(".ics")
    assert Browser(browser.app).get(f"/unsubscribe/{token}").status_code == 404


def test_nobody_elses_deadlines_are_in_it(cast: Cast, browser: Browser) -> None:
    row = factories.opened(cast)
    factories.proposal(cast.bea, row, submitted=False)
    browser.sign_in(cast.bo)
    browser.post("/account/calendar")
    assert events(browser, path_of(browser)) == {}
