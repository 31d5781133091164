"""Whether a page of this platform opens for somebody, asked before he is led there.

The guard of its door is asked first, then the rule about the row that the door itself asks; `crowd.site.reach` names
the rules, for they are the rooms' own.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from crowd.errors import Forbidden, NotFound, OperationError
from crowd.web import guards

Rule = Callable[..., object]  # (actor, **values of the address), raising NotFound or Forbidden


def register(app: Flask, rules: Mapping[str, Rule]) -> None:
    """Give the application the rules, by endpoint; a page without one opens for whom its guard admits."""
    app.extensions["crowd.reach"] = rules


def local_path(address: str) -> str | None:
    """The address to go on to, as it was sent, where it is a path of this site; else None."""
    plain = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return address if plain and not urlsplit(address).netloc else None


def came_from(actor: Any) -> str | None:
    """The page of this site on which the form of this request stood, where it opens for the person; else None."""
    sent_from, here = request.referrer or "", request.host_url
    path = local_path("/" + sent_from.removeprefix(here)) if sent_from.startswith(here) else None
    return path if path and refusal(actor, path) is None else None


def refusal(actor: Any, path: str) -> OperationError | None:
    """Why the page at this path stays closed to the person, or None where it opens."""
    try:
        endpoint, values = current_app.url_map.bind("").match(urlsplit(path).path)
        guards.admit(actor, endpoint)
        rule: Rule | None = current_app.extensions["crowd.reach"].get(endpoint)
        if rule is not None:
            rule(actor, **values)
    except (HTTPException, RequestRedirect):
        return NotFound()
    except (Forbidden, NotFound) as found:
        return found
    return None
