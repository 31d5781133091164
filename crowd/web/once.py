"""One rendered form acts once: a second submission of the same form shows the result of the first.

Every form has a token of its own besides that of its session. A view that creates something is marked `@acts`: its
response, a redirect, is stored under the token in the same transaction. A second request with the token waits for the
first, and is redirected to the same page. Nothing is stored for a rejected form: it may be corrected and sent again. A
request without a token, as a program sends it, acts each time.
"""

import functools
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Response, flash, make_response, redirect, request
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.wrappers import Response as BaseResponse

from crowd import clock
from crowd.db import Model, atomic, db, joined, plain
from crowd.web import guards
from crowd.web.arguments import posted

F = TypeVar("F", bound=Callable[..., Any])
FIELD = "once"
KEPT = timedelta(days=2)  # longer than a page is usually left open and sent again by mistake


class SentForm(Model):
    """A form that has acted, by the digest of its token, its sender and its URL; `location` is its answer."""

    __tablename__ = "sent_form"
    __table_args__ = (sa.Index(None, "created_at"),)

    digest: Mapped[str] = mapped_column(primary_key=True)
    location: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.text("crowd_now()"))


def hidden_field() -> Markup:
    """The token of one rendered form."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, secrets.token_urlsafe(12))


def acts(view: F) -> F:
    """Mark a view that creates something: each rendered form of its page acts once."""

    @functools.wraps(view)
    def call(*args: Any, **kwargs: Any) -> Any:
        token = posted().text(FIELD) if request.method == "POST" else ""
        if not token:
            return view(*args, **kwargs)
        try:
            return _answer(_digest(token), lambda: make_response(view(*args, **kwargs)))
        except DBAPIError as error:
            raise plain(error) from error

    call.crowd_once = True  # type: ignore[attr-defined]
    return call  # type: ignore[return-value]


def _answer(digest: str, work: Callable[[], Response]) -> BaseResponse:
    with joined(apart=True) as transaction:
        statement = insert(SentForm).values(digest=digest).on_conflict_do_nothing().returning(SentForm.digest)
        if db.session.scalar(statement) is None:  # waits while the first submission is still running
            first = db.session.scalar(sa.select(SentForm.location).where(SentForm.digest == digest))
            flash(_("This form was submitted before. This is what it did then; nothing was done twice."))
            return redirect(first or request.path, 303)
        answer = work()
        mine = SentForm.digest == digest
        if transaction.acts and answer.status_code == 303:
            db.session.execute(sa.update(SentForm).where(mine).values(location=answer.location))
        else:
            db.session.execute(sa.delete(SentForm).where(mine))
        return answer


def _digest(token: str) -> str:
    """The digest of token, sender and URL: nobody sees the result of another person's form, or of another page's."""
    person = guards.actor()
    return sha256(f"{person.id if person else ''} {request.path} {token}".encode()).hexdigest()


@atomic
def prune() -> int:
    """Delete the tokens of forms that are not sent again any more."""
    old = sa.delete(SentForm).where(SentForm.created_at < clock.now() - KEPT)
    return int(db.session.execute(old).rowcount)  # type: ignore[attr-defined]
