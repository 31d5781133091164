"""Transfers: every function of transfers.py, what each rejects, and that no money appears or disappears."""

import inspect
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from crowd.audit import SYSTEM
from crowd.db import db
from crowd.errors import Conflict, Invalid, NotFound
from crowd.ledger import check, transfers
from crowd.ledger.models import Deposit, LedgerAccountKind, OwnerType, Transfer
from crowd.ledger.payouts import services as payouts
from crowd.ledger.payouts.models import Payout
from crowd.ledger.posting import Posted, Subject, get_account, post
from crowd.ledger.queries import balance, free_balance, in_escrow
from tests.cast import Cast
from tests.crowd.ledger.conftest import deposited
from tests.crowd.ledger.test_payouts import earned, with_account
from tests.turns import all_but_first

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


def operations(cast: Cast, chance: random.Random) -> dict[str, Callable[[], object]]:
    """A call of each function of transfers.py, about an account, an amount and a row at random."""
    house, challenge = chance.choice([cast.luoyang.id, cast.northlight.id]), chance.randrange(1, 8)
    amount, award = chance.randrange(1, 5_000), chance.randrange(1_000_000)
    shares = [(OwnerType.USER, person.id, amount // 8) for person in (cast.bo, cast.bea)]
    earnings = get_account(LedgerAccountKind.PAYABLE, OwnerType.USER, cast.bo.id, "CNY")

    def one(kind: type[Deposit | Payout | Transfer]) -> Any:
        return chance.choice(list(db.session.scalars(sa.select(kind).order_by(kind.id))))

    def allocate() -> Transfer:
        row = one(Deposit)
        row.organisation_id = house
        return transfers.allocate(SYSTEM, row)

    about: dict[str, Any] = {"organisation_id": house, "currency": "CNY"}
    return {
        "deposit": lambda: deposited(amount, organisation_id=house, recorded_by=cast.fen.id),
        "allocate": allocate,
        "return_deposit": lambda: transfers.return_deposit(SYSTEM, one(Deposit), reason="x"),
        "fund": lambda: transfers.fund(SYSTEM, challenge, amount=amount, **about),
        "top_up": lambda: transfers.top_up(SYSTEM, award, challenge, amount=amount, **about),
        "refund": lambda: transfers.refund(SYSTEM, challenge, reason="x", **about),
        "award": lambda: transfers.award(
            SYSTEM, award, challenge_id=challenge, currency="CNY", fee=amount // 20, shares=shares
        ),
        "honorarium": lambda: transfers.honorarium(
            SYSTEM, award, challenge_id=challenge, currency="CNY", user_id=cast.cy.id, amount=amount // 20 + 1
        ),
        "payout_request": lambda: payouts.request(cast.bo, earnings.id, amount=amount // 10 + 1),
        "payout_cancel": lambda: transfers.payout_cancel(SYSTEM, one(Payout)),
        "paid": lambda: transfers.paid(SYSTEM, one(Payout)),
        "returned": lambda: transfers.returned(SYSTEM, one(Payout), after_payment=chance.random() < 0.5),
        "reverse": lambda: transfers.reverse(SYSTEM, one(Transfer).id, reason="x"),
    }


def test_every_transfer_is_among_the_random_operations(cast: Cast) -> None:
    made = {
        name
        for name, function in inspect.getmembers(transfers, inspect.isfunction)
        if function.__module__ == transfers.__name__ and not name.startswith("_")
    }
    assert made ^ operations(cast, random.Random(0)).keys() == set(), "operations() calls each function once"


@pytest.mark.parametrize("seed", all_but_first(range(3)))
def test_random_operations_conserve_money(cast: Cast, seed: int) -> None:
    chance, done = random.Random(seed), Counter[str]()
    with_account(cast.bo)
    payouts.request(cast.bo, earned(cast, cast.bo, 1_000).id, amount=100)
    for _number in range(120):
        name, act = chance.choice(list(operations(cast, chance).items()))
        try:
            act()
            done[name] += 1
        except (Conflict, Invalid, NotFound):
            continue
    found = {finding.name for finding in check.errors(check.findings())}
    left_behind = {"deposit_booked", "payout_held", "payout_bank"}
    assert found <= left_behind, "transfers at random leave deposits and payouts behind, but the money is right"
    assert done.keys() == operations(cast, chance).keys(), "each of them succeeded"
