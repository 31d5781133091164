"""The last place and the last instant: real connections, real locks, the database's own clock."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, g

from challenges.models import Challenge
from crowd import clock
from crowd.accounts.models import User
from crowd.db import db
from crowd.errors import Conflict, Refusal
from submissions import queries, receipt, services
from submissions.models import Proposal, Version
from submissions.workflow import State
from tests import factories
from tests.cast import Cast

SOLVERS = 20
MOMENT = timedelta(microseconds=1)


def entrants(challenge: Challenge, number: int) -> list[tuple[int, int]]:
    """(user id, proposal id) of so many people with complete drafts."""
    people = [factories.user(f"Solver{n}") for n in range(number)]
    return [(person.id, factories.proposal(person, challenge, submitted=False).id) for person in people]


def at_once(app: Flask, acts: list[Callable[[], Any]]) -> list[Any]:
    """Run all at the same moment, each on a connection of its own; results or refusals, in the order of `acts`."""
    barrier = threading.Barrier(len(acts))

    def go(act: Callable[[], Any]) -> Any:
        with app.app_context():
            barrier.wait(30)
            try:
                return act()
            except Refusal as refusal:
                return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(go, acts))


def finalise(user_id: int, proposal_id: int) -> Callable[[], datetime]:
    """The act of one person; returns the instant at which the version was final."""

    def act() -> datetime:
        version = services.finalise(db.session.get_one(User, user_id), proposal_id)
        assert version.finalised_at is not None
        return version.finalised_at

    return act


def as_owner(app: Flask, statement: str, **values: Any) -> None:
    """Set what only the passing of time can, directly in the database."""
    engine = sa.create_engine(app.config["CROWD"].owner_database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text(statement), values)


def close_at(app: Flask, challenge_id: int, at: datetime) -> None:
    change = "UPDATE challenge SET opens_at = :opens_at, closes_at = :at WHERE id = :id"
    as_owner(app, change, opens_at=at - timedelta(days=9), at=at, id=challenge_id)


def state(challenge_id: int) -> tuple[int, int, int]:
    """(counter, submitted proposals, final versions) of a challenge."""
    db.session.rollback()
    submitted = sa.select(sa.func.count()).where(
        Proposal.challenge_id == challenge_id, Proposal.state == State.SUBMITTED
    )
    versions = (
        sa.select(sa.func.count(Version.id))
        .join(Proposal, Proposal.id == Version.proposal_id)
        .where(Proposal.challenge_id == challenge_id, Version.finalised_at.is_not(None))
    )
    count = db.session.get_one(Challenge, challenge_id).proposals_count
    return count, db.session.scalar(submitted) or 0, db.session.scalar(versions) or 0


@pytest.mark.parametrize("places", [1, 3])
def test_of_twenty_solvers_exactly_as_many_win_as_there_are_places(committed: Flask, places: int) -> None:
    with committed.app_context():
        challenge_id = factories.opened(Cast(), proposals_limit=places).id
        who = entrants(db.session.get_one(Challenge, challenge_id), SOLVERS)
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
            services.finalise(db.session.get_one(User, user_id), proposal_id)

    def withdraw(user_id: int, proposal_id: int) -> Callable[[], Any]:
        return lambda: services.withdraw(db.session.get_one(User, user_id), proposal_id).id

    at_once(committed, [withdraw(*pair) for pair in who[:5]] + [finalise(*pair) for pair in who[5:]])
    with committed.app_context():
        count, submitted, _versions = state(challenge_id)
        assert count == submitted <= 5


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
            seen = receipt.stamp(queries.working_version(queries.access(person, proposal_id)))
            barrier.wait(30)  # both have opened the same text
            texts = {"title": f"Editor {number}", "abstract": "a", "body": "b", "seen": seen, "editor": f"{number}"}
            return services.save(person, proposal_id, **texts).title

        return act

    barrier = threading.Barrier(4)
    results = at_once(committed, [save(number) for number in range(4)])
    (saved,) = [result for result in results if isinstance(result, str)]
    assert sum(isinstance(result, services.Overtaken) for result in results) == 3
    with committed.app_context():
        assert queries.working_version(db.session.get_one(Proposal, proposal_id)).title == saved


@contextmanager
def arriving(app: Flask, at: datetime) -> Iterator[None]:
    """Inside of a request that had arrived whole at that instant, on the database's clock."""
    with app.test_request_context(headers={"Accept-Language": "en"}, environ_overrides={clock.ARRIVED: None}):
        g.arrived_at = at
        yield


def arrived(app: Flask, at: datetime, act: Callable[[], Any]) -> Callable[[], Any]:
    """The act as that of a request that had arrived at that instant."""

    def go() -> Any:
        with arriving(app, at):
            return act()

    return go


@contextmanager
def locked(app: Flask, table: str, row_id: int) -> Iterator[sa.Connection]:
    """Somebody else holds a row, until `rollback()` or the end."""
    engine = sa.create_engine(app.config["CROWD"].database_url, poolclass=sa.NullPool)
    with engine.connect() as holder:
        holder.execute(sa.text(f"SELECT 1 FROM {table} WHERE id = :id FOR UPDATE"), {"id": row_id})
        yield holder


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
        assert (draft.state, draft.draft is not None) == (State.DRAFT, True)


def test_around_the_deadline_every_receipt_is_in_time_and_everybody_else_is_late(committed: Flask) -> None:
    """Requests from before to after the last instant: none is accepted at or after it, each has one answer."""
    with committed.app_context():
        challenge_id = factories.opened(Cast()).id
        who = entrants(db.session.get_one(Challenge, challenge_id), SOLVERS)
        closes_at = clock.db_now() + timedelta(seconds=2)
        close_at(committed, challenge_id, closes_at)
    start = time.monotonic() + (closes_at - datetime.now(UTC)).total_seconds()

    def timed(number: int, pair: tuple[int, int]) -> Callable[[], Any]:
        def act() -> Any:
            time.sleep(max(0.0, start + (number - SOLVERS / 2) * 0.03 - time.monotonic()))
            return finalise(*pair)()

        return act

    results = at_once(committed, [timed(number, pair) for number, pair in enumerate(who)])
    accepted = [result for result in results if isinstance(result, datetime)]
    late = [result for result in results if isinstance(result, Conflict)]
    assert len(accepted) + len(late) == SOLVERS
    assert accepted
    assert late
    assert all(at < closes_at for at in accepted)
    with committed.app_context():
        assert state(challenge_id) == (len(accepted),) * 3


def test_a_little_before_the_deadline_is_in_time(committed: Flask) -> None:
    with committed.app_context():
        challenge_id = factories.opened(Cast()).id
        (pair,) = entrants(db.session.get_one(Challenge, challenge_id), 1)
        closes_at = clock.db_now() + timedelta(seconds=0.5)
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
