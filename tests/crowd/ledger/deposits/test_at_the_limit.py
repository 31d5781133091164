"""Deposits: what is exactly at a limit, and what lies just beyond it; and what a later act makes of a request."""

from datetime import timedelta
from typing import Any

import pytest

from crowd import clock
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.ledger import check
from crowd.ledger import services as ledger_services
from crowd.ledger.approvals import services as approvals
from crowd.ledger.approvals.queries import find_waiting
from crowd.ledger.deposits import services
from crowd.ledger.models import ApprovalKind
from crowd.ledger.queries import free_balance, transfers_about
from crowd.ledger.workflow import DepositState
from crowd.money import MAX_AMOUNT
from tests.cast import Cast
from tests.crowd.ledger.test_approvals import JUST_BELOW, LARGE, asked, come


def refused(cast: Cast, **changes: Any) -> dict[str, list[str]]:
    """What is said at which field of a deposit that cannot be recorded."""
    with pytest.raises(Invalid) as error:
        come(cast.fen, **({"amount": 500} | changes))
    return {name: [str(text) for text in texts] for name, texts in error.value.fields.items()}


def test_a_value_date_may_be_today_or_up_to_five_years_ago(cast: Cast) -> None:
    today = clock.today()
    for day in (today, today - services.OLDEST):
        assert come(cast.fen, 500, value_date=day).value_date == day
    assert "in the future" in refused(cast, value_date=today + timedelta(days=1))["value_date"][0]
    earlier = today - services.OLDEST - timedelta(days=1)
    assert "more than five years ago" in refused(cast, value_date=earlier)["value_date"][0]


def test_the_largest_amount_is_recorded_and_no_larger_one(cast: Cast) -> None:
    assert come(cast.fen, MAX_AMOUNT).amount == MAX_AMOUNT
    assert set(refused(cast, amount=MAX_AMOUNT + 1)) == {"amount"}


@pytest.mark.parametrize(("amount", "state"), [(JUST_BELOW, DepositState.SUSPENSE), (JUST_BELOW + 1, "recorded")])
def test_the_second_person_is_needed_from_the_limit_itself_on(cast: Cast, amount: int, state: str) -> None:
    assert come(cast.fen, amount).state == state


def test_unallocated_money_says_what_is_missing(cast: Cast) -> None:
    row = come(cast.fen, 500)
    for given, field, words in (
        ({}, "organisation_id", "Enter the payment reference"),
        ({"organisation_id": 10**9}, "organisation_id", "no such organisation"),
        ({"payment_reference": "CR-2026-000001-A"}, "payment_reference", "no challenge with this payment reference"),
    ):
        with pytest.raises(Invalid) as error:
            services.allocate(cast.finn, row.id, **given)
        assert words in str(error.value.fields[field][0])
    assert row.state == DepositState.SUSPENSE


@pytest.mark.parametrize("reason", ["", " \n"])
def test_money_goes_back_for_a_reason(cast: Cast, reason: str) -> None:
    row = come(cast.fen, 500)
    with pytest.raises(Invalid) as error:
        services.return_to_payer(cast.finn, row.id, reason=reason)
    assert set(error.value.fields) == {"reason"}


def test_each_act_gives_the_deposit_that_it_has_changed(cast: Cast) -> None:
    row = come(cast.fen, LARGE)
    assert services.confirm(cast.finn, row.id) is row
    assert services.reconcile(cast.finn, row.id) is row
    assert services.allocate(cast.finn, row.id, organisation_id=cast.luoyang.id) is row
    approvals.approve(cast.fen, asked(ApprovalKind.ALLOCATION).id)
    assert services.return_to_payer(cast.finn, row.id, reason="asked") is row
    other = come(cast.fen, LARGE, payer="Another")
    assert services.discard(cast.fen, other.id, reason="typed wrongly") is other
    small = come(cast.fen, 500, payer="A third")
    assert services.allocate(cast.finn, small.id, organisation_id=cast.luoyang.id) is small
    fourth = come(cast.fen, 500, payer="A fourth")
    assert services.return_to_payer(cast.finn, fourth.id, reason="asked") is fourth


# ---- a request that something else has overtaken


def test_who_sends_money_back_ends_the_request_to_allocate_it(cast: Cast) -> None:
    row = come(cast.fen, 500)
    services.allocate(cast.fen, row.id, organisation_id=cast.luoyang.id)
    assert find_waiting(ApprovalKind.ALLOCATION, row.id) is not None
    services.return_to_payer(cast.finn, row.id, reason="not ours")
    assert find_waiting(ApprovalKind.ALLOCATION, row.id) is None


def test_who_reverses_a_booking_ends_what_was_requested_about_it(cast: Cast) -> None:
    row = come(cast.fen, 500)
    services.allocate(cast.fen, row.id, organisation_id=cast.luoyang.id)
    (booked,) = transfers_about("deposit", row.id)
    ledger_services.reverse(cast.finn, booked.id, reason="wrong")
    assert row.state == DepositState.DISCARDED
    assert find_waiting(ApprovalKind.ALLOCATION, row.id) is None
    large = come(cast.fen, LARGE, organisation_id=cast.luoyang.id, payer="Another")
    services.confirm(cast.finn, large.id)
    services.return_to_payer(cast.finn, large.id, reason="the payer asked")
    (booked,) = transfers_about("deposit", large.id)
    assert ledger_services.reverse(cast.fen, booked.id, reason="wrong") is None
    assert find_waiting(ApprovalKind.RETURN, large.id) is not None, "as long as nobody has approved"
    approvals.approve(cast.finn, asked(ApprovalKind.REVERSAL).id)
    assert (large.state, find_waiting(ApprovalKind.RETURN, large.id)) == (DepositState.DISCARDED, None)
    assert check.errors(check.findings()) == []


def test_who_discards_a_deposit_ends_the_request_to_confirm_it(cast: Cast) -> None:
    row = come(cast.fen, LARGE)
    services.discard(cast.fen, row.id, reason="typed wrongly")
    assert find_waiting(ApprovalKind.DEPOSIT, row.id) is None
    with pytest.raises(Conflict):
        services.confirm(cast.finn, row.id)


@pytest.mark.parametrize("amount", [500, LARGE])
def test_who_only_looks_discards_nothing_whatever_its_state(cast: Cast, amount: int) -> None:
    row = come(cast.fen, amount)
    state = row.state
    with pytest.raises(Forbidden):
        services.discard(cast.aud, row.id, reason="wrong")
    assert row.state == state


def test_a_reversal_that_is_approved_after_the_allocation_changes_nothing(cast: Cast) -> None:
    row = come(cast.fen, LARGE)
    services.confirm(cast.finn, row.id)
    (booked,) = transfers_about("deposit", row.id)
    assert ledger_services.reverse(cast.fen, booked.id, reason="wrong") is None
    services.allocate(cast.fen, row.id, organisation_id=cast.luoyang.id)
    approvals.approve(cast.finn, asked(ApprovalKind.ALLOCATION).id)
    with pytest.raises(Conflict, match="allocated since"):
        approvals.approve(cast.finn, asked(ApprovalKind.REVERSAL).id)
    db.session.refresh(row)
    assert (row.state, free_balance(cast.luoyang.id, "CNY")) == (DepositState.CREDITED, LARGE)
    assert check.errors(check.findings()) == []
