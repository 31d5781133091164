"""`/metrics` in Prometheus' text format: the requests of this host's web processes, and the state of jobs and ledger in
the database.

Requests are counted in memory that gunicorn's processes share: `create_app` runs before they are forked, so all of them
inherit one anonymous map. Each process writes to a row of its own, which it reserves by a lock that the kernel releases
when the process dies; the next one continues from there. So nothing waits, nothing is lost with a process that is
restarted, and any process can answer for all. What WhiteNoise serves (static files) is not counted.
"""

import fcntl
import hmac
import mmap
import os
import platform
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version

from flask import Blueprint, Flask, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from crowd import clock, job_stats, schema
from crowd.db import db
from crowd.errors import NotFound
from crowd.ledger import queries as ledger
from crowd.web import guards

blueprint = Blueprint("metrics", __name__)
PROCESSES = 32  # rows; a process that finds none free does not count
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # upper bounds; one more for the rest
CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
CELLS = len(CLASSES) + len(SECONDS) + 2  # of an endpoint: by class, by duration, and the sum in microseconds
NOWHERE = "none"  # a URL without an endpoint
TYPE = "text/plain; version=0.0.4; charset=utf-8"


class RequestCounts:
    """Counts of requests, shared by this process and all that it forks."""

    def __init__(self, endpoints: list[str]) -> None:
        self.places = {name: number for number, name in enumerate([NOWHERE, *endpoints])}
        self._width = len(self.places) * CELLS
        self._cells = memoryview(mmap.mmap(-1, PROCESSES * self._width * 8)).cast("Q")
        self._claims = tempfile.TemporaryFile()  # noqa: SIM115 - one byte a row; locks end with their process
        self._lock = threading.Lock()
        self._owner, self._row = 0, -1
        os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        self._lock = threading.Lock()  # another thread may have held it at the fork

    def count(self, endpoint: str | None, status: int, seconds: float) -> None:
        """Record one response."""
        with self._lock:
            if self._owner != os.getpid():
                self._owner, self._row = os.getpid(), self._claim()
            if self._row < 0:
                return
            start = self._row * self._width + self.places.get(endpoint or NOWHERE, 0) * CELLS
            self._cells[start + min(max(status // 100, 1), 5) - 1] += 1
            slot = next((number for number, end in enumerate(SECONDS) if seconds <= end), len(SECONDS))
            self._cells[start + len(CLASSES) + slot] += 1
            self._cells[start + CELLS - 1] += int(seconds * 1e6)

    def _claim(self) -> int:
        for row in range(PROCESSES):
            try:
                fcntl.lockf(self._claims, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, row)
            except OSError:
                continue
            return row
        return -1

    def totals(self) -> Iterator[tuple[str, list[int]]]:
        """The cells of each endpoint that was requested, over all processes."""
        for name, place in self.places.items():
            starts = [row * self._width + place * CELLS for row in range(PROCESSES)]
            cells = [sum(self._cells[start + number] for start in starts) for number in range(CELLS)]
            if any(cells):
                yield name, cells


def register(app: Flask) -> None:
    """Begin to count; call it when all endpoints are known, before any fork."""
    if app.config["CROWD"].metrics_token:
        app.extensions["crowd.tally"] = RequestCounts(sorted(app.view_functions))


def count(endpoint: str | None, status: int, seconds: float) -> None:
    """Count a response of the running application, where metrics are configured."""
    tally: RequestCounts | None = current_app.extensions.get("crowd.tally")
    if tally is not None:
        tally.count(endpoint, status, seconds)


@blueprint.get("/metrics")
@guards.public
def metrics() -> Response:
    """All metrics, for requests with the token; absent where none is set."""
    token = current_app.config["CROWD"].metrics_token
    if not token:
        raise NotFound
    given = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {token}".encode()):
        return Response("The token is missing or wrong.\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    return Response("\n".join(lines()) + "\n", content_type=TYPE, headers={"Cache-Control": "no-store"})


def lines() -> Iterator[str]:
    """The lines of the response. While the database is unavailable, they only contain that fact and the requests."""
    labels = {"version": version("crowd"), "migration": schema.head(), "python": platform.python_version()}
    yield from _family("crowd_build_info", "gauge", "What runs here.", [(labels, 1)])
    yield from _requests(current_app.extensions["crowd.tally"])
    try:
        stored = [line for part in STORED for line in part()]
    except SQLAlchemyError:
        db.session.rollback()
        stored = []
    yield from _family("crowd_database_up", "gauge", "Whether the database answers.", [({}, int(bool(stored)))])
    yield from stored


def _requests(tally: RequestCounts) -> Iterator[str]:
    totals = list(tally.totals())
    by_class = [
        ({"endpoint": name, "status": CLASSES[number]}, cells[number])
        for name, cells in totals
        for number in range(len(CLASSES))
        if cells[number]
    ]
    yield from _family("crowd_http_requests_total", "counter", "Answers by endpoint and class of status.", by_class)
    name = "crowd_http_request_duration_seconds"
    yield f"# HELP {name} Time until an answer began, by endpoint."
    yield f"# TYPE {name} histogram"
    for endpoint, cells in totals:
        running = 0
        for end, number in zip((*map(str, SECONDS), "+Inf"), cells[len(CLASSES) : -1], strict=True):
            running += number
            yield _line(f"{name}_bucket", {"endpoint": endpoint, "le": end}, running)
        yield _line(f"{name}_sum", {"endpoint": endpoint}, cells[-1] / 1e6)
        yield _line(f"{name}_count", {"endpoint": endpoint}, running)


def _jobs() -> Iterator[str]:
    rows = [({"kind": kind, "state": str(state)}, number) for kind, state, number in job_stats.counts_by_kind()]
    yield from _family("crowd_jobs", "gauge", "Jobs by kind and state.", rows)
    waited = job_stats.oldest_due_seconds()
    yield from _family("crowd_oldest_due_job_seconds", "gauge", "How long the oldest due job waits.", [({}, waited)])


def _ledger_check() -> Iterator[str]:
    newest = ledger.last_check()
    if newest is None:
        return
    age = (clock.now() - newest.created_at).total_seconds()
    yield from _family(
        "crowd_ledger_check_errors", "gauge", "Errors that the newest check found.", [({}, newest.errors)]
    )
    yield from _family("crowd_ledger_check_age_seconds", "gauge", "How long ago that check ran.", [({}, age)])


def _reach() -> Iterator[str]:
    at = schema.current(db.session.connection())
    fits = [({"migration": str(at)}, int(at == schema.head()))]
    yield from _family("crowd_migrated", "gauge", "Whether the database stands where the code wants it.", fits)


STORED: tuple[Callable[[], Iterator[str]], ...] = (_reach, _jobs, _ledger_check)


def _family(name: str, kind: str, words: str, samples: Sequence[tuple[dict[str, str], float]]) -> Iterator[str]:
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        yield _line(name, labels, value)


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    inner = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{inner}}} {value}" if inner else f"{name} {value}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
