"""What programs read of challenges: valid Atom and iCalendar, in the language of the URL, and only what is public."""

from datetime import UTC, timedelta
from typing import Any

import feedparser
import pytest
from flask import Flask
from icalendar import Calendar

from challenges.lifecycle import services as lifecycle
from crowd.feeds import atom
from tests import factories
from tests.cast import Cast
from tests.client import Browser

LOCALES = {"en": "en", "zh_Hans_CN": "zh-CN"}


def atom_of(browser: Browser, path: str) -> Any:
    answer = browser.get(path)
    assert answer.status_code == 200
    assert answer.content_type.startswith("application/atom+xml")
    found = feedparser.parse(answer.data)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def calendar_of(browser: Browser, path: str) -> Any:
    answer = browser.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.data)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_list_with_its_filters(cast: Cast, browser: Browser, locale: str) -> None:
    row = factories.opened(cast, title="Leaks & <mains> in 管网")
    found = atom_of(browser, f"/challenges.atom?q=leaks&locale={locale}")
    assert found.feed.language == LOCALES[locale]
    (entry,) = found.entries
    assert entry.title == "Leaks & <mains> in 管网"
    assert entry.link.endswith(f"/challenges/{row.id}")
    assert entry.author == cast.luoyang.name
    assert "¥300,000" in entry.summary
    assert entry.published_parsed[:6] == row.published_at.astimezone(UTC).timetuple()[:6]
    assert atom_of(browser, "/challenges.atom?q=steel").entries == []


def test_the_list_names_its_feed_and_the_feed_itself(cast: Cast, browser: Browser) -> None:
    factories.opened(cast)
    page = browser.get("/challenges?q=leaks").text
    assert 'rel="alternate" type="application/atom+xml"' in page
    link = page.partition('rel="alternate" type="application/atom+xml"')[2].partition('href="')[2].partition('"')[0]
    found = atom_of(browser, link.replace("&amp;", "&"))
    assert len(found.entries) == 1
    (own,) = [one.href for one in found.feed.links if one.rel == "self"]
    assert own.endswith(link.replace("&amp;", "&"))


