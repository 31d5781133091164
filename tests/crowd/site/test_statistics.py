"""The statistics and the home page: every figure derives from data, links to it, and has a constant cost."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges import monthly_totals
from challenges.lifecycle import services as lifecycle
from crowd.db import db
from crowd.site import home, statistics
from crowd.site.statistics import Flow, Stand, Statistics
from tests import factories
from tests.cast import Cast
from tests.client import Browser


def row(month: date, currency: str = "CNY", **numbers: int) -> Any:
    """What a month has counted."""
    return SimpleNamespace(month=month, currency=currency, **(dict.fromkeys(monthly_totals.COUNTS, 0) | numbers))


@contextmanager
def counted() -> Iterator[list[str]]:
    """The questions that are asked of the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append(statement)

    engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def test_where_challenges_stood_follows_from_what_went_in_and_out() -> None:
    found = Statistics(
        [
            row(date(2026, 1, 1), opened=5, closed=1),
            row(date(2026, 1, 1), "EUR", opened=1),
            row(date(2026, 3, 1), closed=2, decided=2, settled=1, cancelled=1, stopped=1, proposals=7),
        ]
    )
    assert [one.month for one in found.months] == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    assert found.months[0].stand == found.months[1].stand == Stand(5, 1, 0, 0, 0)
    assert found.months[1].opened == 0, "a month in which nothing happened stands there too"
    assert found.stand == found.months[2].stand == Stand(open=2, judging=0, decided=1, settled=1, called_off=2)
    assert found.total("proposals") == 7


def test_the_parts_of_a_flow_add_up() -> None:
    found = Statistics(
        [
            row(date(2025, 12, 1), "EUR", opened=1, funded=500),
            row(date(2026, 1, 1), funded=1_000, paid=600, fees=30),
            row(date(2026, 2, 1), refunded=120, honoraria=45),
        ]
    )
    assert found.flows == [Flow("CNY", 1_000, 600, 30, 45, 120), Flow("EUR", 500, 0, 0, 0, 0)]
    assert found.held == [("EUR", 500), ("CNY", 205)]
    assert found.paid == [("CNY", 600)]


def test_means_and_shares_are_none_before_there_is_anything() -> None:
    assert not Statistics([])
    assert Statistics([]).months == []
    assert (Statistics([]).rewarded, Statistics([]).days_to_decide, Statistics([]).days_to_pay) == (None, None, None)
    found = Statistics([row(date(2026, 1, 1), decided=4, rewarded=3, decision_seconds=10 * 86_400, settled=0)])
    assert (found.rewarded, found.days_to_decide, found.days_to_pay) == (0.75, 2.5, None)


def test_a_year_turns(isolated: Flask) -> None:
    found = Statistics([row(date(2025, 11, 1), opened=1), row(date(2028, 1, 1), opened=1)])
    assert len(found.months) == statistics.SHOWN
    assert found.months[-1].month == date(2028, 1, 1)
    assert found.months[-2].month == date(2027, 12, 1)


def test_the_page_tells_the_story_with_tables_behind_its_pictures(cast: Cast, browser: Browser) -> None:
    factories.settled(cast, "bo", "bea", awards=2)
    lifecycle.cancel(cast.ada, factories.opened(cast).id, reason="The mains are replaced.")
    page = browser.get("/statistics").text
    assert page.count("<svg") >= 4
    assert page.count("Show as a table") == page.count("<figcaption>") + 1
    assert "¥270,000" in page, "what was paid to winners"
    assert "100%" in page
    assert "2 proposals had been submitted" in page
    assert "Nothing to count yet" not in page
    chinese = browser.get("/statistics", headers={"Accept-Language": "zh-CN"}).text
    assert "支付获奖者" in chinese
    assert "¥270,000<small>27万元</small>" in chinese
    assert "万元" not in page


@pytest.mark.parametrize("path", ["/", "/challenges", "/results", "/finance/accounts"])
def test_chinese_summaries_show_large_sums_in_their_units_beside_the_exact_ones(
    path: str, cast: Cast, browser: Browser
) -> None:
    factories.settled(cast)
    factories.opened(cast)
    for locale in ("zh_Hans_CN", "en"):
        cast.aud.locale = locale
        page = browser.sign_in(cast.aud).get(path).text
        assert ("万元" in page) == (locale != "en"), locale


def test_before_the_first_challenge_the_page_says_so(cast: Cast, browser: Browser) -> None:
    assert "Nothing to count yet" in browser.get("/statistics").text
    factories.approved(cast)
    assert "Nothing to count yet" in browser.get("/statistics").text


