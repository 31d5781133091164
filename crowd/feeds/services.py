"""Create and withdraw the link of a private calendar."""

from datetime import timedelta

import sqlalchemy as sa

from crowd import clock
from crowd.audit import Actor, record
from crowd.config import limits
from crowd.db import atomic, db
from crowd.feeds.models import CalendarLink


@atomic
def create_link(actor: Actor) -> CalendarLink:
    """A new link of the person's calendar; the one before no longer works."""
    now = clock.db_now()
    _revoke(actor)
    row = CalendarLink(user_id=actor.id, expires_at=now + timedelta(days=limits().calendar_days))
    db.session.add(row)
    db.session.flush()
    record(actor, "calendar_link.created", row)
    return row


@atomic
def revoke_link(actor: Actor) -> None:
    """Withdraw the link of the person's calendar, if there is one: no program reads it any more."""
    if _revoke(actor):
        record(actor, "calendar_link.revoked", actor)


def _revoke(actor: Actor) -> bool:
    mine = CalendarLink.user_id == actor.id, CalendarLink.revoked_at.is_(None)
    done = db.session.execute(sa.update(CalendarLink).where(*mine).values(revoked_at=clock.db_now()))
    return bool(done.rowcount)  # type: ignore[attr-defined]
