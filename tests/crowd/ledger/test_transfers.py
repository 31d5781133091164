"""Transfers: every function of transfers.py, what each rejects, and that no money appears or disappears."""

import random
from typing import Any

import pytest
import sqlalchemy as sa

from crowd.audit import SYSTEM
from crowd.db import db
from crowd.errors import Conflict, Invalid, NotFound
from crowd.ledger import check, transfers
from crowd.ledger.models import LedgerAccountKind, OwnerType, Transfer
from crowd.ledger.posting import Posted, Subject, get_account, post
from crowd.ledger.queries import balance, free_balance, in_escrow
from tests.cast import Cast
from tests.crowd.ledger.conftest import deposited

CHALLENGE = 7


def funded(cast: Cast, amount: int = 60_000) -> Transfer:
    deposited(100_000, organisation_id=cast.luoyang.id, recorded_by=cast.fen.id)
    return transfers.fund(SYSTEM, CHALLENGE, organisation_id=cast.luoyang.id, currency="CNY", amount=amount)


def test_a_deposit_is_the_sponsors_free_balance(cast: Cast) -> None:
    deposited(100_000, organisation_id=cast.luoyang.id, recorded_by=cast.fen.id)
    assert free_balance(cast.luoyang.id, "CNY") == 100_000
    assert balance(LedgerAccountKind.BANK, OwnerType.PLATFORM, 0, "CNY") == -100_000


def test_nameless_money_waits_and_finds_its_owner(cast: Cast) -> None:
    row = deposited(500, organisation_id=None, recorded_by=cast.fen.id)
    assert balance(LedgerAccountKind.SUSPENSE, OwnerType.PLATFORM, 0, "CNY") == 500
    row.organisation_id = cast.luoyang.id
    transfers.allocate(cast.fen, row)
    assert balance(LedgerAccountKind.SUSPENSE, OwnerType.PLATFORM, 0, "CNY") == 0
    assert free_balance(cast.luoyang.id, "CNY") == 500


def test_funding_takes_no_more_than_is_there(cast: Cast) -> None:
    with pytest.raises(Conflict):
        funded(cast, amount=100_001)
    assert in_escrow(CHALLENGE, "CNY") == 0


def test_funding_twice_is_funding_once_and_never_with_another_sum(cast: Cast) -> None:
    first = funded(cast)
    again = transfers.fund(cast.ada, CHALLENGE, organisation_id=cast.luoyang.id, currency="CNY", amount=60_000)
    assert again.id == first.id
    with pytest.raises(Conflict):
        transfers.fund(SYSTEM, CHALLENGE, organisation_id=cast.luoyang.id, currency="CNY", amount=10)
    assert in_escrow(CHALLENGE, "CNY") == 60_000


def test_an_award_with_shares_and_fee_and_the_rest_back(cast: Cast) -> None:
    funded(cast)
    shares = [
        (OwnerType.USER, cast.bo.id, 30_000),
        (OwnerType.USER, cast.bea.id, 10_000),
        (OwnerType.USER, cast.dee.id, 0),
    ]
    transfers.award(SYSTEM, 3, challenge_id=CHALLENGE, currency="CNY", shares=shares, fee=2_000)
    transfers.refund(SYSTEM, CHALLENGE, organisation_id=cast.luoyang.id, currency="CNY", reason="one prize not awarded")
    assert balance(LedgerAccountKind.PAYABLE, OwnerType.USER, cast.bo.id, "CNY") == 30_000
    assert balance(LedgerAccountKind.PAYABLE, OwnerType.USER, cast.bea.id, "CNY") == 10_000
    assert balance(LedgerAccountKind.FEE, OwnerType.PLATFORM, 0, "CNY") == 2_000
    assert in_escrow(CHALLENGE, "CNY") == 0
    assert free_balance(cast.luoyang.id, "CNY") == 58_000


def test_an_award_of_more_than_the_escrow_moves_nothing(cast: Cast) -> None:
    funded(cast)
    with pytest.raises(Conflict):
        transfers.award(
            SYSTEM, 3, challenge_id=CHALLENGE, currency="CNY", shares=[(OwnerType.USER, cast.bo.id, 60_000)], fee=1
        )
    assert balance(LedgerAccountKind.PAYABLE, OwnerType.USER, cast.bo.id, "CNY") == 0


