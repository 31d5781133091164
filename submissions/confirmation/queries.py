"""Reads of the registrations that wait for the service centre."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload, lazyload

from challenges.models import Challenge, takes_proposals
from crowd import clock
from crowd.access import access_row
from crowd.accounts.models import PlatformRole, User
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import NotFound
from crowd.web.paging import Page, page
from crowd.web.tasks import MAX_TASKS, Task
from submissions.confirmation.policy import can_confirm
from submissions.confirmation.workflow import Confirmation
from submissions.models import Registration

AWAITED = Registration.confirmation == Confirmation.AWAITED


def access(actor: Actor | None, registration_id: int, *, lock: bool = False) -> Registration:
    """The registration, for those who confirm it. Raises NotFound for all others: who takes part is sealed."""
    hidden = _l("There is no such registration, or it is not yours to confirm.")
    return access_row(actor, Registration, registration_id, view=can_confirm, to=None, lock=lock, hidden=hidden)


def access_queue(actor: Actor | None) -> None:
    """Raise NotFound for people who do not belong to the service centre."""
    if not isinstance(actor, User) or not actor.is_any(PlatformRole.SERVICE_CENTRE):
        raise NotFound


def _waiting() -> sa.Select[Registration]:
    """Those of challenges that still take proposals; afterwards nothing follows from a confirmation."""
    now = sa.literal(clock.now())
    return sa.select(Registration).join(Registration.challenge).where(AWAITED, takes_proposals(now))


def queue(*, after: str | None, size: int) -> Page[Registration]:
    """What waits, the longest first."""
    rows = _waiting().options(
        joinedload(Registration.challenge).joinedload(Challenge.beneficiary),
        joinedload(Registration.user).lazyload("*"),
        joinedload(Registration.organisation).options(lazyload("*")),
    )
    order = ((Registration.accepted_at, False), (Registration.id, False))
    return page(rows, order, name="confirmations", after=after, size=size)


def waiting(actor: User) -> list[Task]:
    """The registrations that wait for the service centre, by challenge."""
    if not actor.is_any(PlatformRole.SERVICE_CENTRE):
        return []
    counted = sa.func.count(Registration.id)
    query = (
        _waiting()
        .with_only_columns(Challenge.id, Challenge.title, Challenge.closes_at, counted)
        .group_by(Challenge.id)
        .order_by(Challenge.closes_at)
        .limit(MAX_TASKS)
    )
    rows: Sequence[sa.Row[int, str, datetime | None, int]] = db.session.execute(query).all()
    return [
        Task(
            _("Registrations to confirm: %(number)s", number=number),
            url_for("confirmations.index"),
            title,
            closes_at,
            challenge_id=challenge_id,
        )
        for challenge_id, title, closes_at, number in rows
    ]
