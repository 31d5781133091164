"""What API endpoints share: schemas that make and describe their responses, and errors as JSON.

An endpoint of the API is marked with `describes`; the page about the API shows what the marks say.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, jsonify, request
from flask_babel import lazy_gettext as _l

from crowd.errors import Sentence

F = TypeVar("F", bound=Callable[..., Any])
ERRORS: dict[int, Any] = {
    401: _l("nobody is signed in"),
    404: _l("there is no such thing, or it is not public"),
    422: _l("this cursor is not valid"),
    429: _l("too many requests; the header Retry-After says how many seconds to wait"),
}


@dataclass(frozen=True, slots=True)
class ResponseField:
    """A field of a response: its name, its meaning, and how its JSON value is read from the row."""

    name: str
    text: Sentence
    value: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Schema:
    """The fields of a row in responses, under a heading; with those of `base` before them."""

    title: Sentence
    fields: tuple[ResponseField, ...]
    base: "Schema | None" = None

    def dump(self, row: Any) -> dict[str, object]:
        """The row as JSON."""
        return (self.base.dump(row) if self.base else {}) | {field.name: field.value(row) for field in self.fields}


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """A parameter of an endpoint's URL, what it does, and the values that it accepts (none: any text)."""

    name: str
    text: Sentence
    values: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """What the page about the API says of an endpoint; `example` is a URL that answers."""

    text: Sentence
    response: Schema
    parameters: tuple[QueryParameter, ...] = ()
    example: str = ""


def describes(
    text: Sentence, response: Schema, *, parameters: tuple[QueryParameter, ...] = (), example: str = ""
) -> Callable[[F], F]:
    """Mark an endpoint of the API with its description. `text` may name the rows of a response as %(rows)s."""

    def mark(view: F) -> F:
        view.api = Description(text, response, parameters, example)  # type: ignore[attr-defined]
        return view

    return mark


def described(app: Flask) -> Iterator[tuple[str, Description]]:
    """(path, description) of every endpoint of the API, by path; its variables are written `{name}`."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if description := getattr(app.view_functions[rule.endpoint], "api", None):
            yield re.sub(r"<(?:[^<>]*[:_])?(\w+)>", r"{\1}", rule.rule), description


def wants_json() -> bool:
    """Whether this request is the API's, or asks for JSON rather than a page."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and "text/html" not in request.accept_mimetypes


def problem(status: int, code: str, message: str, **facts: object) -> tuple[Any, int]:
    """An error's body: `{"error": {"code", "message", ...}}`."""
    return jsonify(error={"code": code, "message": message, **facts}), status
