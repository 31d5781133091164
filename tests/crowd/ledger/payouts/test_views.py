"""Finance on the pages of payouts: a batch that is cancelled, and bank responses that a person has to look at."""

import pytest

from crowd.audit import SYSTEM
from crowd.db import commit, db
from crowd.ledger.models import ApprovalKind
from crowd.ledger.payouts import bank_responses, queries, services
from crowd.ledger.payouts.models import BankResponse
from crowd.ledger.workflow import BankResponseOutcome, BatchState, PayoutState
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.ledger.test_approvals import asked
from tests.crowd.ledger.test_payouts import a_batch_at_the_bank, answer, bo_has, earned, with_account


def test_a_batch_that_is_cancelled_lets_its_payouts_wait(cast: Cast, browser: Browser) -> None:
    ledger_account = earned(cast, cast.bo, 1_000)
    with_account(cast.bo)
    payout = services.request(cast.bo, ledger_account.id, amount=1_000)
    batch = services.make_batch(cast.fen, currency="CNY")
    browser.sign_in(cast.aud)
    assert browser.post(f"/finance/batches/{batch.id}/cancel").status_code == 403
    browser.sign_in(cast.fen)
    assert browser.post(f"/finance/batches/{batch.id}/cancel").headers["Location"] == "/finance/payouts"
    page = browser.get("/finance/payouts").text
    assert "The batch was cancelled" in page
    assert "Create a batch in CNY" in page
    assert (batch.state, payout.state, payout.batch_id) == (BatchState.CANCELLED, PayoutState.REQUESTED, None)
    assert browser.post(f"/finance/batches/{batch.id}/cancel").status_code == 409


def test_a_response_about_nobody_is_resolved_by_one_person(cast: Cast, browser: Browser) -> None:
    lines = "payment,status,amount,currency,reason\nPAYOUT-999999,paid,1.00,CNY,\n"
    assert bank_responses.ingest(SYSTEM, "c.csv", lines.encode()) == {"flagged": 1}
    commit()
    (row,) = queries.flagged(9)
    browser.sign_in(cast.aud)
    assert browser.post(f"/finance/bank-responses/{row.id}").status_code == 403
    browser.sign_in(cast.fen)
    assert f'action="/finance/bank-responses/{row.id}"' in browser.get("/finance/payouts").text
    assert browser.post(f"/finance/bank-responses/{row.id}").headers["Location"] == "/finance/payouts"
    assert f'action="/finance/bank-responses/{row.id}"' not in browser.get("/finance/payouts").text
    resolved = db.session.get_one(BankResponse, row.id)
    assert (resolved.outcome, resolved.resolved_by) == (BankResponseOutcome.RESOLVED, cast.fen.id)
    assert browser.post(f"/finance/bank-responses/{row.id}").status_code == 409
    assert browser.post(f"/finance/bank-responses/{row.id + 1}").status_code == 404
    for outcome in ("book", "dismiss"):
        assert browser.post(f"/finance/bank-responses/{row.id}/{outcome}").status_code == 409


@pytest.mark.parametrize("outcome", ["book", "dismiss"])
def test_a_response_about_a_payout_is_decided_by_two_people(cast: Cast, browser: Browser, outcome: str) -> None:
    payout = a_batch_at_the_bank(cast)
    answer(payout, "paid")
    answer(payout, "returned", name="late.csv")
    (row,) = queries.flagged(9)
    path = f"/finance/bank-responses/{row.id}/{outcome}"
    browser.sign_in(cast.fen)
    assert f'action="{path}"' in browser.get("/finance/payouts").text
    waits = f"/finance/approvals/{asked_at(browser, path)}"
    assert "Another finance officer must approve it" in browser.get(waits).text
    assert (payout.state, bo_has(cast)) == (PayoutState.PAID, 0)
    assert browser.post(path).status_code == 409, "asked for already"
    browser.sign_in(cast.finn)
    assert browser.post(f"{waits}/approve").status_code == 303
    db.session.refresh(payout)
    booked = (PayoutState.RETURNED, 1_000) if outcome == "book" else (PayoutState.PAID, 0)
    assert (payout.state, bo_has(cast)) == booked
    assert queries.flagged(9) == []


def asked_at(browser: Browser, path: str) -> int:
    """The approval to which a request leads."""
    led_to = browser.post(path).headers["Location"]
    waits = asked(ApprovalKind.BANK_RESPONSE).id
    assert led_to == f"/finance/approvals/{waits}"
    return waits
