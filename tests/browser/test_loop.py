"""The whole bounty loop in a real browser, from Ada's draft to the money on Bo's account: with scripts, and without.

The short form of it is that of the twelve steps, where one person plays all parts.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import loop
from tests.browser.running import Platform

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.mark.long
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_bounty_from_draft_to_payment(
    scripts: bool, platform: Platform, person: Callable[..., Page], tmp_path: Path
) -> None:
    how = "scripts on" if scripts else "scripts off"
    title, proposal_title = f"Place a leak from two recordings ({how})", f"Correlate, then say how sure ({how})"
    attachment = tmp_path / "measurements.csv"
    attachment.write_text("distance,error\n120,1.4\n")
    ada, eve, bo, fen, finn = (person(key, scripts=scripts) for key in ("ada", "eve", "bo", "fen", "finn"))

    number = loop.draft(ada, title, scripts=scripts)
    loop.send_to_screening(ada)
    loop.approve(eve, title)
    loop.pay(platform, number, ada, fen, finn)
    loop.answer(bo, number, proposal_title, attachment, scripts=scripts)
    loop.close(platform, number)

    asked = loop.reviewers(platform, number)
    assert len(asked) == 3
    for points, email in zip((8, 7, 9), asked, strict=True):
        review = loop.review_by_keyboard if scripts and points == 8 else loop.review
        review(person(email, scripts=scripts), proposal_title, points)

    loop.award(ada, number, proposal_title)
    loop.let_appeals_pass(platform, number)
    payout = loop.take_out(platform, bo)
    loop.pay_out(platform, payout, fen, finn, bo)
    loop.check_the_books(platform, fen)


def test_a_mistake_is_named_at_the_top_and_leads_to_its_field(person: Callable[..., Page]) -> None:
    ada = person("ada")
    ada.goto("/challenges/new")
    loop.button(ada, "Create the draft").click()
    summary = ada.locator("main .summary")
    expect(summary).to_be_focused()
    loop.tab_to(ada, "the mistake", lambda: summary.get_by_role("link").first)
    ada.keyboard.press("Enter")
    expect(ada.locator("[name=title]")).to_be_focused()
