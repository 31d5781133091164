"""A challenge for ideas, from the first page of its draft to the thirtieth payment, in both languages."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask_babel import force_locale, gettext

from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.types import Type
from crowd.accounts.models import PlatformRole, User
from crowd.audit import SYSTEM
from crowd.clock import now
from crowd.db import db
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.models import LedgerAccountKind, OwnerType
from scoring import services as scoring
from scoring.awards import queries as awards
from scoring.settlement import services as settlement
from submissions import queries as submissions
from tests import factories
from tests.cast import Cast
from tests.challenges.test_views import fields
from tests.client import Browser
from tests.scoring.test_pages import text, words

AWARDS, EACH = 30, 100_000  # how many, and each in minor units
WHY = "One of the thirty that we want to pursue first."
pytestmark = pytest.mark.timeout(300)


def said(locale: str, text: str, **values: Any) -> str:
    """A text of the platform in a language."""
    with force_locale(locale):
        return str(gettext(text, **values))


def drafted(cast: Cast, browser: Browser) -> Challenge:
    """What Ada does: the tier gives the type and the rubric; she writes the rest, and sees the cost."""
    form = {"organisation_id": str(cast.luoyang.id), "title": "Quieter pumps", "tier": "grand"}
    made = browser.post("/challenges/new", form | {"language": cast.ada.locale})
    path = f"/challenges/{int(made.headers['Location'].split('/')[2])}"
    assert fields(text(browser, f"{path}/edit/type"))["type"] == "ideation"
    prizes = {"prizes-0-title": "Idea", "prizes-0-amount": "1000", "prizes-0-award_count": str(AWARDS)}
    second = {"prizes-1-title": "Best", "prizes-1-amount": "1000", "prizes-1-award_count": "1"}
    write(browser, path, "problem", summary="How can pumps be quieter?", problem_statement="They are loud at night.",
          tags="acoustics, water")  # fmt: skip
    write(browser, path, "dates", closes_at=(now() + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M"))
    write(browser, path, "prizes", **prizes, **second)
    row = db.session.get_one(Challenge, int(path.split("/")[2]))
    assert said(
        cast.ada.locale, "The awards for ideas are all equal: write one line, with the number of awards."
    ) in text(browser, f"{path}/edit/check")
    write(browser, path, "prizes", **{f"prizes-1-{name}": "" for name in ("title", "amount")})
    shown = fields(text(browser, f"{path}/edit/check"))
    assert browser.post(f"{path}/edit/check", {"cost": shown["cost"]}).status_code == 303
    db.session.refresh(row)
    return row


def write(browser: Browser, path: str, step: str, **typed: str) -> None:
    """Fill in a step of the draft and save it."""
    page = fields(text(browser, f"{path}/edit/{step}"))
    assert browser.post(f"{path}/edit/{step}", page | typed).status_code == 303


def opened(cast: Cast, row: Challenge) -> Challenge:
    factories.approve(cast.eve, row.id)
    factories.pay_in(cast, cast.luoyang, row.cost)
    lifecycle.fund(cast.ada, row.id)
    assert row.is_open
    return row


def judged(row: Challenge, solvers: list[User]) -> list[int]:
    """Every solver writes a page; the panel finds the first ones better. Returns the proposals, best first."""
    for solver in solvers:
        factories.proposal(solver, row, body="Line the housing.")
    factories.closed(None, row)
    scoring.form_panel(SYSTEM, row.id)
    order = [one.id for one in submissions.submitted(row.id)]
    for one in factories.assignments(row):
        factories.review(one, points=9 if order.index(one.proposal_id) < AWARDS else 1)
    return order


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_thirty_ideas_win(locale: str, cast: Cast, browser: Browser) -> None:
    cast.ada.locale = locale
    browser.sign_in(cast.ada)
    row = opened(cast, drafted(cast, browser))
    assert row.type == Type.IDEATION
    assert said(locale, "Ideas") in words(text(browser, f"/challenges/{row.id}"))
    for number in range(12):
        factories.user(f"Reviewer {number}", PlatformRole.EXPERT, expertise=["acoustics", "water"])
    solvers = [factories.user(f"Solver {number:02}") for number in range(AWARDS + 2)]
    order = judged(row, solvers)

    # the first thirty at once
    here = f"/challenges/{row.id}/awards"
    page = fields(text(browser, here))
    assert page["first-number"] == str(AWARDS)
    first = {"first-prize_id": str(row.prizes[0].id), "first-number": "31", "first-reason": WHY}
    assert browser.post(f"{here}/first", first).status_code == 422
    assert browser.post(f"{here}/first", first | {"first-number": str(AWARDS)}).status_code == 303
    shown = text(browser, here)
    assert shown.count(WHY) == 1, "a reason that all share stands once"
    stamp = fields(shown)["awards"]
    assert browser.post(f"/challenges/{row.id}/decision", {"awards": stamp, "decision-reason": ""}).status_code == 303

    # everybody reads who won
    results = text(browser.sign_in(factories.user("Lin", locale=locale)), f"/challenges/{row.id}/results")
    assert len(re.findall(r'id="award-\d+"', results)) == AWARDS
    assert results.count(WHY) == 1
    assert [f"Solver {number:02}" in words(results) for number in (0, 29, 30, 31)] == [True, True, False, False]
    assert [one.proposal_id for one in awards.winners(row.id)] == order[:AWARDS]

    # and is paid
    factories.move_dates(row, decided_at=now() - timedelta(days=8), appeals_until=now() - timedelta(minutes=1))
    settlement.settle(SYSTEM, row.id)
    paid = [ledger.balance(LedgerAccountKind.PAYABLE, OwnerType.USER, solver.id, "CNY") for solver in solvers]
    assert paid == [EACH] * AWARDS + [0, 0]
    assert check.run_checks() == []
