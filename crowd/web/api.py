"""What API doors share: pages of rows as JSON, and errors as JSON."""

from typing import Any

from flask import jsonify, request

from crowd.errors import Refusal


def wants_json() -> bool:
    """Whether this request is the API's, or asks for JSON rather than a page."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and "text/html" not in request.accept_mimetypes


def problem(status: int, code: str, message: str, **facts: Any) -> tuple[Any, int]:
    """An error's body: `{"error": {"code", "message", ...}}`."""
    return jsonify(error={"code": code, "message": message, **facts}), status


def refusal(error: Refusal) -> tuple[Any, int]:
    """The JSON answer for a refusal; field messages under `fields`."""
    fields = getattr(error, "fields", None)
    facts = {"fields": {name: [str(m) for m in messages] for name, messages in fields.items()}} if fields else {}
    return problem(error.status, error.code, str(error.message), **facts)
