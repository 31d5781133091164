"""The pages of an industry and of a region: what belongs to it, and nothing of what people hide."""

import re

import pytest

from crowd.accounts import services as accounts
from crowd.accounts.organisations import services as organisations
from crowd.accounts.profiles.visibility import Audience
from crowd.db import db
from crowd.taxonomy import services as taxonomy
from crowd.taxonomy.exchange import TermRecord
from crowd.taxonomy.vocabulary import current
from tests import factories
from tests.cast import Cast, commit
from tests.client import Browser


def place(cast: Cast, city: str) -> None:
    """Where Ada's enterprise is."""
    row = cast.luoyang
    organisations.edit(
        cast.ada, row.id, name=row.name, kind=row.kind, country="CN", city=city, website="", about=""
    )  # fmt: skip
    commit()


def test_an_industry_shows_its_challenges_sponsors_people_and_results(cast: Cast, browser: Browser) -> None:
    settled = factories.settled(cast, tags=["pipe networks"])
    opened = factories.opened(cast, title="Find leaks", tags=["管网"])
    other = factories.opened(cast, title="Pick tea", tags=["tea picking"])
    browser.sign_in(cast.dee)
    before = browser.get("/industries/public-services").text
    assert f'href="/challenges/{opened.id}"' in before
    assert f'href="/challenges/{settled.id}/results"' in before
    assert f'href="/challenges/{other.id}"' not in before
    assert cast.luoyang.name in before
    winner = cast.bo
    accounts.edit_profile(
        winner, winner.id, name="Bo", locale="en", time_zone="UTC", bio="", expertise=["leak detection"]
    )
    commit()
    assert f'href="/people/{winner.id}"' in browser.get("/industries/public-services").text
    assert f'href="/people/{winner.id}"' not in browser.get("/industries/agriculture").text
    winner.visibility = {"expertise": Audience.NOBODY}
    commit()
    assert f'href="/people/{winner.id}"' not in browser.get("/industries/public-services").text


def test_people_without_points_are_for_signed_in_people(cast: Cast, browser: Browser) -> None:
    qingdao = current().get("region", "370200")
    assert qingdao is not None
    cast.dee.region_id = qingdao.id
    commit()
    link = f'href="/people/{cast.dee.id}"'
    assert link not in browser.get("/regions/370000").text
    assert link in browser.sign_in(cast.bo).get("/regions/370000").text
    cast.dee.visibility = {"region": Audience.NOBODY}
    commit()
    assert link not in browser.get("/regions/370000").text


@pytest.mark.parametrize(("region", "there"), [("370200", True), ("370000", True), ("CN", True), ("410000", False)])
def test_a_region_shows_what_lies_in_it_and_below(cast: Cast, browser: Browser, region: str, there: bool) -> None:
    place(cast, "青岛")
    challenge = factories.opened(cast)
    link = f'href="/challenges/{challenge.id}"'
    assert (link in browser.get(f"/regions/{region}").text) is there
    assert (link in browser.get(f"/challenges?region={region}").text) is there


def test_a_region_that_was_merged_leads_to_the_one_for_which_it_stands(cast: Cast, browser: Browser) -> None:
    taxonomy.add(cast.eve, "region", TermRecord("QD", {"en": "Tsingtao"}))
    old = current().get("region", "QD")
    assert old is not None
    cast.luoyang.region_id = old.id
    commit()
    challenge = factories.opened(cast)
    taxonomy.merge(cast.eve, old.id, into="370200")
    for path in ("/regions/370200", "/regions/QD", "/regions/CN"):
        assert f'href="/challenges/{challenge.id}"' in browser.get(path).text, path


def test_a_draft_is_on_no_such_page(cast: Cast, browser: Browser) -> None:
    place(cast, "青岛")
    draft = factories.challenge(cast.ada, cast.luoyang, title="Secret plans", tags=["pipe networks"])
    db.session.flush()
    for path in ("/industries/public-services", "/regions/370200", "/industries", "/challenges?region=370200"):
        answer = browser.sign_in(cast.dee).get(path)
        page = answer.text
        assert answer.status_code == 200
        assert "Secret plans" not in page
        assert f"/challenges/{draft.id}" not in page


def test_the_list_of_industries_counts_what_is_open(cast: Cast, browser: Browser) -> None:
    factories.opened(cast, tags=["tea picking", "管网", "pipe networks"])
    factories.opened(cast, title="More tea", tags=["采茶"])
    page = browser.get("/industries")
    assert page.status_code == 200
    counted = dict(re.findall(r'href="/industries/([\w-]+)".*?([\d]+) open', page.text, re.DOTALL))
    assert (counted["agriculture"], counted["public-services"], counted["automotive"]) == ("2", "1", "0")


@pytest.mark.parametrize("filters", ["industry=alchemy", "region=ZZ", "industry=<b>", "region=370200&industry=food"])
def test_a_filter_by_what_is_not_there_finds_nothing(cast: Cast, browser: Browser, filters: str) -> None:
    challenge = factories.opened(cast)
    page = browser.get(f"/challenges?{filters}")
    assert page.status_code == 200
    assert ("<b>" not in filters) is (f'href="/challenges/{challenge.id}"' not in page.text), "not a code: ignored"


def test_pages_of_unknown_places_are_not_there(cast: Cast, browser: Browser) -> None:
    assert browser.get("/industries/alchemy").status_code == browser.get("/regions/ZZ").status_code == 404
