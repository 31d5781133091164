"""A person keeps a search of the list, sees what is new in it, and hears of each new challenge that it finds."""

import html
import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges import filtering
from challenges.queries import TAKING, Filters
from challenges.searches import queries, services
from challenges.searches.models import SavedSearch
from challenges.types import Type
from challenges.workflow import ChallengeState
from crowd.db import commit, db
from crowd.errors import Invalid, NotFound
from crowd.following import services as following
from crowd.notifications import kinds
from crowd.notifications.models import Notification
from crowd.taxonomy.schemes import FIELD, INDUSTRY, REGION
from crowd.taxonomy.vocabulary import current
from tests import factories
from tests.cast import Cast
from tests.challenges.test_followers import heard
from tests.client import Browser

LEAKS = Filters(question="leaks", states=TAKING)


def save(person: object, filters: Filters = LEAKS, name: str = "Leaks") -> SavedSearch:
    return services.save(person, name=name, arguments=filtering.arguments(filters))  # type: ignore[arg-type]


def looked_before(search: SavedSearch) -> None:
    """Its owner looked an hour ago."""
    search.seen_at -= timedelta(hours=1)
    commit()


def new(search: SavedSearch) -> int:
    return queries.count_new([search])[search.id]


EVERY = Filters(
    question="leak", states=[ChallengeState.OPEN], types=[Type.IDEATION], stages=["1"], tags=["acoustics"],
    languages=["en"], currencies=["CNY"], here=True, industry="public-services", sort="prize",
)  # fmt: skip


def test_a_kept_search_means_the_same_filters(cast: Cast) -> None:
    search = save(cast.dee, replace(EVERY, organisation_id=cast.luoyang.id))
    db.session.expire(search)
    assert queries.filters_of(search) == replace(EVERY, organisation_id=cast.luoyang.id)


def test_it_is_saved_from_the_list_and_looked_at(cast: Cast, browser: Browser) -> None:
    row = factories.opened(cast)
    browser.sign_in(cast.dee)
    listed = browser.get("/challenges?q=leaks&state=open&filtered=1").text
    (link,) = re.findall(r'href="(/account/searches/new[^"]*)"', listed)
    link = link.replace("&amp;", "&")
    assert 'value="leaks · Open"' in browser.get(link).text
    assert browser.post(link, {"name": "Leaks in mains"}).status_code == 303
    search = db.session.scalars(sa.select(SavedSearch)).one()
    looked_before(search)
    page = browser.get("/account/searches").text
    assert "Leaks in mains" in page
    assert "1 new result since you last looked" in page
    dashboard = browser.get("/dashboard").text
    assert "Leaks in mains" in dashboard
    opened = browser.get(f"/account/searches/{search.id}")
    assert f"/challenges/{row.id}" in browser.get(opened.headers["Location"]).text
    assert "0 new results since you last looked" in browser.get("/account/searches").text
    assert "Leaks in mains" not in browser.get("/dashboard").text
    assert browser.post(f"/account/searches/{search.id}/delete").status_code == 303
    assert "No saved searches yet" in browser.get("/account/searches").text


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (LEAKS, 1),
        (Filters(states=TAKING), 1),
        (Filters(question="steel"), 0),
        (Filters(states=[ChallengeState.DECIDED]), 0),
        (Filters(currencies=["EUR"], states=TAKING), 0),
    ],
)
def test_new_is_what_was_published_since(cast: Cast, filters: Filters, found: int) -> None:
    before = save(cast.dee, filters)
    looked_before(before)
    factories.opened(cast)
    assert new(before) == found
    services.look(cast.dee, before.id)
    assert new(before) == 0


def test_in_later_states_new_is_what_came_into_them(cast: Cast) -> None:
    row = factories.opened(cast)
    search = save(cast.dee, Filters(states=[ChallengeState.JUDGING]))
    looked_before(search)
    assert new(search) == 0
    factories.closed(cast, row)
    assert new(search) == 1


def test_no_draft_is_counted_or_told(cast: Cast) -> None:
    search = save(cast.dee, Filters(question="leaks"))
    looked_before(search)
    factories.funded(cast)
    assert new(search) == 0
    assert heard(cast.dee) == []


