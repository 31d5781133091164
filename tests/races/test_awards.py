"""The same award 50 times at once, decisions and settlements at once: exactly one winner, money moved once."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd.audit import SYSTEM
from crowd.clock import now
from crowd.db import db
from crowd.errors import Conflict, OperationError, Unavailable
from crowd.ledger import check
from crowd.ledger.check import errors
from crowd.ledger.models import Transfer
from scoring import services
from scoring.awards import services as award_services
from scoring.models import Assignment, Award, ReputationEvent
from scoring.reviews import services as review_services
from scoring.settlement import services as settlement
from submissions import queries as submissions
from tests import factories
from tests.cast import Cast
from tests.turns import long_ones


def at_once(app: Flask, number: int, act: Callable[[int], Any]) -> Counter[str]:
    """Run `act` in so many threads, all let go together; what came of each, by name."""
    gate, results = threading.Barrier(number), []

    def run(i: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                act(i)
                results.append("done")
            except OperationError as refusal:
                results.append(type(refusal).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(results)


def refused_alone(found: Counter[str]) -> bool:
    return set(found) <= {"done", Conflict.__name__, Unavailable.__name__}


def wide(app: Flask) -> None:
    """A pool of fifty connections: the race must be in the database, not in the pool."""
    with app.app_context():
        pool: Any = db.engine.pool
        pool._max_overflow = 60


@pytest.mark.parametrize("times", [15, *long_ones(50)])
def test_the_same_award_many_times_has_one_winner(committed: Flask, times: int) -> None:
    wide(committed)
    with committed.app_context():
        cast = Cast()
        challenge = factories.judged(cast)
        number, prize = challenge.id, challenge.prizes[0].id
        first = submissions.submitted(number)[0].id
        ada = cast.ada.id

    def choose(_i: int) -> None:
        award_services.select_award(_user(ada), number, prize_id=prize, proposal_id=first, reason="The best.")

    found = at_once(committed, times, choose)
    assert found["done"] == 1
    assert refused_alone(found)
    with committed.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Award)) == 1


def test_two_proposals_for_one_place(committed: Flask) -> None:
    wide(committed)
    with committed.app_context():
        cast = Cast()
        challenge = factories.judged(cast)
        number, prize = challenge.id, challenge.prizes[0].id
        both = [proposal.id for proposal in submissions.submitted(number)]
        ada = cast.ada.id

    def choose(i: int) -> None:
        award_services.select_award(_user(ada), number, prize_id=prize, proposal_id=both[i % 2], reason="The best.")

    found = at_once(committed, 10, choose)
    assert found["done"] == 1
    assert refused_alone(found)


def test_panels_decisions_and_settlements_happen_once(committed: Flask) -> None:
    wide(committed)
    with committed.app_context():
        cast = Cast()
        challenge = factories.judged(cast)
        number, ada = challenge.id, cast.ada.id
        first = submissions.submitted(number)[0].id
        award_services.select_award(
            cast.ada, number, prize_id=challenge.prizes[0].id, proposal_id=first, reason="The best."
        )
        asked = db.session.scalar(sa.select(sa.func.count()).select_from(Assignment))
    at_once(committed, 10, lambda _i: services.form_panel(SYSTEM, number))
    found = at_once(committed, 10, lambda _i: award_services.decide(_user(ada), number))
    assert found["done"] == 1
    with committed.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Assignment)) == asked
        factories.move_dates(_challenge(number), appeals_until=now() - timedelta(seconds=1))
    found = at_once(committed, 10, lambda _i: settlement.settle(SYSTEM, number))
    assert found["done"] >= 1
    assert refused_alone(found)
    with committed.app_context():
        kinds = Counter(db.session.scalars(sa.select(Transfer.kind)))
        assert (kinds["award"], kinds["refund"]) == (1, 1)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ReputationEvent)) == 6
        assert errors(check.run_checks()) == []


def test_a_review_and_the_decision_at_once_leave_no_half_state(committed: Flask) -> None:
    wide(committed)
    with committed.app_context():
        cast = Cast()
        challenge = factories.judging(cast, "bo")
        number, ada = challenge.id, cast.ada.id
        lines = {line.id: line.scale for line in challenge.criteria}
        rows = [(row.id, row.reviewer_id) for row in factories.assignments(challenge)]
        factories.review(factories.assignments(challenge)[0])
        factories.move_dates(challenge, reviews_due_at=now() - timedelta(seconds=1))
    comment = "Sound, and shown on sites that were not used for tuning; it is plausible."

    def act(i: int) -> None:
        if i == 0:
            award_services.decide(_user(ada), number, reason="None can be built.")
        else:
            assignment, reviewer = rows[1 + i % 2]
            review_services.submit(_user(reviewer), assignment, points=lines, comments={}, comment=comment)

    at_once(committed, 9, act)
    with committed.app_context():
        states = Counter(str(state) for state in db.session.scalars(sa.select(Assignment.state)))
        assert states["pending"] == 0
        assert "review_missing" not in {finding.name for finding in check.run_checks()}


def _user(user_id: int) -> Any:
    from crowd.accounts.models import User

    return db.session.get_one(User, user_id)


def _challenge(challenge_id: int) -> Any:
    from challenges.models import Challenge

    return db.session.get_one(Challenge, challenge_id)
