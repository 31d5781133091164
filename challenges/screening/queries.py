"""Reads of the screening: the queue, one challenge's rounds, its pace, the checklist and saved answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from challenges.contract.clauses import ClauseChange, differences
from challenges.contract.document import as_present
from challenges.models import Challenge
from challenges.policy import can_screen
from challenges.queries import people_with
from challenges.screening.models import (
    SavedAnswer,
    ScreeningCheck,
    ScreeningChecklist,
    ScreeningRemark,
    ScreeningRound,
)
from challenges.screening.workflow import ScreeningOutcome
from challenges.workflow import ChallengeState
from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.accounts.policy import can_administer
from crowd.accounts.units import queries as units
from crowd.audit import Actor
from crowd.canonical import Document
from crowd.db import db
from crowd.web.paging import Page, page
from crowd.web.tasks import MAX_TASKS, Task

WAITING = Challenge.state == ChallengeState.SCREENING
RUNNING = ScreeningRound.ended_at.is_(None)
LAST = 20  # screenings by which its pace is told
ENOUGH = 5  # of them, so that a median says something
SPONSOR = Organisation.id == Challenge.organisation_id


def queues(actor: Actor | None, asked: str = "", *, free: bool = False) -> units.Queues:
    """The queues of the person; `asked` is the one to show. With `free` they count what nobody has taken."""
    query = sa.select(Challenge.id).join(Organisation, SPONSOR).where(WAITING)
    if free:
        taken = sa.select(ScreeningRound.challenge_id).where(RUNNING, ScreeningRound.taken_by.is_not(None))
        query = query.where(Challenge.id.not_in(taken))
    return units.queues(actor, _unit(), query, Challenge.submitted_at, asked)


def _unit() -> units.UnitId:
    """The unit to which the screening belongs: that of the sponsor's region."""
    return units.unit_clause(Challenge, Challenge.id, Organisation.region_id)


def queue(found: units.Queues, *, after: str | None, size: int) -> Page[ScreeningRound]:
    """What waits in the queue that is shown, by when it is due."""
    query = sa.select(ScreeningRound).join(ScreeningRound.challenge).join(Organisation, SPONSOR)
    order = ((ScreeningRound.due_at, False), (ScreeningRound.id, False))
    return page(query.where(RUNNING, found.within), order, name="screening", after=after, size=size)


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


def count_waiting() -> int:
    """How many challenges wait for the screening."""
    return int(db.session.scalar(sa.select(sa.func.count()).where(WAITING)) or 0)


def waiting(actor: User) -> list[Task]:
    """What waits for the person's screening: what they have taken, by its date, and the queues of what nobody has."""
    if not actor.is_any(PlatformRole.SERVICE_CENTRE):
        return []
    mine = sa.select(ScreeningRound).where(RUNNING, ScreeningRound.taken_by == actor.id)
    taken = db.session.scalars(mine.order_by(ScreeningRound.due_at, ScreeningRound.id).limit(MAX_TASKS))
    own = [
        Task(
            one.challenge.title,
            url_for("challenges.screen", challenge_id=one.challenge_id),
            _("You screen this challenge"),
            one.due_at,
        )
        for one in taken
    ]
    return [*own, *queues(actor, free=True).tasks(_("Challenges to screen"), "challenges.screening")]


# ---- one challenge


def rounds_of(challenge: Challenge) -> Sequence[ScreeningRound]:
    """Its rounds, the newest first."""
    query = sa.select(ScreeningRound).where(ScreeningRound.challenge_id == challenge.id)
    return db.session.scalars(query.order_by(ScreeningRound.number.desc())).all()


def changes(before: ScreeningRound | None, after: Document | None) -> list[ClauseChange] | None:
    """What differs between a submission and a document, in words; None where there is nothing to compare."""
    if before is None or before.document is None or after is None:
        return None
    return differences(as_present(before.document), as_present(after))


def checks_of(one: ScreeningRound | None) -> dict[str, ScreeningCheck]:
    """The answers of a round, by the keys of the items."""
    if one is None:
        return {}
    query = sa.select(ScreeningCheck).where(ScreeningCheck.round_id == one.id)
    return {row.item: row for row in db.session.scalars(query)}


def remarks_of(challenge: Challenge, *, sent: bool = False) -> Sequence[ScreeningRemark]:
    """The remarks about a challenge; with `sent` those that the sponsor may read."""
    query = sa.select(ScreeningRemark).where(ScreeningRemark.challenge_id == challenge.id)
    if sent:
        query = query.where(ScreeningRemark.sent_at.is_not(None))
    return db.session.scalars(query.order_by(ScreeningRemark.id)).all()


def may_assign(actor: Actor | None, challenge: Challenge) -> bool:
    """Whether the person says who screens it: an administrator, who leads the unit where it waits, and, where it waits
    in none, who leads one.
    """
    if can_administer(actor):
        return True
    led = units.led_by(actor)
    here = work_on([challenge])[challenge.id].unit
    return can_screen(actor, challenge) and led is not None and (here is None or here.id == led)


def people_who_screen(challenge: Challenge) -> list[User]:
    """Everybody who may screen it, by name."""
    query = sa.select(User).where(User.active, User.roles.any(name=PlatformRole.SERVICE_CENTRE.value))
    found = db.session.scalars(query.order_by(User.name, User.id)).unique()
    return [person for person in found if can_screen(person, challenge)]


# ---- how long it takes


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the last screenings took: how many there were, and the time that half of them took at most."""

    count: int
    median: timedelta | None

    @property
    def known(self) -> bool:
        """Whether there were enough to say something."""
        return self.count >= ENOUGH and self.median is not None


def pace() -> Pace:
    """How long the screening takes at present: of the last ones that ended with an approval or a return."""
    took = sa.func.extract("epoch", ScreeningRound.ended_at - ScreeningRound.submitted_at).label("took")
    decided = ScreeningRound.outcome.in_((ScreeningOutcome.APPROVED, ScreeningOutcome.RETURNED))
    last = sa.select(took).where(decided).order_by(ScreeningRound.ended_at.desc()).limit(LAST).subquery()
    middle = sa.func.percentile_cont(0.5).within_group(last.c.took)
    count, seconds = db.session.execute(sa.select(sa.func.count(), middle).select_from(last)).one()
    return Pace(count, timedelta(seconds=float(seconds)) if seconds is not None else None)


# ---- the checklist, and saved answers


def checklists() -> Sequence[ScreeningChecklist]:
    """All versions, the newest first."""
    query = sa.select(ScreeningChecklist).options(joinedload(ScreeningChecklist.author))
    return db.session.scalars(query.order_by(ScreeningChecklist.id.desc())).all()


def checklist(number: int) -> ScreeningChecklist:
    """A version that there is."""
    return db.session.get_one(ScreeningChecklist, number)


def saved_answers(actor: User) -> Sequence[SavedAnswer]:
    """The person's own saved answers, and those that others share."""
    query = sa.select(SavedAnswer).where(sa.or_(SavedAnswer.user_id == actor.id, SavedAnswer.shared))
    return db.session.scalars(query.order_by(SavedAnswer.name, SavedAnswer.id)).all()
