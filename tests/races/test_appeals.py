"""An appeal arrives in the last moment of the appeal period, in the second of the settlement: it holds everything, or
it comes too late and everything is paid, and never both.
"""

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd.accounts.models import User
from crowd.audit import SYSTEM
from crowd.cases import services as cases
from crowd.cases.models import Case
from crowd.clock import now
from crowd.db import db
from crowd.errors import Conflict
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.models import Transfer
from scoring.appeals import services as appeals
from scoring.awards import queries as award_queries
from scoring.models import PaymentHold
from scoring.settlement import services as settlement
from scoring.workflow import AwardState
from tests import factories
from tests.cast import Cast
from tests.races.solvers import arrived, at_once, each_first
from tests.scoring.appeals.appealing import ANSWERS, proposal_of

STEPS = 12  # in which the beginning of the settlement moves through the time that a filing takes
TRIES = [12, pytest.param(1_000, marks=[pytest.mark.long, pytest.mark.timeout(7200)])]


@pytest.mark.parametrize("tries", TRIES)
def test_an_appeal_holds_everything_or_everything_is_paid(committed: Flask, tries: int) -> None:
    came: Counter[str] = Counter()
    took = [0.0]  # seconds, of the last filing
    with committed.app_context():
        cast = Cast()
        for turn in range(tries):
            author = factories.user("Nora")
            challenge = factories.decided(cast, "bo", author, awards=2)
            until = factories.move_dates(challenge, appeals_until=now() - timedelta(seconds=1)).appeals_until
            assert until is not None
            number, proposal = challenge.id, proposal_of(challenge, author).id
            filing = arrived(committed, _just_before(until), _files(author.id, proposal, took))
            settling = _settles(number, after=took[0] * (turn % STEPS) / STEPS)
            filed, settled = at_once(committed, [filing, settling], each_first(turn))
            db.session.expire_all()
            came[_one_of_two(number, filed, settled)] += 1
            if isinstance(filed, str):
                _withdraw(author.id, filed)
                assert settlement.settle(SYSTEM, number).state == ChallengeState.SETTLED
        assert min(came["held"], came["paid"]) > 0, "both orders have occurred"
        kinds = Counter(db.session.scalars(sa.select(Transfer.kind)))
        assert (kinds["award"], kinds["refund"]) == (2 * tries, tries), "each once"
        assert check.errors(check.run_checks()) == []


def _just_before(until: datetime) -> datetime:
    return until - timedelta(microseconds=1)


def _files(user_id: int, proposal_id: int, took: list[float]) -> Callable[[], str]:
    def act() -> str:
        begun = time.monotonic()
        try:
            person = db.session.get_one(User, user_id)
            return cases.file_case(person, "appeal", str(proposal_id), answers=ANSWERS).public_id
        finally:
            took[0] = time.monotonic() - begun

    return act


def _settles(challenge_id: int, after: float) -> Callable[[], object]:
    """A settlement that begins so many seconds after the filing. At the same moment it would always be first: the form
    of an appeal is read and checked before its lock.
    """

    def act() -> object:
        time.sleep(after)
        return settlement.settle(SYSTEM, challenge_id).state

    return act


def _withdraw(user_id: int, public_id: str) -> None:
    case = cases.withdraw(db.session.get_one(User, user_id), public_id)
    appeals.carry_out(SYSTEM, case.id)


def _one_of_two(challenge_id: int, filed: object, settled: object) -> str:
    """What came of it: everything paid and no appeal, or an appeal with nothing paid."""
    challenge, awards = db.session.get_one(Challenge, challenge_id), award_queries.awards(challenge_id)
    paid = [award for award in awards if award.state == AwardState.POSTED]
    held = db.session.scalar(sa.select(sa.func.count()).where(PaymentHold.challenge_id == challenge_id))
    if isinstance(filed, Conflict):
        assert settled == challenge.state == ChallengeState.SETTLED
        assert (len(paid), held) == (2, 0)
        return "paid"
    assert isinstance(settled, settlement.PaymentHeld), settled
    assert (challenge.state, paid, held) == (ChallengeState.DECIDED, [], 1)
    assert db.session.scalar(sa.select(sa.func.count()).where(Case.public_id == filed)) == 1
    assert ledger.in_escrow(challenge_id, challenge.currency) == challenge.cost
    return "held"


def test_two_jobs_carry_one_appeal_out_once(committed: Flask) -> None:
    with committed.app_context():
        cast = Cast()
        challenge = factories.decided(cast, "bo", "bea")
        bea, number = cast.bea, challenge.id
        public_id = cases.file_case(bea, "appeal", str(proposal_of(challenge, bea).id), answers=ANSWERS).public_id
        case_id = cases.withdraw(bea, public_id).id
    results = at_once(committed, [lambda: appeals.carry_out(SYSTEM, case_id)] * 3)
    assert results == [ChallengeState.DECIDED] * 3
    with committed.app_context():
        row = db.session.scalars(sa.select(PaymentHold).where(PaymentHold.challenge_id == number)).one()
        assert row.released_at is not None
