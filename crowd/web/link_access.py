"""Whether a page of this platform opens for a person, checked before they are sent there.

The guard of its endpoint is checked first, then the rule for the row that the endpoint itself uses. The
rules are those that the features declare (`link_access`).
"""

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from crowd.audit import Actor
from crowd.errors import Forbidden, NotFound, OperationError
from crowd.feature import declared
from crowd.web import guards


def local_path(address: str) -> str | None:
    """The URL to continue to, as it was sent, where it is a path of this site; else None."""
    plain = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return address if plain and not urlsplit(address).netloc else None


def came_from(actor: Actor | None) -> str | None:
    """The page of this site that had the form of this request, where it opens for the person; else None."""
    sent_from, here = request.referrer or "", request.host_url
    path = local_path("/" + sent_from.removeprefix(here)) if sent_from.startswith(here) else None
    return path if path and refusal(actor, path) is None else None


def refusal(actor: Actor | None, path: str) -> OperationError | None:
    """Why the page at this path stays closed to the person, or None where it opens."""
    try:
        endpoint, values = current_app.url_map.bind("").match(urlsplit(path).path)
        guards.admit(actor, endpoint)
        rule = declared().link_access.get(endpoint)
        if rule is not None:
            rule(actor, **values)
    except (HTTPException, RequestRedirect):
        return NotFound()
    except (Forbidden, NotFound) as found:
        return found
    return None
