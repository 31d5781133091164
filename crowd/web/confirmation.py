"""Irreversible operations ask once: each view that is posted to says beside its guard whether it can be undone.

A page asks with `confirm_form` (templates/_forms.html), which repeats the amount or the name and sends `confirmed`.
A POST to a view marked `@required` without it is rejected before the view is called, and leads back to the page that
asks. A test in `tests/architecture` fails where a view that is posted to has neither mark.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_babel import lazy_gettext as _l

from crowd.errors import Invalid
from crowd.web.arguments import posted

F = TypeVar("F", bound=Callable[..., Any])
FIELD, YES = "confirmed", "yes"  # as `confirmed` in templates/_forms.html sends it
UNASKED = _l(
    "This cannot be undone, so the page asks for confirmation first, and none was received. Nothing was done. "
    "Open the page again and confirm."
)


class Reason(StrEnum):
    """Why an operation does not ask for confirmation."""

    EDITABLE = "can be sent again with other words"
    REVERSIBLE = "is reversed by a button on the page that it leads to"
    REPEATABLE = "can be done again"
    HARMLESS = "takes nothing from anybody"
    CORRECTABLE = "is typed in whole, and corrected by a later entry or a second person"
    EXPLAINED = "is at the end of a page that says what happens, and a newer version can follow"
    AUTHENTICATED = "asks for the password or a code from an email"
    ASKED_BY_VIEW = "its question repeats typed values, so its view shows it"


def required(view: F) -> F:
    """Mark a view whose operation cannot be undone: it is called with a confirmation only."""
    return _mark(view, True)


def not_required(reason: Reason) -> Callable[[F], F]:
    """Mark a view that needs no confirmation, and say why."""
    return lambda view: _mark(view, reason)


def _mark(view: F, confirmation: bool | Reason) -> F:
    view.confirmation = confirmation  # type: ignore[attr-defined]
    return view


def of(app: Flask, endpoint: str | None) -> bool | Reason | None:
    """True where an endpoint requires a confirmation, the reason where it does not, None where its view has no mark."""
    if endpoint is None or endpoint.startswith("security."):  # the library's views
        return Reason.AUTHENTICATED
    return getattr(app.view_functions.get(endpoint), "confirmation", None)


def register(app: Flask) -> None:
    """Reject an operation without the value that confirms it; after the guards, so that a person without the right
    learns that first.
    """
    app.before_request(_check)


def _check() -> None:
    if request.method == "POST" and of(current_app, request.endpoint) is True and posted().text(FIELD) != YES:
        raise Invalid(UNASKED)


def is_confirmed(stamp: str) -> bool:
    """Whether the person has answered the question that repeated `stamp`: for a view that shows its own question."""
    return posted().text(FIELD) == stamp
