"""A visitor without scripts: requests pages, reads their forms, fills them in and presses their buttons.

A form is only ever sent as the page has it, with its hidden fields and its address: what a page does not offer,
a visitor cannot do. Works on a WSGI application, or on a real server through `over_socket`.
"""

import http.client
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from werkzeug.datastructures import MultiDict
from werkzeug.test import Client, TestResponse

from tests.client import read

Fields = dict[str, Any]


@dataclass(slots=True)
class Button:
    """A button of a form: what is written on it, and what it adds to the form."""

    text: str = ""
    name: str = ""
    value: str = ""


@dataclass(slots=True)
class FormOnPage:
    """A form as it stands on a page; `names` are all fields that it has, also unticked ones, `kinds` what they are.

    `offers` are the values among which a field lets somebody choose: of options, radio buttons and boxes.
    """

    action: str
    posts: bool = False
    values: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    kinds: dict[str, str] = field(default_factory=dict)
    offers: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)


class _Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[FormOnPage] = []
        self._form: FormOnPage | None = None
        self._button: Button | None = None
        self._area: str | None = None
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = FormOnPage(a.get("action", ""), a.get("method", "").lower() == "post")
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input":
            self._input(self._form, a)
        elif tag == "button":
            self._button, self._text = Button(name=a.get("name", ""), value=a.get("value", "")), []
        elif tag == "textarea":
            self._area, self._text = a["name"], []
        elif tag == "select":
            self._select, self._options = a["name"], []
        elif tag == "option":
            self._options.append((a.get("value", ""), "selected" in a))

    def _input(self, form: FormOnPage, a: dict[str, str]) -> None:
        kind, name = a.get("type", "text"), a.get("name", "")
        if kind == "submit":
            form.buttons.append(Button(a.get("value", ""), name, a.get("value", "")))
        elif name:
            form.names.add(name)
            form.kinds[name] = a.get("inputmode", kind) if kind == "text" else kind
            value = a.get("value", "on" if kind == "checkbox" else "")
            if kind in ("checkbox", "radio"):
                form.offers.setdefault(name, []).append(value)
            if kind not in ("checkbox", "radio", "file") or "checked" in a:
                form.values.append((name, value))

    def handle_data(self, data: str) -> None:
        if self._button is not None or self._area is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        form, text = self._form, "".join(self._text)
        if form is None:
            return
        if tag == "form":
            self._form = None
        elif tag == "button" and self._button is not None:
            self._button.text = " ".join(text.split())
            form.buttons.append(self._button)
            self._button = None
        elif tag == "textarea" and self._area is not None:
            form.names.add(self._area)
            form.kinds[self._area] = "textarea"
            form.values.append((self._area, text.removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select is not None:
            self._choose(form, self._select)
            self._select = None

    def _choose(self, form: FormOnPage, name: str) -> None:
        form.names.add(name)
        form.kinds[name] = "select"
        form.offers[name] = [value for value, _selected in self._options]
        chosen = [value for value, selected in self._options if selected] or [v for v, _ in self._options[:1]]
        form.values.extend((name, value) for value in chosen)


class Page:
    """What a server answered to one request."""

    def __init__(self, path: str, response: TestResponse) -> None:
        self.path, self.status, self.headers = path, response.status_code, response.headers
        self.text = response.get_data(as_text=True)

    @property
    def forms(self) -> list[FormOnPage]:
        """The forms of the page, in order."""
        reader = _Forms()
        reader.feed(self.text)
        return reader.forms

    @property
    def words(self) -> str:
        """What a person reads, on one line."""
        return " ".join(re.sub(r"(?s)<(script|style).*?</\1>|<[^>]+>", " ", self.text).split())

    @property
    def id(self) -> int:
        """The last number in the page's address."""
        return int(re.findall(r"/(\d+)", self.path)[-1])

    def links(self, pattern: str) -> list[str]:
        """The addresses that links on this page lead to and that fit the pattern as a whole, in order, each once."""
        found = re.findall(r'<a\b[^>]*\bhref="([^"]+)"', self.text)
        return list(dict.fromkeys(link for link in found if re.fullmatch(pattern, link)))

    def form(self, button: str, names: Iterable[str]) -> tuple[FormOnPage, Button]:
        """The first form with these fields and a button of this text."""
        for found in self.forms:
            for candidate in found.buttons:
                if candidate.text == button and set(names) <= found.names:
                    return found, candidate
        offered = [([b.text for b in f.buttons], sorted(f.names)) for f in self.forms]
        raise AssertionError(f"no form with {button!r} and {sorted(names)} on {self.path}; there are {offered}")


class Visitor:
    """One person's browser, over any WSGI application."""

    def __init__(self, wsgi: Callable[..., Any], language: str = "en") -> None:
        self.client = Client(wsgi)
        self.language = language

    def get(self, path: str, status: int = 200) -> Page:
        """Ask for a page, following redirects; the last answer must have this status."""
        return self._read(path, self.client.get(path, headers=self._headers()), status)

    def press(
        self, page: str | Page, button: str, fields: Fields | None = None, status: int = 200, **more: Any
    ) -> Page:
        """Fill in the form with this button on a page and press it; returns the page that comes of it.

        `fields` and `more` replace what the form holds: None unticks, a pair (stream, name) is a file.
        """
        page = self.get(page) if isinstance(page, str) else page
        changes = {**(fields or {}), **more}
        form, pressed = page.form(button, changes)
        data: MultiDict[str, Any] = MultiDict((name, value) for name, value in form.values if name not in changes)
        for name, value in changes.items():
            if value is not None:
                data.add(name, value)
        if pressed.name:
            data.add(pressed.name, pressed.value)
        target = urljoin(page.path, form.action) if form.action else page.path
        return self._read(target, self.client.post(target, data=data, headers=self._headers()), status)

    def _read(self, path: str, response: TestResponse, status: int) -> Page:
        for _hop in range(5):
            if response.status_code not in (301, 302, 303, 307, 308):
                break
            path = urljoin(path, _local(response.headers["Location"]))
            response = self.client.get(path, headers=self._headers())
        assert read(response) == [], f"{path} shows a person what is not for one"
        page = Page(path, response)
        assert page.status == status, f"{path} answered {page.status}, not {status}: {page.words[:1500]}"
        return page

    def _headers(self) -> dict[str, str]:
        return {"Accept-Language": self.language}


def _local(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def over_socket(host: str, port: int) -> Callable[..., Any]:
    """A WSGI application that hands each request to the HTTP server at this address."""

    def forward(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8")
        target = path + (f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else "")
        headers = {
            name[5:].replace("_", "-").title(): value for name, value in environ.items() if name.startswith("HTTP_")
        }
        headers |= {"Host": f"{host}:{port}", "Content-Type": environ.get("CONTENT_TYPE", "")}
        line = http.client.HTTPConnection(host, port, timeout=60)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        line.request(environ["REQUEST_METHOD"], target, body=body or None, headers=headers)
        answer = line.getresponse()
        content = answer.read()
        line.close()
        kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP]
        start_response(f"{answer.status} {answer.reason}", kept)
        return [content]

    return forward


HOP_BY_HOP = ("connection", "transfer-encoding", "content-encoding", "keep-alive")
