"""The forms of the walk's pages, the ways in which a person gets one wrong, and what is asked of the page that answers.

`rehearse` finds the forms and sends each in this process, on the platform's own database, where whatever was written
is taken back: so it is known which ways are wrong. Only those are sent by a browser, to the platform itself.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Browser, Response
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse
from wtforms.form import BaseForm

from crowd.db import db
from tests.browser.addresses import EXAMPLES, PAGE
from tests.browser.looking import LANGUAGES
from tests.browser.running import Platform
from tests.inputs.failing import LOST, WRITTEN
from tests.inputs.fuzz import forms_of
from tests.visible import unfit
from tests.visitor import FormOnPage

LONG = "x" * 10_000
NO_CHOICE = "none of these"
FITTING = {
    "decimal": "100", "numeric": "3", "number": "3", "date": "2027-01-15", "datetime-local": "2027-01-15T12:00",
    "email": "somebody@people.example", "url": "https://people.example/", "tel": "+86 10 5555 0100",
}  # fmt: skip
WRONG = {
    "decimal": "Infinity", "numeric": "1e400", "number": "NaN", "date": "2026/11/29", "datetime-local": "2026/11/29",
    "email": "nobody", "url": "nowhere",
}  # fmt: skip
# Types into a form, and what the browser itself would refuse it is made to send. False where the page has no such form.
FILL = """([path, names, typed]) => {
  const fitness = form => names.filter(name => name in form.elements).length;
  const form = [...document.forms].filter(one => one.method === 'post' && new URL(one.action).pathname === path)
    .sort((one, other) => fitness(other) - fitness(one))[0];
  if (!form || fitness(form) < names.length) return false;
  form.noValidate = true;
  form.dataset.confirmed = 'yes';
  for (const [name, value] of typed) {
    const found = form.elements[name], fields = found instanceof RadioNodeList ? [...found] : [found];
    for (const one of fields) {
      one.removeAttribute('maxlength');
      if (one.type === 'radio') { one.value = value; one.checked = true; }
      else if (one.tagName === 'SELECT') { one.add(new Option(value, value)); one.value = value; }
      else { if (one.tagName === 'INPUT') one.type = one.type === 'password' ? one.type : 'text'; one.value = value; }
    }
  }
  form.dataset.filled = '';
  return true;
}"""
PRESS = """() => {
  const form = document.querySelector('[data-filled]');
  form.requestSubmit(form.querySelector('button:not([type=button]), input[type=submit]'));
}"""
# What the page says of the form that it got: fields as they are written in it, for a date field shows dates alone.
READ = """([path, names]) => {
  const fitness = form => names.filter(name => name in form.elements).length;
  const form = [...document.forms].filter(one => one.method === 'post' && new URL(one.action).pathname === path)
    .sort((one, other) => fitness(other) - fitness(one))[0];
  const written = one => one.tagName === 'TEXTAREA' ? one.value : one.getAttribute('value') || '';
  const seen = one => one && one.checkVisibility();
  return {
    lang: document.documentElement.lang,
    focus: document.activeElement?.matches('.summary') || document.activeElement?.outerHTML.slice(0, 120),
    said: [...document.querySelectorAll('.summary h2, .summary li')].map(one => one.textContent),
    leads: [...document.querySelectorAll('.summary a')].map(one => one.hash.slice(1)),
    hidden: [...document.querySelectorAll('.summary a')].map(one => one.hash.slice(1)).filter(
      id => !seen(document.getElementById(id))),
    kept: form && fitness(form) ? [...form.elements].filter(one => one.name).map(one => [one.name, written(one)]) : null,
    html: document.documentElement.outerHTML,
  };
}"""


@dataclass(frozen=True)
class Offered:
    """A form with fields: who sees it, on which page, where it goes (its endpoint and path)."""

    page: str
    who: str | None
    endpoint: str
    path: str
    form: FormOnPage = field(compare=False)

    @property
    def told(self) -> str:
        """Which this is, for a person who reads a failure."""
        return f"{self.endpoint} on {self.page} as {self.who}"

    @property
    def fields(self) -> dict[str, str]:
        """What a person can fill in, with its kind."""
        return {name: kind for name, kind in self.form.kinds.items() if kind != "hidden"}

    def ways(self) -> Iterator["Failing"]:
        """Empty, with 10,000 characters in each field, and with one wrong field among right ones."""
        written = [name for name, kind in self.fields.items() if kind in (*WRITTEN, "password")]
        yield Failing(self, "empty", dict.fromkeys(written, ""))
        if written:
            yield Failing(self, "10,000 characters", dict.fromkeys(written, LONG))
        yield Failing(self, "one wrong field", self._one_wrong(written))

    def _one_wrong(self, written: list[str]) -> dict[str, str]:
        """The first field that can be wrong by itself is; where none can, a choice that was not offered."""
        has, kinds = dict(self.form.values), self.fields
        typed = {name: has.get(name) or FITTING.get(kinds[name], "Something") for name in written}
        wrong = next((name for name in written if kinds[name] in WRONG), None)
        if wrong:
            return typed | {wrong: WRONG[kinds[wrong]]}
        chosen = next((name for name, kind in kinds.items() if kind in ("select", "radio")), None)
        if chosen:
            return typed | {chosen: NO_CHOICE}
        return typed | dict.fromkeys(written[:1], "")


@dataclass(frozen=True)
class Failing:
    """One form and what is typed into it."""

    offered: Offered
    way: str
    typed: dict[str, str] = field(compare=False)

    def body(self) -> list[tuple[str, str]]:
        """The fields of a request: what was typed, and all else as the page has it."""
        return [*((n, v) for n, v in self.offered.form.values if n not in self.typed), *self.typed.items()]

    def told(self, language: str) -> str:
        """Which this is, for a person who reads a failure."""
        return f"{self.offered.told}, {self.way} ({language})"


@dataclass
class Rehearsed:
    """What is known before a browser sends anything: ways that are refused, and the classes of forms that refused."""

    offered: list[Offered] = field(default_factory=list)
    refused: list[Failing] = field(default_factory=list)
    accepted: list[Failing] = field(default_factory=list)
    classes: set[type] = field(default_factory=set)


def rehearse(platform: Platform) -> Rehearsed:
    """Find every form with fields on the walk's pages, each kind once, and send it wrong without effect."""
    found = Rehearsed(list(_offered(platform)))
    validate = BaseForm.validate

    def note(form: Any, *args: Any, **options: Any) -> bool:
        found.classes.add(type(form))
        return validate(form, *args, **options)

    with patch.object(BaseForm, "validate", note):
        for offered in found.offered:
            for failing in offered.ways():
                answer = _send_here(platform, failing)
                (found.accepted if answer.status_code in (302, 303) else found.refused).append(failing)
    return found


