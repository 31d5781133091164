"""A draft in a browser: steps save themselves, the page tells what is missing, buttons write Markdown."""

import pytest
from playwright.sync_api import expect

from challenges import services
from challenges.brief import Brief
from crowd.db import commit
from tests.browser.conftest import Enter
from tests.browser.loop import button, tab_to, wait_saved
from tests.cast import Cast

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
