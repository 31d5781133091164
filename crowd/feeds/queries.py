"""Reads of private calendars: whose a link is, and what is in it."""

from collections.abc import Iterator

import sqlalchemy as sa
from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from crowd import clock
from crowd.accounts.models import User
from crowd.db import db
from crowd.errors import NotFound
from crowd.feature import declared
from crowd.feeds.models import CalendarLink
from crowd.web.tasks import Task


def find_link(user_id: int) -> CalendarLink | None:
    """The valid link of a person."""
    query = sa.select(CalendarLink).where(CalendarLink.user_id == user_id, _valid())
    return db.session.scalar(query)


def owner_of(token: str) -> User:
    """Whose calendar a URL shows. Raises NotFound where the link is not ours, withdrawn, or expired, or where the
    account is closed.
    """
    try:
        link_id = int(_signer().loads(token))
    except (BadSignature, TypeError, ValueError) as error:
        raise NotFound from error
    query = sa.select(User).join(CalendarLink, CalendarLink.user_id == User.id)
    owner = db.session.scalar(query.where(CalendarLink.id == link_id, _valid(), User.active))
    if owner is None:
        raise NotFound
    return owner


def token_of(link: CalendarLink) -> str:
    """The token of a link, for its URL."""
    return str(_signer().dumps(link.id))


def deadlines(actor: User) -> Iterator[Task]:
    """Everything with a date that waits for the person, and the dates of what they follow."""
    for feature in declared().features:
        for tasks in (*feature.dashboard_tasks, *feature.deadlines):
            yield from (task for task in tasks(actor) if task.due_at is not None and not task.count)


def _valid() -> sa.ColumnElement[bool]:
    return sa.and_(CalendarLink.revoked_at.is_(None), CalendarLink.expires_at > clock.now())


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="crowd.calendar")
