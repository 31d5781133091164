"""Whether the forms of a page ask before irreversible operations; every page that a test fetches is checked."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from flask import Flask

from crowd.web import confirmation
from crowd.web.confirmation import FIELD

FORM = re.compile(r"<form\b.*?</form>", re.S)


class _Forms(HTMLParser):
    """Collects (where each button leads, names of fields) of the forms that post."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[set[str], set[str]]] = []
        self._action, self._open = "", False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "form":
            self._open = (given.get("method") or "").lower() == "post"
            if self._open:
                self._action = given.get("action") or ""
                self.forms.append((set(), set()))
        elif self._open and tag == "button":
            self.forms[-1][0].add(given.get("formaction") or self._action)
        elif self._open and given.get("name"):
            self.forms[-1][1].add(str(given["name"]))

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "form"


def asking(app: Flask) -> list[str]:
    """The endpoints that require a confirmation."""
    return sorted(endpoint for endpoint in app.view_functions if confirmation.of(app, endpoint) is True)


def endpoint_at(app: Flask, path: str) -> str | None:
    """The endpoint that takes a POST at this path, or None."""
    adapter = app.url_map.bind("")
    return str(adapter.match(path, method="POST")[0]) if adapter.test(path, method="POST") else None


def unasked(app: Flask, path: str, page: str) -> list[str]:
    """The endpoints to which a form of this page posts at once, although they are irreversible."""
    reader = _Forms()
    for form in FORM.findall(page):  # parsing the rest of the page costs ten times as much
        reader.feed(form)
    sent = [target for targets, names in reader.forms if FIELD not in names for target in sorted(targets)]
    found = [endpoint_at(app, urlsplit(urljoin(path, target)).path) for target in sent]
    return [f"{endpoint} is not asked about" for endpoint in found if confirmation.of(app, endpoint) is True]
