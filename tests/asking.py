"""Whether the forms of a page ask before irreversible operations; every page that a test fetches is checked."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from crowd.web import confirmation
from crowd.web.confirmation import FIELD

FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.S)
POSTS = re.compile(r"""\bmethod=["']?post\b""", re.I)
BUTTON = re.compile(r"<button\b[^>]*>")
ASKS = f'name="{FIELD}"'


def _address(tag: str, name: str) -> str:
    """An attribute of a tag: the templates write all with double quotation marks."""
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def _targets(page: str) -> Iterator[str]:
    """Where each button leads, of the forms that post without asking."""
    for tag, inside in FORM.findall(page):  # parsing them would cost ten times as much
        if ASKS not in inside and POSTS.search(tag):
            action = _address(tag, "action")
            yield from {_address(button, "formaction") or action for button in BUTTON.findall(inside)}


def asking(app: Flask) -> list[str]:
    """The endpoints that require a confirmation."""
    return sorted(endpoint for endpoint in app.view_functions if confirmation.of(app, endpoint) is True)


def endpoint_at(app: Flask, path: str) -> str | None:
    """The endpoint that takes a POST at this path, or None."""
    try:
        return str(app.url_map.bind("").match(path, method="POST")[0])
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return None


def unasked(app: Flask, path: str, page: str) -> list[str]:
    """The endpoints to which a form of this page posts at once, although they are irreversible."""
    sent = {urlsplit(urljoin(path, target)).path for target in _targets(page)}
    found = sorted(endpoint for target in sent if (endpoint := endpoint_at(app, target)))
    return [f"{endpoint} is not asked about" for endpoint in found if confirmation.of(app, endpoint) is True]
