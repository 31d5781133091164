"""The forms of the walk's pages: each is found, submitted with errors by a browser, and the response is checked.

`rehearse` sends each in this process first, on the platform's own database, where every write is rolled back: this
tells which submissions are wrong. Only those are sent by a browser, to the platform itself, whose data stays unchanged.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Browser, Response
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from crowd.db import db
from tests.browser.addresses import EXAMPLES, PAGE
from tests.browser.looking import LANGUAGES
from tests.browser.running import Platform
from tests.inputs.failing import Failing, fields_of, ways_to_fail
from tests.inputs.fuzz import forms_of
from tests.visible import unfit
from tests.visitor import FormOnPage

NEITHER_NAMED = "security.login"  # the page does not tell whether address or password is wrong
# The form on the page that goes to a path and has the most of these fields.
FIND = """(path, names) => {
  const fitness = form => names.filter(name => name in form.elements).length;
  return [...document.forms].filter(one => one.method === 'post' && new URL(one.action).pathname === path)
    .sort((one, other) => fitness(other) - fitness(one))[0];
}"""
# Types and chooses, past what the browser itself would refuse. False where the page has no such form.
FILL = f"""([path, names, typed]) => {{
  const form = ({FIND})(path, names);
  if (!form || names.some(name => !(name in form.elements))) return false;
  form.noValidate = true;
  form.dataset.confirmed = form.dataset.filled = 'yes';
  const fill = (one, value) => {{
    one.removeAttribute('maxlength');
    if (one.tagName === 'SELECT') {{ one.add(new Option(value, value)); one.value = value; return; }}
    if (one.tagName === 'INPUT' && one.type !== 'password') one.type = 'text'; // a field of dates takes dates alone
    one.value = value;
  }};
  for (const [name, value] of typed) {{
    const found = form.elements[name];
    const boxes = (found instanceof RadioNodeList ? [...found] : [found]).filter(
      one => ['radio', 'checkbox'].includes(one.type));
    if (!boxes.length) {{ fill(found, value); continue; }}
    const box = boxes.find(one => one.value === value) || boxes[0];
    box.value = value;
    box.checked = true;
  }}
  return true;
}}"""
PRESS = """() => {
  const form = document.querySelector('[data-filled]');
  form.requestSubmit(form.querySelector('button:not([type=button]), input[type=submit]'));
}"""
# What the page says; of its form, what stands in the fields as the server wrote it.
READ = f"""([path, names]) => {{
  const form = ({FIND})(path, names), links = [...document.querySelectorAll('.summary a')];
  const written = one => one.tagName === 'INPUT' ? one.getAttribute('value') || '' : one.value;
  const label = id => document.querySelector(`label[for="${{id}}"]`) ||
    document.getElementById(id)?.closest('fieldset')?.querySelector(':scope > legend');
  const optional = id => /^\\W*(optional|选填)\\W*$/.test(label(id)?.querySelector('.optional')?.textContent || '');
  const chosen = one => !['radio', 'checkbox'].includes(one.type) || one.checked;
  return {{
    lang: document.documentElement.lang,
    focus: document.activeElement?.matches('.summary') || document.activeElement?.outerHTML.slice(0, 120),
    said: [...document.querySelectorAll('.summary h2, .summary li')].map(one => one.textContent),
    leads: links.map(one => one.hash.slice(1)),
    optional: links.map(one => one.hash.slice(1)).filter(optional),
    unseen: links.map(one => one.hash.slice(1)).filter(id => !document.getElementById(id)?.checkVisibility()),
    kept: form ? [...form.elements].filter(one => one.name && chosen(one)).map(one => [one.name, written(one)]) : null,
    html: document.documentElement.outerHTML,
  }};
}}"""


@dataclass(frozen=True)
class Offered:
    """A form with fields: on which page, for whom, where it goes (its endpoint and path)."""

    page: str
    who: str | None
    endpoint: str
    path: str
    form: FormOnPage = field(compare=False)

    @property
    def told(self) -> str:
        """Which this is, for a person who reads a failure."""
        return f"{self.endpoint} on {self.page} as {self.who}"


@dataclass
class Rehearsed:
    """What is known before a browser sends anything: each form's ways to fail, and the classes of forms that judged."""

    ways: dict[Offered, list[Failing]] = field(default_factory=dict)
    classes: set[type] = field(default_factory=set)


def rehearse(platform: Platform, every: int = 1) -> Rehearsed:
    """Find the forms with fields on one of `every` pages of the walk, each kind once, and send each wrong without
    effect.
    """
    found = Rehearsed()
    validate = BaseForm.validate

    def note(form: Any, *args: Any, **options: Any) -> bool:
        found.classes.update(type(form).__mro__)
        return validate(form, *args, **options)

    with patch.object(BaseForm, "validate", note):
        for offered in _offered(platform, every):
            ways = ways_to_fail(offered.path, offered.form)
            found.ways[offered] = [way for way in ways if not _taken(platform, offered, way)]
    return found


