"""Recurring jobs: a run is enqueued once, by the first scheduler, and deleted when it is long past."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import background, scheduler
from crowd.background import Job
from crowd.db import db

SCHEDULE = {"ledger_checks.run": timedelta(hours=1)}


@pytest.fixture(autouse=True)
def _here(committed: Flask) -> Iterator[None]:
    with committed.app_context():
        yield


def test_many_clocks_make_one_slot() -> None:
    assert scheduler.tick(SCHEDULE) == ["ledger_checks.run"]
    assert scheduler.tick(SCHEDULE) == []


def test_what_is_done_is_forgotten_once_it_is_old_and_business_is_not() -> None:
    scheduler.tick(SCHEDULE)
    background.enqueue("ledger_checks.run", key="asked by somebody")
    ids = list(db.session.scalars(sa.select(Job.id)))
    assert all(background.run(job_id) for job_id in ids)
    assert scheduler.prune(timedelta(days=7)) == 0
    assert scheduler.prune(timedelta(seconds=-1)) == 1
    db.session.expire_all()
    assert [row.dedup_key for row in db.session.scalars(sa.select(Job))] == ["asked by somebody"]
