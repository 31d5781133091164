"""Rounds of the screening as the challenge's state changes: begun by a submission, ended by what takes it out.

Without a commit of their own: the operations of the lifecycle call them under the challenge's lock.
"""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from challenges.brief import Problem
from challenges.contract.draft import draft_document
from challenges.models import Challenge
from challenges.screening.models import ScreeningCheck, ScreeningChecklist, ScreeningRemark, ScreeningRound
from challenges.screening.workflow import OUTCOMES, PASSED
from crowd import working_days
from crowd.accounts.models import User
from crowd.audit import Actor
from crowd.canonical import canonical, read
from crowd.config import holidays, limits, zone
from crowd.db import db
from crowd.errors import Conflict, Sentence


def current(challenge: Challenge) -> ScreeningRound | None:
    """The round that has not ended."""
    query = sa.select(ScreeningRound).where(
        ScreeningRound.challenge_id == challenge.id, ScreeningRound.ended_at.is_(None)
    )
    return db.session.scalars(query).one_or_none()


def begin(actor: Actor, challenge: Challenge, now: datetime) -> ScreeningRound:
    """The challenge was submitted: what it is now is kept, and somebody has to look at it by a date."""
    last = sa.select(sa.func.max(ScreeningRound.number)).where(ScreeningRound.challenge_id == challenge.id)
    newest = sa.select(sa.func.max(ScreeningChecklist.id))
    row = ScreeningRound(
        challenge_id=challenge.id,
        number=(db.session.scalar(last) or 0) + 1,
        document=read(canonical(draft_document(challenge))),
        checklist=db.session.scalar(newest),
        submitted_by=actor.id,
        submitted_at=now,
        due_at=working_days.after(now, limits().screening_days, holidays(), zone()),
    )
    db.session.add(row)
    return row


def finish(challenge: Challenge, operation: str, now: datetime) -> None:
    """The challenge leaves the screening by an operation; a return sends its remarks."""
    row = current(challenge)
    if row is None:
        return
    row.ended_at, row.outcome = now, OUTCOMES[operation]
    if operation == "return":
        unsent = sa.update(ScreeningRemark).where(ScreeningRemark.round_id == row.id, ScreeningRemark.sent_at.is_(None))
        db.session.execute(unsent.values(sent_at=now))


def hold(actor: Actor, challenge: Challenge, now: datetime) -> ScreeningRound | None:
    """The round of whoever acts on it: who acts first takes it. Raises Conflict where another person has it."""
    row = current(challenge)
    if row is None or not isinstance(actor, User):
        return row
    if row.taken_by is None:
        row.taken_by, row.taken_at = actor.id, now
    elif row.taken_by != actor.id:
        name = row.holder.name if row.holder else ""
        raise Conflict(_("%(person)s screens this challenge. Take it over first; nothing was done.", person=name))
    return row


def check_approvable(row: ScreeningRound | None) -> None:
    """Raises Conflict where an approval lacks something."""
    if lacking := lacks(row, missing_items(row)):
        raise Conflict(lacking)


def lacks(row: ScreeningRound | None, missing: Collection[str]) -> Sentence:
    """What an approval lacks: the `missing_items` of the checklist, or a decision about remarks that the sponsor has
    not read; empty where it lacks nothing.
    """
    if row is None:
        return ""
    unsent = sa.select(ScreeningRemark.id).where(ScreeningRemark.round_id == row.id, ScreeningRemark.sent_at.is_(None))
    if db.session.scalar(sa.select(unsent.exists())):
        return _("There are remarks that the sponsor has not read. Return the challenge, or delete them.")
    number = len(missing)
    return _("Answers that the checklist still needs for an approval: %(number)s.", number=number) if number else ""


def missing_items(row: ScreeningRound | None) -> frozenset[str]:
    """The keys of the items that an approval needs and that have no answer with which it may be approved."""
    if row is None:
        return frozenset()
    passed = sa.select(ScreeningCheck.item).where(ScreeningCheck.round_id == row.id, ScreeningCheck.answer.in_(PASSED))
    done = set(db.session.scalars(passed))
    items = db.session.get_one(ScreeningChecklist, row.checklist).items
    return frozenset(item.key for item in items if item.required and item.key not in done)


def open_remarks(challenge: Challenge) -> list[Problem]:
    """The remarks that the sponsor has not resolved, by their fields: a submission needs all of them resolved."""
    query = sa.select(ScreeningRemark.field, ScreeningRemark.text).where(
        ScreeningRemark.challenge_id == challenge.id,
        ScreeningRemark.sent_at.is_not(None),
        ScreeningRemark.resolved_at.is_(None),
    )
    return [
        (field, _("Remark of the screening: %(text)s", text=text))
        for field, text in db.session.execute(query.order_by(ScreeningRemark.id))
    ]
