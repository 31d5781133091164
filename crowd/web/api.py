"""What API endpoints share: pages of rows as JSON, and errors as JSON."""

from typing import Any

from flask import jsonify, request


def wants_json() -> bool:
    """Whether this request is the API's, or asks for JSON rather than a page."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and "text/html" not in request.accept_mimetypes


def problem(status: int, code: str, message: str, **facts: Any) -> tuple[Any, int]:
    """An error's body: `{"error": {"code", "message", ...}}`."""
    return jsonify(error={"code": code, "message": message, **facts}), status
