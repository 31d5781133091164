"""The audit trail and the jobs, without what they would reveal of sealed proposals."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from challenges.models import Challenge
from crowd import audit
from crowd.audit import Actor, AuditEvent
from crowd.background import Job
from crowd.db import db
from crowd.errors import NotFound
from submissions.policy import is_disclosed

REFUSED = "proposal.access_denied"
TELLTALE = (
    "proposals.remind_drafts",
    "notifications.email",
)


def trail(reader: Actor, *, challenge_id: int | None = None, **wanted: Any) -> sa.Select[AuditEvent]:
    """The events that match, in no order yet, without those that are sealed for the reader.

    Requests for a hidden proposal are shown at once; its challenge is not, and cannot be filtered by.
    """
    told = is_disclosed(reader)
    told = told if challenge_id is not None else sa.or_(told, AuditEvent.action == REFUSED)
    return audit.listed(challenge_id=challenge_id, **wanted).where(told)


def get_event(reader: Actor, event_id: int) -> AuditEvent:
    """An event of the trail. Raises NotFound where there is none, or where it is sealed."""
    event = db.session.scalar(trail(reader).where(AuditEvent.id == event_id))
    if event is None:
        raise NotFound
    return event


def sealed_among(reader: Actor, events: Iterable[AuditEvent]) -> set[int]:
    """The ids of those events of the trail whose challenge and data must not be shown yet."""
    attempts = [event.id for event in events if event.action == REFUSED]
    query = sa.select(AuditEvent.id).where(AuditEvent.id.in_(attempts), sa.not_(is_disclosed(reader)))
    return set(db.session.scalars(query)) if attempts else set()


def sealed_jobs(jobs: Iterable[Job]) -> set[int]:
    """The ids of those jobs whose challenge and result would reveal sealed proposals."""
    asked = {job.id: job.challenge_id for job in jobs if job.kind in TELLTALE}
    query = sa.select(Challenge.id).where(Challenge.id.in_(set(asked.values())), Challenge.closed_at.is_not(None))
    closed = set(db.session.scalars(query)) if asked else set()
    return {number for number, challenge_id in asked.items() if challenge_id and challenge_id not in closed}
