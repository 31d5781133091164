"""A draft in a browser: steps save themselves, the page tells what is missing, buttons write Markdown."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from challenges import services
from challenges.brief import Brief
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from crowd.db import commit, db
from tests import factories
from tests.browser.conftest import Enter
from tests.browser.loop import button, fill, tab_to, wait_saved
from tests.cast import Cast
from tests.drafting import by_step

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def begin(cast: Cast) -> str:
    """A draft with nothing but a title; the URL of its steps."""
    draft = services.create(cast.ada, cast.luoyang.id, brief=Brief(title="Quiet valves"))
    commit()
    return f"/challenges/{draft.id}/edit"


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_a_step_saves_itself_and_tells_what_is_missing_and_what_it_costs(
    cast: Cast,
    enter: Enter,
    locale: str,
) -> None:
    cast.ada.locale = locale
    here, page = begin(cast), enter(cast.ada)
    page.goto(here)
    assert page.url.endswith("/edit/problem")
    missing = page.locator("[data-live=beside] .gaps li")
    expect(missing).to_have_count(5)
    page.fill("[name=summary]", "Valves that do not sing.")
    page.fill("[name=problem_statement]", "Less noise.")
    expect(missing).to_have_count(3, timeout=15_000)
    page.goto(f"{here}/prizes")
    page.fill("[name=prizes-0-title]", "First")
    page.fill("[name=prizes-0-amount]", "100,000")
    expect(page.locator("[data-live=beside]")).to_contain_text("105,000", timeout=15_000)
    expect(missing).to_have_count(2)
    missing.first.locator("a").click()
    assert page.url.endswith("/edit/rubric#criteria")


def test_buttons_and_keys_write_markdown(cast: Cast, enter: Enter) -> None:
    here, page = begin(cast), enter(cast.ada)
    page.goto(f"{here}/problem")
    field = page.locator("[name=problem_statement]")
    field.fill("loud valves")
    field.evaluate("one => one.setSelectionRange(0, 4)")
    page.keyboard.press("Control+b")
    expect(field).to_have_value("**loud** valves")
    page.get_by_role("button", name="Heading", exact=True).click()
    expect(field).to_have_value("## **loud** valves")
    field.fill("one\ntwo")
    field.evaluate("one => one.setSelectionRange(0, 7)")
    tab_to(page, "the button", lambda: page.get_by_role("button", name="List", exact=True))
    page.keyboard.press("Enter")
    expect(field).to_have_value("- one\n- two")
    page.keyboard.press("Control+z")
    expect(field).to_have_value("one\ntwo")
    for name, written in (("Link", "](https://)"), ("Table", "|---|---|"), ("Italic", "*")):
        page.get_by_role("button", name=name, exact=True).click()
        assert written in field.input_value(), name
    wait_saved(page)
    button(page, "Preview the problem").click()
    expect(page.locator("section.card .prose table")).to_be_visible()


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_from_the_first_step_to_the_opening_with_two_rounds_of_screening(cast: Cast, enter: Enter, locale: str) -> None:
    for someone in (cast.ada, cast.abe, cast.eve):
        someone.locale = locale
    commit()
    ada, abe, eve = enter(cast.ada), enter(cast.abe), enter(cast.eve)
    # Ada writes a draft step by step; the button leads to the next one.
    here = begin(cast)
    number = int(here.split("/")[2])
    closes = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT18:00")
    typed = by_step(
        {
            "summary": "Valves that do not sing.", "problem_statement": "## Need\n\nLess noise.", "tags": "noise",
            "prizes-0-title": "First", "prizes-0-amount": "50,000", "criteria-0-title": "Noise",
            "criteria-0-weight": "100", "closes_at": closes, "rights": "A licence.",
        }
    )  # fmt: skip
    for step, some in typed.items():
        ada.goto(f"{here}/{step}")
        fill(ada, **{name.replace("-", "__"): text for name, text in some.items()})
        wait_quietly(ada)
        ada.locator("main form .actions .btn-primary").click()
        ada.wait_for_url(re.compile(f"/edit/(?!{step}$)"))
    ada.goto(here)
    assert ada.url.endswith("/edit/check")
    ada.locator("main form .btn-primary").click()
    # Eve takes it, pins a remark with a saved answer, and returns it.
    eve.goto("/screening/phrases")
    fill(eve, heading="Prize", text="Too little for a year of work.")
    eve.locator("main form [name=shared]").locator("xpath=ancestor::form").locator("button").click()
    screen = f"/screening/{number}"
    eve.goto(screen)
    eve.locator(f"form[action='{screen}/claim'] button").click()
    remark = eve.locator(f"form[action='{screen}/remarks']")
    remark.locator("select[name=field]").select_option("prizes")
    remark.locator("[data-insert]").click()
    expect(remark.locator("textarea")).to_have_value("Too little for a year of work.")
    remark.locator(".actions button").click()
    back(eve, screen, "See the remark.")
    # Ada and Abe are at it at once, on different steps.
    ada.goto(here)
    assert ada.url.endswith("/edit/prizes")
    abe.goto(f"{here}/rights")
    abe.fill("[name=rights]", "No licence at all.")
    wait_quietly(abe)
    ada.fill("[name=prizes-0-amount]", "80,000")
    ada.locator("[name=resolved]").check()
    expect(ada.locator("[data-live=beside] .gaps")).to_have_count(0, timeout=15_000)
    # On the same step Abe is told; nothing that was typed is lost.
    abe.goto(f"{here}/prizes")
    ada.fill("[name=prizes-0-amount]", "85,000")
    expect(ada.locator("[data-live=beside]")).to_contain_text("89,250", timeout=15_000)
    abe.fill("[name=prizes-0-title]", "Abe's prize")
    expect(abe.locator("[data-saved]")).to_have_class("saved saved-bad", timeout=15_000)
    assert abe.input_value("[name=prizes-0-title]") == "Abe's prize"
    ada.goto(f"{here}/check")
    expect(ada.locator("main ins").first).to_be_visible()
    ada.locator("main form .btn-primary").click()
    # The second round: Eve sees what has changed, says that the remark is not resolved; the third approves.
    eve.goto(screen)
    expect(eve.locator("main ins").filter(has_text="85").first).to_be_visible()
    eve.locator("form[action$='/reopen'] button").click()
    back(eve, screen, "Still too little.")
    ada.goto(f"{here}/prizes")
    ada.fill("[name=prizes-0-amount]", "90,000")
    ada.locator("[name=resolved]").check()
    wait_quietly(ada)
    ada.goto(f"{here}/check")
    ada.locator("main form .btn-primary").click()
    eve.goto(screen)
    for place in eve.locator("#checklist fieldset.field").all():
        place.locator("input[value=yes]").check()
    eve.locator("#checklist .actions button").click()
    expect(eve.locator("#checklist input[value=yes]:checked").first).to_be_visible()
    approving = eve.locator(f"form[action='{screen}/approve']")
    eve.locator("details.confirm summary").first.click()
    approving.locator("button").click()
    eve.wait_for_url("**/screening")
    db.session.expire_all()
    challenge = db.session.get_one(Challenge, number)
    factories.pay_in(cast, cast.luoyang, challenge.cost)
    lifecycle.fund(cast.ada, number)
    commit()
    ada.goto(f"/challenges/{number}/numbers")
    expect(ada.locator(".figures li")).to_have_count(4)


def wait_quietly(page: Page) -> None:
    """Until the page says, in whichever language, that what was typed is saved."""
    place = page.locator("[data-saved]")
    expect(place).not_to_have_text("", timeout=15_000)
    expect(place).to_have_class("saved")


def back(page: Page, screen: str, reason: str) -> None:
    """Return a challenge with these words."""
    form = page.locator(f"form[action='{screen}/return']")
    form.locator("[name=reason]").fill(reason)
    form.locator(".actions button").click()
    page.wait_for_url("**/screening")