def _offered(platform: Platform) -> Iterator[Offered]:
    seen = set()
    addresses = platform.app.url_map.bind("")
    for endpoint, example in EXAMPLES.items():
        for look in (example, *example.more) if example.kind == PAGE else ():
            page, who = look.path_on(platform, endpoint), look.person_on(platform)
            answer = platform.ask(page, who)
            for form in forms_of(answer.body.decode()):  # type: ignore[attr-defined]
                path = urlsplit(form.action).path or urlsplit(page).path
                offered = Offered(page, who, addresses.match(path, method="POST")[0], path, form)
                key = offered.endpoint, frozenset(re.sub(r"\d+", "0", name) for name in offered.fields)
                if offered.fields and key not in seen:
                    seen.add(key)
                    yield offered


def _send_here(platform: Platform, failing: Failing) -> TestResponse:
    app = platform.app
    app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    client = app.test_client()
    if failing.offered.who:
        client.set_cookie("crowd", platform.cookie(failing.offered.who))
    with _undone(app):
        return client.post(failing.offered.path, data=MultiDict(failing.body()))


@contextmanager
def _undone(app: Flask) -> Iterator[None]:
    """One transaction around whatever happens, which is thrown away."""
    with app.app_context():
        engine = db.engines[None]
        connection: Any = engine.connect()
        connection.connection.dbapi_connection.autocommit = False
        outer = connection.begin()
        db.engines[None] = connection
        try:
            yield
        finally:
            db.session.remove()
            db.engines[None] = engine
            outer.rollback()
            connection.close()


class Sender:
    """A browser that is one person after another, sends forms and reads what comes back."""

    def __init__(self, chromium: Browser, platform: Platform) -> None:
        self._platform = platform
        self._context = chromium.new_context(base_url=platform.address, locale="en-GB", reduced_motion="reduce")
        self._context.set_default_timeout(20_000)
        self._page = self._context.new_page()
        self._page.on("response", self._note)
        self._status, self._offered = 0, ""

    def close(self) -> None:
        """Give the browser back."""
        self._context.close()

    def _note(self, answer: Response) -> None:
        if answer.request.method == "POST":
            self._status = answer.status

    def fail(self, failing: Failing, language: str) -> list[str]:
        """Send it, from the page that answered the last time or else from a fresh one; what is wrong with the answer."""
        offered, asked = failing.offered, f"{failing.offered.told} in {language}"
        if asked != self._offered:
            self._open(offered, language)
        if not self._send(failing):
            self._open(offered, language)
            assert self._send(failing), f"no such form: {failing.told(language)}"
        self._offered = asked
        shown = self._page.evaluate(READ, [offered.path, list(offered.fields)])
        return list(judge(failing, self._status, shown, language))

    def _open(self, offered: Offered, language: str) -> None:
        cookies = {"locale": language} | ({"crowd": self._platform.cookie(offered.who)} if offered.who else {})
        self._context.clear_cookies()
        self._context.add_cookies(
            [{"name": name, "value": value, "url": self._platform.address} for name, value in cookies.items()]
        )
        self._page.goto(offered.page, wait_until="domcontentloaded")

    def _send(self, failing: Failing) -> bool:
        """Whether the page has the form; then it is sent, and its answer is there."""
        sent = [failing.offered.path, list(failing.offered.fields), list(failing.typed.items())]
        if not self._page.evaluate(FILL, sent):
            return False
        self._status = 0
        with self._page.expect_navigation(wait_until="domcontentloaded"):
            self._page.evaluate(PRESS)
        return True


def judge(failing: Failing, status: int, shown: dict[str, Any], language: str) -> Iterator[str]:
    """What is wrong with the page that answers a form that was sent wrong."""
    yield from unfit(shown["html"])
    if status not in (409, 422):
        yield f"status {status}"
    if shown["focus"] is not True:
        yield f"focus is on {shown['focus']}"
    if shown["lang"] != LANGUAGES[language]:
        yield f"lang is {shown['lang']}"
    if language != "en":
        yield from (f"not in Chinese: {one}" for one in shown["said"] if not re.search("[一-鿿]", one))
    yield from (f"the summary leads to #{one}, which nobody sees" for one in shown["hidden"])
    if not shown["leads"]:
        yield f"the summary leads to no field: {shown['said']}"
    if shown["kept"] is None:
        yield "the form is gone"
        return
    kept = dict(shown["kept"])
    for name, typed in failing.typed.items():
        kind = failing.offered.fields[name]
        if kind in WRITTEN and kind not in LOST and kept.get(name, "").strip() != typed.strip():
            yield f"lost {name}: {typed[:30]!r}, has {kept.get(name, '')[:30]!r}"
