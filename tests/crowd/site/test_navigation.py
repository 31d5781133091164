"""The main navigation: what it offers to whom, and the section in which an inner page lies."""

import re

from tests import factories
from tests.cast import Cast
from tests.client import Browser


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
    assert marked(browser.get("/desk").text) == {"Desk": "page"}


def test_each_is_led_to_what_is_his(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.ada)
    assert "Our challenges" in browser.get("/desk").text
    browser.sign_in(cast.dee)
    page = browser.get("/desk").text
    assert "My proposals" in page.split('class="bar-nav"')[1].split("</nav>")[0]
    assert "Our challenges" not in page
