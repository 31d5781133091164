"""Money under contention: real connections, real locks; exactly one winner, and nothing appears or disappears."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.workflow import ChallengeState
from crowd.accounts.models import User
from crowd.audit import SYSTEM
from crowd.db import atomic, commit, db
from crowd.errors import Conflict, Invalid, OperationError
from crowd.ledger import check, transfers
from crowd.ledger.deposits import services as deposits
from crowd.ledger.models import Deposit, LedgerAccountKind, OwnerType, Transfer
from crowd.ledger.payouts import bank_responses, services
from crowd.ledger.payouts.models import Payout
from crowd.ledger.posting import Posted, Subject, get_account, post
from crowd.ledger.queries import balance, free_balance, in_escrow
from tests import factories
from tests.cast import Cast
from tests.crowd.ledger.conftest import deposited
from tests.crowd.ledger.test_payouts import a_batch_at_the_bank, earned, with_account

THREADS = 8
CHALLENGE = 7


def at_once(app: Flask, acts: list[Callable[[], Any]]) -> list[Any]:
    """Run all at the same moment, each on a connection of its own; results or refusals, in the order of `acts`."""
    barrier = threading.Barrier(len(acts))

    def go(act: Callable[[], Any]) -> Any:
        with app.app_context():
            barrier.wait(30)
            try:
                return act()
            except OperationError as refusal:
                return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(go, acts))


def done(results: list[Any]) -> list[Any]:
    """What was not refused."""
    return [result for result in results if not isinstance(result, OperationError)]


def right() -> None:
    """The ledger is right."""
    commit()
    assert check.errors(check.findings()) == []


@pytest.fixture
def books(committed: Flask) -> Any:
    """The cast on a database of its own, with 1,000.00 of Luoyang's."""
    with committed.app_context():
        cast = Cast()
        deposited(100_000, organisation_id=cast.luoyang.id, recorded_by=cast.fen.id)
        commit()
        yield cast


def test_transfers_that_cross_neither_lose_money_nor_wait_for_one_another(books: Cast, committed: Flask) -> None:
    a, b = books.luoyang.id, books.northlight.id
    deposited(100_000, organisation_id=b, recorded_by=books.fen.id)
    commit()

    def mover(number: int) -> Callable[[], int]:
        def act() -> int:
            moved = 0
            for turn in range(15):
                ends = (a, b) if (number + turn) % 2 else (b, a)
                source, target = (
                    get_account(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, end, "CNY") for end in ends
                )
                line = Posted(source, target, 1 + number)
                post(SYSTEM, key=f"cross:{number}:{turn}", kind="x", subject=Subject("x", 1), lines=[line])
                moved += 1
            return moved

        return act

    assert at_once(committed, [mover(n) for n in range(THREADS)]) == [15] * THREADS
    commit()
    assert free_balance(a, "CNY") + free_balance(b, "CNY") == 200_000
    right()


def test_the_same_key_from_twenty_at_once_is_one_transfer(books: Cast, committed: Flask) -> None:
    organisation = books.luoyang.id
    commit()

    def act() -> int:
        row = transfers.fund(SYSTEM, CHALLENGE, organisation_id=organisation, currency="CNY", amount=60_000)
        return row.id

    assert len(set(at_once(committed, [act] * 20))) == 1
    commit()
    assert in_escrow(CHALLENGE, "CNY") == 60_000
    right()


def test_the_same_key_where_no_pot_has_a_floor(books: Cast, committed: Flask) -> None:
    def act() -> int:
        source = get_account(LedgerAccountKind.BANK, OwnerType.PLATFORM, 0, "CNY")
        target = get_account(LedgerAccountKind.SUSPENSE, OwnerType.PLATFORM, 0, "CNY")
        return post(SYSTEM, key="k", kind="x", subject=Subject("x", 1), lines=[Posted(source, target, 5)]).id

    assert len(set(at_once(committed, [act] * 20))) == 1
    commit()
    assert balance(LedgerAccountKind.SUSPENSE, OwnerType.PLATFORM, 0, "CNY") == 5


def test_the_same_key_with_other_bodies_has_one_winner(books: Cast, committed: Flask) -> None:
    organisation = books.luoyang.id
    commit()

    def funder(amount: int) -> Callable[[], Any]:
        return lambda: transfers.fund(SYSTEM, CHALLENGE, organisation_id=organisation, currency="CNY", amount=amount).id

    results = at_once(committed, [funder(100 + n) for n in range(THREADS)])
    assert len(done(results)) == 1
    assert all(isinstance(result, Conflict) for result in results if result not in done(results))


