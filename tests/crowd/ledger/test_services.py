"""Corrections of the ledger: what may be reversed by hand, by whom, and with which reason."""

import pytest

from crowd.db import db
from crowd.errors import Conflict, Invalid
from crowd.ledger import check, queries, services
from crowd.ledger.deposits import services as deposits
from crowd.ledger.models import LedgerAccountKind, OwnerType, Transfer
from crowd.ledger.workflow import DepositState
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.ledger.test_approvals import come


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_correction_has_a_reason(cast: Cast, reason: str) -> None:
    row = come(cast.fen, 500, organisation_id=cast.luoyang.id)
    (booked,) = queries.transfers_about("deposit", row.id)
    with pytest.raises(Invalid) as refused:
        services.reverse(cast.finn, booked.id, reason=reason)
    assert set(refused.value.fields) == {"reason"}
    assert (row.state, queries.reversal_of(booked.id)) == (DepositState.CREDITED, None)


def test_what_follows_from_a_decision_is_not_reversed_by_hand(cast: Cast, browser: Browser) -> None:
    challenge = factories.settled(cast)
    kinds = set()
    browser.sign_in(cast.finn)
    for transfer in db.session.query(Transfer).filter_by(challenge_id=challenge.id):
        kinds.add(transfer.kind)
        with pytest.raises(Conflict, match="Only deposits and their allocation"):
            services.reverse(cast.finn, transfer.id, reason="wrong")
        assert not services.can_reverse(cast.finn, transfer)
        assert "Reverse transfer" not in browser.get(f"/balance/transfers/{transfer.id}").text
    assert {"fund", "award", "refund"} <= kinds
    assert check.errors(check.findings()) == []


def test_a_booking_is_reversed_once_and_not_below_its_allocation(cast: Cast) -> None:
    row = come(cast.fen, 500)
    deposits.allocate(cast.finn, row.id, organisation_id=cast.luoyang.id)
    first, second = queries.transfers_about("deposit", row.id)
    with pytest.raises(Conflict, match="allocated since"):
        services.reverse(cast.finn, first.id, reason="wrong")
    assert services.can_reverse(cast.fen, second)
    services.reverse(cast.fen, second.id, reason=" not theirs ")
    assert not services.can_reverse(cast.fen, second)
    with pytest.raises(Conflict, match="reversed before"):
        services.reverse(cast.fen, second.id, reason="again")
    assert queries.reversal_of(second.id).note == "not theirs"
    assert queries.balance(LedgerAccountKind.SUSPENSE, OwnerType.PLATFORM, 0, "CNY") == 500
