"""Funding of a challenge: exact, short and excess money, money without a reference, and the payment proofs."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from flask import current_app

from challenges.funding import queries, services
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.audit import SYSTEM
from crowd.db import commit
from crowd.errors import Conflict, Invalid, NotFound
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.deposits import services as deposits
from crowd.ledger.models import Deposit
from crowd.ledger.workflow import DepositState
from tests import factories
from tests.cast import Cast

SMALL = 100_000


def come(cast: Cast, amount: int, **changes: Any) -> Deposit:
    """Fen records a deposit, and a worker does what follows from it."""
    row = recorded(cast, amount, **changes)
    factories.run_jobs("challenges.fund")
    return row


def recorded(cast: Cast, amount: int, **changes: Any) -> Deposit:
    """Fen records a deposit; no worker has seen it yet."""
    fields: dict[str, Any] = {
        "bank_reference": f"B{amount}-{changes.get('payment_reference', '')}",
        "value_date": date(2026, 11, 19),
        "payer": "Luoyang Water",
        "amount": amount,
        "currency": "CNY",
    }
    return deposits.record(cast.fen, **(fields | changes))


def small(cast: Cast) -> Challenge:
    """An approved challenge whose cost is below the limit of two people."""
    prizes = [factories.PrizeLine(title="First", amount=SMALL)]
    return factories.approved(cast, prizes=prizes, opens_at=None)


def test_the_exact_sum_with_the_reference_funds_by_itself(cast: Cast) -> None:
    challenge = small(cast)
    row = come(cast, challenge.cost, payment_reference=f"Zahlung {challenge.payment_reference} danke")
    assert (row.state, row.challenge_id) == (DepositState.CREDITED, challenge.id)
    assert challenge.state == ChallengeState.OPEN
    assert ledger.in_escrow(challenge.id, "CNY") == challenge.cost
    assert row.reconciled_at is None
    assert check.errors(check.findings()) == []


def test_a_short_payment_waits_for_the_rest(cast: Cast) -> None:
    challenge = small(cast)
    come(cast, challenge.cost - 1, payment_reference=challenge.payment_reference)
    funding = queries.funding_of(challenge)
    assert (challenge.state, funding.missing, funding.free) == (ChallengeState.APPROVED, 1, challenge.cost - 1)
    come(cast, 1, payment_reference=challenge.payment_reference)
    assert challenge.state == ChallengeState.OPEN


def test_what_is_too_much_stays_the_sponsors(cast: Cast) -> None:
    challenge = small(cast)
    come(cast, challenge.cost + 777, payment_reference=challenge.payment_reference)
    assert challenge.state == ChallengeState.OPEN
    assert ledger.free_balance(cast.luoyang.id, "CNY") == 777


def test_the_sponsor_moves_a_free_balance_into_escrow(cast: Cast) -> None:
    challenge = small(cast)
    come(cast, challenge.cost, organisation_id=cast.luoyang.id)
    assert challenge.state == ChallengeState.APPROVED, "it names no challenge, so the sponsor decides"
    funding = queries.funding_of(challenge)
    assert funding.covered
    assert queries.can_fund_now(cast.ada, funding)
    assert not queries.can_fund_now(cast.abe, funding)
    lifecycle.fund(cast.ada, challenge.id)
    assert challenge.state == ChallengeState.OPEN


def test_payment_proofs_are_the_sponsors_and_move_nothing(cast: Cast) -> None:
    challenge = small(cast)
    proof = services.upload_payment_proof(cast.abe, challenge.id, io.BytesIO(b"%PDF-1.4 proof"), "proof.pdf")
    (expected,) = queries.expected()
    assert (expected.challenge_id, expected.proofs, expected.received) == (challenge.id, 1, 0)
    assert challenge.state == ChallengeState.APPROVED
    assert queries.payment_proof_file(cast.fen, proof.id).name == "proof.pdf"
    for stranger in (cast.bo, cast.cy):
        with pytest.raises(NotFound):
            queries.payment_proof_file(stranger, proof.id)
    with pytest.raises(NotFound):
        services.upload_payment_proof(cast.bo, challenge.id, io.BytesIO(b"%PDF-1.4 proof"), "proof.pdf")
    with pytest.raises(Invalid):
        services.upload_payment_proof(cast.ada, challenge.id, io.BytesIO(b"MZ"), "proof.exe")


def test_money_that_comes_after_the_time_to_pay_stays_free(cast: Cast) -> None:
    challenge = small(cast)
    factories.move_dates(challenge, funding_due_at=clock.now() - timedelta(hours=1))
    come(cast, challenge.cost, payment_reference=challenge.payment_reference)
    assert challenge.state == ChallengeState.APPROVED
    assert ledger.free_balance(cast.luoyang.id, "CNY") == challenge.cost
    commit()
    assert current_app.config["CROWD"].limits.dual_approval_amount > challenge.cost


def waiting(cast: Cast) -> Challenge:
    """An approved challenge whose whole cost has been credited, before a worker has moved it into escrow."""
    challenge = small(cast)
    recorded(cast, challenge.cost, payment_reference=challenge.payment_reference)
    return challenge


def test_money_that_has_arrived_in_time_is_not_lost_to_a_late_worker(cast: Cast) -> None:
    challenge = waiting(cast)
    factories.move_dates(challenge, funding_due_at=clock.now())
    with pytest.raises(Conflict):
        lifecycle.expire_funding(SYSTEM, challenge.id)
    assert factories.run_jobs("challenges.fund") == 1
    assert challenge.state == ChallengeState.OPEN


def test_money_that_is_not_enough_does_not_keep_a_challenge_from_expiring(cast: Cast) -> None:
    challenge = small(cast)
    come(cast, challenge.cost - 1, payment_reference=challenge.payment_reference)
    factories.move_dates(challenge, funding_due_at=clock.now())
    lifecycle.expire_funding(SYSTEM, challenge.id)
    assert challenge.state == ChallengeState.DRAFT
    assert ledger.free_balance(cast.luoyang.id, "CNY") == challenge.cost - 1


def test_the_job_and_the_sponsor_fund_once(cast: Cast) -> None:
    challenge = waiting(cast)
    lifecycle.fund(cast.ada, challenge.id)
    assert factories.run_jobs("challenges.fund") == 1
    assert ledger.in_escrow(challenge.id, "CNY") == challenge.cost
    assert ledger.free_balance(cast.luoyang.id, "CNY") == 0
    assert check.errors(check.findings()) == []


def test_money_without_a_challenge_starts_no_job(cast: Cast) -> None:
    challenge = small(cast)
    recorded(cast, challenge.cost, organisation_id=cast.luoyang.id)
    assert factories.run_jobs("challenges.fund") == 0
