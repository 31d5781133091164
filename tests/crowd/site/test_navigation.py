"""The main navigation: what it offers to whom, and the section in which an inner page lies."""

import re

import pytest

from crowd.accounts.models import PlatformRole
from crowd.db import commit
from tests import factories
from tests.cast import Cast, join, role_named
from tests.client import Browser
from tests.turns import all_but_first, share


def marked(page: str) -> dict[str, str]:
    """The places that are marked, by their label: "page" for the page itself, "true" for its section."""
    nav = page.split('class="bar-nav"')[1].split("</nav>")[0]
    return {label: kind for kind, label in re.findall(r'aria-current="(\w+)">([^<]+)', nav)}


def test_an_inner_page_marks_its_section_and_a_place_itself(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    assert marked(browser.get("/challenges").text) == {"Challenges": "page"}
    assert marked(browser.get(f"/challenges/{challenge.id}").text) == {"Challenges": "true"}
    browser.sign_in(cast.ada)
    assert marked(browser.get("/challenges/mine").text) == {"Our challenges": "page"}
    assert marked(browser.get("/challenges/new").text) == {"Our challenges": "true"}
    assert marked(browser.get("/dashboard").text) == {"Dashboard": "page"}


def test_each_is_led_to_what_is_his(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.ada)
    assert "Our challenges" in browser.get("/dashboard").text
    browser.sign_in(cast.dee)
    page = browser.get("/dashboard").text
    assert "My proposals" in page.split('class="bar-nav"')[1].split("</nav>")[0]
    assert "Our challenges" not in page


def menu(page: str) -> set[str]:
    """The addresses of the account's menu."""
    return set(re.findall(r'href="([^"]+)"', page.split('class="menu-head')[1].split("</ul>")[0]))


def test_the_account_leads_nobody_to_what_he_cannot_have(cast: Cast, browser: Browser) -> None:
    """Solvers, reviewers and agencies have proposals and money; sponsors and staff only where they really do."""
    always = {"/inbox", "/cases", "/account/organisations", "/account/profile"}
    for solver in (cast.dee, cast.nils, cast.cy):
        assert menu(browser.sign_in(solver).get("/contact").text) == always | {"/proposals", "/balance"}
    for sponsor in (cast.ada, cast.abe):
        assert menu(browser.sign_in(sponsor).get("/contact").text) == always | {"/challenges/mine"}
    for staff in (cast.eve, cast.fen, cast.gu, cast.aud, cast.adm):
        assert menu(browser.sign_in(staff).get("/contact").text) == always
    challenge = factories.opened(cast)
    factories.proposal(cast.dee, challenge, submitted=False)
    cast.dee.roles.append(role_named(PlatformRole.COUNCIL))  # who had a role before could not have taken part
    commit()
    assert menu(browser.sign_in(cast.dee).get("/contact").text) == always | {"/proposals"}


def test_who_has_earned_finds_the_money_whatever_he_is(cast: Cast, browser: Browser) -> None:
    factories.settled(cast, "pia")
    assert {"/proposals", "/balance"} <= menu(browser.sign_in(cast.pia).get("/contact").text)
    join(cast.bea, cast.luoyang)
    factories.settled(cast, "bo")
    join(cast.bo, cast.luoyang)
    found = menu(browser.sign_in(cast.bo).get("/contact").text)
    assert {"/challenges/mine", "/proposals", "/balance"} <= found


@pytest.mark.parametrize("turn", all_but_first(range(3)))
def test_every_link_of_frame_and_menu_answers(cast: Cast, browser: Browser, turn: int) -> None:
    """Everybody follows a third of their links, another third than the one before."""
    everybody = (cast.ada, cast.nils, cast.dee, cast.cy, cast.eve, cast.fen, cast.gu, cast.pia, cast.aud, cast.adm)
    for number, person in enumerate(everybody, start=turn):
        page = browser.sign_in(person).get("/contact").text
        frame = page.split("<main")[0] + page.split("</main>")[1]
        found = sorted(set(re.findall(r'<a[^>]+href="(/[^"#]*)"', frame)))
        assert len(found) > 6
        for address in share(found, number, of=3):
            assert browser.get(address.replace("&amp;", "&")).status_code in (200, 303), (person.name, address)