def test_a_pot_is_not_spent_twice(books: Cast, committed: Flask) -> None:
    organisation = books.luoyang.id
    commit()

    def funder(challenge_id: int) -> Callable[[], Any]:
        return lambda: (
            transfers.fund(SYSTEM, challenge_id, organisation_id=organisation, currency="CNY", amount=30_000).id
        )

    assert len(done(at_once(committed, [funder(n) for n in range(1, THREADS + 1)]))) == 3
    commit()
    assert free_balance(organisation, "CNY") == 10_000
    right()


def test_a_refund_races_awards(books: Cast, committed: Flask) -> None:
    organisation, bo = books.luoyang.id, books.bo.id
    for challenge in range(1, 6):
        transfers.fund(SYSTEM, challenge, organisation_id=organisation, currency="CNY", amount=10_000)
        commit()

        def refund(which: int = challenge) -> Any:
            transfers.refund(SYSTEM, which, organisation_id=organisation, currency="CNY", reason="x")

        def award(which: int = challenge) -> Any:
            shares = [(OwnerType.USER, bo, 9_000)]
            return transfers.award(SYSTEM, which, challenge_id=which, currency="CNY", shares=shares, fee=1_000).id

        at_once(committed, [refund, award, refund, award])
        commit()
        assert in_escrow(challenge, "CNY") == 0
    won = balance(LedgerAccountKind.PAYABLE, OwnerType.USER, bo, "CNY")
    assert won % 9_000 == 0
    assert free_balance(organisation, "CNY") == 100_000 - won // 9 * 10
    right()


def test_the_same_award_fifty_times_at_once_is_paid_once(books: Cast, committed: Flask) -> None:
    transfers.fund(SYSTEM, CHALLENGE, organisation_id=books.luoyang.id, currency="CNY", amount=60_000)
    bo = books.bo.id
    commit()

    def award() -> Any:
        return transfers.award(
            SYSTEM, 3, challenge_id=CHALLENGE, currency="CNY", shares=[(OwnerType.USER, bo, 10_000)], fee=500
        ).id

    results = [result for _round in range(5) for result in at_once(committed, [award] * 10)]
    assert len(set(results)) == 1
    commit()
    assert balance(LedgerAccountKind.PAYABLE, OwnerType.USER, bo, "CNY") == 10_000


def test_one_pot_many_wishes(books: Cast, committed: Flask) -> None:
    account = earned(books, books.bo, 1_000).id
    with_account(books.bo)
    bo = books.bo.id
    commit()

    def wish() -> int:
        return services.request(db.session.get_one(User, bo), account, amount=400).id

    assert len(done(at_once(committed, [wish] * THREADS))) == 2
    commit()
    assert balance(LedgerAccountKind.PAYABLE, OwnerType.USER, bo, "CNY") == 200
    right()


def test_taking_back_races_the_batch(books: Cast, committed: Flask) -> None:
    account = earned(books, books.bo, 1_000).id
    with_account(books.bo)
    payout = services.request(books.bo, account, amount=1_000).id
    bo, fen, finn = books.bo.id, books.fen.id, books.finn.id
    commit()
    results = at_once(
        committed,
        [
            lambda: services.cancel(db.session.get_one(User, bo), payout).id,
            lambda: services.make_batch(db.session.get_one(User, fen), currency="CNY").id,
            lambda: services.make_batch(db.session.get_one(User, finn), currency="CNY").id,
        ],
    )
    commit()
    assert len(done(results)) == 1
    right()


def test_a_batch_is_approved_once(books: Cast, committed: Flask) -> None:
    account = earned(books, books.bo, 1_000).id
    with_account(books.bo)
    services.request(books.bo, account, amount=1_000)
    batch, finn, fen = services.make_batch(books.fen, currency="CNY").id, books.finn.id, books.fen.id
    commit()

    def approve() -> int:
        return services.approve(db.session.get_one(User, finn), batch).id

    def drop() -> int:
        return services.cancel_batch(db.session.get_one(User, fen), batch).id

    assert len(done(at_once(committed, [approve] * 6 + [drop] * 2))) == 1
    right()


