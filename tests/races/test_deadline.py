"""The last instant: real connections, real locks, the database's own clock."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.workflow import ChallengeState as ChallengeState
from crowd import clock
from crowd.accounts.models import User
from crowd.audit import SYSTEM, AuditEvent
from crowd.db import db, joined
from crowd.errors import Conflict, Forbidden, OperationError
from submissions.models import Proposal
from submissions.workflow import ProposalState
from tests import factories
from tests.cast import Cast
from tests.races.solvers import (
    FEW,
    GRACE,
    MOMENT,
    TRIES,
    arrived,
    at_once,
    close_at,
    entrants,
    finalise,
    locked,
    once_more,
    state,
    withdraw,
)


@pytest.mark.parametrize("table", ["challenge", "proposal"])
def test_who_arrived_in_time_and_waits_for_a_lock_past_the_deadline_is_in_time(committed: Flask, table: str) -> None:
    with committed.app_context():
        challenge_id = factories.opened(Cast()).id
        ((user_id, proposal_id),) = entrants(db.session.get_one(Challenge, challenge_id), 1)
        closes_at = clock.db_now() + timedelta(seconds=1)
        close_at(committed, challenge_id, closes_at)
    at = closes_at - MOMENT
    held = {"challenge": challenge_id, "proposal": proposal_id}[table]
    with locked(committed, table, held) as holder, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(at_once, committed, [arrived(committed, at, finalise(user_id, proposal_id))])
        time.sleep(1.6)
        assert not waiting.done()
        holder.rollback()
        assert waiting.result(20) == [at]
    with committed.app_context():
        assert state(challenge_id) == (1, 1, 1)


def test_who_is_late_asks_for_no_lock(committed: Flask) -> None:
    """Both rows are held by somebody else; who is late does not wait for them to hear that."""
    with committed.app_context():
        challenge_id = factories.opened(Cast()).id
        (pair,) = entrants(db.session.get_one(Challenge, challenge_id), 1)
        closes_at = clock.db_now() - timedelta(seconds=1)
        close_at(committed, challenge_id, closes_at)
    with locked(committed, "challenge", challenge_id), locked(committed, "proposal", pair[1]):
        (result,) = at_once(committed, [arrived(committed, closes_at, finalise(*pair))])
    assert isinstance(result, Conflict)
    assert "later. Your draft was kept" in str(result.message)
    with committed.app_context():
        assert state(challenge_id) == (0, 0, 0)
        draft = db.session.get_one(Proposal, pair[1])
        assert (draft.state, draft.draft_version is not None) == (ProposalState.DRAFT, True)


def test_around_the_deadline_every_receipt_is_in_time_and_everybody_else_is_late(committed: Flask) -> None:
    """Requests from before to after the last instant: none is accepted at or after it, each has one answer."""
    with committed.app_context():
        challenge_id = factories.opened(Cast()).id
        who = entrants(db.session.get_one(Challenge, challenge_id), FEW)
        closes_at = clock.db_now() + timedelta(seconds=2)
        close_at(committed, challenge_id, closes_at)
    start = time.monotonic() + (closes_at - datetime.now(UTC)).total_seconds()

    def timed(number: int, pair: tuple[int, int]) -> Callable[[], Any]:
        def act() -> Any:
            time.sleep(max(0.0, start + (number - FEW / 2) * 0.6 / FEW - time.monotonic()))
            return finalise(*pair)()

        return act

    results = at_once(committed, [timed(number, pair) for number, pair in enumerate(who)])
    accepted = [result for result in results if isinstance(result, datetime)]
    late = [result for result in results if isinstance(result, Conflict)]
    assert len(accepted) + len(late) == FEW
    assert accepted
    assert late
    assert all(at < closes_at for at in accepted)
    with committed.app_context():
        assert state(challenge_id) == (len(accepted),) * 3


def test_a_little_before_the_deadline_is_in_time(committed: Flask) -> None:
    with committed.app_context():
        challenge_id = factories.opened(Cast()).id
        (pair,) = entrants(db.session.get_one(Challenge, challenge_id), 1)
        closes_at = clock.db_now() + timedelta(seconds=5)
        close_at(committed, challenge_id, closes_at)
        db.session.rollback()
        assert finalise(*pair)() < closes_at


def test_a_millisecond_after_the_deadline_is_late_and_how_late_is_said(committed: Flask) -> None:
    with committed.app_context():
        challenge_id = factories.opened(Cast()).id
        (pair,) = entrants(db.session.get_one(Challenge, challenge_id), 1)
        close_at(committed, challenge_id, clock.db_now() - timedelta(milliseconds=1))
        db.session.rollback()
        with pytest.raises(Conflict, match=r"this came 0\.\d+ seconds later"):
            finalise(*pair)()


def test_a_web_host_whose_clock_is_wrong_decides_nothing(committed: Flask) -> None:
    """The host believes that it is yesterday; the database knows that the challenge has closed."""
    with committed.app_context():
        challenge_id = factories.opened(Cast()).id
        (pair,) = entrants(db.session.get_one(Challenge, challenge_id), 1)
        close_at(committed, challenge_id, clock.db_now() - timedelta(seconds=1))
        db.session.rollback()
        clock.set_offset(timedelta(days=-1))
        try:
            with pytest.raises(Conflict):
                finalise(*pair)()
        finally:
            clock.set_offset(timedelta(0))


def test_the_close_waits_for_who_is_being_taken_in(committed: Flask) -> None:
    """A submission that arrived in time is about to be committed when the grace ends: it is in, and counted."""
    with committed.app_context():
        challenge_id = factories.opened(Cast()).id
        (pair,) = entrants(db.session.get_one(Challenge, challenge_id), 1)
        closes_at = clock.db_now() - GRACE
        close_at(committed, challenge_id, closes_at)
    holds, go_on = threading.Event(), threading.Event()

    def slowly() -> Any:
        with joined():
            finalise(*pair)()
            holds.set()
            assert go_on.wait(20)

    with ThreadPoolExecutor(2) as pool:
        submitting = pool.submit(at_once, committed, [arrived(committed, closes_at - MOMENT, slowly)])
        assert holds.wait(20)
        closing = pool.submit(at_once, committed, [lambda: lifecycle.close(SYSTEM, challenge_id).state])
        time.sleep(0.7)
        assert not closing.done()
        go_on.set()
        assert submitting.result(20) == [None]
        assert closing.result(20) == [ChallengeState.JUDGING]
    with committed.app_context():
        assert state(challenge_id) == (1, 1, 1)
        assert counted_at_the_close(challenge_id) == 1


def test_a_sponsor_does_not_cancel_under_a_proposal_that_is_being_taken_in(committed: Flask) -> None:
    """The sponsor may cancel as long as nobody has answered: what is answered while the act waits is answered."""
    with committed.app_context():
        cast = Cast()
        challenge_id, sponsor_id = factories.opened(cast).id, cast.ada.id
        (pair,) = entrants(db.session.get_one(Challenge, challenge_id), 1)
    holds, go_on = threading.Event(), threading.Event()

    def slowly() -> Any:
        with joined():
            finalise(*pair)()
            holds.set()
            assert go_on.wait(20)

    def cancel() -> Any:
        return lifecycle.cancel(db.session.get_one(User, sponsor_id), challenge_id, reason="No money.").state

    with ThreadPoolExecutor(2) as pool:
        submitting = pool.submit(at_once, committed, [slowly])
        assert holds.wait(20)
        cancelling = pool.submit(at_once, committed, [cancel])
        time.sleep(0.7)
        assert not cancelling.done()
        go_on.set()
        assert submitting.result(20) == [None]
        (refused,) = cancelling.result(20)
    assert isinstance(refused, Forbidden)


def counted_at_the_close(challenge_id: int) -> int:
    """How many proposals the last close found."""
    events = sa.select(AuditEvent.data).where(
        AuditEvent.action == "challenge.closed", AuditEvent.challenge_id == challenge_id
    )
    return int(db.session.scalars(events.order_by(AuditEvent.id.desc()).limit(1)).one()["proposals"])


def close_after(challenge_id: int, number: int, done: list[Any]) -> Callable[[], Any]:
    """The closing job, which comes once so many of the others are done."""

    def act() -> Any:
        until = time.monotonic() + 60
        while len(done) < number and time.monotonic() < until:
            time.sleep(0.001)
        return lifecycle.close(SYSTEM, challenge_id).state

    return act


def noted(act: Callable[[], Any], done: list[Any]) -> Callable[[], Any]:
    """The act, which says when it is done."""

    def go() -> Any:
        try:
            return act()
        finally:
            done.append(act)

    return go


@pytest.mark.parametrize(("solvers", "tries"), TRIES)
def test_who_arrived_before_the_close_is_in_and_nobody_else(committed: Flask, solvers: int, tries: int) -> None:
    """Half submit and half withdraw, around the deadline by milliseconds, while the job closes somewhere in between."""
    dice = random.Random(tries)
    with committed.app_context():
        challenge_id = factories.opened(Cast()).id
        who = entrants(db.session.get_one(Challenge, challenge_id), solvers)
    submitting, withdrawing = who[::2], who[1::2]
    taken = 0
    for _ in range(tries // solvers):
        closes_at = datetime.now(UTC) - GRACE
        ended: list[Any] = []
        once_more(committed, closes_at, [proposal for _user, proposal in withdrawing])
        ats = [closes_at + timedelta(microseconds=dice.randint(-2000, 2000)) for _ in who]
        acts = [finalise(*pair) for pair in submitting] + [withdraw(*pair) for pair in withdrawing]
        arriving_acts = [noted(arrived(committed, at, act), ended) for at, act in zip(ats, acts, strict=True)]
        closing = close_after(challenge_id, dice.randint(0, solvers), ended)
        *results, closed = at_once(committed, [*arriving_acts, closing])
        assert closed == ChallengeState.JUDGING
        done = [not isinstance(result, OperationError) for result in results]
        for at, result, was_done in zip(ats, results, done, strict=True):
            assert was_done or isinstance(result, Conflict), result
            assert at < closes_at or not was_done, "nobody is taken who arrived late"
        with committed.app_context():
            there = len(withdrawing) + sum(done[: len(submitting)]) - sum(done[len(submitting) :])
            assert state(challenge_id)[:2] == (there, there)
            assert counted_at_the_close(challenge_id) == there, "the close counts what is in, and nothing comes after"
        taken += sum(done)
    assert taken
