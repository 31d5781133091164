"""Whether a page of this platform opens for somebody, asked before he is led there.

The guard of its door is asked first, then the rule about the row that the door itself asks; `crowd.site.reach` names
the rules, for they are the rooms' own.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from crowd.errors import Forbidden, NotFound, Refusal
from crowd.web import guards

Rule = Callable[..., object]  # (actor, **values of the address), raising NotFound or Forbidden


def register(app: Flask, rules: Mapping[str, Rule]) -> None:
    """Give the application the rules, by endpoint; a page without one opens for whom its guard admits."""
    app.extensions["crowd.reach"] = rules


def local_path(address: str) -> str | None:
    """The address to go on to, as it was sent, where it is a path of this site; else None."""
    plain = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return address if plain and not urlsplit(address).netloc else None


def refusal(actor: Any, path: str) -> Refusal | None:
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