def _offered(platform: Platform, every: int) -> Iterator[Offered]:
    seen = set()
    addresses = platform.app.url_map.bind("")
    pages = ((endpoint, example) for endpoint, example in EXAMPLES.items() if example.kind == PAGE)
    for endpoint, example in islice(pages, 0, None, every):
        for look in (example, *example.more):
            page, who = look.path_on(platform, endpoint), look.person_on(platform)
            answer = platform.ask(page, who)
            for form in forms_of(answer.body.decode()):  # type: ignore[attr-defined]
                path = urlsplit(form.action).path or urlsplit(page).path
                offered = Offered(page, who, addresses.match(path, method="POST")[0], path, form)
                kind = offered.endpoint, frozenset(re.sub(r"\d+", "0", name) for name in fields_of(form))
                if fields_of(form) and kind not in seen:
                    seen.add(kind)
                    yield offered


def _taken(platform: Platform, offered: Offered, failing: Failing) -> bool:
    """Whether the platform takes it, so that it is not wrong at all."""
    app = platform.app
    app.config.update(WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    client = app.test_client()
    if offered.who:
        client.set_cookie("crowd", platform.cookie(offered.who))
    with _undone(app):
        return client.post(offered.path, data=MultiDict(failing.fields())).status_code in (302, 303)


@contextmanager
def _undone(app: Flask) -> Iterator[None]:
    """One transaction around everything, which is rolled back."""
    with app.app_context():
        engine = db.engines[None]
        connection: Any = engine.connect()
        connection.connection.dbapi_connection.autocommit = False
        outer = connection.begin()
        engines: Any = db.engines
        engines[None] = connection
        try:
            yield
        finally:
            db.session.remove()
            engines[None] = engine
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
        self._status, self._at = 0, ""

    def close(self) -> None:
        """Close the browser."""
        self._context.close()

    def _note(self, answer: Response) -> None:
        if answer.request.method == "POST":
            self._status = answer.status

    def send(self, offered: Offered, failing: Failing, language: str) -> list[str]:
        """Send it, on the page that answered the last time or else on a fresh one; what is wrong with the answer."""
        at = f"{offered.told} in {language}"
        if at != self._at:
            self._open(offered, language)
        if not self._sent(offered, failing):
            self._open(offered, language)
            assert self._sent(offered, failing), f"no such form: {at}"
        self._at = at
        shown = self._page.evaluate(READ, [offered.path, list(fields_of(offered.form))])
        return [f"{at}, {failing.way}: {problem}" for problem in judge(offered, failing, self._status, shown, language)]

    def _open(self, offered: Offered, language: str) -> None:
        cookies = {"locale": language} | ({"crowd": self._platform.cookie(offered.who)} if offered.who else {})
        self._context.clear_cookies()
        self._context.add_cookies(
            [{"name": name, "value": value, "url": self._platform.address} for name, value in cookies.items()]
        )
        self._page.goto(offered.page, wait_until="domcontentloaded")

    def _sent(self, offered: Offered, failing: Failing) -> bool:
        """Whether the page has the form; then it was sent, and its answer is there."""
        typed = [list(pair) for pair in failing.typed]
        if not self._page.evaluate(FILL, [offered.path, list(fields_of(offered.form)), typed]):
            return False
        self._status = 0
        with self._page.expect_navigation(wait_until="domcontentloaded"):
            self._page.evaluate(PRESS)
        return True


def judge(offered: Offered, failing: Failing, status: int, shown: dict[str, Any], language: str) -> Iterator[str]:
    """What is wrong with the page that answers a form that was sent wrong."""
    yield from unfit(shown["html"])
    if status not in (409, 422):
        yield f"status {status}"
    if shown["focus"] is not True:
        yield f"focus is on {shown['focus']}"
    if shown["lang"] != LANGUAGES[language]:
        yield f"lang is {shown['lang']}"
    if language != "en":
        yield from (f"not in Chinese: {said}" for said in shown["said"] if not re.search("[一-鿿]", said))
    yield from (f"the summary leads to #{target}, which nobody sees" for target in shown["unseen"])
    if failing.way == "empty":
        yield from (f"#{target} is called optional, and is required" for target in shown["optional"])
    if not shown["leads"] and offered.endpoint != NEITHER_NAMED:
        yield f"the summary leads to no field: {shown['said']}"
    if shown["kept"] is None:
        yield "the form is gone"
        return
    kept = {(name, value.strip()) for name, value in shown["kept"]}
    yield from (f"lost {n}: {v[:30]!r}" for n, v in failing.stays() if (n, v.strip()) not in kept)
