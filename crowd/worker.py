"""The workers and the scheduler: RQ delivers wake-ups, `crowd.background.run` does the work."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

import redis
from flask import Flask
from rq import Queue, Worker
from rq.job import Job as RQJob
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import configure_mappers

from crowd import background, scheduler, wake_ups
from crowd.app import create_app
from crowd.db import db
from crowd.errors import Unavailable
from crowd.feature import declared

log = logging.getLogger(__name__)
REQUEUE_SECONDS = 3
NICE = 10  # workers get a lower priority than the web: a page that somebody waits for comes before an email
CHILD_SECONDS = 5  # how long a child goes on with other due jobs, before another one is forked
_app: Flask | None = None


class CrowdWorker(Worker):
    """An RQ worker whose every job has the application's context.

    A fork costs more than most jobs. So a forked child also does other due jobs for some
    seconds; a wake-up for a job that was done meanwhile does not cause a fork.
    """

    def execute_job(self, job: RQJob, queue: Queue) -> None:
        """Fork only for work that is still due."""
        if _still_due(*job.args):
            super().execute_job(job, queue)
            return
        self.prepare_execution(job)
        self.perform_job(job, queue)
        self.set_state(WorkerStatus.IDLE)

    def main_work_horse(self, job: RQJob, queue: Queue) -> None:
        """In the child: do not use the parent's connections (two processes on one socket corrupt both)."""
        background.spare_seconds = CHILD_SECONDS
        with application().app_context():
            db.engine.dispose(close=False)
        application().extensions.pop("crowd.redis", None)
        super().main_work_horse(job, queue)

    def perform_job(self, job: RQJob, queue: Queue) -> bool:
        """Perform inside the application's context."""
        with application().app_context():
            return bool(super().perform_job(job, queue))


def _still_due(job_id: int) -> bool:
    with application().app_context():
        try:
            return background.is_due(job_id)
        except SQLAlchemyError:  # unavailable: the child logs it
            return True


def application() -> Flask:
    """The application of this process, made once, with everything that its children would otherwise load themselves."""
    global _app
    if _app is None:
        _app = create_app()
        configure_mappers()
        declared().load_jobs()
    return _app


def work() -> None:
    """Serve the queue until SIGTERM; survives a restart of Redis."""
    os.nice(NICE)
    connection = redis.Redis.from_url(application().config["CROWD"].redis_url)
    while True:
        try:
            worker = CrowdWorker([wake_ups.FIRST, wake_ups.QUEUE], connection=connection, serializer=JSONSerializer)
            worker.work(with_scheduler=False, logging_level="WARNING")
            return
        except redis.RedisError as error:
            log.warning("Redis is away, trying again: %s", error)
            time.sleep(1)


def run_scheduler() -> None:
    """Enqueue recurring jobs and requeue lost ones until SIGTERM; one of these runs on every host that has workers."""
    app = application()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        _turn(app, lambda: scheduler.tick(declared().schedule))
        _turn(app, background.requeue_due)
        stop.wait(REQUEUE_SECONDS)


def _turn(app: Flask, act: Callable[[], object]) -> None:
    with app.app_context():
        try:
            act()
        except (SQLAlchemyError, Unavailable) as error:  # unavailable, or another scheduler hangs while it holds locks
            db.session.rollback()
            log.warning("the database is away, trying again: %s", error)
