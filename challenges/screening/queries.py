"""Reads of the queue of the screening."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from flask_babel import gettext as _

from challenges.models import Challenge
from challenges.queries import people_with
from challenges.workflow import ChallengeState
from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.accounts.units import queries as units
from crowd.audit import Actor, AuditEvent
from crowd.db import db
from crowd.web.paging import Page, page
from crowd.web.tasks import Task

WAITING = Challenge.state == ChallengeState.SCREENING
SPONSOR = Organisation.id == Challenge.organisation_id


def queues(actor: Actor | None, asked: str = "") -> units.Queues:
    """The queues of the person; `asked` is the one to show."""
    query = sa.select(Challenge.id).join(Organisation, SPONSOR).where(WAITING)
    return units.queues(actor, _unit(), query, Challenge.submitted_at, asked)


def _unit() -> units.UnitId:
    """The unit to which the screening belongs: that of the sponsor's region."""
    return units.unit_clause(Challenge, Challenge.id, Organisation.region_id)


def queue(found: units.Queues, *, after: str | None, size: int) -> Page[Challenge]:
    """What waits in the queue that is shown, the longest first."""
    query = sa.select(Challenge).join(Organisation, SPONSOR).where(WAITING, found.within)
    order = ((Challenge.submitted_at, False), (Challenge.id, False))
    return page(query, order, name="screening", after=after, size=size)


def work_on(challenges: Iterable[Challenge]) -> dict[int, units.Work]:
    """Where the screening of each of these is."""
    ids = [row.id for row in challenges]
    query = sa.select(Challenge.id, _unit()).join(Organisation, SPONSOR).where(Challenge.id.in_(ids))
    return units.work_on(Challenge, query)


def waiting_in(unit_id: int) -> Sequence[int]:
    """The ids of the challenges whose screening waits in a unit."""
    query = sa.select(Challenge.id).join(Organisation, SPONSOR).where(WAITING, _unit() == unit_id)
    return db.session.scalars(query.order_by(Challenge.id)).all()


def people_for(challenge: Challenge) -> list[int]:
    """The ids of those to whom the screening of a challenge belongs: its unit's staff, else the service centre."""
    unit = work_on([challenge])[challenge.id].unit
    return units.staff()[unit.id] if unit else people_with(PlatformRole.SERVICE_CENTRE)


def returned_among(challenges: Iterable[Challenge]) -> set[int]:
    """The ids of those that the screening has returned before."""
    query = sa.select(AuditEvent.subject_id).where(
        AuditEvent.subject_type == Challenge.__tablename__,
        AuditEvent.action == "challenge.returned",
        AuditEvent.subject_id.in_({row.id for row in challenges}),
    )
    return {number for number in db.session.scalars(query) if number}


def count_waiting() -> int:
    """How many challenges wait for the screening."""
    return int(db.session.scalar(sa.select(sa.func.count()).where(WAITING)) or 0)


def waiting(actor: User) -> list[Task]:
    """What waits for the person's screening."""
    if not actor.is_any(PlatformRole.SERVICE_CENTRE):
        return []
    return queues(actor).tasks(_("Challenges to screen"), "challenges.screening")