def test_answers_at_the_same_moment_move_a_payout_once(books: Cast, committed: Flask) -> None:
    payout = a_batch_at_the_bank(books).id
    commit()
    text = f"payment,status,amount,currency,reason\nPAYOUT-{payout},paid,10.00,CNY,\n"

    def answer(number: int) -> Callable[[], Any]:
        return lambda: bank_responses.ingest(SYSTEM, f"{number}.csv", (text + "\n" * (number // 2)).encode())

    at_once(committed, [answer(n) for n in range(THREADS)])
    commit()
    query = sa.select(sa.func.count()).select_from(Transfer).where(Transfer.key == f"payout:{payout}:paid")
    assert db.session.scalar(query) == 1
    assert db.session.get_one(Payout, payout).state == "paid"
    right()


def test_one_bank_reference_recorded_at_once_counts_once(books: Cast, committed: Flask) -> None:
    prizes = [factories.PrizeLine(title="First", amount=100_000)]
    challenge = factories.approved(books, prizes=prizes, opens_at=None)
    cost, reference, fen, which = challenge.cost, challenge.payment_reference or "", books.fen.id, challenge.id
    before = free_balance(books.luoyang.id, "CNY")
    commit()

    def record() -> Any:
        return deposits.record(
            db.session.get_one(User, fen),
            bank_reference="ONE",
            value_date=date(2026, 11, 19),
            payer="P",
            amount=cost,
            currency="CNY",
            payment_reference=reference,
        ).id

    results = at_once(committed, [record] * 6)
    assert len(done(results)) == 1
    assert all(isinstance(result, Conflict | Invalid) for result in results if isinstance(result, OperationError))
    commit()
    assert factories.run_jobs("challenges.fund") == 1
    assert in_escrow(which, "CNY") == cost
    assert free_balance(books.luoyang.id, "CNY") == before
    assert db.session.get_one(type(challenge), which).state == ChallengeState.OPEN
    right()


def test_two_clerks_at_once_do_not_book_more_than_one_may(books: Cast, committed: Flask) -> None:
    clerks, organisation = [books.fen.id, books.finn.id], books.luoyang.id
    before = free_balance(organisation, "CNY")
    commit()

    def record(number: int) -> Callable[[], Any]:
        return lambda: deposits.record(
            db.session.get_one(User, clerks[number % 2]), bank_reference=f"AT-ONCE-{number}",
            value_date=date(2026, 11, 19), payer="P", amount=2_000_000, currency="CNY", organisation_id=organisation,
        ).state  # fmt: skip

    states = at_once(committed, [record(number) for number in range(THREADS)])
    assert sorted(states) == ["credited"] * 2 + ["recorded"] * (THREADS - 2), "the limit is 50,000.00 a day"
    commit()
    assert free_balance(organisation, "CNY") == before + 4_000_000
    right()


def test_one_approval_from_many_at_once_is_given_once(books: Cast, committed: Flask) -> None:
    row = deposits.record(
        books.fen,
        bank_reference="ONCE",
        value_date=date(2026, 11, 19),
        payer="P",
        amount=9_000_000,
        currency="CNY",
        organisation_id=books.luoyang.id,
    )
    before, deposit, finn, fen = free_balance(books.luoyang.id, "CNY"), row.id, books.finn.id, books.fen.id
    commit()
    acts: list[Callable[[], Any]] = [
        lambda: deposits.confirm(db.session.get_one(User, finn), deposit),
        lambda: deposits.discard(db.session.get_one(User, fen), deposit, reason="typed wrongly"),
    ]
    assert len(done(at_once(committed, acts * 4))) == 1
    commit()
    state = db.session.get_one(Deposit, deposit).state
    assert free_balance(books.luoyang.id, "CNY") - before == (9_000_000 if state == "credited" else 0)
    right()


def test_a_storm_of_random_moves_conserves_money(books: Cast, committed: Flask) -> None:
    organisations = [books.luoyang.id, books.northlight.id]
    people, fen = [books.bo.id, books.bea.id], books.fen.id
    commit()

    def storm(seed: int) -> Callable[[], int]:
        def act() -> int:
            chance = random.Random(seed)
            for number in range(25):
                try:
                    _one(chance, seed * 1_000 + number, organisations, people, fen)
                except OperationError:
                    continue
            return seed

        return act

    assert at_once(committed, [storm(seed) for seed in range(1, THREADS + 1)]) == list(range(1, THREADS + 1))
    right()


@atomic
def _one(chance: random.Random, number: int, organisations: list[int], people: list[int], fen: int) -> None:
    whose, challenge, amount = chance.choice(organisations), chance.randrange(1, 20), chance.randrange(1, 30_000)
    kind = chance.randrange(4)
    if kind == 0:
        deposited(amount, organisation_id=whose, recorded_by=fen)
    elif kind == 1:
        transfers.fund(SYSTEM, challenge, organisation_id=whose, currency="CNY", amount=amount)
    elif kind == 2:
        transfers.refund(SYSTEM, challenge, organisation_id=whose, currency="CNY", reason="x")
    else:
        shares = [(OwnerType.USER, person, amount // 4) for person in people]
        transfers.award(SYSTEM, number, challenge_id=challenge, currency="CNY", shares=shares, fee=amount // 20)
