"""Facts of the audit trail as an auditor reads them: dates, names and paths, not what the code calls them."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd.audit import AuditEvent
from crowd.db import db
from crowd.ledger.deposits import bank_statement
from crowd.web.audit_page import fact_rows, path_label
from crowd.web.templating import duration
from scoring.panels import RULE
from tests import factories
from tests.cast import Cast
from tests.client import Browser


def shown(app: Flask, language: str, facts: dict[str, Any]) -> list[Any]:
    with app.test_request_context(headers={"Accept-Language": language}):
        return [value for _label, _code, value in fact_rows(facts)]


@pytest.mark.parametrize("name", ["appeals_until", "decided_at", "due", "before", "after"])
def test_instants_are_told_in_the_readers_way(name: str, isolated: Flask) -> None:
    facts = {name: "2026-11-29T02:05:00.123456+00:00"}
    assert "2026年11月29日" in shown(isolated, "zh-CN", facts)[0]
    assert "29 Nov 2026" in shown(isolated, "en", facts)[0]


def test_what_only_looks_like_an_instant_stays_as_it_is(isolated: Flask) -> None:
    told = shown(isolated, "en", {"reference": "2026-11-29", "name": "2026-13-45T02:05", "title": "2026/11/29"})
    assert told == ["2026-11-29", "2026-13-45T02:05", "2026/11/29"]


def test_the_rule_of_a_panel_has_a_name(isolated: Flask) -> None:
    assert shown(isolated, "zh-CN", {"rule": RULE}) == ["选取规则（第1版）"]
    assert shown(isolated, "en", {"rule": RULE}) == ["Choice of reviewers, version 1"]


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/finance/accounts/escrow/CNY", 403, "/finance/accounts/escrow/…"),
        ("/finance/accounts/1", 403, "/finance/accounts/1"),
        ("/finance/batches/7.csv", 403, "/finance/batches/7.csv"),
        ("/admin/people/3", 403, "/admin/people/3"),
    ],
)
def test_a_refused_path_is_told_with_its_numbers(
    path: str, status: int, told: str, cast: Cast, browser: Browser
) -> None:
    assert browser.sign_in(cast.dee).get(path).status_code == status
    event = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (event.action, event.data["address"]) == ("request.refused", told)


def test_the_panel_page_names_rule_and_seed(cast: Cast, browser: Browser) -> None:
    row = factories.judging(cast)
    cast.eve.locale = "zh_Hans_CN"
    page = browser.sign_in(cast.eve).get(f"/challenges/{row.id}/panel", headers={"Accept-Language": "zh-CN"}).text
    assert "选取规则（第1版）" in page
    assert "抽签种子" in page
    assert RULE not in page


def test_older_events_lose_the_pieces_of_our_routes() -> None:
    assert path_label("/balance/payout-accounts/<any(user,organisation):owner>/5") == "/balance/payout-accounts/…/5"
    assert path_label("/demo/as/<key>") == "/demo/as/…"


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [(5, "5 seconds", "5秒钟"), (61, "2 minutes", "2分钟"), (3598, "60 minutes", "60分钟"), (7201, "3 hours", "3小时"),
     (3 * 86_400, "3 days", "3天")],
)  # fmt: skip
def test_a_wait_is_told_in_the_unit_that_fits(seconds: int, english: str, chinese: str, isolated: Flask) -> None:
    for language, words in (("en", english), ("zh-CN", chinese)):
        with isolated.test_request_context(headers={"Accept-Language": language}):
            assert duration(seconds).replace(" ", "") == words.replace(" ", "")


@pytest.mark.parametrize(
    "line",
    ["B1,2026/11/31,P,10,CNY", "B1,29 novembre,P,10,CNY", "B1,03/04/2026,P,10,CNY",
     "B1,2026-13-01,P,10,CNY", "B1,2026-11-29,P,1e3,CNY",
     "B1,2026-11-29,P,Infinity,CNY", "B1,2026-11-29,P,10,XXX", "B1,2026-11-29,P,0,CNY", ",2026-11-29,P,10,CNY"],
)  # fmt: skip
def test_a_line_of_a_statement_is_refused_in_the_readers_words(line: str, isolated: Flask) -> None:
    with isolated.test_request_context(headers={"Accept-Language": "zh-CN"}):
        found = bank_statement.read(f"reference,date,payer,amount,currency\n{line}\n".encode())
    problems = found.problems
    assert found.rows == []
    for word in ("Invalid", "isoformat", "digits", "amount too", "'"):
        assert word not in problems[0]
