"""A web client for tests: keeps cookies, signs people in as the session table knows it, fills in CSRF tokens.

Every page that any client of the application fetches is read, too: none may show a person the developer's words.
"""

import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from flask import Flask, g, has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from crowd.accounts.models import LoginSession, User
from crowd.accounts.security import SESSION_KEY
from crowd.clock import now
from crowd.db import commit, db
from crowd.web import confirmation
from crowd.web.confirmation import FIELD
from crowd.web.url_cache import Application
from tests.asking import endpoint_at, unasked
from tests.visible import unfit, unfit_text


class ReadingClient(FlaskClient):
    """Flask's test client, which checks the text of each page and each error."""

    own: Collection[str] = ()  # what the person sends now, which a page may repeat whatever it is

    def open(self, *args: Any, **options: Any) -> TestResponse:
        answer = super().open(*args, **options)
        if wrong := read(answer, self.own) + self._unasked(answer):
            raise AssertionError("\n".join([f"{answer.request.method} {answer.request.path} shows a person", *wrong]))
        return answer

    def _unasked(self, answer: TestResponse) -> list[str]:
        if answer.mimetype != "text/html" or "Content-Encoding" in answer.headers:
            return []
        return unasked(self.application, answer.request.path, answer.get_data(as_text=True))


Application.test_client_class = ReadingClient


def read(answer: TestResponse, own: Collection[str] = ()) -> list[str]:
    """What is wrong with the words of a page, or of a refusal in JSON; `own` are words of the person who asked."""
    if "Content-Encoding" in answer.headers:
        return []
    if answer.mimetype == "text/html":
        return unfit(answer.get_data(as_text=True), own=own)
    if answer.mimetype == "application/json" and answer.status_code >= 400 and answer.json:
        told = answer.json.get("error", {})
        of_fields = [text for texts in told.get("fields", {}).values() for text in texts]
        return [one for text in (told.get("message", ""), *of_fields) for one in unfit_text(str(text))]
    return []


class Browser:
    """One person's browser."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def sign_in(self, user: User) -> "Browser":
        """Act as `user` from here on, with a session row."""
        sid = secrets.token_urlsafe(12)
        user_id, uniquifier = user.id, user.fs_uniquifier
        if has_app_context():
            commit()  # otherwise a rollback of the test's reads would remove the session row
        with self.app.app_context():
            expires = now() + timedelta(days=1)
            db.session.add(LoginSession(sid=sid, user_id=user_id, last_active_at=now(), expires_at=expires))
            commit()
        with self.client.session_transaction() as cookie:
            cookie.clear()
            cookie.update(
                {"_user_id": uniquifier, "_fresh": True, SESSION_KEY: sid, "fs_cc": "set", "fs_paa": now().timestamp()}
            )
        return self

    def sign_out(self) -> "Browser":
        """Sign out."""
        with self.client.session_transaction() as cookie:
            cookie.clear()
        return self

    def get(self, path: str, **options: Any) -> TestResponse:
        """GET, in English unless the headers say otherwise."""
        forget()
        return self.client.get(path, headers={"Accept-Language": "en"} | options.pop("headers", {}), **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """POST a form with its CSRF token and the page's confirmation, as the page would send it.

        That every page of ours has it is seen by `ReadingClient`; `confirmed=None` is a form without it.
        """
        requires = confirmation.of(self.app, endpoint_at(self.app, path.partition("?")[0]))
        asked = {FIELD: "yes"} if requires is True else {}
        form = {"csrf_token": self.token(), **asked, **(data or {})}
        form = {name: value for name, value in form.items() if value is not None or name != FIELD}
        headers = {"Accept-Language": "en"} | options.pop("headers", {})
        forget()
        return self.client.post(path, data=form, headers=headers, **options)

    def token(self) -> str:
        """A CSRF token of this session, as a page with a form would carry it, without asking for a page."""
        with self.client.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", secrets.token_hex(20))
        return str(URLSafeTimedSerializer(str(self.app.secret_key), salt="wtf-csrf-token").dumps(raw))


def forget() -> None:
    """Drop what an earlier request left in the test's own application context: who was signed in, tokens, language."""
    for name in list(g) if has_app_context() else ():
        g.pop(name)