def test_no_figure_breaks_a_seal(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    before = browser.get("/statistics").text
    factories.proposal(cast.bo, challenge)
    factories.proposal(cast.bea, challenge)
    assert figures(browser.get("/statistics").text) == figures(before)
    factories.closed(cast, challenge)
    assert "2 proposals had been submitted" in browser.get("/statistics").text


def figures(page: str) -> list[str]:
    return re.findall(r"<b>(.*?)</b>|<text[^>]*>(.*?)</text>|<td[^>]*>(.*?)</td>", page.split('id="main"')[1])


@pytest.mark.parametrize("path", ["/", "/statistics"])
def test_every_figure_leads_to_what_it_counts(path: str, cast: Cast, browser: Browser) -> None:
    factories.settled(cast)
    factories.opened(cast)
    page = browser.get(path).text.split('id="main"')[1]
    shown = page.split('class="figures"')[1].split("</ul>")[0]
    links = re.findall(r'href="([^"]+)"', shown)
    assert len(links) == shown.count("<li>")
    for link in links:
        target, _hash, name = link.replace("&amp;", "&").partition("#")
        assert not target or browser.get(target).status_code == 200
        assert not name or f'id="{name}"' in page


def test_the_figures_are_those_of_the_lists_that_they_lead_to(cast: Cast, browser: Browser) -> None:
    factories.settled(cast)
    factories.opened(cast)
    factories.opened(cast)
    stand = statistics.load().stand
    for state, number in (("open", stand.open), ("settled", stand.settled)):
        answer = browser.get(f"/api/v1/challenges?state={state}&here=1").get_json()
        assert len(answer["challenges"]) == number


def test_more_challenges_cost_no_more_statements(cast: Cast) -> None:
    factories.settled(cast)
    home.home_page_data()
    with counted() as few:
        home.home_page_data()
    for _ in range(3):
        factories.settled(cast)
        factories.opened(cast)
    db.session.expire_all()
    with counted() as many:
        home.home_page_data()
    assert len(many) == len(few)
    with counted() as one:
        statistics.load()
    assert len(one) == 1


# ---- each figure has as many as the list to which it leads


@pytest.fixture
def everything(cast: Cast) -> None:
    """Challenges in each state, decided with and without an award, cancelled before, while and after they were open;
    of two solvers with a result one has closed the account.
    """
    factories.opened(cast)
    factories.judging(cast)
    factories.decided(cast)
    factories.decided(cast, awards=0)
    factories.settled(cast)
    factories.funded(cast)  # in escrow, and in no list
    lifecycle.cancel(cast.ada, factories.funded(cast).id, reason="No longer needed.")
    with_proposals = factories.opened(cast)
    factories.proposal(cast.bo, with_proposals)
    lifecycle.cancel(cast.eve, with_proposals.id, reason="No longer needed.")
    lifecycle.cancel(cast.eve, factories.judging(cast).id, reason="No longer needed.")
    cast.bea.active = False
    db.session.flush()


def shown_figures(text: str) -> dict[str, tuple[str, str]]:
    """Label to (address, number) of each figure of a page."""
    found = {
        label: (html.unescape(url), number)
        for url, number, label in re.findall(r'<li><a href="([^"]+)"><b>(.*?)</b><span>(.*?)</span>', text)
    }
    for label, value in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text, re.DOTALL):
        url, number = re.findall(r'<a href="([^"]+)">(.*?)</a>', value)[0]
        found[label] = (html.unescape(url), number)
    return found


def counted_there(browser: Browser, url: str, what: str) -> str:
    """What the list at an address adds up to, in the words of the figure."""
    page = browser.get(url).text
    if url.startswith("/people"):
        return str(page.count('<th scope="row">'))
    if "proposals received" in what:
        return str(sum(map(int, re.findall(r"(\d+) proposals?</p>", page))))
    if "of decisions" in what:
        (all_of,), (some,) = re.findall(r"(\d+) decisions", page), re.findall(r"(\d+) of them awarded", page)
        return f"{100 * int(some) / int(all_of):.3g}%"
    if what == "held in escrow":
        parts = re.findall(r"<b class=\"nowrap\">¥([\d,.]+)</b>", page.partition("Held in escrow for them:")[2])
        return f"¥{sum(int(one.replace(',', '')) for one in parts[:2]):,}"
    if what == "paid to winners":
        return re.findall(r'paid: <span class="nowrap">(.*?)</span>', page)[0]
    for pattern in (r"<b>([\d,]+) found</b>", r"([\d,]+) of them", r"([\d,]+) decisions?"):
        if found := re.findall(pattern, page):
            return str(found[0])
    raise AssertionError(url)


def test_each_figure_is_what_the_list_adds_up_to(everything: None, browser: Browser) -> None:
    for page, least in (("/", 4), ("/statistics", 15)):
        figures = shown_figures(browser.get(page).text)
        assert len(figures) >= least
        for what, (url, number) in figures.items():
            assert url.startswith("/"), f"{what} leads out of its own page"
            assert counted_there(browser, url, what) == number, f"{what} on {page}"
