"""Facts of the audit trail as an auditor reads them: dates, names and paths, not what the code calls them."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import values
from crowd.audit import AuditEvent
from crowd.db import db
from crowd.ledger.deposits import bank_statement
from crowd.ledger.workflow import PayoutState
from crowd.web.audit_page import fact_rows
from crowd.web.templating import duration
from scoring.panels.greedy import RULE
from tests import factories
from tests.cast import Cast
from tests.client import Browser


def shown(app: Flask, language: str, facts: dict[str, Any]) -> list[Any]:
    with app.test_request_context(headers={"Accept-Language": language}):
        return [value for _label, _code, value in fact_rows(facts)]


AT = datetime(2026, 11, 29, 2, 5, 0, 123456, tzinfo=UTC)
SHOWN: list[tuple[Any, str, str]] = [
    (values.moment(AT), "Sun 29 Nov 2026, 10:05 China Time", "2026年11月29日"),
    (values.money(123456, "EUR"), "€1,234.56", "€1,234.56"),
    (values.money(100_00, "CNY"), "¥100.00", "¥100.00"),
    (values.money(5000, "JPY"), "JP¥5,000", "JP¥5,000"),
    (values.basis_points(3000), "30%", "30%"),
    (values.count(12345), "12,345", "12,345"),
    (values.term(PayoutState.SENT, "payout"), "Sent to the bank", "已发往银行"),
    (values.term(RULE, "panel_rule"), "Choice of reviewers, version 1", "选取规则（第1版）"),
    (values.term("sent", "of_a_package_that_is_gone"), "sent", "sent"),
    (12345, "12345", "12345"),
    ("2026-11-29T02:05:00+00:00", "2026-11-29T02:05:00+00:00", "2026-11-29T02:05:00+00:00"),
    (True, "yes", "是"),
    (None, "–", "–"),
]


@pytest.mark.parametrize(("value", "english", "chinese"), SHOWN, ids=str)
@pytest.mark.parametrize("name", ["amount", "kind", "anything"])
def test_a_value_is_shown_by_its_type_whatever_its_name(
    name: str, value: Any, english: str, chinese: str, isolated: Flask
) -> None:
    assert english in shown(isolated, "en", {name: value})[0]
    assert chinese in shown(isolated, "zh-CN", {name: value})[0]


def test_what_only_looks_typed_stays_as_it_is(isolated: Flask) -> None:
    """Counts by state have names of their own, which a typed value does not have."""
    told = shown(isolated, "en", {"proposals": {"draft": 3, "submitted": 4}})
    assert told == [[("Draft", "draft", "3"), ("Submitted", "submitted", "4")]]


def test_a_share_is_that_of_an_account(isolated: Flask) -> None:
    told = shown(isolated, "en", {"shares": values.by_account({4: values.basis_points(3000)})})
    assert told == [[("Account 4", "", "30%")]]


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