def test_a_reader_that_has_the_feed_gets_nothing_again(cast: Cast, browser: Browser) -> None:
    factories.opened(cast)
    first = browser.get("/challenges.atom?locale=en")
    again = browser.client.get("/challenges.atom?locale=en", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_history_as_everybody_sees_it(cast: Cast, browser: Browser) -> None:
    row = factories.closed(cast)
    found = atom_of(browser, f"/challenges/{row.id}/history.atom?locale=en")
    assert [entry.title for entry in found.entries] == ["Closed, judging started", "Opened", "Money paid into escrow"]
    assert len({entry.id for entry in found.entries}) == 3
    assert cast.eve.name not in str(found), "who screened it is not public"


def test_results(cast: Cast, browser: Browser) -> None:
    row = factories.decided(cast)
    (entry,) = atom_of(browser, "/results.atom?locale=en").entries
    assert entry.title == row.title
    assert entry.link.endswith(f"/challenges/{row.id}/results")
    assert cast.bo.name in entry.summary
    assert cast.bea.name not in str(entry), "who did not win is not named"


@pytest.mark.parametrize("path", ["history.atom", "calendar.ics"])
@pytest.mark.parametrize("state", ["challenge", "screened", "approved", "funded"])
def test_what_is_not_public_has_no_feed(cast: Cast, browser: Browser, state: str, path: str) -> None:
    """Nor for its sponsor, whose program does not sign in."""
    draft = state == "challenge"
    row = factories.challenge(cast.ada, cast.luoyang) if draft else getattr(factories, state)(cast)
    for person in (None, cast.ada):
        if person:
            browser.sign_in(person)
        assert browser.get(f"/challenges/{row.id}/{path}").status_code == 404
        assert row.title not in browser.get("/challenges.atom").text


def test_the_dates_of_a_challenge_are_instants(cast: Cast, browser: Browser) -> None:
    row = factories.opened(cast)
    found = calendar_of(browser, f"/challenges/{row.id}/calendar.ics?locale=en")
    events = {str(event["SUMMARY"]).partition(":")[0]: event for event in found.events}
    assert events.keys() == {"Opens", "Closes"}
    closes = events["Closes"]
    assert closes["DTSTART"].dt == row.closes_at.replace(microsecond=0)
    assert closes["DTSTART"].to_ical().endswith(b"Z"), "UTC: every program shows its reader's own time"
    assert str(closes["STATUS"]) == "CONFIRMED"
    assert (str(found["METHOD"]), str(found["VERSION"])) == ("PUBLISH", "2.0")
    assert all(event.get("UID") and event.get("DTSTAMP") for event in found.events)
    assert found.errors == []
    assert not any(event.errors for event in found.events)


def test_an_event_keeps_its_identity_when_its_date_moves(cast: Cast, browser: Browser) -> None:
    row = factories.opened(cast)
    path = f"/challenges/{row.id}/calendar.ics"

    def uids() -> list[str]:
        return sorted(str(event["UID"]) for event in calendar_of(browser, path).events)

    before = uids()
    factories.move_dates(row, closes_at=row.closes_at + timedelta(days=1))
    assert uids() == before


def test_planned_and_cancelled_dates_say_so(cast: Cast, browser: Browser) -> None:
    row = factories.closed(cast)
    path = f"/challenges/{row.id}/calendar.ics?locale=en"
    statuses = {str(e["SUMMARY"]).partition(":")[0]: str(e["STATUS"]) for e in calendar_of(browser, path).events}
    assert statuses == {"Opens": "CONFIRMED", "Closes": "CONFIRMED", "Decision due": "TENTATIVE"}
    lifecycle.cancel(cast.eve, row.id, reason="The sponsor has closed.")
    assert {str(event["STATUS"]) for event in calendar_of(browser, path).events} == {"CANCELLED"}


def test_a_long_title_is_folded_and_read_back(cast: Cast, browser: Browser) -> None:
    title = "供水管网漏损；检测, 定位\\与修复 " * 6
    row = factories.opened(cast, title=title.strip())
    answer = browser.get(f"/challenges/{row.id}/calendar.ics")
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    (closes,) = [e for e in Calendar.from_ical(answer.data).events if "closes" in str(e["UID"])]
    assert str(closes["SUMMARY"]).endswith(title.strip())


def test_the_pages_lead_to_their_feeds(cast: Cast, browser: Browser) -> None:
    row = factories.decided(cast)
    assert f"/challenges/{row.id}/calendar.ics" in browser.get(f"/challenges/{row.id}").text
    assert f"/challenges/{row.id}/history.atom" in browser.get(f"/challenges/{row.id}/history").text
    assert "/results.atom" in browser.get("/results").text


def test_a_feed_is_limited(cast: Cast, browser: Browser, monkeypatch: pytest.MonkeyPatch, isolated: Flask) -> None:
    monkeypatch.setattr(atom, "MAX_ENTRIES", 1)
    for title in ("Leaks one", "Leaks two"):
        factories.funded(cast, title=title, opens_at=None)
    assert [entry.title for entry in atom_of(browser, "/challenges.atom").entries] == ["Leaks two"]


@pytest.mark.parametrize("part", ["", "/prizes", "/history"])
def test_each_page_of_a_published_challenge_names_the_feed_of_its_history(
    cast: Cast, browser: Browser, part: str
) -> None:
    draft, row = factories.challenge(cast.ada, cast.luoyang), factories.opened(cast)
    head = browser.get(f"/challenges/{row.id}{part}").text.partition("</head>")[0]
    assert f'type="application/atom+xml" href="/challenges/{row.id}/history.atom' in head
    assert "history.atom" not in browser.sign_in(cast.ada).get(f"/challenges/{draft.id}{part}").text
