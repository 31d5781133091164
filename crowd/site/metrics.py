"""`/metrics` for Prometheus: the requests of this host's web processes, and the jobs and the ledger in the database.

`crowd web` starts gunicorn with the multiprocess mode of `prometheus_client`: each process writes to files of its own
in one folder, so any process answers for all. What WhiteNoise serves (static files) is not counted.
"""

import hmac
import logging
import os
import platform
from collections.abc import Iterator, Sequence
from importlib.metadata import version

from flask import Blueprint, Flask, Response, current_app, request
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from crowd import clock, job_stats, schema
from crowd.config import METRICS_FOLDER
from crowd.db import db
from crowd.errors import NotFound
from crowd.ledger import queries as ledger
from crowd.web import guards

blueprint = Blueprint("metrics", __name__)
log = logging.getLogger(__name__)
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # upper bounds; one more for the rest
NOWHERE = "none"  # a URL without an endpoint


class RequestMetrics:
    """The requests of this process and, in the multiprocess mode, of all that share its folder.

    The files of a process that died stay and count until the next start, as the documentation of `prometheus_client`
    has it for counters and histograms; only gauges of living processes, of which there are none, would be removed.
    """

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        self._responses = Counter(
            "crowd_http_requests_total",
            "Responses by endpoint and class of status.",
            ["endpoint", "status"],
            registry=self._own,
        )
        self._seconds = Histogram(
            "crowd_http_request_duration_seconds",
            "Time until a response began, by endpoint.",
            ["endpoint"],
            registry=self._own,
            buckets=SECONDS,
        )

    def count(self, endpoint: str | None, status: int, seconds: float) -> None:
        """Record one response."""
        name = endpoint or NOWHERE
        self._responses.labels(name, f"{status // 100}xx").inc()
        self._seconds.labels(name).observe(seconds)

    def registry(self) -> CollectorRegistry:
        """What `/metrics` shows: these requests, and the platform's state."""
        found = CollectorRegistry()
        found.register(MultiProcessCollector(None) if METRICS_FOLDER in os.environ else self._own)
        found.register(PlatformState())
        return found


def register(app: Flask) -> None:
    """Count requests where metrics are configured."""
    if app.config["CROWD"].metrics_token:
        app.extensions["crowd.metrics"] = RequestMetrics()


def count(endpoint: str | None, status: int, seconds: float) -> None:
    """Count a response of the running application, where metrics are configured."""
    counts: RequestMetrics | None = current_app.extensions.get("crowd.metrics")
    if counts is None:
        return
    try:
        counts.count(endpoint, status, seconds)
    except (OSError, ValueError) as error:  # the folder is gone: no reason to lose the response
        log.warning("a request could not be counted: %s", error)


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
    text = generate_latest(current_app.extensions["crowd.metrics"].registry())
    return Response(text, content_type=CONTENT_TYPE_PLAIN_0_0_4, headers={"Cache-Control": "no-store"})


class PlatformState(Collector):
    """Version, jobs and ledger. While the database is unavailable, only the version and that fact."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The state now."""
        labels = {"version": version("crowd"), "migration": schema.head(), "python": platform.python_version()}
        yield _gauge("crowd_build_info", "What runs here.", [(labels, 1)])
        try:
            stored = [*_migrated(), *_jobs(), *_ledger_check()]
        except SQLAlchemyError:
            db.session.rollback()
            stored = []
        yield _gauge("crowd_database_up", "Whether the database answers.", [({}, bool(stored))])
        yield from stored


def _migrated() -> Iterator[GaugeMetricFamily]:
    at = schema.current(db.session.connection())
    samples = [({"migration": str(at)}, at == schema.head())]
    yield _gauge("crowd_migrated", "Whether the database is at the revision that the code needs.", samples)


def _jobs() -> Iterator[GaugeMetricFamily]:
    rows = [({"kind": kind, "state": str(state)}, number) for kind, state, number in job_stats.counts_by_kind()]
    yield _gauge("crowd_jobs", "Jobs by kind and state.", rows)
    waited = job_stats.oldest_due_seconds()
    yield _gauge("crowd_oldest_due_job_seconds", "How long the oldest due job has waited.", [({}, waited)])


def _ledger_check() -> Iterator[GaugeMetricFamily]:
    newest = ledger.last_check()
    if newest is None:
        return
    age = (clock.now() - newest.created_at).total_seconds()
    yield _gauge("crowd_ledger_check_errors", "Errors that the newest check found.", [({}, newest.errors)])
    yield _gauge("crowd_ledger_check_age_seconds", "How long ago that check ran.", [({}, age)])


def _gauge(name: str, text: str, samples: Sequence[tuple[dict[str, str], float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text)
    for labels, value in samples:
        family.add_sample(name, labels, value)
    return family
