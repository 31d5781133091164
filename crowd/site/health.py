"""Whether the process is alive and the platform ready, for load balancers and for `crowd up`."""

from collections.abc import Callable

import redis
import sqlalchemy as sa
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from crowd import job_stats, schema, wake_ups
from crowd.db import db
from crowd.web import guards

blueprint = Blueprint("health", __name__)
LATE_SECONDS = 120  # a job that has been due for longer means that no worker is running


@blueprint.get("/healthz")
@guards.public
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@guards.public
def ready() -> ResponseReturnValue:
    """Database, migrations, a true clock and Redis (503 where one is not well), and the wait of the oldest due job."""
    parts = {name: _try(check) for name, check in CHECKS.items()}
    well = all(part["ok"] for name, part in parts.items() if name != "jobs")
    return jsonify(status="ok" if well else "unavailable", parts=parts), 200 if well else 503


def _try(check: Callable[[], dict[str, object]]) -> dict[str, object]:
    try:
        return check()
    except (SQLAlchemyError, redis.RedisError) as error:
        db.session.rollback()
        return {"ok": False, "error": type(error).__name__}


def _database() -> dict[str, object]:
    db.session.execute(sa.text("SELECT 1"))
    return {"ok": True}


def _migrations() -> dict[str, object]:
    at, head = schema.current(db.session.connection()), schema.head()
    return {"ok": at == head, "at": at, "head": head}


def _clock() -> dict[str, object]:
    behind = schema.behind(db.session.connection())
    return {"ok": not behind, "behind_seconds": abs(behind.total_seconds())}


def _redis() -> dict[str, object]:
    wake_ups.connection().ping()
    return {"ok": True}


def _jobs() -> dict[str, object]:
    seconds = job_stats.oldest_due_seconds()
    return {"ok": seconds < LATE_SECONDS, "oldest_due_seconds": round(seconds, 1)}


CHECKS = {"database": _database, "migrations": _migrations, "clock": _clock, "redis": _redis, "jobs": _jobs}
