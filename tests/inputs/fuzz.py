"""What people and programs really send in URLs and forms, and how each route of the application is asked with it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode, urlsplit

import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from crowd.accounts.models import User
from crowd.db import db
from tests import factories
from tests.cast import Cast
from tests.client import Browser, forget
from tests.crowd.ledger.test_payouts import a_batch_at_the_bank, earned
from tests.visible import unfit_text
from tests.visitor import FormOnPage, _Forms

SENT_ALONG = {"csrf_token", "once"}  # what every form holds, and nobody types
BEYOND = str(2**63)  # one more than a bigint holds
NO_IDS = (
    "0", "-1", "00", "007", BEYOND, "9" * 30, "1e3", "1.0", "NaN", "١", "%00", "1%00", "%ff", "%ed%a0%80", "1%0a",
    "'", "x" * 300,
)  # fmt: skip
NO_CODES = ("%00", "a%00b", "%ff", "%ed%a0%80", "a%0d%0ab", "%7f", "x" * 3000)
ODD_CODES = ("%F0%9F%92%A7", "%E2%80%AE", "'", "{{7*7}}", "..%2f..", "<b>", "x" * 400)  # strange, but text
ODD_ARGUMENTS = (
    "%00", "a%00b", "%ff", "\xff\xfe", "%ed%a0%80", "%E2%80%AE", BEYOND, "9" * 5000, "-1", "0", "1e400", "NaN",
    "Infinity", "%0d%0aX-Odd:%201", "{}", "[]", "%25s", "x" * 3000, "2026/11/29",
)  # fmt: skip
ODD_TEXTS = (
    "", "\x00", "a\x00b", "\ud800", BEYOND, "9" * 5000, "-1", "0", "1e400", "NaN", "Infinity", "١٢", "1,5,5",
    "x" * 10_000, "2026/11/29", "0001-01-01T00:00", "a\r\nb", "{}", "%s", "\u202e", "<script>", "e\u0301" * 50,
)  # fmt: skip
# Names that views read, and names that functions which build URLs could take for their own.
ARGUMENTS = (
    "after", "next", "q", "state", "type", "stage", "tag", "language", "currency", "here", "organisation", "sort",
    "escrow", "kind", "show", "list", "field", "role", "challenge", "to", "account", "action", "actor", "subject",
    "subject_id", "done", "draft", "seen", "endpoint", "self", "values", "_external", "_scheme", "_anchor", "_method",
)  # fmt: skip
ROLES = ("cy", "eve", "fen", "gu", "pia", "aud", "adm", "dee")  # seven platform roles, and a person without any
OWNERS = ("ada", "bo", "finn")  # who has rows of their own, beside them
READERS = {  # who may see what lies below a path, the most likely first
    "/challenges": ("ada", "bo", "eve"), "/screening": ("eve",), "/proposals": ("bo",), "/reviews": ("cy",),
    "/finance": ("fen", "aud"), "/funding": ("fen",), "/balance": ("bo", "ada", "aud"), "/admin": ("adm", "aud"),
    "/organisations": ("ada",), "/inbox": ("ada", "bo"), "/account": ("dee", "ada", None),
}  # fmt: skip
ROWS = {
    "challenge_id": "challenge", "organisation_id": "organisation", "user_id": "\"user\"", "owner_id": "\"user\"",
    "notification_id": "notification", "session_id": "login_session", "invitation_id": "invitation",
    "account_id": "ledger_account", "payout_id": "payout", "batch_id": "payout_batch", "response_id": "bank_response",
    "transfer_id": "transfer", "deposit_id": "deposit", "job_id": "job", "event_id": "audit_event", "award_id": "award",
    "assignment_id": "assignment", "conflict_id": "conflict_of_interest", "proposal_id": "proposal",
}  # fmt: skip
Page = tuple[Rule, str, str | None]  # a route, a path of it, and who may see it
SEALED = {"security.logout"}  # it ends the session that the next request needs


class World:
    """A small past on the test's own connection: rows of every kind, and a browser for each person."""

    def __init__(self, app: Flask, cast: Cast, *, filled: bool = False) -> None:
        self.app, self.cast, self.asked = app, cast, 0
        self._texts: dict[tuple[str, str | None], str] = {}  # of the pages that were opened
        if filled:
            self._fill()
        people: dict[str, User] = {name: getattr(cast, name) for name in dict.fromkeys((*ROLES, *OWNERS))}
        self._browsers = {None: Browser(app)} | {name: Browser(app).sign_in(user) for name, user in people.items()}
        db.session.remove()

    def _fill(self) -> None:
        """Challenges in several states, money in and out, and what stands around them."""
        cast = self.cast
        a_batch_at_the_bank(cast)
        earned(cast, cast.ada, 700)
        factories.settled(cast, "bo")
        factories.judging(cast, "bo", "bea")
        factories.approved(cast)
        factories.screened(cast)
        factories.screened(cast)
        factories.proposal(cast.bo, factories.opened(cast), submitted=False)
        factories.opened(cast)
        factories.challenge(cast.ada, cast.luoyang)

    def ask(
        self,
        rule: Rule,
        path: str,
        who: str | None,
        query: str = "",
        data: bytes | None = None,
        language: str = "zh_Hans_CN",
    ) -> TestResponse:
        """One request with exactly these bytes in its URL; what it wrote is rolled back. `data` is a posted form."""
        raw = {"PATH_INFO": unquote_to_bytes(path.encode("latin-1", "replace")).decode("latin-1")}
        self.asked += 1
        method = "GET" if data is None and "GET" in (rule.methods or ()) else "POST"
        with self._undone():
            forget()
            client: Any = self._browsers[who].client
            client.own = _strange(query, (data or b"").decode("latin-1"))
            client.set_cookie("locale", language)
            return client.open(
                "/",
                method=method,
                data=data,
                content_type="application/x-www-form-urlencoded" if data else None,
                environ_overrides={**raw, "QUERY_STRING": query},
            )

    @contextmanager
    def _undone(self) -> Iterator[None]:
        with self.app.app_context():
            connection: Any = db.engines[None]
            mark = connection.begin_nested()
            try:
                yield
            finally:
                db.session.remove()
                mark.rollback()

    def rules(self) -> list[Rule]:
        """Every route of ours, in one order."""
        found = [rule for rule in self.app.url_map.iter_rules() if rule.endpoint not in SEALED]
        return sorted(found, key=lambda rule: (rule.rule, sorted(rule.methods or ())))

    def pages(self) -> Iterator[Page]:
        """(route, path, person): each route that answers GET, at a row that some person of the world may see."""
        for rule in self.rules():
            if "GET" in (rule.methods or ()) and (found := self._open(rule)):
                yield rule, *found

    def text(self, page: Page) -> str:
        """What the page says, read once: whatever is done in this world is rolled back."""
        rule, path, who = page
        if (path, who) not in self._texts:
            self._texts[path, who] = self.ask(rule, path, who).get_data(as_text=True)
        return self._texts[path, who]

    def forms(self, pages: list[Page]) -> Iterator[tuple[Rule, str, FormOnPage, str | None]]:
        """(route, path, form, person) of each form that the pages offer, one of each kind."""
        seen = set()
        addresses = self.app.url_map.bind("localhost")
        for page in pages:
            _rule, path, who = page
            for form in forms_of(self.text(page)):
                action = urlsplit(form.action).path or path
                target = addresses.match(action, method="POST", return_rule=True)[0]
                if (target.endpoint, frozenset(form.names)) not in seen and target.endpoint not in SEALED:
                    seen.add((target.endpoint, frozenset(form.names)))
                    yield target, action, form, who

    def _open(self, rule: Rule) -> tuple[str, str | None] | None:
        """The first person and path for which the route opens."""
        for values in self._numbers(rule):
            path = fill(rule, {name: str(value) for name, value in values.items()})
            for who in next((people for start, people in READERS.items() if path.startswith(start)), ("ada", "dee")):
                answer = self.ask(rule, path, who)
                if answer.status_code == 200:
                    self._texts[path, who] = answer.get_data(as_text=True)
                    return path, who
        return None

    def _numbers(self, rule: Rule) -> Iterator[dict[str, Any]]:
        """Values for the numbers of a route's path: of the first and the last rows of the table behind them."""
        names = [name for name in rule.arguments if name in ROWS or name in ("id", "number")]
        if not names:
            yield {}
            return
        table = ROWS.get(names[0], "challenge" if rule.rule.startswith("/challenges") else "proposal")
        with self.app.app_context():
            ids = db.session.scalars(sa.text(f"SELECT id FROM {table} ORDER BY id")).all()
            db.session.remove()
        for value in [*ids[:1], *ids[:-8:-1]]:
            yield {name: 1 if name == "number" else value for name in names}


