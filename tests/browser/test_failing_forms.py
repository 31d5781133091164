"""The forms of the walk's pages, submitted with errors by a browser in three ways: errors are shown, and nothing is
lost.

Empty, with 10,000 characters in each field, and with one wrong field among right ones; past what the browser itself
would refuse, so that the server answers. The focus is on the summary of what is wrong, which leads to the fields.
"""

import sys
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from crowd.web.forms import Form
from tests.browser.failing import Rehearsed, Sender, rehearse
from tests.browser.looking import LANGUAGES
from tests.browser.running import Platform

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

NEVER_WRONG = {"taxonomy.links": "boxes, each of which may be ticked or not"}
NEVER_OFFERED = {
    "AppliedForm": "a file that was checked; tests/crowd/taxonomy sends it",
    "MergeForm": "a term that the page has found",
    "CostForm": "a sum that the page has written",
    "CurrencyForm": "a button for each currency",
    "ClearForm": "no award of the story is held back; tests/scoring/awarding sends it",
}


EVERY = [6, pytest.param(1, marks=pytest.mark.long)]


@pytest.fixture(scope="module")
def rehearsed(request: pytest.FixtureRequest, platform: Platform) -> Rehearsed:
    return rehearse(platform, every=request.param)


@pytest.fixture(scope="module")
def sender(platform: Platform, chromium: Browser) -> Iterator[Sender]:
    found = Sender(chromium, platform)
    yield found
    found.close()


@pytest.mark.parametrize("rehearsed", EVERY[1:], indirect=True)
def test_every_form_with_fields_can_be_tried(rehearsed: Rehearsed) -> None:
    """No form of a page is right whatever is sent, and no form of ours stands on no page."""
    assert {offered.endpoint for offered, ways in rehearsed.ways.items() if not ways} == set(NEVER_WRONG)
    assert _names_below(Form) - {form.__name__ for form in rehearsed.classes} == set(NEVER_OFFERED)


def _names_below(form: type[Any]) -> set[str]:
    ours = [child for child in form.__subclasses__() if not child.__module__.startswith("tests.")]
    return {name for child in ours for name in (child.__name__, *_names_below(child))}


@pytest.mark.parametrize("rehearsed", EVERY, indirect=True, ids=["of every sixth page", "all"])
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    rehearsed: Rehearsed, sender: Sender, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of every sixth page, each way in one language or the other; the long form has all in both."""
    problems, sent, whole = [], 0, request.node.get_closest_marker("long") is not None
    forms = sorted(rehearsed.ways.items(), key=lambda pair: str(pair[0].who))
    assert len(forms) >= 6
    for turn, (offered, ways) in enumerate(forms):
        for language in LANGUAGES:
            for failing in ways if whole else ways[(turn + (language == "en")) % 2 :: 2]:
                problems += sender.send(offered, failing, language)
                sent += 1
    with capsys.disabled():
        print(f"\n{len(forms)} forms, {sent} times sent wrong", file=sys.stderr)
    assert not problems, "\n".join(["", *problems])
