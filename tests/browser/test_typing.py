"""What a browser does while people type: the platform says how it understands an amount; the wheel changes nothing."""

import pytest
from playwright.sync_api import expect

from crowd.db import commit
from tests import factories
from tests.browser.conftest import Enter
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def test_an_amount_is_told_beside_its_field_as_the_platform_understands_it(cast: Cast, enter: Enter) -> None:
    page = enter(cast.fen)
    page.goto("/finance/deposits/new")
    told = page.locator("[data-understood]")
    for written, currency, said in (
        ("３．５万", "CNY", "¥35,000.00"), ("1.500,00", "EUR", "€1,500.00"), ("60.000", "CNY", "or as ¥60.00"),
        ("60.000", "JPY", "JP¥60,000"), ("5 EUR", "CNY", "EUR"),
    ):  # fmt: skip
        page.locator("select[name=currency]").select_option(currency)
        page.fill("[name=amount]", written)
        expect(told).to_contain_text(said, ignore_case=True)
    page.fill("[name=amount]", "12,5")
    expect(told).to_contain_text("€12.50" if page.input_value("[name=currency]") == "EUR" else "¥12.50")
    page.locator("select[name=currency]").select_option("USD")
    expect(told).to_contain_text("US$12.50")
    page.fill("[name=amount]", "")
    expect(told).to_have_text("")


def test_the_wheel_changes_no_number(cast: Cast, enter: Enter) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    commit()
    page = enter(cast.ada)
    for step, name, value in (
        ("rubric", "criteria-0-weight", "40"), ("dates", "proposals_limit", "12"), ("prizes", "prizes-0-amount", "500"),
    ):  # fmt: skip
        page.goto(f"/challenges/{challenge.id}/edit/{step}")
        field = page.locator(f"[name='{name}']")
        field.fill(value)
        field.hover()
        page.mouse.wheel(0, -400)
        page.mouse.wheel(0, 200)
        expect(field).to_have_value(value)
        assert page.locator("input[type=number]").count() == 0


def test_a_browser_tells_its_zone_once(cast: Cast, enter: Enter) -> None:
    page = enter(None)
    page.goto("/account/register")
    assert page.input_value("select[name=time_zone]") == "Europe/Berlin"
    assert [one["value"] for one in page.context.cookies() if one["name"] == "zone"] == ["Europe/Berlin"]
    page.reload()
    assert page.locator("select[name=time_zone] option[selected]").get_attribute("value") == "Europe/Berlin"