def fill(rule: Rule, values: dict[str, str]) -> str:
    """The route's path with these values, already quoted; the others get something that fits."""

    def value(found: re.Match[str]) -> str:
        kind, name = found.group(1) or "default", found.group(2)
        if name in values:
            return values[name]
        return kind[4:-1].split(",")[0].strip() if kind.startswith("any") else "1" if kind == "int" else "word"

    return re.sub(r"<(?:([^<>]+):)?(\w+)>", value, rule.rule)


def slots(rule: Rule) -> list[tuple[str, str]]:
    """(name, kind) of what a route's path leaves open; fixed words do not count."""
    found = re.findall(r"<(?:([^<>]+):)?(\w+)>", rule.rule)
    return [(name, kind or "default") for kind, name in found if not kind.startswith("any")]


def query_of(value: str) -> str:
    """A query with this value, as it is, for every name that is read."""
    return "&".join(f"{name}={value}" for name in (*ARGUMENTS, "tag", "state", "after"))


def body_of(fields: list[tuple[str, str]]) -> bytes:
    """A posted form, whatever characters it holds."""
    return urlencode([(_bytes(name), _bytes(value)) for name, value in fields]).encode()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _strange(*sent: str) -> list[str]:
    """The values in queries and forms that nobody but their sender may say on a page: `{}`, None and their like."""
    values = [value for text in sent for _name, value in parse_qsl(text, errors="replace")]
    return [value for value in dict.fromkeys(values) if unfit_text(value)]


def forms_of(page: str) -> list[FormOnPage]:
    """The forms of a page in HTML that write."""
    reader = _Forms()
    reader.feed(page)
    return [form for form in reader.forms if form.posts and form.names - SENT_ALONG]
