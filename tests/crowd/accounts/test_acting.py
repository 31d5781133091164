"""As whom: a person of several organisations sees it on every page, switches, and forms begin with it."""

import re

from crowd.accounts.models import MemberRole
from crowd.accounts.organisations import closing, services
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser


def chosen(page: str, name: str) -> str:
    """The name of the chosen option of a choice."""
    found = re.search(rf'<select[^>]* name="{name}".*?</select>', page, re.S)
    assert found
    return re.findall(r"<option selected[^>]*>([^<]*)<", found.group())[0].strip()


def test_with_one_organisation_nothing_is_asked(cast: Cast, browser: Browser) -> None:
    assert "You act for" not in browser.sign_in(cast.ada).get("/challenges").text
    assert browser.post("/account/acting-for", {"organisation_id": str(cast.northlight.id)}).status_code == 404


def test_one_of_several_is_named_on_every_page_and_forms_begin_with_it(cast: Cast, browser: Browser) -> None:
    other = factories.organisation("Second Works")
    join(cast.ada, other)
    browser.sign_in(cast.ada)
    for path in ("/challenges", "/dashboard", "/account/profile"):
        assert f"You act for {cast.luoyang.name}." in browser.get(path).text
    assert chosen(browser.get("/challenges/new").text, "organisation_id") == cast.luoyang.name
    answer = browser.post("/account/acting-for", {"organisation_id": str(other.id), "next": "/challenges"})
    assert answer.headers["Location"] == "/challenges"
    assert "You act for Second Works." in browser.get("/challenges").text
    assert chosen(browser.get("/challenges/new").text, "organisation_id") == "Second Works"
    away = browser.post("/account/acting-for", {"organisation_id": str(other.id), "next": "https://elsewhere.example"})
    assert away.headers["Location"] == "/account/organisations"


def test_an_agency_is_the_first_choice_of_who_registers_and_an_enterprise_none(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    join(cast.nils, factories.organisation("Second Works"))
    browser.sign_in(cast.nils)
    page = browser.get(f"/challenges/{challenge.id}/register").text
    assert re.search(rf'value="{cast.northlight.id}" checked', page)
    second = [one.organisation_id for one in cast.nils.memberships if one.organisation_id != cast.northlight.id]
    browser.post("/account/acting-for", {"organisation_id": str(second[0])})
    page = browser.get(f"/challenges/{challenge.id}/register").text
    assert re.search(r'value="" checked', page)


def test_who_leaves_or_whose_organisation_closes_acts_for_the_other(cast: Cast, browser: Browser) -> None:
    other = factories.organisation("Second Works")
    join(cast.ada, other, MemberRole.OWNER)
    third = factories.organisation("Third Works")
    join(cast.ada, third)
    browser.sign_in(cast.ada).post("/account/acting-for", {"organisation_id": str(other.id)})
    assert "You act for Second Works." in browser.get("/challenges").text
    closing.close(cast.ada, other.id, reason="We stop.")
    assert f"You act for {cast.luoyang.name}." in browser.get("/challenges").text
    services.leave(cast.ada, third.id)
    assert "You act for" not in browser.get("/challenges").text


def test_a_page_of_another_of_ones_organisations_says_for_which_it_acts(cast: Cast, browser: Browser) -> None:
    second = factories.organisation("Second Works")
    join(cast.ada, second, MemberRole.OWNER)
    draft, own = factories.challenge(cast.ada, second), factories.challenge(cast.ada, cast.luoyang)
    browser.sign_in(cast.ada)
    said = f"On this page you act for Second Works, elsewhere for {cast.luoyang.name}."
    for path in (
        f"/challenges/{draft.id}",
        f"/challenges/{draft.id}/edit/problem",
        f"/organisations/{second.id}/members",
        f"/organisations/{second.id}/edit",
        f"/organisations/{second.id}/balance",
    ):
        assert said in browser.get(path).text, path
    for path in (f"/challenges/{own.id}", f"/organisations/{cast.luoyang.id}/members", "/challenges"):
        page = browser.get(path).text
        assert f"You act for {cast.luoyang.name}." in page
        assert "On this page" not in page


def test_an_agencys_proposal_says_for_which_it_acts(cast: Cast, browser: Browser) -> None:
    join(cast.nils, factories.organisation("Second Works"))
    row = factories.proposal(cast.nils, factories.opened(cast), organisation=cast.northlight)
    second = next(one for one in cast.nils.memberships if one.organisation_id != cast.northlight.id)
    browser.sign_in(cast.nils).post("/account/acting-for", {"organisation_id": str(second.organisation_id)})
    assert f"On this page you act for {cast.northlight.name}" in browser.get(f"/proposals/{row.id}").text
