"""A sponsor who decides in the second in which its contract would: one decision, one settlement, whoever was first."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.brief import PrizeLine
from challenges.deciding import AfterCentre, Silence
from challenges.models import Challenge
from crowd.accounts.models import User
from crowd.audit import SYSTEM, AuditEvent
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState
from crowd.clock import now
from crowd.db import atomic, db
from crowd.errors import Conflict
from crowd.ledger import check
from crowd.ledger.models import Transfer
from scoring.awards import services as awards
from scoring.models import Award
from scoring.settlement import services as settlement
from scoring.silence import cases
from scoring.silence import services as silence
from scoring.silence.kind import KIND
from submissions import queries as submissions
from tests import factories
from tests.cast import Cast
from tests.races.solvers import at_once, each_first

TRIES = [20, pytest.param(1_000, marks=[pytest.mark.long, pytest.mark.timeout(7200)])]
HEAD_START = 0.03  # seconds, for one of the two by turns, so that both orders occur often


@pytest.mark.parametrize("tries", TRIES)
def test_the_sponsor_and_the_clock_decide_once(committed: Flask, tries: int) -> None:
    firsts: Counter[str] = Counter()
    with committed.app_context():
        cast = Cast()
        ada, numbers = cast.ada.id, [_chosen(cast) for _turn in range(tries)]
    for turn, number in enumerate(numbers):
        late = (0.0, HEAD_START, 0.0)[turn % 3], (0.0, 0.0, HEAD_START)[turn % 3]
        acts = [_decides(ada, number, late[0]), _carries_out(number, late[1])]
        sponsor, clock = at_once(committed, acts, each_first(turn))
        assert isinstance(sponsor, Conflict) == (clock == AfterCentre.RANKING)
        firsts["clock" if clock else "sponsor"] += 1
        with committed.app_context():
            _settled_once(number, by_clock=clock is not None)
    assert min(firsts["clock"], firsts["sponsor"]) > 0, "both orders have occurred"
    with committed.app_context():
        assert check.errors(check.run_checks()) == []


def _chosen(cast: Cast) -> int:
    """The sponsor has chosen the second-best proposal, and the last date has just passed."""
    one = [PrizeLine(title="One", amount=1_000_000)]
    challenge = factories.judged(cast, silence=Silence.RANKING, prizes=one)
    second = submissions.submitted(challenge.id)[1].id
    prize = challenge.prizes[0].id
    awards.select_award(cast.ada, challenge.id, prize_id=prize, proposal_id=second, reason="Cheaper.")
    past = now() - timedelta(seconds=1)
    factories.move_dates(challenge, reviews_due_at=past, decision_due_at=past, silence_at=past)
    atomic(cases.open_case)(challenge)
    return challenge.id


def _decides(user_id: int, challenge_id: int, late: float) -> Callable[[], object]:
    def act() -> object:
        time.sleep(late)
        return awards.decide(db.session.get_one(User, user_id), challenge_id).id

    return act


def _carries_out(challenge_id: int, late: float) -> Callable[[], object]:
    def act() -> object:
        time.sleep(late)
        return silence.carry_out(SYSTEM, challenge_id)

    return act


def _settled_once(challenge_id: int, *, by_clock: bool) -> None:
    best, second = (one.id for one in submissions.submitted(challenge_id))
    given = db.session.execute(sa.select(Award.proposal_id, Award.amount).where(Award.challenge_id == challenge_id))
    assert given.all() == [(best if by_clock else second, 1_000_000)]
    events = sa.select(AuditEvent.action).where(AuditEvent.challenge_id == challenge_id)
    acts = Counter(db.session.scalars(events))
    assert (acts["challenge.decided"], acts["challenge.silent"]) == (1, int(by_clock))
    query = sa.select(Case.state).where(Case.kind == KIND, Case.subject_id == challenge_id)
    assert db.session.scalars(query).all() == [CaseState.CARRIED_OUT if by_clock else CaseState.LAPSED]
    assert acts["case.ended"] == 1
    challenge = db.session.get_one(Challenge, challenge_id)
    factories.move_dates(challenge, appeals_until=now() - timedelta(seconds=1))
    settlement.settle(SYSTEM, challenge_id)
    moved = Counter(db.session.scalars(sa.select(Transfer.kind).where(Transfer.challenge_id == challenge_id)))
    assert (moved["award"], moved["refund"]) == (1, 0)  # one prize, all of which is awarded
