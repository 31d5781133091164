"""The clocks of challenges are rules in versions: what was submitted keeps its version, what follows gets the next."""

from dataclasses import replace

import pytest
from flask import Flask

from challenges.contract import projection, queries, services
from challenges.contract.document import read_document
from challenges.lifecycle import services as lifecycle
from challenges.rule_set import RULES, rule_limits
from challenges.rules import rules_of
from crowd import clock
from crowd.audit import SYSTEM
from crowd.ledger.check import run_checks
from crowd.ledger.fees.rules import FEES
from crowd.rules import queries as rules
from crowd.rules import services as founding
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.rules.adopting import adopted


def set_limits(app: Flask, patch: pytest.MonkeyPatch, **values: int) -> None:
    settings = app.config["CROWD"]
    patch.setitem(app.config, "CROWD", replace(settings, limits=replace(settings.limits, **values)))


def test_version_one_begins_with_the_settings_and_does_not_follow_them(
    isolated: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rules.find_in_force(RULES) is None
    set_limits(isolated, monkeypatch, review_days=9)
    assert rule_limits().review_days == 9, "before it is founded the settings are what it would begin with"
    promised = rules.in_force(RULES.name)
    founding.found_all()
    assert rules.in_force(RULES.name) == promised
    set_limits(isolated, monkeypatch, review_days=11)
    assert rule_limits().review_days == 9
    assert rules_of(factories.challenge(cast.ada, cast.luoyang)).review_days == 9
    assert founding.found_all() == 0


def test_what_was_submitted_keeps_its_version_and_its_contract_names_it(cast: Cast) -> None:
    first = factories.opened(cast)
    submitted, draft = factories.screened(cast), factories.challenge(cast.ada, cast.luoyang)
    before, usual = queries.in_force(first), rules_of(first)
    adopted(RULES, review_days=3, decision_days=4, reviews_per_proposal=2)
    adopted(FEES, award=100)
    assert queries.in_force(first).digest == before.digest
    assert projection.findings() == []
    assert [rules_of(one) == usual for one in (first, submitted)] == [True, True]
    assert rules_of(draft).review_days == 3
    assert lifecycle.submit(cast.ada, draft.id).rules_version == 2
    named = read_document(before.document)["rules"]
    assert [(one["set"], one["number"]) for one in named] == [("fees", 1), ("challenges", 1)]
    assert named[0]["sha256"] == rules.get_adoption("fees", 1).version.digest


def test_what_is_paid_is_what_the_submitted_version_asks(cast: Cast) -> None:
    """Another number of reviews, adopted between the submission and the opening, would leave too little in escrow."""
    paid = factories.funded(cast)
    cost, usual = paid.cost, rules_of(paid)
    adopted(RULES, reviews_per_proposal=9)
    paid.opens_at = clock.now()
    opened = lifecycle.open(SYSTEM, paid.id)
    assert (opened.cost, rules_of(opened)) == (cost, usual)
    assert run_checks() == []


def test_an_amendment_keeps_the_rules_that_the_contract_names(cast: Cast) -> None:
    challenge = factories.opened(cast)
    named = read_document(queries.in_force(challenge).document)["rules"]
    adopted(RULES, min_appeal_seconds=20 * 24 * 3600, appeal_seconds=25 * 24 * 3600)
    brief = replace(queries.brief_in_force(challenge), title="Another title of the same challenge")
    planned = services.plan(challenge, brief)
    assert planned.after["rules"] == named
    assert planned.after["decision"] == planned.before["decision"]


def test_drafts_and_public_pages_show_what_is_in_force(cast: Cast, browser: Browser) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang)
    adopted(RULES, decision_days=17)
    adopted(FEES, award=300)
    check = browser.sign_in(cast.ada).get(f"/challenges/{draft.id}/edit/check").text
    assert 'href="/rules/fees?version=2"' in check
    assert rules.in_force("fees").digest in check
    assert "17 days" in browser.get("/how-it-works").text
    assert "within 17 days" in browser.get("/terms").text
    assert "17" in browser.get("/terms", headers={"Accept-Language": "zh-CN"}).text
