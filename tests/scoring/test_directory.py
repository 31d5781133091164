"""The public list of organisations, and that of regions: filters, pages, empty states, and what they cost."""

import html
import re
from typing import Any

import pytest
import sqlalchemy as sa

from crowd.accounts.models import MemberRole, Organisation, OrganisationKind
from crowd.accounts.parks import services as parks
from crowd.clock import now
from crowd.db import db
from crowd.taxonomy.vocabulary import current
from scoring.profiles import directory
from tests import factories
from tests.cast import Cast, commit
from tests.client import Browser
from tests.counting import statements

QINGDAO, SHANDONG = "370200", "370000"


def firm(name: str, kind: OrganisationKind = OrganisationKind.ENTERPRISE, code: str = "", **more: Any) -> Organisation:
    """An organisation of a region."""
    row = factories.organisation(name, kind)
    entry = current().get("region", code)
    row.region_id = entry.id if entry else None
    for column, value in more.items():
        setattr(row, column, value)
    commit()
    return row


def names(browser: Browser, query: str = "", **options: Any) -> list[str]:
    """The organisations of a page, in its order."""
    answer = browser.get(f"/organisations{query}", **options)
    assert answer.status_code == 200
    return [html.unescape(name) for name in re.findall(r'<h2><a href="/organisations/\d+">([^<]+)</a>', answer.text)]


def test_it_lists_what_is_registered_and_open_here_by_name(browser: Browser, cast: Cast) -> None:
    firm("Beta Works"), firm("Alpha Works"), firm("Gone Works", closed_at=now()), firm("Foreign", origin="Elsewhere")
    assert names(browser) == ["Alpha Works", "Beta Works"]
    assert names(browser.sign_in(cast.dee)) == ["Alpha Works", "Beta Works"]


def test_each_filter_narrows_it_and_the_kinds_are_counted(browser: Browser, cast: Cast) -> None:
    firm("Alpha Works", code=QINGDAO), firm("Beta Institute", OrganisationKind.INSTITUTE, verified_at=None)
    firm("Gamma Park", OrganisationKind.PARK, SHANDONG)
    for query, found in {
        "?kind=park": ["Gamma Park"],
        "?kind=nonsense": ["Alpha Works", "Beta Institute", "Gamma Park"],
        "?q=WORKS": ["Alpha Works"],
        "?q=alpha+works&kind=park": [],
        "?region=370200": ["Alpha Works"],
        "?region=Shandong": ["Alpha Works", "Gamma Park"],
        "?region=山东省青岛市": ["Alpha Works"],
        "?region=Atlantis": [],
        "?verified=1": ["Alpha Works", "Gamma Park"],
    }.items():
        assert names(browser, query) == found, query
    page = browser.get("/organisations?region=Shandong").text
    for tab in ("All (2)", "Enterprise (1)", "Science and industry park (1)"):
        assert tab in page, tab
    assert "Institute" not in page.split("<form")[0]


def test_an_industry_is_that_of_published_challenges(browser: Browser, cast: Cast) -> None:
    factories.opened(cast, tags=["leak detection"])
    firm("Alpha Works")
    assert names(browser, "?industry=public-services") == [cast.luoyang.name]
    assert names(browser, "?industry=agriculture") == []
    assert "1 challenge" in browser.get("/organisations?industry=public-services").text


def test_an_unclear_or_unknown_place_is_said(browser: Browser, cast: Cast) -> None:
    assert "Choose one: Jiangsu, Suzhou" in browser.get("/organisations?region=Suzhou").text
    assert "We do not know this place." in browser.get("/organisations?region=Atlantis").text


def test_empty_lists_say_what_to_do(browser: Browser, cast: Cast) -> None:
    assert 'href="/account/organisations/new"' in browser.get("/organisations").text
    page = browser.get("/organisations?q=nobody").text
    assert "No organisation found" in page
    assert 'href="/organisations"' in page


def test_a_park_says_how_many_firms_it_has(browser: Browser, cast: Cast) -> None:
    park = firm("Gamma Park", OrganisationKind.PARK)
    pan = factories.user("Pan", member_of=park, role=MemberRole.OWNER)
    invited = parks.invite(pan, park.id, firm=cast.luoyang.name)
    assert "1 member firm" not in browser.get("/organisations").text
    parks.accept(cast.ada, invited.id)
    assert "1 member firm" in browser.get("/organisations").text


def test_its_pages_hold_every_row_once_and_cost_the_same(browser: Browser, cast: Cast) -> None:
    firm("Works 000")
    with statements() as few:
        names(browser)
    for number in range(1, 60):
        firm(f"Works {number:03}")
    with statements() as many:
        names(browser)
    assert len(few) == len(many)
    found, query = [], ""
    while query is not None:
        found += names(browser, query)
        following = re.search(r'href="/organisations([^"]+)" rel="next"', browser.get(f"/organisations{query}").text)
        query = html.unescape(following[1]) if following else None
    assert found == [f"Works {number:03}" for number in range(60)]


@pytest.mark.parametrize("kind", [None, OrganisationKind.PARK])
@pytest.mark.usefixtures("cast")
def test_the_lists_are_read_from_an_index(kind: OrganisationKind | None) -> None:
    firm("Alpha Works")
    db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    query = directory.matching(directory.DirectoryFilters(kind=kind)).order_by(Organisation.name, Organisation.id)
    compiled = query.limit(50).compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = "\n".join(db.session.scalars(sa.text(f"EXPLAIN {compiled}")))
    assert f"ix_organisation_listed{'_kind' if kind else ''}" in plan
    assert "Sort" not in plan


def test_it_is_found_from_people_industries_and_areas(browser: Browser, cast: Cast) -> None:
    firm("Alpha Works", code=QINGDAO)
    for path, link in {
        "/": "/organisations",
        "/people": "/organisations",
        "/industries": "/organisations?kind=park",
        f"/regions/{QINGDAO}": f"/organisations?region={QINGDAO}",
    }.items():
        assert f'href="{link}"' in browser.get(path).text, path


def test_all_regions_are_listed_in_pages_and_searched(browser: Browser, cast: Cast) -> None:
    page = browser.get("/regions").text
    assert 'rel="next"' in page
    codes: list[str] = []
    path: str | None = "/regions"
    while path:
        text = browser.get(path).text
        codes += re.findall(r'<h2><a href="/regions/([^"]+)">', text)
        following = re.search(r'href="([^"]+)" rel="next"', text)
        path = html.unescape(following[1]) if following else None
    assert sorted(codes) == sorted(one.code for one in current().all("region"))
    place = codes.index(SHANDONG)
    assert codes[0] == "CN"
    assert place < codes.index(QINGDAO) < codes.index("AF")
    found = browser.get("/regions", query_string={"q": "青岛"}).text
    assert re.findall(r'<h2><a href="/regions/([^"]+)">', found) == [QINGDAO]
    assert "No such region" in browser.get("/regions?q=Atlantis").text
    assert 'href="/regions"' in browser.get("/industries").text