def test_who_follows_a_search_hears_of_what_it_finds(cast: Cast) -> None:
    save(cast.dee)
    save(cast.bea, Filters(question="steel", states=TAKING))
    quiet = save(cast.bo)
    following.unfollow(cast.bo, services.SAVED_SEARCH, quiet.id)
    save(cast.ada)
    factories.funded(cast, opens_at=None)
    assert heard(cast.dee) == ["search_hit"]
    assert [heard(person) for person in (cast.bea, cast.bo, cast.ada)] == [[], [], []]
    (told,) = db.session.scalars(sa.select(Notification).where(Notification.user_id == cast.dee.id))
    assert "Leaks" in kinds.subject(told.kind, told.params)


def test_a_search_and_a_sponsor_are_one_notification(cast: Cast) -> None:
    save(cast.dee)
    save(cast.dee, Filters(states=TAKING), name="All")
    following.follow(cast.dee, "organisation", cast.luoyang.id)
    factories.funded(cast, opens_at=None)
    assert len(heard(cast.dee)) == 1


def test_many_searches_are_made_in_batches(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "AT_ONCE", 2)
    people = [cast.dee, cast.bo, cast.bea, cast.cy, cast.gu]
    for person in people:
        save(person)
    factories.funded(cast, opens_at=None)
    assert [heard(person) for person in people] == [["search_hit"]] * 5


def test_there_is_a_most_and_it_is_said(cast: Cast, isolated: Flask, browser: Browser) -> None:
    settings = isolated.config["CROWD"]
    isolated.config["CROWD"] = replace(settings, limits=replace(settings.limits, saved_searches=1))
    try:
        save(cast.dee)
        answer = browser.sign_in(cast.dee).post("/account/searches/new?q=x", {"name": "Another"})
    finally:
        isolated.config["CROWD"] = settings
    assert answer.status_code == 422
    assert "You have saved 1 searches" in answer.text
    assert 'value="Another"' in answer.text, "what was typed stays"


def test_a_name_is_used_once(cast: Cast) -> None:
    save(cast.dee)
    with pytest.raises(Invalid):
        save(cast.dee)
    save(cast.bo)


def test_nobody_sees_the_searches_of_another(cast: Cast, browser: Browser) -> None:
    search = save(cast.dee)
    for act in (services.look, services.delete):
        with pytest.raises(NotFound):
            act(cast.bo, search.id)
    with pytest.raises(NotFound):
        following.follow(cast.bo, services.SAVED_SEARCH, search.id)
    browser.sign_in(cast.bo)
    assert browser.get(f"/account/searches/{search.id}").status_code == 404
    assert browser.post(f"/account/searches/{search.id}/delete").status_code == 404
    assert "Leaks" not in browser.get("/account/searches").text


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_the_page_says_which_filters_are_on_and_suggests_a_name(cast: Cast, browser: Browser, locale: str) -> None:
    field, industry, region = (current().all(scheme)[0] for scheme in (FIELD, INDUSTRY, REGION))
    terms = f"tag={field.names['en']}&industry={industry.code}&region={region.code}"
    address = f"q=leaks&state=open&here=1&language=zh_Hans_CN&organisation={cast.luoyang.id}&{terms}"
    cast.dee.locale = locale
    commit()
    page = html.unescape(browser.sign_in(cast.dee).get(f"/account/searches/new?{address}").text)
    (suggested,) = re.findall(r'name="name"[^>]* value="([^"]*)"', page)
    names = suggested.split(" · ")
    assert names[0] == "leaks"
    assert {one.name(locale) for one in (field, industry, region)} | {cast.luoyang.name, "中文"} <= set(names)
    shown = [f"“{names[0]}”", *names[1:]]
    assert all(f'<li class="badge">{name}</li>' in page for name in shown)
    listed = html.unescape(browser.get(f"/challenges?{address}").text)
    assert all(f"{name} <span" in listed for name in shown), "the list calls them the same"


def test_a_search_without_filters_has_a_name_too(cast: Cast, browser: Browser) -> None:
    page = browser.sign_in(cast.dee).get("/account/searches/new?filtered=1").text
    assert 'value="All challenges"' in page


def test_a_suggested_name_is_no_longer_than_a_name_may_be(cast: Cast, browser: Browser) -> None:
    link = f"/account/searches/new?q={'leaks+' * 33}&state=open&here=1"
    suggested = re.findall(r'name="name"[^>]* value="([^"]*)"', browser.sign_in(cast.dee).get(link).text)[0]
    assert browser.post(link, {"name": suggested}).status_code == 303
