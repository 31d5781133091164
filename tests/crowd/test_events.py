"""Events: what is subscribed to them is stored with what happened, or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import background, clock
from crowd.background import Job
from crowd.db import atomic, db
from crowd.errors import Conflict
from crowd.events import Event, publish
from crowd.feature import DeclaredTwice, Feature, Question, declare
from crowd.features import FEATURES

heard: list[tuple[int, str]] = []
NAME: Question[str] = Question("the name of the bees")


@dataclass(frozen=True)
class Swarmed(Event):
    """An event of the tests."""

    challenge_id: int
    colour: str


@dataclass(frozen=True)
class Hatched(Event):
    """An event of the tests that happens once."""

    once: ClassVar[bool] = True
    hive: int
    at: datetime


@background.job("tests.hear")
def hear(challenge_id: int, colour: str) -> None:
    """A job of the tests: notes an event."""
    heard.append((challenge_id, colour))


FIRST = Feature(name="first", on={Swarmed: ("tests.hear",)}, answers={NAME: "Apis"})
SECOND = Feature(name="second", on={Swarmed: ("tests.count",), Hatched: ("tests.count",)})


@pytest.fixture(autouse=True)
def _subscribed(isolated: Flask) -> Iterator[None]:
    heard.clear()
    declare([*FEATURES, FIRST, SECOND])
    with isolated.app_context():
        yield
    declare(FEATURES)


def jobs() -> list[Job]:
    return list(db.session.scalars(sa.select(Job).where(Job.kind.startswith("tests.")).order_by(Job.id)))


def test_each_subscribed_job_is_a_row_with_the_values_of_the_event() -> None:
    atomic(publish)(Swarmed(7, "brown"))
    atomic(publish)(Swarmed(7, "brown"))
    assert [job.kind for job in jobs()] == ["tests.hear", "tests.count"] * 2, "it happened twice"
    assert {(tuple(job.args), job.challenge_id, job.dedup_key) for job in jobs()} == {((7, "brown"), 7, None)}
    assert background.run(jobs()[0].id)
    assert heard == [(7, "brown")]


def test_what_was_rolled_back_has_not_happened() -> None:
    @atomic
    def refused() -> None:
        publish(Swarmed(7, "brown"))
        raise Conflict("no")

    with pytest.raises(Conflict):
        refused()
    assert jobs() == []


def test_an_event_of_a_time_runs_its_jobs_then_and_once() -> None:
    then = clock.now() + timedelta(days=1)
    for hive in (1, 1, 2):
        atomic(publish)(Hatched(hive, at=then))
    assert [(job.args, job.run_at) for job in jobs()] == [([1], then), ([2], then)]
    assert background.run(jobs()[0].id) is False
    atomic(publish)(Hatched(1, at=then + timedelta(days=1)))
    assert len(jobs()) == 3, "another time is another event"


def test_a_question_has_one_answer_and_none_where_nobody_gives_it() -> None:
    assert NAME() == "Apis"
    with pytest.raises(DeclaredTwice, match="the name of the bees"):
        declare([FIRST, Feature(name="other", answers={NAME: "Bombus"})])
    declare([SECOND])
    with pytest.raises(LookupError, match="the name of the bees"):
        NAME()
