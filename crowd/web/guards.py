"""Who may call an endpoint at all. Every endpoint has one guard; one without is rejected (and fails a test).

A guard is only the first check: `access()` decides about the row, and the service checks the operation's policy again.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from babel.lists import format_list
from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from crowd.audit import Actor
from crowd.errors import Forbidden, NotFound
from crowd.web.labels import state_label
from crowd.web.request_locale import reader

if TYPE_CHECKING:
    from crowd.accounts.models import User  # the type alone: the row is Flask-Login's

Guard = str | tuple[str, ...]  # "public", "signed_in", "demonstration", or names of roles
F = TypeVar("F", bound=Callable[..., Any])
OPEN = ("public", "demonstration")  # to visitors, too
LIBRARY = frozenset({"static", "bootstrap.static"})  # files of libraries, open to everybody


def public(view: F) -> F:
    """Open to everybody; listed by `open_endpoints`."""
    return _mark(view, "public")


def signed_in(view: F) -> F:
    """Open to everybody who is signed in with a confirmed address."""
    return _mark(view, "signed_in")


def roles(*names: str) -> Callable[[F], F]:
    """Open to people with one of these platform roles; others get the page for 403."""

    def mark(view: F) -> F:
        return _mark(view, tuple(str(name) for name in names))

    return mark


def demonstration(view: F) -> F:
    """Open to everybody in demonstration mode; in production the URL does not exist."""
    return _mark(view, "demonstration")


def takes_files(view: F) -> F:
    """In addition to one of the others: requests to this endpoint may be as large as files (`crowd.web.uploads`)."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def sealed(view: F) -> F:
    """In addition to one of the others: whose proposal it is, who takes part in what, and who is a party to which case
    is sealed, so the URL is recorded without its numbers (`crowd.web.rejected_requests`).
    """
    view.sealed = True  # type: ignore[attr-defined]
    return view


def _mark(view: F, guard: Guard) -> F:
    view.crowd_guard = guard  # type: ignore[attr-defined]
    return view


def guard_of(app: Flask, endpoint: str) -> Guard | None:
    """The guard of an endpoint, or None where it has none."""
    if endpoint in LIBRARY or endpoint.startswith("security."):
        return "public"
    return getattr(app.view_functions[endpoint], "crowd_guard", None)


def check() -> ResponseReturnValue | None:
    """Before each request: check the guard of the endpoint."""
    if request.endpoint is None:
        return None
    guard = guard_of(current_app, request.endpoint)
    if guard == "public":
        return None
    if guard == "demonstration":
        if not current_app.config["CROWD"].demo:
            raise NotFound
        return None
    if guard is None:
        raise Forbidden
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    admit(current_user, request.endpoint)
    return None


def admit(person: Actor | None, endpoint: str) -> None:
    """Check the guard of an endpoint for a person, or a visitor. Raises Forbidden, which names the roles."""
    guard = guard_of(current_app, endpoint)
    if person is None and guard not in OPEN:
        raise Forbidden
    if isinstance(guard, tuple) and person is not None and not person.is_any(*guard):
        allowed = format_list([state_label(name, "platform_role") for name in guard], style="or", locale=reader().name)
        raise Forbidden(_("This page is for people with the role: %(roles)s.", roles=allowed))


def admits(endpoint: str) -> bool:
    """Whether the present person passes the guard of an endpoint, so that no link leads to an error."""
    guard, person = guard_of(current_app, endpoint), actor()
    if guard in OPEN:
        return True
    return person is not None and (guard == "signed_in" or (isinstance(guard, tuple) and person.is_any(*guard)))


def actor() -> "User | None":
    """The signed-in person's row, or None for a visitor."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def person() -> "User":
    """The signed-in person's row, for pages that visitors do not reach. Raises Forbidden for a visitor."""
    if (found := actor()) is None:
        raise Forbidden
    return found
