"""A person follows what they may see; a page shows what they follow, to them alone."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.workflow import ChallengeState
from crowd.db import db
from crowd.errors import Conflict, NotFound
from crowd.following import queries, services
from crowd.following.models import Follow
from crowd.taxonomy.schemes import FIELD, INDUSTRY, REGION, TECHNOLOGY
from crowd.taxonomy.vocabulary import current
from tests import factories
from tests.cast import Cast
from tests.client import Browser


def followed(cast: Cast) -> list[tuple[str, int]]:
    rows = db.session.execute(sa.select(Follow.subject_type, Follow.subject_id).where(Follow.user_id == cast.dee.id))
    return sorted((kind, number) for kind, number in rows)


def test_the_button_follows_and_stops(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    pages = {"challenge": f"/challenges/{challenge.id}", "organisation": f"/organisations/{cast.luoyang.id}"}
    browser.sign_in(cast.dee)
    for kind, page in pages.items():
        path = f"/follow/{kind}/{page.rpartition('/')[2]}"
        assert f'action="{path}"' in browser.get(page).text
        for _again in range(2):
            assert browser.post(path).status_code == 303
        assert f'action="/un{path[1:]}"' in browser.get(page).text
    assert followed(cast) == [("challenge", challenge.id), ("organisation", cast.luoyang.id)]
    mine = browser.get("/account/following").text
    assert challenge.title in mine
    assert cast.luoyang.name in mine
    assert browser.post(f"/unfollow/challenge/{challenge.id}").status_code == 303
    assert followed(cast) == [("organisation", cast.luoyang.id)]


def test_who_follows_nothing_is_shown_how_to_begin(cast: Cast, browser: Browser) -> None:
    page = browser.sign_in(cast.dee).get("/account/following").text
    assert "You follow nothing yet" in page
    assert 'href="/challenges"' in page


def test_a_visitor_signs_in_first(cast: Cast, browser: Browser) -> None:
    page = browser.get(f"/challenges/{factories.opened(cast).id}").text
    assert "/follow/" not in page
    assert "/account/login?next=/challenges/" in page


@pytest.mark.parametrize("state", ["draft", "screening", "approved", "funded"])
def test_what_is_hidden_cannot_be_followed(cast: Cast, browser: Browser, state: str) -> None:
    make = {"draft": lambda c: factories.challenge(c.ada, c.luoyang), "screening": factories.screened}
    challenge = make.get(state, getattr(factories, state, None))(cast)
    assert challenge.state == ChallengeState(state)
    with pytest.raises(NotFound):
        services.follow(cast.dee, "challenge", challenge.id)
    browser.sign_in(cast.dee)
    assert browser.post(f"/follow/challenge/{challenge.id}").status_code == 404
    assert followed(cast) == []


ABSENT = [("challenge", 999), ("organisation", 999), ("term", 999_999), ("user", 1)]


@pytest.mark.parametrize(("kind", "number"), ABSENT)
def test_what_is_not_there_cannot_be_followed(cast: Cast, kind: str, number: int) -> None:
    with pytest.raises(NotFound):
        services.follow(cast.dee, kind, number)


@pytest.mark.parametrize("scheme", [FIELD, INDUSTRY, REGION])
def test_a_field_an_industry_and_a_region_are_followed_and_named_in_the_readers_language(
    cast: Cast, browser: Browser, scheme: str
) -> None:
    entry = current().all(scheme)[0]
    services.follow(cast.dee, "term", entry.id)
    cast.dee.locale = "zh_Hans_CN"
    page = browser.sign_in(cast.dee).get("/account/following").text
    assert entry.names["zh_Hans_CN"] in page


def test_a_term_that_no_challenge_has_is_not_followed(cast: Cast) -> None:
    """Nobody would hear anything."""
    with pytest.raises(NotFound):
        services.follow(cast.dee, "term", current().all(TECHNOLOGY)[0].id)


def test_there_is_a_most_and_it_is_said(cast: Cast, isolated: Flask) -> None:
    settings = isolated.config["CROWD"]
    isolated.config["CROWD"] = replace(settings, limits=replace(settings.limits, follows=1))
    try:
        services.follow(cast.dee, "organisation", cast.luoyang.id)
        services.follow(cast.dee, "organisation", cast.luoyang.id)
        with pytest.raises(Conflict) as refusal:
            services.follow(cast.dee, "organisation", cast.northlight.id)
    finally:
        isolated.config["CROWD"] = settings
    assert "1" in str(refusal.value.message)


def test_what_can_no_longer_be_seen_is_named_to_nobody_and_can_be_left(cast: Cast, browser: Browser) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang)
    services.follow(cast.ada, "challenge", draft.id)
    db.session.execute(sa.update(Follow).values(user_id=cast.dee.id))
    page = browser.sign_in(cast.dee).get("/account/following").text
    assert draft.title not in page
    assert "No longer available to you" in page
    assert browser.post(f"/unfollow/challenge/{draft.id}").status_code == 303
    assert followed(cast) == []


def test_nobody_sees_what_another_follows(cast: Cast, browser: Browser) -> None:
    services.follow(cast.dee, "organisation", cast.northlight.id)
    assert cast.northlight.name not in browser.sign_in(cast.bo).get("/account/following").text
    assert not queries.follows(cast.bo, "organisation", cast.northlight.id)


def test_who_follows_is_led_to_the_choice_of_emails(cast: Cast, browser: Browser) -> None:
    """Of each kind that has a button, on the page that shows it next."""
    region = current().all(REGION)[0]
    pages = {
        f"/follow/challenge/{factories.opened(cast).id}": "/challenges",
        f"/follow/organisation/{cast.luoyang.id}": "/account/following",
        f"/follow/term/{region.id}": f"/regions/{region.code}",
    }
    browser.sign_in(cast.dee)
    for path, page in pages.items():
        browser.post(path, headers={"Referer": f"http://localhost{page}"})
        note = browser.get(page).text.partition('role="status"')[2].partition("</div>")[0]
        assert 'href="/inbox/preferences"' in note, page


def test_the_choice_of_emails_is_a_page_of_the_account(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.dee)
    for page in ("/account/profile", "/account/following", "/account/calendar", "/account/searches"):
        assert 'href="/inbox/preferences"' in browser.get(page).text, page
    own = browser.get("/inbox/preferences").text
    assert 'href="/account/following"' in own
    assert "fields, industries, regions" in own
    assert "industry or a region" in browser.get("/account/following").text
