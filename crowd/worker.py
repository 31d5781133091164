"""The entrance of the workers: RQ rings, `crowd.background.run` does the work; and SCHEDULE, the whole timetable."""

import logging
import signal
import threading
import time
from datetime import timedelta
from typing import Any

import redis
from flask import Flask
from rq import Queue, Worker
from rq.job import Job as RQJob
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from crowd import background
from crowd.app import create_app
from crowd.db import db
from crowd.errors import Unavailable

log = logging.getLogger(__name__)
SWEEP_SECONDS = 3
SCHEDULE = {  # name: (job, seconds between slots)
    "challenges.turn": ("challenges.jobs.turn", 30),
    "funding.lapse": ("challenges.jobs.lapse_unfunded", 600),
    "imports.archive": ("challenges.jobs.archive_listed", 3600),
    "settlements.due": ("scoring.jobs.settle_due", 60),
    "reviews.remind": ("scoring.jobs.remind_reviewers", 3600),
    "payouts.answers": ("crowd.ledger.jobs.read_answers", 30),
    "books.check": ("scoring.jobs.check_books", 24 * 3600),
    "jobs.forget": ("crowd.worker.forget", 24 * 3600),
}
_app: Flask | None = None


class CrowdWorker(Worker):
    """An RQ worker whose every job has the application's context, and whose children open connections of their own."""

    def fork_work_horse(self, job: RQJob, queue: Queue) -> None:
        """Close pooled connections before the fork: two processes on one socket corrupt both."""
        with application().app_context():
            db.engine.dispose()
        super().fork_work_horse(job, queue)

    def perform_job(self, job: RQJob, queue: Queue) -> bool:
        """Perform inside the application's context."""
        with application().app_context():
            return bool(super().perform_job(job, queue))


def application() -> Flask:
    """The application of this process, made once."""
    global _app
    if _app is None:
        _app = create_app()
    return _app


def perform(job_id: int) -> None:
    """What RQ calls: do the row with this id, if it is due and free."""
    background.run(job_id)


@background.job()
def forget() -> dict[str, int]:
    """Drop the timetable's old slots and finished turns."""
    return {"forgotten": background.forget(timedelta(days=7))}


def work() -> None:
    """Serve the queue until SIGTERM; survives Redis going away and coming back."""
    connection = redis.Redis.from_url(application().config["CROWD"].redis_url)
    while True:
        try:
            worker = CrowdWorker([background.QUEUE], connection=connection, serializer=JSONSerializer)
            worker.work(with_scheduler=False, logging_level="WARNING")
            return
        except redis.RedisError as error:
            log.warning("Redis is away, trying again: %s", error)
            time.sleep(1)


def run_clock() -> None:
    """Tick the timetable and sweep until SIGTERM; one of these runs on every host that has workers."""
    app = application()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        _turn(app, lambda: background.tick(SCHEDULE))
        _turn(app, background.sweep)
        stop.wait(SWEEP_SECONDS)


def _turn(app: Flask, act: Any) -> None:
    with app.app_context():
        try:
            act()
        except (SQLAlchemyError, Unavailable) as error:  # away, or another clock hangs with its locks in hand
            db.session.rollback()
            log.warning("the database is away, trying again: %s", error)
