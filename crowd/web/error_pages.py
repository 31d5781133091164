"""Responses to failed requests: one for every error, as a page or as JSON, never another error.

An error page uses the common layout. While something that the layout needs is unavailable (the database, the session,
the navigation), the page is shown without the layout and without links. Where even that fails, a few words of plain
text are sent.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import redis
from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from markupsafe import escape
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from crowd.db import Outcome, clear_outcome, db, outcome, plain, sqlstate
from crowd.errors import Forbidden, NotFound, OperationError, Sentence, Unavailable
from crowd.languages import ENGLISH, LANGUAGES
from crowd.web import api, guards, link_access, oversized, rejected_requests, uploads
from crowd.web.forms import typed_label

RETRY_SECONDS = 5  # after which an unavailable part may be back
READ_ONLY = "25006"  # a database server that has become a standby
FRAMED, ALONE = "_layout.html", "_frame.html"
SECRET = frozenset({"csrf_token", "password", "new_password", "password_confirm", "new_password_confirm"})
log = logging.getLogger("crowd.request")


@dataclass(frozen=True, slots=True)
class StatusText:
    """The usual text of a status: its title, what happened (the message), and what a person can do."""

    title: Sentence
    message: Sentence
    todo: Sentence


@dataclass(frozen=True, slots=True)
class Failure:
    """The text of an error; where `message` is empty, the usual text of its status."""

    status: int
    code: str
    message: Sentence = ""
    retry_after: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    alone: bool = False
    typed: Sequence[tuple[Any, str]] = ()  # typed into the rejected form: (label, text)
    lost: bool = False  # the host is not ours: no link from here works
    there: tuple[str, Sentence] | None = None  # where what is missing is entered: its path and name

    @property
    def words(self) -> StatusText:
        """The text of its status, or of the nearest status that has one; for a page that was only requested, that of
        its URL.
        """
        status = self.status if self.status in WORDS else 500 if self.status >= 500 else 400
        return ASKED_FOR.get(status, WORDS[status]) if request.method in rejected_requests.SAFE else WORDS[status]


WORDS = {
    400: StatusText(
        _l("The request could not be read"),
        _l(
            "Part of what your browser sent was missing or damaged. A form that was left open for a long time "
            "can cause this."
        ),
        _l("Go back, load the page again and repeat the last step."),
    ),
    401: StatusText(
        _l("Please sign in"),
        _l("This page is for people who are signed in."),
        _l("Sign in. You then return to this page."),
    ),
    403: StatusText(
        _l("This is not open to you"),
        _l("This page or action belongs to another role or to other people."),
        _l("If you think that you should have access, ask the owner of the organisation or write to us."),
    ),
    404: StatusText(
        _l("There is no such page"),
        _l("Check the address. You may not have access to this page."),
        _l("Start from the list of challenges, or go back to the page before."),
    ),
    405: StatusText(
        _l("This address does not accept this request"),
        _l("The address exists, but it is meant for another kind of request."),
        _l("Go back to the page before and use its buttons."),
    ),
    409: StatusText(
        _l("This is no longer possible"),
        _l("Another person or a deadline has changed its state in the meantime, so this action is no longer possible."),
        _l("Load the page again to see the current state, and decide from there."),
    ),
    413: StatusText(
        _l("The upload is too large"),
        _l("What you sent is larger than this platform accepts."),
        _l("Make the file smaller or split it, then send it again."),
    ),
    422: StatusText(
        _l("Some of it is not valid"),
        _l("What you sent breaks a rule of this platform."),
        _l("Go back, correct it and send it again."),
    ),
    429: StatusText(
        _l("Too many requests"),
        _l("You sent more requests than allowed in a short time."),
        _l("Wait a moment, then try again."),
    ),
    500: StatusText(
        _l("Something went wrong"),
        _l("The error is ours. It was logged for the people who run this platform."),
        _l("Try again in a minute. If it happens again, send us the request ID below."),
    ),
    503: StatusText(
        _l("Part of the platform is busy or unavailable"),
        _l("The platform could not finish this right now. It usually recovers within a minute."),
        _l("Wait a minute, then load this page again."),
    ),
}
_ADDRESS = StatusText(
    _l("This URL is not valid"),
    _l("Part of the address is missing, damaged or does not belong to this page."),
    _l("Check the address, or start again from the page without that part."),
)
ASKED_FOR = {400: _ADDRESS, 422: _ADDRESS}  # where no form was sent, only a page was requested
KEPT = {  # what is said of an operation, by what it had committed
    Outcome.NOTHING: _l("Nothing of this request was carried out, and nothing that was stored before has changed."),
    Outcome.UNKNOWN: _l(
        "The connection broke off while your change was being stored. Check whether it is there before you "
        "submit it again."
    ),
    Outcome.DONE: _l("Your change was stored before this happened. Check it before you submit it again."),
}
LOST = _l("This platform is not served under the domain in the address that you opened.")
LOST_TODO = _l("Use the platform’s own address.")


def register(app: Flask) -> None:
    """Answer every error of the application."""
    app.before_request(_begin)
    app.register_error_handler(Exception, respond)


def _begin() -> None:
    """Reject a host that is not ours before the session is read."""
    clear_outcome()
    if isinstance(request.routing_exception, SecurityError):
        raise request.routing_exception


def respond(error: Exception) -> ResponseReturnValue:
    """The response to a request that raised; raises nothing itself."""
    error = getattr(error, "original_exception", None) or error  # a hook's error is wrapped
    if isinstance(error, HTTPException) and (error.response is not None or (error.code or 500) < 400):
        return error
    if isinstance(error, CSRFError) and request.endpoint == "security.logout":
        return redirect("/")
    stored = outcome()
    _reset_session()
    failure = _understood(plain(error) if isinstance(error, DBAPIError) else error)
    for alone in (True,) if failure.alone else (False, True):
        g.alone = alone
        try:
            return _respond(failure, alone, stored)
        except Exception:
            log.exception("the answer to an error could not be made")
            _reset_session()
    return Response(_last_words(failure), failure.status, mimetype="text/html")


def _understood(error: Exception) -> Failure:
    if isinstance(error, OperationError):
        if isinstance(error, Forbidden | NotFound):
            rejected_requests.keep(error)
        wait, fields = getattr(error, "retry_after", None), getattr(error, "fields", {})
        if isinstance(error, Unavailable):
            wait = RETRY_SECONDS
        return Failure(error.status, error.code, error.message, wait, fields, there=error.there)
    if isinstance(error, SecurityError):
        return Failure(400, "bad_request", LOST, alone=True, lost=True)
    if isinstance(error, RequestEntityTooLarge):
        typed = _typed(_sendable(oversized.typed_fields()))
        return Failure(413, "request_entity_too_large", uploads.too_much(), typed=typed)
    if isinstance(error, HTTPException):
        code = "csrf" if isinstance(error, CSRFError) else error.name.lower().replace(" ", "_")
        return Failure(error.code or 500, code)
    if _is_away(error):
        log.error("a part is away: %s", error)
        return Failure(503, "unavailable", retry_after=RETRY_SECONDS, alone=True)
    log.error("unexpected error in %s", request.endpoint, exc_info=error)
    return Failure(500, "internal", alone=True)


def _is_away(error: Exception) -> bool:
    """Whether database or Redis cannot be reached, has no connection left, or accepts no writes."""
    if isinstance(error, DBAPIError) and (error.connection_invalidated or sqlstate(error) == READ_ONLY):
        return True
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout | redis.RedisError)


def _reset_session() -> None:
    """Roll back what was not committed; drop a broken connection."""
    try:
        db.session.rollback()
    except Exception:
        db.session().invalidate()


def _respond(failure: Failure, alone: bool, stored: Outcome) -> Response:
    if api.wants_json():
        made = make_response(_problem(failure))
    elif failure.code == "csrf" and not alone:
        made = Response(_stale_form(), failure.status)
    else:
        made = Response(_page(failure, alone, stored), failure.status)
    if failure.retry_after:
        made.headers["Retry-After"] = str(failure.retry_after)
    return made


def _problem(failure: Failure) -> ResponseReturnValue:
    """The failure as JSON; field messages under `fields`."""
    facts: dict[str, Any] = {"request_id": g.get("request_id")} if failure.status >= 500 else {}
    if failure.fields:
        facts["fields"] = {name: [str(one) for one in messages] for name, messages in failure.fields.items()}
    return api.problem(failure.status, failure.code, str(failure.message or failure.words.message), **facts)


def _page(failure: Failure, alone: bool, stored: Outcome) -> str:
    reading = request.method in rejected_requests.SAFE
    message = failure.words.message if failure.status == 404 and reading else failure.message or failure.words.message
    facts = {
        "frame": ALONE if alone else FRAMED,
        "status": failure.status,
        "words": failure.words,
        "message": message,
        "todo": LOST_TODO if failure.lost else failure.words.todo,
        "wait": failure.retry_after if failure.status == 429 else None,  # the text of 503 says how long
        "what_was_kept": None if reading else KEPT[stored if failure.status >= 500 else Outcome.NOTHING],
        "elsewhere": current_app.config["CROWD"].address if failure.lost else None,
        "typed": failure.typed,
        "there": failure.there,
        "again": _again(failure, reading, alone),
        "signed_in": not alone and current_user.is_authenticated,
    }
    if not alone:
        return render_template("errors/error.html", **facts)
    return current_app.jinja_env.get_template("errors/error.html").render(
        facts
    )  # others add context that needs the signed-in person


def _again(failure: Failure, reading: bool, alone: bool) -> str | None:
    """The link for another try: the page that failed, without invalid arguments, or the page of the rejected form."""
    if reading and failure.words is _ADDRESS:
        return request.path if request.query_string and not failure.lost else None
    if reading:
        return request.full_path.rstrip("?") if failure.status >= 500 else None
    return link_access.came_from(guards.actor()) if failure.status in (409, 413, 422) and not alone else None


def _is_ours() -> bool:
    """Whether the form was on a page of this site."""
    return request.headers.get("Origin", "") == request.host_url.rstrip("/")


def _sendable(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The fields of a form that may be sent again; of a form that another site sent, nothing."""
    return [(name, value) for name, value in fields if name not in SECRET and value] if _is_ours() else []


def _typed(fields: Iterable[tuple[str, str]]) -> list[tuple[Any, str]]:
    """What people typed into them: (label, text)."""
    return [(label, value) for name, value in fields if (label := typed_label(name))]


def _stale_form() -> str:
    """A form whose session has ended, with what was typed."""
    sent = _sendable(request.form.items(multi=True))
    action = request.full_path.rstrip("?") if _is_ours() else None
    return render_template("errors/stale_form.html", fields=sent, typed=_typed(sent), action=action)


def _last_words(failure: Failure) -> str:
    """A page without any dependency, in all languages."""
    title = " · ".join(dict.fromkeys(language.failure for language in LANGUAGES.values()))
    name = escape(current_app.config["CROWD"].name or ENGLISH.platform_name)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title} · {name}</title></head><body>\n'
        f"<h1>{title}</h1>\n<p>Error {failure.status} · {g.get('request_id', '')}</p>\n"
        f'<p><a href="/">{name}</a></p>\n</body>\n</html>'
    )
