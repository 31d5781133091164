"""What a record does not say is not made up: days, zones, dates of posting; and other feeds make no record."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from challenges.importing.cli import import_challenges
from challenges.importing.dates import Edge, understand_date
from challenges.importing.mapping import understand
from challenges.importing.prizes import understand_prize
from challenges.importing.services import import_feed
from challenges.importing.urls import understand_address
from challenges.models import Challenge
from challenges.queries import Filters, list_page
from crowd.audit import SYSTEM
from crowd.db import db
from tests import factories
from tests.cast import Cast
from tests.challenges.importing.samples import row
from tests.client import Browser

BASE = "https://www.challenge.gov/challenge/quiet-pumps/"


@pytest.mark.parametrize("text", ["05.01.2027", "01.05.2027 18:00", "3.4.2027", "12.11.2027 9:00 AM", "05.01.27"])
def test_a_day_that_two_people_read_differently_is_nobodys_guess(text: str) -> None:
    found = understand_date(text, "submission-end", Edge.END)
    assert found.at is None
    assert [str(one.reason) for one in found.problems] == ["date_ambiguous"]


@pytest.mark.parametrize(
    "text",
    ["2027-01-05 18:00 CST", "2027-01-05 18:00", "2027-01-05", "01/05/2027 18:00 EST", "2027/1/5 18:00 北京时间"],
)
def test_in_a_chinese_record_no_zone_is_guessed(text: str) -> None:
    made = understand(row(challenge_title="低噪声水泵挑战", submission_end=text))
    assert made.closes_at is None
    assert made.closes_given == text
    assert made.language == "zh_Hans_CN"


@pytest.mark.parametrize("text", ["2027-01-05 18:00 +08:00", "2027-01-05T10:00Z", "2027-01-05 10:00 UTC"])
def test_a_zone_that_is_said_is_used_in_a_chinese_record(text: str) -> None:
    assert understand(row(challenge_title="低噪声水泵挑战", submission_end=text)).closes_at == datetime(
        2027, 1, 5, 10, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("{{ site.baseurl }}/assets/rules.pdf", "https://www.challenge.gov/assets/rules.pdf"),
        ("{{site.baseurl}}/assets/a b.pdf", "https://www.challenge.gov/assets/a%20b.pdf"),
        ("{{ site.url }}/challenge/x/", "https://www.challenge.gov/challenge/x/"),
        ("%7B%7B%20site.baseurl%20%7D%7D/assets/x.pdf", "https://www.challenge.gov/assets/x.pdf"),
        ("/assets/x.pdf", "https://www.challenge.gov/assets/x.pdf"),
        ("../other/", "https://www.challenge.gov/challenge/other/"),
        ("{{ page.url }}/x", ""),
        ("{% link x %}", ""),
    ],
)
def test_links_within_the_known_site_are_made_whole(href: str, url: str) -> None:
    assert understand_address(href, BASE).url == url


def test_another_sites_placeholder_is_not_filled() -> None:
    assert understand_address("{{ site.baseurl }}/x", "https://elsewhere.example/").url == ""


@pytest.mark.parametrize(
    ("text", "minor", "limit"),
    [
        ("Total: $500,000 (1st place: $250,000, 2nd place: $150,000, 3rd: $100,000)", 50_000_000, False),
        ("First prize $50,000; second prize $25,000; total prize purse $75,000", 7_500_000, False),
        ("$100,000 total ($60,000 and $40,000)", 10_000_000, False),
        ("Up to $1 million in total: phase 1 $400,000, phase 2 $600,000", 100_000_000, True),
    ],
)
def test_a_total_that_is_called_one_is_read_among_several(text: str, minor: int, limit: bool) -> None:
    found = understand_prize(text, "prize")
    assert found.total is not None
    assert (found.total.amount, found.limit) == (minor, limit)


@pytest.mark.parametrize(
    ("prose", "minor"),
    [
        ("The challenge offers a total of $100,000 in prizes and 12 chances to win.", 10_000_000),
        ("Compete for $250,000 in total prizes!", 25_000_000),
        ("With a prize purse of $1.5 million the agency hopes for bold ideas.", 150_000_000),
        ("Teams share a prize pool of up to $40,000.", 4_000_000),
    ],
)
def test_a_total_that_is_stated_in_the_text_is_read(prose: str, minor: int) -> None:
    made = understand(row(total_prize_offered_cash="", prizes="", description=f"<p>{prose}</p>"))
    assert made.prize_total is not None
    assert made.prize_total.amount == minor


@pytest.mark.parametrize("prose", ["It must cost less than $1,500. Total Nitrogen matters.", "Fees total $20 each."])
def test_other_sums_in_the_text_are_no_prize(prose: str) -> None:
    assert understand(row(total_prize_offered_cash="", prizes="", description=f"<p>{prose}</p>")).prize_total is None


def test_posted_is_never_the_day_of_the_import(cast: Cast, browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    undated = row(challenge_id="1", submission_start="", challenge_title="No start given")
    path.write_text(json.dumps([undated, row(challenge_id="2")]))
    import_feed(SYSTEM, path)
    found = {one.title: one for one in db.session.scalars(sa.select(Challenge))}
    assert found["No start given"].published_at is None
    assert found["Quiet Pumps Challenge"].published_at == found["Quiet Pumps Challenge"].opens_at
    page = browser.get(f"/challenges/{found['No start given'].id}").text
    assert "posted " not in page
    assert "America/New_York" in page
    assert "12/31/2020 11:59 PM" in page


def test_what_has_no_day_stands_behind_all_that_has_one(cast: Cast, tmp_path: Path) -> None:
    """However late it was imported; what waits here for its publication is no import and keeps its own day."""
    path = tmp_path / "feed.json"
    dated = row(challenge_id="1", submission_start="01/05/2011 09:00 AM", challenge_title="Long ago")
    undated = [row(challenge_id=str(n), submission_start="", challenge_title=f"Undated {n}") for n in (2, 3)]
    path.write_text(json.dumps([dated, *undated]))
    import_feed(SYSTEM, path)
    here = factories.opened(cast, title="Posted here")
    draft = factories.challenge(cast.ada, cast.luoyang)
    listed = [one.title for one in list_page(Filters(sort="newest"), after=None, size=9).rows]
    assert listed == ["Posted here", "Long ago", "Undated 3", "Undated 2"]
    first = list_page(Filters(sort="newest"), after=None, size=2)
    rest = list_page(Filters(sort="newest"), after=first.after, size=9)
    assert [one.title for one in rest.rows] == listed[2:], "a page can start between them"
    assert draft.sort_posted_at == draft.created_at
    assert here.sort_posted_at == here.published_at


OTHER_FEEDS: dict[str, Any] = {
    "an EvalAI challenge": {
        "title": "Image captioning", "short_description": "x", "start_date": "2027-01-01", "published": True,
        "challenge_phases": [{"id": 1, "name": "Dev", "description": "x.html", "start_date": "2027-01-01",
                              "end_date": "2027-02-01"}],
    },
    "courses": [{"id": 7, "title": "Mathematics", "url": "https://school.example/7", "description": "x"}],
    "contests": {"result": [{"id": 1, "name": "Round 1", "phase": "FINISHED"}], "status": "OK"},
    "repositories": [{"id": 1, "name": "crowd", "description": None, "url": "https://code.example/crowd"}],
    "GeoJSON": {"type": "FeatureCollection", "features": [{"type": "Feature", "id": 1, "properties": {}}]},
}  # fmt: skip


@pytest.mark.parametrize("document", OTHER_FEEDS.values(), ids=OTHER_FEEDS)
def test_what_is_not_challenge_govs_makes_no_record(isolated: Flask, tmp_path: Path, document: Any) -> None:
    path = tmp_path / "feed.json"
    path.write_text(json.dumps(document))
    with isolated.app_context():
        result = CliRunner().invoke(import_challenges, [str(path)])
        assert result.exit_code != 0
        assert db.session.scalar(sa.select(sa.func.count(Challenge.id))) == 0


def test_the_exit_status_tells_whether_anything_was_read(cast: Cast, isolated: Flask, tmp_path: Path) -> None:
    good, empty = tmp_path / "good.json", tmp_path / "empty.json"
    good.write_text(json.dumps([row()]))
    empty.write_text("[]")
    for path, status in ((good, 0), (good, 0), (empty, 1)):
        for options in ([], ["--json"]):
            assert CliRunner().invoke(import_challenges, [*options, str(path)]).exit_code == status