def test_refunding_twice_or_nothing(cast: Cast) -> None:
    funded(cast)
    refund: dict[str, Any] = {"organisation_id": cast.luoyang.id, "currency": "CNY", "reason": "cancelled"}
    first = transfers.refund(SYSTEM, CHALLENGE, **refund)
    again = transfers.refund(SYSTEM, CHALLENGE, **refund)
    assert first is not None
    assert again is not None
    assert again.id == first.id
    assert transfers.refund(SYSTEM, 99, **refund) is None
    assert free_balance(cast.luoyang.id, "CNY") == 100_000


def test_a_reversal_puts_back_and_is_final(cast: Cast) -> None:
    first = funded(cast)
    back = transfers.reverse(cast.finn, first.id, reason="wrong challenge")
    assert in_escrow(CHALLENGE, "CNY") == 0
    assert transfers.reverse(cast.finn, first.id, reason="again").id == back.id
    with pytest.raises(Conflict):
        transfers.reverse(cast.finn, back.id, reason="no")
    with pytest.raises(NotFound):
        transfers.reverse(cast.finn, 0, reason="no")


def test_money_that_moved_on_is_not_reversed(cast: Cast) -> None:
    row = deposited(100, organisation_id=cast.luoyang.id, recorded_by=cast.fen.id)
    transfers.fund(SYSTEM, CHALLENGE, organisation_id=cast.luoyang.id, currency="CNY", amount=100)
    wrong = db.session.scalars(sa.select(Transfer).where(Transfer.key == f"deposit:{row.id}")).one()
    with pytest.raises(Conflict):
        transfers.reverse(cast.finn, wrong.id, reason="too late")


@pytest.mark.parametrize("amount", [-1, 0, 10**18, 0.5, "1e3", float("nan"), "５００", True, None])
def test_what_is_no_amount_moves_nothing(cast: Cast, amount: Any) -> None:
    sponsor = get_account(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, cast.luoyang.id, "CNY")
    bank = get_account(LedgerAccountKind.BANK, OwnerType.PLATFORM, 0, "CNY")
    with pytest.raises(Invalid):
        post(SYSTEM, key="k", kind="x", subject=Subject("x", 1), lines=[Posted(bank, sponsor, amount)])
    assert free_balance(cast.luoyang.id, "CNY") == 0


def test_currencies_are_not_mixed(cast: Cast) -> None:
    euros = get_account(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, cast.luoyang.id, "EUR")
    bank = get_account(LedgerAccountKind.BANK, OwnerType.PLATFORM, 0, "CNY")
    with pytest.raises(Invalid):
        post(SYSTEM, key="k", kind="x", subject=Subject("x", 1), lines=[Posted(bank, euros, 5)])
    with pytest.raises(Invalid):
        get_account(LedgerAccountKind.BANK, OwnerType.PLATFORM, 0, "XYZ")


@pytest.mark.parametrize("seed", range(3))
def test_random_operations_conserve_money(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    ids = [cast.luoyang.id, cast.northlight.id]
    people = [cast.bo.id, cast.bea.id]
    refused = 0
    for number in range(120):
        whose, challenge, amount = chance.choice(ids), chance.randrange(1, 8), chance.randrange(1, 5_000)
        acts: list[Any] = [
            lambda a=amount, w=whose: deposited(a, organisation_id=w, recorded_by=cast.fen.id),
            lambda c=challenge, w=whose, a=amount: transfers.fund(
                SYSTEM, c, organisation_id=w, currency="CNY", amount=a
            ),
            lambda c=challenge, w=whose: transfers.refund(SYSTEM, c, organisation_id=w, currency="CNY", reason="x"),
            lambda n=number, c=challenge, a=amount: transfers.award(
                SYSTEM,
                n,
                challenge_id=c,
                currency="CNY",
                fee=a // 20,
                shares=[(OwnerType.USER, p, a // 2) for p in people],
            ),
            lambda: transfers.reverse(
                SYSTEM, chance.choice(list(db.session.scalars(sa.select(Transfer.id))) or [0]), reason="x"
            ),
        ]
        try:
            chance.choice(acts)()
        except (Conflict, Invalid, NotFound):
            refused += 1
    found = {finding.name for finding in check.errors(check.findings())}
    assert found <= {"deposit_booked"}, "reversals at random leave deposits behind, but the money is right"
    assert refused < 120
