"""Solvers of one challenge who act at the same moment, each on a connection of their own."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.models import Challenge
from crowd.accounts.models import User
from crowd.db import db
from crowd.errors import OperationError
from submissions import services
from submissions.models import Proposal, ProposalVersion
from submissions.workflow import ProposalState
from tests import factories
from tests.arrivals import arriving

FEW, MANY = 8, 20  # solvers: in the short form, and in the long one
MOMENT = timedelta(microseconds=1)
GRACE = timedelta(seconds=10)
# How many act at once, and how often; `make test-long` tries ten thousand times.
TRIES = [(FEW, 40), pytest.param(MANY, 10_000, marks=[pytest.mark.long, pytest.mark.timeout(7200)])]
# Everything as before the acts, with another closing instant; some proposals are submitted already.
AGAIN = """
UPDATE challenge SET state = 'open', closed_at = NULL, opens_at = :closes - interval '9 days', closes_at = :closes;
UPDATE proposal_version SET digest = NULL, submitted_at = NULL;
UPDATE proposal SET state = 'draft', draft_version_id =
    (SELECT max(id) FROM proposal_version v WHERE v.proposal_id = proposal.id),
    submitted_version_id = NULL, submitted_at = NULL, withdrawn_at = NULL;
UPDATE proposal SET state = 'submitted', submitted_version_id = draft_version_id, draft_version_id = NULL
    WHERE id = ANY(:submitted);
UPDATE challenge_count SET proposals = cardinality(:submitted);
"""


def entrants(challenge: Challenge, number: int) -> list[tuple[int, int]]:
    """(user id, proposal id) of so many people with complete drafts."""
    people = [factories.user(f"Solver{n}") for n in range(number)]
    return [(person.id, factories.proposal(person, challenge, submitted=False).id) for person in people]


def at_once(app: Flask, acts: list[Callable[[], Any]], first: int | None = None) -> list[Any]:
    """Run all at the same moment, each on a connection of its own; results or refusals, in the order of `acts`.

    `first` is the place of an act that ends before the others begin: chance alone may show one order only.
    """
    barrier, ended = threading.Barrier(len(acts)), threading.Event()

    def go(place: int) -> Any:
        with app.app_context():
            barrier.wait(30)
            if first not in (None, place):
                assert ended.wait(30)
            try:
                return acts[place]()
            except OperationError as refusal:
                return refusal
            finally:
                if first == place:
                    ended.set()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(go, range(len(acts))))


def each_first(turn: int) -> int | None:
    """In the first two turns of a race one act, and then the other, is first; from then on, chance decides."""
    return turn if turn < 2 else None


def arrived(app: Flask, at: datetime, act: Callable[[], Any]) -> Callable[[], Any]:
    """The act as that of a request that had arrived at that instant."""

    def go() -> Any:
        with arriving(app, at):
            return act()

    return go


def finalise(user_id: int, proposal_id: int) -> Callable[[], datetime]:
    """The act of one person; returns the instant at which the version was final."""

    def act() -> datetime:
        version = services.submit(db.session.get_one(User, user_id), proposal_id)
        assert version.submitted_at is not None
        return version.submitted_at

    return act


def withdraw(user_id: int, proposal_id: int) -> Callable[[], int]:
    """One person withdraws a proposal."""
    return lambda: services.withdraw(db.session.get_one(User, user_id), proposal_id).id


def register(user_id: int, challenge_id: int) -> Callable[[], int]:
    """The act of one person who wants to take part."""
    return lambda: services.register(db.session.get_one(User, user_id), challenge_id, accepted=True).id


def as_owner(app: Flask, statement: str, **values: Any) -> None:
    """Set what only the passing of time can, directly in the database."""
    engine = sa.create_engine(app.config["CROWD"].owner_database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text(statement), values)


def close_at(app: Flask, challenge_id: int, at: datetime) -> None:
    change = "UPDATE challenge SET opens_at = :opens_at, closes_at = :at WHERE id = :id"
    as_owner(app, change, opens_at=at - timedelta(days=9), at=at, id=challenge_id)


def once_more(app: Flask, closes_at: datetime, submitted: list[int]) -> None:
    """Everything as before the acts, with another closing instant; these proposals are submitted already."""
    for statement in AGAIN.split(";\n"):
        if statement.strip():
            as_owner(app, statement, closes=closes_at, submitted=submitted)


@contextmanager
def locked(app: Flask, table: str, row_id: int) -> Iterator[sa.Connection]:
    """Somebody else holds a row, until `rollback()` or the end."""
    engine = sa.create_engine(app.config["CROWD"].database_url, poolclass=sa.NullPool)
    with engine.connect() as holder:
        holder.execute(sa.text(f"SELECT 1 FROM {table} WHERE id = :id FOR UPDATE"), {"id": row_id})
        yield holder


def state(challenge_id: int) -> tuple[int, int, int]:
    """(counter, submitted proposals, final versions) of a challenge."""
    db.session.rollback()
    submitted = sa.select(sa.func.count()).where(
        Proposal.challenge_id == challenge_id, Proposal.state == ProposalState.SUBMITTED
    )
    versions = (
        sa.select(sa.func.count(ProposalVersion.id))
        .join(Proposal, Proposal.id == ProposalVersion.proposal_id)
        .where(Proposal.challenge_id == challenge_id, ProposalVersion.submitted_at.is_not(None))
    )
    count = db.session.get_one(Challenge, challenge_id).proposals_count
    return count, db.session.scalar(submitted) or 0, db.session.scalar(versions) or 0
