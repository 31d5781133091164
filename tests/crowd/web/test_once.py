"""One rendered form acts once: the second submission shows the result of the first."""

import re
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.models import Challenge
from crowd.accounts.models import Invitation, Organisation
from crowd.clock import now
from crowd.db import atomic, db, joined
from crowd.errors import Conflict
from crowd.ledger.models import Deposit
from crowd.site import jobs
from crowd.web import once
from scoring.models import ConflictOfInterest
from submissions.models import Proposal
from tests import factories
from tests.cast import Cast
from tests.client import Browser

HOUSE = {"name": "Nordkraft", "kind": "enterprise", "country": "NO"}
DEPOSIT = {
    "bank_reference": "ONCE-1", "value_date": "2026-11-02", "payer": "Luoyang Water", "amount": "5", "currency": "CNY",
}  # fmt: skip


def token(browser: Browser, path: str) -> str:
    """The token of the form on a page."""
    found = re.search(r'name="once" value="([^"]+)"', browser.get(path).get_data(as_text=True))
    assert found, path
    return found[1]


def count(kind: Any) -> int:
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(kind)) or 0)


def sent_twice(browser: Browser, path: str, data: dict[str, Any], page: str = "") -> list[Any]:
    form = {**data, "once": token(browser, page or path)}
    return [browser.post(path, form) for _ in range(2)]


def test_a_draft_is_begun_once(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.ada)
    typed = {"organisation_id": cast.luoyang.id, "title": "Leaks", "language": "en"}
    before = count(Challenge)
    first, second = sent_twice(browser, "/challenges/new", typed)
    assert count(Challenge) == before + 1
    assert (second.status_code, second.location) == (303, first.location)
    assert "submitted before" in browser.get(browser.get(second.location).location).get_data(as_text=True)
    third = browser.post("/challenges/new", {**typed, "once": token(browser, "/challenges/new")})
    assert third.location != first.location, "another form is another draft"


def test_a_registration_a_proposal_and_its_submission_happen_once(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    browser.sign_in(cast.bo)
    path = f"/challenges/{challenge.id}/register"
    first, second = sent_twice(browser, path, {"accept": "y", "accepted": "y", "contract": "1"})
    assert first.location == second.location
    started = f"/challenges/{challenge.id}/proposals"
    first, second = sent_twice(browser, started, {}, path)
    assert first.location == second.location
    assert count(Proposal) == 1


def test_a_deposit_is_recorded_once(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.fen)
    first, second = sent_twice(browser, "/finance/deposits/new", DEPOSIT)
    assert first.status_code == 303
    assert (second.status_code, second.location) == (303, first.location)
    assert count(Deposit) == 1


def test_an_organisation_an_invitation_and_a_tie_are_made_once(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.ada)
    before = count(Organisation)
    first, second = sent_twice(browser, "/account/organisations/new", HOUSE)
    assert first.location == second.location
    assert count(Organisation) == before + 1
    members = f"/organisations/{cast.luoyang.id}/members"
    sent_twice(browser, f"/organisations/{cast.luoyang.id}/invite", {"email": "x@y.example", "role": "member"}, members)
    assert count(Invitation) == 1
    browser.sign_in(cast.cy)
    first, second = sent_twice(browser, "/reviews/conflicts", {"party": cast.luoyang.name, "reason": "worked there"})
    assert (first.status_code, second.status_code) == (303, 303)
    assert count(ConflictOfInterest) == 1


def test_a_form_that_was_refused_may_be_corrected_and_sent_again(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.fen)
    form = {**DEPOSIT, "once": token(browser, "/finance/deposits/new")}
    assert browser.post("/finance/deposits/new", {**form, "amount": "much"}).status_code == 422
    assert browser.post("/finance/deposits/new", form).status_code == 303
    assert count(Deposit) == 1


def test_nobody_is_shown_what_anothers_form_did(cast: Cast, browser: Browser) -> None:
    typed = {"organisation_id": cast.luoyang.id, "title": "Leaks", "language": "en"}
    browser.sign_in(cast.ada)
    form = {**typed, "once": token(browser, "/challenges/new")}
    first = browser.post("/challenges/new", form)
    browser.sign_in(cast.bo)
    assert browser.post("/challenges/new", form).location != first.location


def test_what_forms_did_is_forgotten(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.ada)
    sent_twice(browser, "/account/organisations/new", HOUSE)
    assert jobs.prune()["forms"] == 0
    db.session.execute(sa.update(once.SentForm).values(created_at=now() - once.KEPT - once.KEPT))
    assert jobs.prune()["forms"] == 1


def test_a_verb_that_refuses_within_a_form_leaves_nothing(cast: Cast) -> None:
    @atomic
    def half() -> None:
        db.session.add(once.SentForm(digest="half"))
        db.session.flush()
        raise Conflict

    @atomic
    def whole() -> None:
        db.session.add(once.SentForm(digest="whole"))

    with joined(apart=True) as transaction:
        with pytest.raises(Conflict):
            half()
        whole()
    assert transaction.acts == 1
    assert list(db.session.scalars(sa.select(once.SentForm.digest))) == ["whole"]


def test_two_sendings_at_the_same_moment_are_one(committed: Flask) -> None:
    with committed.app_context():
        cast = Cast()
        browsers = [Browser(committed).sign_in(cast.ada) for _ in range(3)]
        form = {
            "organisation_id": cast.luoyang.id, "title": "Leaks", "language": "en",
            "once": token(browsers[0], "/challenges/new"),
        }  # fmt: skip
    tokens = [browser.token() for browser in browsers]
    answers: list[Any] = [None] * len(browsers)

    def send(number: int) -> None:
        data = {**form, "csrf_token": tokens[number]}
        answers[number] = browsers[number].client.post("/challenges/new", data=data)

    threads = [threading.Thread(target=send, args=[number]) for number in range(len(browsers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    with committed.app_context():
        assert count(Challenge) == 1
