"""Jobs: written with the operation, done once, retried, given up, and never lost."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import background, clock, job_stats, wake_ups
from crowd.audit import SYSTEM
from crowd.background import Job, JobState, enqueue
from crowd.db import atomic, commit, db
from crowd.errors import Conflict

done: list[str] = []


@background.job("tests.note", attempts=2, backoff=0)
def note(word: str) -> dict[str, str]:
    """A job of the tests: notes a word."""
    if word == "fail":
        raise RuntimeError("as asked")
    done.append(word)
    return {"noted": word}


@background.job("tests.strike", first=True)
def strike() -> None:
    """A job of the tests that goes before others."""
    done.append("struck")


NOTE, STRIKE = "tests.note", "tests.strike"


@pytest.fixture(autouse=True)
def _known(committed: Flask) -> Iterator[None]:
    done.clear()
    with committed.app_context():
        yield


@atomic
def ask(word: str, **options: object) -> None:
    enqueue(NOTE, word, **options)  # type: ignore[arg-type]


def only() -> Job:
    db.session.expire_all()
    return db.session.scalars(sa.select(Job)).one()


def test_a_job_runs_once_however_often_the_bell_rings() -> None:
    ask("once")
    row = only()
    assert background.run(row.id) is True
    assert background.run(row.id) is False
    assert done == ["once"]
    row = only()
    assert (row.state, row.attempts, row.result) == (JobState.DONE, 1, {"noted": "once"})


def test_asking_twice_under_one_key_is_asking_once() -> None:
    ask("a", key="same")
    ask("a", key="same")
    assert only().dedup_key == "same"


def test_a_rolled_back_act_leaves_no_job() -> None:
    @atomic
    def refused() -> None:
        enqueue(NOTE, "never")
        raise Conflict("no")

    with pytest.raises(Conflict):
        refused()
    assert db.session.scalar(sa.select(sa.func.count(Job.id))) == 0


def test_a_failing_job_is_tried_again_and_then_given_up_and_can_be_retried() -> None:
    ask("fail")
    row = only()
    background.run(row.id)
    assert only().state == JobState.READY
    background.run(row.id)
    row = only()
    assert (row.state, row.attempts) == (JobState.DEAD, 2)
    assert "as asked" in (row.last_error or "")
    assert job_stats.count_dead() == 1
    background.retry(SYSTEM, row.id)
    assert only().state == JobState.READY


def test_a_job_of_the_future_waits() -> None:
    ask("later", at=clock.now() + timedelta(hours=1))
    assert background.run(only().id) is False
    assert background.requeue_due() == []


def test_a_worker_that_lost_its_lease_stores_nothing() -> None:
    ask("slow")
    job_id = only().id
    claimed = background._claim(sa.select(Job).where(Job.id == job_id))
    assert claimed is not None
    row = only()
    row.lease_until = clock.now() - timedelta(seconds=1)
    commit()
    assert background.run(job_id) is True  # somebody else takes it over
    with pytest.raises(background.LostLease):
        background._finish(job_id, claimed.token, lambda: done.append("twice"))
    assert only().attempts == 2


def test_what_is_due_the_longest_is_done_first_and_nothing_before_its_time() -> None:
    ask("later", at=clock.now() + timedelta(hours=1), key="later")
    ask("second", at=clock.now() - timedelta(minutes=1), key="second")
    ask("first", at=clock.now() - timedelta(minutes=2), key="first")
    assert [background.run_next() for _ in range(3)] == [True, True, False]
    assert done == ["first", "second"]


def test_a_bell_for_what_was_done_meanwhile_asks_for_nothing() -> None:
    ask("once")
    job_id = only().id
    assert background.is_due(job_id)
    assert background.run_next()
    db.session.expire_all()
    assert not background.is_due(job_id)
    assert not background.is_due(job_id + 1)


def test_what_nobody_waits_for_is_left_to_the_sweeper(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[dict[int, str]] = []
    monkeypatch.setattr(background, "wake_workers", lambda jobs, **_options: rung.append(jobs))
    ask("quiet", wake=False)
    row = only()
    commit()
    assert (rung, row.woken_at) == ([], None)
    assert background.requeue_due() == [row.id]
    assert rung == [{row.id: NOTE}]


def test_the_sweeper_rings_for_a_lost_bell_but_not_all_the_time() -> None:
    ask("lost")
    row = only()
    row.woken_at = clock.now() - timedelta(minutes=1)
    commit()
    assert background.requeue_due() == [row.id]
    assert background.requeue_due() == []


def bells(job_id: int) -> int:
    """How many wake-ups for a job are in the queue."""
    return sum(list(bell.args) == [job_id] for queue in wake_ups.queues() for bell in queue.get_jobs())


def test_a_backlog_is_not_rung_for_again_while_its_bells_still_wait() -> None:
    """Otherwise a long queue would grow by its own length every quarter of a minute, and never be finished."""
    wake_ups.connection().flushdb()
    ask("waits")
    row = only()
    for _turn in range(3):
        row.woken_at = clock.now() - timedelta(minutes=1)
        commit()
        background.requeue_due()
    assert bells(row.id) == 1
    wake_ups.connection().flushdb()
    row.woken_at = clock.now() - timedelta(minutes=1)
    commit()
    background.requeue_due()
    assert bells(row.id) == 1


def test_what_people_wait_for_at_an_instant_goes_before_a_backlog() -> None:
    """A challenge closes on time, however many emails wait to be written."""
    wake_ups.connection().flushdb()
    for number in range(5):
        ask(f"letter {number}", wake=False)
    atomic(enqueue)(STRIKE, at=clock.now() + timedelta(hours=1))
    due = sa.select(Job).where(Job.kind == STRIKE)
    db.session.scalars(due).one().run_at = clock.now()
    commit()
    (found,) = background.requeue_due(limit=1)
    assert found == db.session.scalars(due).one().id
    background.requeue_due()
    first, other = wake_ups.queues()
    assert [list(bell.args) for bell in first.get_jobs()] == [[found]]
    assert len(other.get_jobs()) == 5
