"""The last place, and what two people do to one proposal at once: real connections, real locks."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.models import Challenge
from crowd.accounts.models import User
from crowd.db import db, joined
from crowd.errors import Conflict, Invalid, OperationError
from submissions import queries, receipt, services
from submissions.models import Proposal, Registration
from submissions.shares import services as shares
from tests import factories
from tests.cast import Cast
from tests.races.solvers import (
    FEW,
    MANY,
    TRIES,
    as_owner,
    at_once,
    entrants,
    finalise,
    once_more,
    register,
    state,
    withdraw,
)
from tests.turns import long_ones


@pytest.mark.parametrize(("solvers", "places"), [(FEW, 3), *long_ones((MANY, 1), (MANY, 3))])
def test_of_many_solvers_exactly_as_many_win_as_there_are_places(committed: Flask, solvers: int, places: int) -> None:
    with committed.app_context():
        challenge_id = factories.opened(Cast(), proposals_limit=places).id
        who = entrants(db.session.get_one(Challenge, challenge_id), solvers)
    results = at_once(committed, [finalise(*pair) for pair in who])
    losers = [result for result in results if isinstance(result, Conflict)]
    assert len(results) - len(losers) == places
    assert all("full" in str(loser.message) for loser in losers)
    with committed.app_context():
        assert state(challenge_id) == (places, places, places)


def test_withdrawing_and_finalising_at_once_never_lose_count(committed: Flask) -> None:
    with committed.app_context():
        challenge_id = factories.opened(Cast(), proposals_limit=5).id
        who = entrants(db.session.get_one(Challenge, challenge_id), 10)
        for user_id, proposal_id in who[:5]:
            services.submit(db.session.get_one(User, user_id), proposal_id)

    at_once(committed, [withdraw(*pair) for pair in who[:5]] + [finalise(*pair) for pair in who[5:]])
    with committed.app_context():
        count, submitted, _versions = state(challenge_id)
        assert count == submitted <= 5


@pytest.mark.parametrize(("solvers", "tries"), TRIES)
def test_places_are_never_given_twice_nor_lost(committed: Flask, solvers: int, tries: int) -> None:
    """Three of five places are free; all want one while some withdraw. Nobody waits for ever, and all counts
    are right.
    """
    with committed.app_context():
        challenge_id = factories.opened(Cast(), proposals_limit=5).id
        who = entrants(db.session.get_one(Challenge, challenge_id), solvers)
    leaving, coming = who[:2], who[2:]
    for _ in range(tries // solvers):
        once_more(committed, datetime.now(UTC) + timedelta(days=1), [proposal for _user, proposal in leaving])
        acts = [*(withdraw(*pair) for pair in leaving), *(finalise(*pair) for pair in coming)]
        results = at_once(committed, acts)
        refused = [result for result in results if isinstance(result, OperationError)]
        assert all(isinstance(one, Conflict) for one in refused), refused
        winners = len(coming) - len(refused)
        assert 3 <= winners <= 5, "whoever leaves may free a place before or after the others asked for it"
        with committed.app_context():
            assert state(challenge_id)[:2] == (winners, winners)


def test_the_last_registration_is_given_once(committed: Flask) -> None:
    with committed.app_context():
        challenge_id = factories.opened(Cast()).id
        people = [factories.user(f"Solver{n}").id for n in range(FEW)]
        as_owner(committed, "UPDATE challenge_count SET registrations_limit = 3")
    acts = [register(person, challenge_id) for person in people]
    refused = [result for result in at_once(committed, acts) if isinstance(result, Conflict)]
    assert len(refused) == FEW - 3
    with committed.app_context():
        assert db.session.get_one(Challenge, challenge_id).registrations_count == 3
        assert db.session.scalar(sa.select(sa.func.count(Registration.id))) == 3


def test_the_same_draft_is_final_once_however_often_it_is_asked(committed: Flask) -> None:
    with committed.app_context():
        challenge_id = factories.opened(Cast()).id
        (pair,) = entrants(db.session.get_one(Challenge, challenge_id), 1)
    results = at_once(committed, [finalise(*pair) for _time in range(8)])
    assert sum(isinstance(result, datetime) for result in results) == 1
    with committed.app_context():
        assert state(challenge_id) == (1, 1, 1)


def test_of_two_editors_who_save_at_once_one_is_told_and_nothing_is_lost(committed: Flask) -> None:
    with committed.app_context():
        challenge_id = factories.opened(Cast()).id
        ((user_id, proposal_id),) = entrants(db.session.get_one(Challenge, challenge_id), 1)

    def save(number: int) -> Callable[[], Any]:
        def act() -> Any:
            person = db.session.get_one(User, user_id)
            base = receipt.stamp(queries.working_version(queries.access(person, proposal_id)))
            barrier.wait(30)  # both have opened the same text
            texts = {"title": f"Editor {number}", "abstract": "a", "body": "b", "base": base, "editor": f"{number}"}
            return services.save(person, proposal_id, **texts).title

        return act

    barrier = threading.Barrier(4)
    results = at_once(committed, [save(number) for number in range(4)])
    (saved,) = [result for result in results if isinstance(result, str)]
    assert sum(isinstance(result, services.EditConflict) for result in results) == 3
    with committed.app_context():
        assert queries.working_version(db.session.get_one(Proposal, proposal_id)).title == saved


def test_who_submits_while_the_shares_change_submits_what_was_agreed(committed: Flask) -> None:
    """The act waits for the proposal's lock and must see the shares as they are behind it, not as they were before."""
    with committed.app_context():
        challenge_id = factories.opened(Cast()).id
        ((user_id, proposal_id),) = entrants(db.session.get_one(Challenge, challenge_id), 1)
        other = factories.user("Partner").email
    holds, go_on = threading.Event(), threading.Event()

    def share() -> Any:
        with joined():
            shares.set_shares(db.session.get_one(User, user_id), proposal_id, own=5000, others=[(other, 5000)])
            holds.set()
            assert go_on.wait(20)

    with ThreadPoolExecutor(2) as pool:
        sharing = pool.submit(at_once, committed, [share])
        assert holds.wait(20)
        submitting = pool.submit(at_once, committed, [finalise(user_id, proposal_id)])
        time.sleep(0.7)
        assert not submitting.done()
        go_on.set()
        assert sharing.result(20) == [None]
        (refused,) = submitting.result(20)
    assert isinstance(refused, Invalid)
    assert set(refused.fields) == {"shares"}
