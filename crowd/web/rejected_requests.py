"""Rejected requests are recorded: an event for each operation that was rejected for a signed-in person.

It says who, at which URL and why, in a transaction of its own, because the operation's was rolled back; never what was
typed. Not recorded: unknown URLs (the `submissions` package records who asked for a hidden proposal), rate limits,
server errors.
"""

import logging
import re
from dataclasses import dataclass

from flask import Flask, Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from crowd import audit
from crowd.db import REFUSAL, commit, db, remember_refusal
from crowd.errors import Forbidden, OperationError, TooMany, Unavailable
from crowd.web import guards

SAFE = ("GET", "HEAD", "OPTIONS")
log = logging.getLogger("crowd.refusals")


@dataclass(frozen=True)
class Request:
    """The subject of such an event: the request, which has no row."""

    id: None = None


def register(app: Flask) -> None:
    """Record the rejected requests of this application."""
    app.before_request(_clear)
    app.after_request(_note)


def keep(refusal: OperationError) -> None:
    """Keep an endpoint's error until the response is ready; `@atomic` keeps those of operations."""
    remember_refusal(refusal)


def _clear() -> None:
    db.session.info.pop(REFUSAL, None)


def _note(response: Response) -> Response:
    refusal: OperationError | None = db.session.info.pop(REFUSAL, None)
    if refusal is None or isinstance(refusal, TooMany | Unavailable):
        return response
    if request.method in SAFE and not isinstance(refusal, Forbidden):
        return response
    try:
        actor = guards.actor()
        if actor and not refusal.facts.get("noted"):
            audit.record(actor, "request.refused", Request(), challenge_id=_challenge(), **_facts(refusal))
            commit()
    except SQLAlchemyError:
        db.session.rollback()
        log.exception("a refusal could not be noted")
    return response


def _facts(refusal: OperationError) -> dict[str, object]:
    """URL, status and message; only the names of a form's fields."""
    facts = {"address": _address(), "status": refusal.status, "shown": str(refusal.message)}
    fields = sorted(getattr(refusal, "fields", ()))
    return {name: value for name, value in (facts | {"fields": fields}).items() if value}


def _address() -> str:
    """The path with its numbers and fixed words; codes that it may contain are replaced by `…`.

    Of a URL that is sealed (`guards.sealed`) only its shape is recorded.
    """
    rule = request.url_rule.rule if request.url_rule else ""
    view = current_app.view_functions.get(request.endpoint or "")
    arguments = {} if getattr(view, "sealed", False) else request.view_args or {}

    def value(found: re.Match[str]) -> str:
        plain = (found.group(1) or "").startswith(("int", "any("))
        return str(arguments.get(found.group(2), "…")) if plain else "…"

    return re.sub(r"<(?:([^<>]*):)?(\w+)>", value, rule)


def _challenge() -> int | None:
    found = re.match(r"/challenges/(\d+)\b", _address())
    return int(found.group(1)) if found else None
