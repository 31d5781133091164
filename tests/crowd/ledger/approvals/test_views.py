"""The pages of approvals: the second person says no, and the first one withdraws the request."""

import pytest

from crowd.db import db
from crowd.ledger.deposits import services as deposits
from crowd.ledger.models import Approval, ApprovalKind
from crowd.ledger.queries import free_balance
from crowd.ledger.workflow import ApprovalState, DepositState
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.ledger.test_approvals import asked, come


@pytest.mark.parametrize("who", ["finn", "fen"])
def test_what_is_declined_moves_no_money_and_may_be_asked_again(cast: Cast, browser: Browser, who: str) -> None:
    row = come(cast.fen, 500)
    deposits.allocate(cast.fen, row.id, organisation_id=cast.luoyang.id)
    waits = asked(ApprovalKind.ALLOCATION).id
    browser.sign_in(getattr(cast, who))
    answer = browser.post(f"/finance/approvals/{waits}/decline")
    assert answer.headers["Location"] == f"/finance/approvals/{waits}"
    page = browser.get(f"/finance/approvals/{waits}").text
    assert "No money was transferred" in page
    assert f"/finance/approvals/{waits}/approve" not in page, "nothing is left to decide"
    assert db.session.get_one(Approval, waits).state == ApprovalState.DECLINED
    assert (row.state, free_balance(cast.luoyang.id, "CNY")) == (DepositState.SUSPENSE, 0)
    deposits.allocate(cast.fen, row.id, organisation_id=cast.luoyang.id)
    assert asked(ApprovalKind.ALLOCATION).id != waits
