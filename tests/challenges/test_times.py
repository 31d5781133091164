"""Times of a challenge as its pages take and show them: seconds, zones, and dates that have passed."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from challenges import services
from challenges.models import Challenge
from crowd import clock
from crowd.db import db
from crowd.errors import Invalid
from tests import factories
from tests.cast import Cast
from tests.challenges.test_views import fields
from tests.client import Browser

SHANGHAI = ZoneInfo("Asia/Shanghai")


def closing(second: str, days: int = 30) -> datetime:
    """That time of day in China, some days from now."""
    day = (clock.now() + timedelta(days=days)).astimezone(SHANGHAI).date()
    return datetime.fromisoformat(f"{day}T{second}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize("second", ["23:59:59", "12:00:01", "00:00:59", "18:30:30", "18:30:00"])
def test_a_draft_that_is_saved_unchanged_closes_at_the_same_second(cast: Cast, browser: Browser, second: str) -> None:
    at = closing(second)
    challenge = factories.challenge(cast.ada, cast.luoyang, closes_at=at, opens_at=None)
    path = f"/challenges/{challenge.id}/edit/dates"
    form = fields(browser.sign_in(cast.ada).get(path).get_data(as_text=True))
    assert browser.post(path, form).status_code == 303
    assert db.session.get_one(Challenge, challenge.id).closes_at == at


@pytest.mark.parametrize(
    "written", ["2026-01-05T18:00", "2026/1/5 18:00", "2026年1月5日 18:00", "5.1.2026 23:59:59", "2020-12-31 00:00"]
)
def test_a_closing_date_that_has_passed_is_refused_beside_its_field(cast: Cast, browser: Browser, written: str) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    path = f"/challenges/{challenge.id}/edit/dates"
    form = fields(browser.sign_in(cast.ada).get(path).get_data(as_text=True))
    page = browser.post(path, form | {"opens_at": "", "closes_at": written})
    html = page.get_data(as_text=True)
    assert page.status_code == 422
    assert 'id="closes_at-problem"' in html
    assert f'value="{written}"' in html, "what was typed stays"


def test_a_draft_whose_closing_date_passes_meanwhile_can_still_be_written(cast: Cast) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    passed = clock.now() - timedelta(days=1)
    challenge.opens_at, challenge.closes_at = None, passed
    db.session.flush()
    kept = factories.changes(title="Another title", opens_at=None, closes_at=passed)
    assert services.edit(cast.ada, challenge.id, changes=kept).title == "Another title"
    with pytest.raises(Invalid) as refused:
        services.edit(cast.ada, challenge.id, changes={"opens_at": None, "closes_at": passed - timedelta(hours=1)})
    assert set(refused.value.fields) == {"closes_at"}


def test_a_challenge_closes_at_the_end_of_a_day_anywhere_on_earth(cast: Cast, browser: Browser) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    path = f"/challenges/{challenge.id}/edit/dates"
    form = fields(browser.sign_in(cast.ada).get(path).get_data(as_text=True))
    day = (clock.now() + timedelta(days=30)).date()
    changed = {"opens_at": "", "time_zone": "Etc/GMT+12", "closes_at": f"{day}T23:59:59"}
    assert browser.post(path, form | changed).status_code == 303
    row = db.session.get_one(Challenge, challenge.id)
    assert row.closes_at == datetime.fromisoformat(f"{day}T23:59:59-12:00")
    html = browser.get(path).get_data(as_text=True)
    assert f'value="{day}T23:59:59"' in html
    assert 'selected value="Etc/GMT+12"' in html


LISTED = ["/", "/challenges"]


@pytest.mark.parametrize(
    ("told", "offset", "name"),
    [("Asia/Shanghai", "China", "中国"), ("Europe/Berlin", "Central Euro", "中欧"),
     ("America/New_York", "Eastern", "东部"), ("Asia/Tokyo", "Japan", "日本"), ("Etc/GMT+12", "AoE", "AoE"),
     ("Mars/Olympus", "China", "中国"), ("../x", "China", "中国")],
)  # fmt: skip
def test_a_visitor_reads_lists_in_the_zone_that_the_browser_told(
    cast: Cast, browser: Browser, told: str, offset: str, name: str
) -> None:
    """Lists name the zone; one that is none is the platform's."""
    factories.opened(cast)
    browser.client.set_cookie("zone", told)
    for language, zone in (("en", offset), ("zh", name)):
        for path in LISTED:
            html = browser.get(path, headers={"Accept-Language": language}).get_data(as_text=True)
            rows = re.findall(r"(?s)<time datetime=.*?</time>", html.split("<footer")[0])
            assert rows, path
            assert all(zone in row for row in rows), (path, language, rows)


def test_a_new_account_begins_with_the_zone_of_the_browser(browser: Browser) -> None:
    browser.client.set_cookie("zone", "America/New_York")
    html = browser.get("/account/register").get_data(as_text=True)
    assert 'selected value="America/New_York"' in html
    assert "data-own-zone" in html


def test_who_is_signed_in_reads_in_the_zone_of_their_profile(cast: Cast, browser: Browser) -> None:
    factories.opened(cast)
    browser.sign_in(cast.ada).client.set_cookie("zone", "America/New_York")
    html = browser.get("/challenges", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert "China Time" in html
    assert "Eastern" not in html
