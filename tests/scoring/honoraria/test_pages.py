"""What pages say of reviewers' fees: to the sponsor at each step, to reviewers before they accept, to nobody else who
they are.
"""

import re
from datetime import timedelta
from typing import Any

from challenges.brief import PrizeLine
from crowd.audit import SYSTEM
from crowd.clock import now
from crowd.db import commit
from scoring.awards import services as awards
from scoring.honoraria import services
from scoring.settlement import services as settlement
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.scoring.test_pages import words

CLAUSES: dict[str, Any] = {
    "review_fee": 20_000,
    "proposals_limit": 4,
    "prizes": [PrizeLine(title="One", amount=1_000_000)],
}


def test_the_sponsor_sees_them_in_the_cost_and_in_the_funding(cast: Cast, browser: Browser) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang, **CLAUSES)
    browser.sign_in(cast.ada)
    cost = words(browser.get(f"/challenges/{draft.id}/edit/check").text)
    assert "¥200 for each review" in cost
    assert "¥2,400.00" in cost  # twelve reviews
    assert "¥12,900.00" in cost  # with the prize and its fee
    approved = factories.approved(cast, **CLAUSES)
    for page in ("funding", "funding/invoice"):
        assert "¥2,400.00" in words(browser.get(f"/challenges/{approved.id}/{page}").text)


def test_everybody_reads_them_in_the_contract(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast, **CLAUSES)
    said = words(browser.get(f"/challenges/{challenge.id}/contract").text)
    assert "¥200 for each review that comes in time" in said
    assert "At most ¥2,400 is in escrow" in said
    other = factories.opened(cast)
    assert "Reviewers work without a fee." in words(browser.get(f"/challenges/{other.id}/contract").text)


def test_a_reviewer_sees_what_a_review_earns_before_and_after(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, "bo", **CLAUSES)
    mine = factories.assignments(challenge)[0]
    browser.sign_in(mine.reviewer)
    page = f"/reviews/{mine.id}"
    assert "You earn ¥200 for this review if you submit it by its date." in words(browser.get(page).text)
    assert "Fee, where it comes in time: ¥200" in words(browser.get("/reviews").text)
    assert "earns ¥200" in words(browser.get("/inbox").text)
    factories.review(mine)
    assert "You have earned ¥200." in words(browser.get(page).text)
    assert "Fees that you have earned" in words(browser.get("/reviews").text)
    factories.move_dates(challenge, reviews_due_at=now() - timedelta(minutes=1))
    awards.decide(cast.ada, challenge.id, reason="Nothing fits.")
    services.pay(SYSTEM, challenge.id)
    assert "Your fee of ¥200 is in your balance." in words(browser.get(page).text)
    assert "¥200" in words(browser.get("/balance").text)


def test_who_is_late_reads_that_there_is_no_fee(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, "bo", **CLAUSES)
    mine = factories.assignments(challenge)[0]
    factories.review(mine)
    mine.due_at = now() - timedelta(minutes=1)
    commit()
    assert "earns no fee" in words(browser.sign_in(mine.reviewer).get(f"/reviews/{mine.id}").text)


def test_no_public_page_names_who_was_paid_for_a_review(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast, "bo", **CLAUSES)
    services.pay(SYSTEM, challenge.id)
    factories.move_dates(challenge, appeals_until=now() - timedelta(minutes=1))
    settlement.settle(SYSTEM, challenge.id)
    transfers = browser.get(f"/challenges/{challenge.id}/transfers").text
    shown = words(transfers)
    assert "¥600.00 paid to reviewers" in shown
    assert "¥10,000.00 paid to winners" in shown
    assert shown.count("A reviewer") == 3
    results = browser.get(f"/challenges/{challenge.id}/results").text
    assert "Reviewers’ fees" in words(results)
    for person in cast.reviewers():
        for page in (one.partition("<main")[2] for one in (transfers, results)):
            assert not re.search(rf"\b{person.name}\b", words(page))
            assert f"/people/{person.id}" not in page
    digests = re.findall(r"<code>[0-9a-f]{64}</code>", transfers)
    assert len(digests) == 3  # of the funding, the award and the return: one of a fee would tell whose it is
    assert "A reviewer" in words(browser.sign_in(cast.bo).get(f"/challenges/{challenge.id}/transfers").text)


def test_the_sponsor_sees_what_a_decision_leaves(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast, "bo", **CLAUSES)
    page = words(browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}/awards").text)
    assert "¥12,300" in page  # without an award: the escrow but for three reviews
