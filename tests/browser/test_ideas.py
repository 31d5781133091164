"""Ideas in a browser, in both languages: the tier and its rubric, a template and its undo, a review by kinds, and
thirty awards at once.
"""

import re
from datetime import timedelta

import pytest
from flask_babel import force_locale, gettext
from playwright.sync_api import Page, expect

from challenges import services as challenges
from challenges.brief import PrizeLine
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from crowd.accounts.models import PlatformRole
from crowd.audit import SYSTEM
from crowd.clock import now
from crowd.db import commit, db
from crowd.ledger import check
from scoring import services as scoring
from scoring.settlement import services as settlement
from tests import factories
from tests.browser.conftest import Enter
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
AWARDS = 30


def said(locale: str, text: str) -> str:
    """A text of the platform in a language."""
    with force_locale(locale):
        return str(gettext(text))


def press(page: Page, locale: str, text: str, *, sure: str = "") -> None:
    """Press a button by its English text, and the one that it asks for."""
    for one in filter(None, (text, sure)):
        exactly = re.compile(rf"^\s*{re.escape(said(locale, one))}\s*$")
        page.locator("main").locator("summary, button").filter(has_text=exactly).locator("visible=true").first.click()


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_thirty_ideas(locale: str, cast: Cast, enter: Enter) -> None:
    ada, number = cast.ada, 0
    assert cast.luoyang.id
    commit()
    page = enter(ada)
    page.goto(f"/language/{locale}?next=/challenges/new")

    # The tier gives the draft its type and its rubric.
    page.fill("[name=title]", "Quieter pumps")
    page.check("[name=tier][value=grand]")
    page.select_option("[name=language]", locale)
    press(page, locale, "Create the draft")
    page.wait_for_url("**/edit/*")
    number = int(page.url.split("/")[-3])
    page.goto(f"/challenges/{number}/edit/type")
    expect(page.locator("[name=type][value=ideation]")).to_be_checked()
    page.goto(f"/challenges/{number}/edit/rubric")
    assert [page.input_value(f"[name=criteria-{place}-kind]") for place in range(3)] == ["yes_no", "rating", "points"]

    # What does not belong to a kind is hidden.
    expect(page.locator("[name=criteria-2-scale]")).to_be_visible()
    expect(page.locator("[name=criteria-1-scale]")).to_be_hidden()
    expect(page.locator("[name=criteria-1-labels]")).to_be_visible()
    page.select_option("[name=criteria-2-kind]", "rating")
    expect(page.locator("[name=criteria-2-scale]")).to_be_hidden()
    page.select_option("[name=criteria-2-kind]", "points")

    # A template replaces what is written, and can be undone.
    page.locator("button[name=templates][value=rubric]").click()
    page.wait_for_url("**/templates/rubric")
    press(page, locale, "Insert into the draft", sure="Yes, insert")
    page.wait_for_url("**/edit/rubric")
    page.goto(f"/challenges/{number}/templates/rubric")
    press(page, locale, "Undo", sure="Yes, bring it back")
    page.wait_for_url("**/edit/rubric")
    expect(page.locator("[name=criteria-2-kind]")).to_have_value("points")

    row = _judging(cast, number)
    _reviewed_by_hand(enter, row, locale)
    _others_review(row)

    # The first thirty at once, and the decision.
    page.goto(f"/challenges/{number}/awards")
    expect(page.locator("[name=first-number]")).to_have_value(str(AWARDS))
    page.fill("[name=first-reason]", "One of the thirty that we pursue.")
    press(page, locale, "Choose these awards")
    expect(page.locator("main table").first.locator("tbody tr")).to_have_count(AWARDS)
    press(page, locale, "Publish the decision", sure="Yes, publish it")
    page.wait_for_url("**/results")
    expect(page.locator("[id^=award-]")).to_have_count(AWARDS)
    db.session.expire_all()
    factories.move_dates(row, decided_at=now() - timedelta(days=8), appeals_until=now() - timedelta(minutes=1))
    settlement.settle(SYSTEM, number)
    commit()
    assert check.run_checks() == []


def _judging(cast: Cast, number: int) -> Challenge:
    """What follows the draft, through the services: thirty-one people answer."""
    row = db.session.get_one(Challenge, number)
    changes = {
        "summary": "Quieter.",
        "problem_statement": "Loud.",
        "tags": ["acoustics", "water"],
        "prizes": [PrizeLine(title="Idea", amount=100_000, award_count=AWARDS)],
        "closes_at": now() + timedelta(days=20),
    }
    challenges.edit(cast.ada, number, changes=changes)
    lifecycle.submit(cast.ada, number)
    factories.approve(cast.eve, number)
    factories.pay_in(cast, cast.luoyang, row.cost)
    lifecycle.fund(cast.ada, number)
    for place in range(12):
        factories.user(f"Reviewer {place}", PlatformRole.EXPERT, expertise=["acoustics", "water"])
    for place in range(AWARDS + 1):
        factories.proposal(factories.user(f"Solver {place:02}"), row, body="Line the housing.")
    factories.closed(cast, row)
    scoring.form_panel(SYSTEM, number)
    commit()
    return row


def _reviewed_by_hand(enter: Enter, row: Challenge, locale: str) -> None:
    """The first reviewer sees what the points mean, and the total as they choose."""
    first = factories.assignments(row)[0]
    answers, novelty, promise = (line.id for line in row.criteria)
    page = enter(first.reviewer)
    page.goto(f"/language/{locale}?next=/reviews/{first.id}")
    expect(page.locator(".anchors dt")).to_have_text(["3", "5", "8"])
    page.select_option(f"[name=points_{answers}]", "1")
    page.select_option(f"[name=points_{novelty}]", "3")
    page.fill(f"[name=points_{promise}]", "7.5")
    expect(page.locator("[data-tally]")).to_contain_text("90.0")
    page.fill("[name=comment]", "A good idea that can be tried at once, with the people and the tools that are there.")
    press(page, locale, "Submit review")
    page.wait_for_url("**/reviews")


def _others_review(row: Challenge) -> None:
    db.session.expire_all()
    proposals = sorted({one.proposal_id for one in factories.assignments(row)})
    for one in factories.assignments(row):
        if one.is_pending:
            factories.review(one, points=9 if one.proposal_id != proposals[-1] else 1)
    commit()
