"""A payment is held in the second in which it would be made: it is held, or it is made, and never both."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd.accounts.models import User
from crowd.audit import SYSTEM
from crowd.clock import now
from crowd.db import db
from crowd.errors import Conflict
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.models import Transfer
from scoring.awards import queries as award_queries
from scoring.holds import services as holds
from scoring.models import PaymentHold
from scoring.settlement import services as settlement
from scoring.workflow import AwardState
from tests import factories
from tests.cast import Cast
from tests.races.solvers import at_once, each_first

TRIES = [12, pytest.param(1_000, marks=[pytest.mark.long, pytest.mark.timeout(7200)])]
HEAD_START = 0.03  # seconds, for one of the two by turns, so that both orders occur often
WHOLE = 0.5  # the same for the settlement, which is three transactions


@pytest.mark.parametrize("tries", TRIES)
def test_a_payment_is_held_or_made(committed: Flask, tries: int) -> None:
    """What was held is released, and tried again until it is paid."""
    came: Counter[str] = Counter()
    with committed.app_context():
        cast = Cast()
        gu, numbers = cast.gu.id, [_due(cast)]
        for turn in range(tries):
            late = (0.0, WHOLE, 0.0, HEAD_START)[turn % 4], (0.0, 0.0, HEAD_START, 0.0)[turn % 4]
            acts = [_holds(gu, numbers[-1], late[0]), _settles(numbers[-1], late[1])]
            held, settled = at_once(committed, acts, each_first(turn))
            db.session.expire_all()
            came[_one_of_two(numbers[-1], held, settled)] += 1
            if isinstance(held, int):
                holds.release(cast.gu, held, reason="Checked.")
            else:
                numbers.append(_due(cast))
        assert min(came["held"], came["paid"]) > 0, "both orders have occurred"
        for number in numbers:
            assert settlement.settle(SYSTEM, number).state == ChallengeState.SETTLED
        kinds = Counter(db.session.scalars(sa.select(Transfer.kind)))
        assert (kinds["award"], kinds["refund"]) == (2 * len(numbers), len(numbers)), "each once"
        assert check.errors(check.run_checks()) == []


def _due(cast: Cast) -> int:
    """A decided challenge with two awards, whose appeal period has just ended."""
    challenge = factories.decided(cast, "bo", "bea", awards=2)
    return factories.move_dates(challenge, appeals_until=now() - timedelta(seconds=1)).id


def _holds(user_id: int, challenge_id: int, late: float) -> Callable[[], object]:
    def act() -> object:
        time.sleep(late)
        return holds.hold(db.session.get_one(User, user_id), challenge_id, reason="To be checked.").id

    return act


def _settles(challenge_id: int, late: float) -> Callable[[], object]:
    def act() -> object:
        time.sleep(late)
        return settlement.settle(SYSTEM, challenge_id).state

    return act


def _one_of_two(challenge_id: int, held: object, settled: object) -> str:
    """What came of it: everything paid and the hold refused, or held with nothing paid after it."""
    challenge, awards = db.session.get_one(Challenge, challenge_id), award_queries.awards(challenge_id)
    paid = [award for award in awards if award.state == AwardState.POSTED]
    if isinstance(held, Conflict):
        assert settled == challenge.state == ChallengeState.SETTLED
        assert len(paid) == 2
        return "paid"
    assert isinstance(settled, settlement.PaymentHeld), settled
    assert challenge.state == ChallengeState.DECIDED
    row = db.session.get_one(PaymentHold, held)
    assert all(award.paid_at is not None and award.paid_at < row.held_at for award in paid)
    left = challenge.cost - sum(award.amount + (award.fee or 0) for award in paid)
    assert ledger.in_escrow(challenge_id, challenge.currency) == left
    return "held between two awards" if paid else "held"


def test_two_releases_ask_once(committed: Flask) -> None:
    with committed.app_context():
        cast = Cast()
        gu, number = cast.gu.id, _due(cast)
        row = holds.hold(cast.gu, number, reason="To be checked.").id

    def act() -> object:
        return holds.release(db.session.get_one(User, gu), row, reason="Checked.").id

    results = at_once(committed, [act, act, act])
    assert sorted(isinstance(one, Conflict) for one in results) == [False, True, True]
