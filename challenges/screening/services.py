"""Writes of the screening: who screens, the answers to the checklist, remarks, saved answers, the checklist itself.

What acts on a challenge takes it: `rounds.hold` says who has it. All of it is under the challenge's lock.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from challenges import brief, notifications
from challenges.models import Challenge
from challenges.policy import can_edit, can_screen
from challenges.queries import access
from challenges.screening import queries, rounds
from challenges.screening.models import (
    ChecklistItem,
    SavedAnswer,
    ScreeningCheck,
    ScreeningChecklist,
    ScreeningRemark,
    ScreeningRound,
)
from challenges.screening.workflow import CheckAnswer
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.policy import can_administer
from crowd.accounts.units import services as units
from crowd.audit import Actor, record
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.reasons import written
from crowd.values import person

NOT_WAITING = _("The challenge is not in screening any more.")

# ---- who screens


@atomic
def claim(actor: User, challenge_id: int, *, holder: int | None) -> ScreeningRound:
    """Take the screening, also over from another person: `holder` is who had it when the actor decided.

    Raises NotFound, Forbidden, Conflict where it does not wait, or where somebody else has taken it meanwhile.
    """
    challenge, one, now = _running(actor, challenge_id)
    if one.taken_by not in (holder, actor.id):
        raise Conflict(_("Somebody else has taken this screening meanwhile. Look at the page again."))
    if one.taken_by == actor.id:
        return one
    before, one.taken_by, one.taken_at = one.holder, actor.id, now
    challenge.changed_at = now
    db.session.flush()
    db.session.refresh(one, ["holder"])
    record(actor, "screening.taken", challenge, taken_from=person(before) if before else "")
    if before is not None:
        notifications.screening_taken_over(actor, challenge, before.id)
    return one


@atomic
def release(actor: User, challenge_id: int) -> ScreeningRound:
    """Release what the actor has taken: others see that nobody screens it. Raises Conflict where they have not."""
    challenge, one, _now = _running(actor, challenge_id)
    if one.taken_by != actor.id:
        raise Conflict(_("You have not taken this screening."))
    one.taken_by = one.taken_at = None
    record(actor, "screening.released", challenge)
    return one


@atomic
def assign(actor: User, challenge_id: int, *, user_id: int) -> ScreeningRound:
    """Say who screens a challenge; they are notified. Raises NotFound, Forbidden, Conflict where it does not wait,
    Invalid for a person who may not screen it.
    """
    challenge = access(actor, challenge_id, lock=True)
    if not queries.may_assign(actor, challenge):
        raise Forbidden
    one, now = _waiting(challenge), clock.db_now()
    chosen = db.session.get(User, user_id)
    if chosen is None or not chosen.active or not can_screen(chosen, challenge):
        raise Invalid.at("user_id", _("Choose a person of the service centre who may screen this challenge."))
    one.taken_by, one.taken_at = chosen.id, now
    challenge.changed_at = now
    record(actor, "screening.assigned", challenge, assigned_to=person(chosen))
    notifications.screening_assigned(actor, challenge, chosen.id)
    return one


def _running(actor: User, challenge_id: int) -> tuple[Challenge, ScreeningRound, datetime]:
    """A challenge that the actor may screen, under its lock, and its round."""
    challenge = access(actor, challenge_id, to=can_screen, lock=True)
    return challenge, _waiting(challenge), clock.db_now()


def _waiting(challenge: Challenge) -> ScreeningRound:
    one = rounds.current(challenge)
    if one is None:
        raise Conflict(NOT_WAITING)
    return one


def _held(actor: User, challenge_id: int) -> tuple[Challenge, ScreeningRound, datetime]:
    """The same, taken by the actor."""
    challenge, one, now = _running(actor, challenge_id)
    rounds.hold(actor, challenge, now)
    return challenge, one, now


@atomic
def hand_over(actor: User, challenge_id: int, *, unit_id: int | None, note: str) -> Challenge:
    """Hand the screening over to a unit, or back to the service centre (None); those who take over are notified.

    Raises NotFound, Forbidden, Conflict where the challenge is not in screening, Invalid for a unit without staff, and
    without a note.
    """
    return _handed(actor, access(actor, challenge_id, to=can_screen, lock=True), unit_id, note)


@atomic
def hand_over_for_unit(actor: User, challenge_id: int, *, unit_id: int | None, note: str) -> Challenge:
    """The same for an administrator, who closes a unit."""
    challenge = access(actor, challenge_id, lock=True)
    if not can_administer(actor):
        raise Forbidden
    return _handed(actor, challenge, unit_id, note)


def _handed(actor: User, challenge: Challenge, unit_id: int | None, note: str) -> Challenge:
    if challenge.state != ChallengeState.SCREENING:
        raise Conflict(NOT_WAITING)
    units.hand_over(actor, "screening.handed_over", challenge, unit_id=unit_id, note=note)
    one = rounds.current(challenge)
    if one is not None:
        one.taken_by = one.taken_at = None  # those who take over have not taken it
    challenge.changed_at = clock.db_now()
    notifications.screening_handed_over(actor, challenge, note.strip())
    return challenge


# ---- the checklist of a round


@atomic
def check(actor: User, challenge_id: int, *, answers: Mapping[str, tuple[CheckAnswer, str]]) -> ScreeningRound:
    """Answer items of the checklist: (answer, note) by the items' keys; items that are left out stay as they are.

    Raises NotFound, Forbidden, Conflict, Invalid for an item that the round's checklist has not.
    """
    challenge, one, now = _held(actor, challenge_id)
    known = {item.key for item in queries.checklist(one.checklist).items}
    if not answers.keys() <= known:
        raise Invalid(_("The checklist has no such item."))
    present = queries.checks_of(one)
    changed = 0
    for key, (answer, note) in answers.items():
        row = present.get(key) or ScreeningCheck(round_id=one.id, item=key)
        if (row.answer, row.note) == (answer, note):
            continue
        row.answer, row.note, row.checked_by, row.checked_at = answer, note, actor.id, now
        db.session.add(row)
        changed += 1
    if changed:
        record(actor, "screening.checked", challenge, answers=changed)
    return one


# ---- remarks


@atomic
def remark(actor: User, challenge_id: int, *, field: str, text: str) -> ScreeningRemark:
    """Pin a remark to a field; the sponsor reads it once the challenge is returned.

    Raises NotFound, Forbidden, Conflict, Invalid.
    """
    challenge, one, now = _held(actor, challenge_id)
    if field not in brief.FIELDS:
        raise Invalid.at("field", _("Choose a field of the challenge."))
    words = written(text, "text")
    pinned = sa.select(sa.func.count()).where(ScreeningRemark.round_id == one.id)
    most = limits().screening_remarks
    if (db.session.scalar(pinned) or 0) >= most:
        raise Conflict(_("There may be at most %(number)s remarks in one round.", number=most))
    row = ScreeningRemark(
        challenge_id=challenge.id, round_id=one.id, field=field, text=words, written_by=actor.id, written_at=now
    )
    db.session.add(row)
    return row


@atomic
def delete_remark(actor: User, challenge_id: int, remark_id: int) -> None:
    """Delete a remark that the sponsor has not read. Raises NotFound, Forbidden, Conflict."""
    _challenge, one, _now = _held(actor, challenge_id)
    row = _remark(challenge_id, remark_id)
    if row.sent_at is not None:
        raise Conflict(_("The sponsor has read this remark already."))
    assert row.round_id == one.id
    db.session.delete(row)


@atomic
def reopen_remark(actor: User, challenge_id: int, remark_id: int) -> ScreeningRemark:
    """Say that a remark is not resolved: the sponsor has to, once the challenge is returned.

    Raises NotFound, Forbidden, Conflict.
    """
    _challenge, one, _now = _held(actor, challenge_id)
    row = _remark(challenge_id, remark_id)
    if row.resolved_at is None:
        raise Conflict(_("This remark is not resolved."))
    row.sent_at = row.resolved_at = row.resolved_by = None
    row.round_id = one.id
    return row


def _remark(challenge_id: int, remark_id: int) -> ScreeningRemark:
    row = db.session.get(ScreeningRemark, remark_id)
    if row is None or row.challenge_id != challenge_id:
        raise NotFound
    return row


@atomic
def resolve(actor: Actor, challenge_id: int, *, shown: Collection[int], resolved: Collection[int]) -> None:
    """The sponsor's state of the remarks that a page has shown: those that are `resolved`, and those that are not.

    Raises NotFound, Forbidden, Conflict where the challenge is not a draft.
    """
    challenge = access(actor, challenge_id, to=can_edit, lock=True)
    if not challenge.is_draft:
        raise Conflict(_("Only a draft can be changed. Nothing was saved."))
    now = clock.db_now()
    for row in queries.remarks_of(challenge, sent=True):
        if row.id in shown and (row.id in resolved) != (row.resolved_at is not None):
            done = row.id in resolved
            row.resolved_at, row.resolved_by = (now, actor.id) if done else (None, None)
            record(actor, "screening.remark_resolved" if done else "screening.remark_reopened", challenge)


# ---- saved answers


@atomic
def save_answer(actor: User, *, heading: str, text: str, shared: bool) -> SavedAnswer:
    """Keep words to use again. Raises Forbidden, Conflict where there are too many, Invalid."""
    if not actor.is_any(PlatformRole.SERVICE_CENTRE):
        raise Forbidden
    own = sa.select(sa.func.count()).where(SavedAnswer.user_id == actor.id)
    most = limits().saved_answers
    if (db.session.scalar(own) or 0) >= most:
        raise Conflict(_("You may save at most %(number)s answers.", number=most))
    row = SavedAnswer(user_id=actor.id, name=written(heading, "heading"), text=written(text, "text"), shared=shared)
    db.session.add(row)
    return row


@atomic
def delete_answer(actor: User, answer_id: int) -> None:
    """Delete one's saved answer. Raises NotFound."""
    row = db.session.get(SavedAnswer, answer_id)
    if row is None or row.user_id != actor.id:
        raise NotFound
    db.session.delete(row)


# ---- the checklist


@atomic
def write_checklist(actor: User, *, items: Sequence[ChecklistItem], note: str, after: int) -> ScreeningChecklist:
    """A new version of the checklist, which rounds follow that begin from now on; an item without a key is new.

    `after` is the newest version that the person saw. Raises Forbidden, Conflict where there is a newer one, Invalid.
    """
    if not can_administer(actor):
        raise Forbidden
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("screening_checklist"))))
    newest = queries.checklists()[0]
    if newest.id != after:
        raise Conflict(_("Somebody else has changed the checklist since you opened it. Nothing was overwritten."))
    if not items:
        raise Invalid(_("The checklist needs at least one item."))
    known = {item.key for item in newest.items}
    keyed = [item if item.key in known else replace(item, key=secrets.token_hex(4)) for item in items]
    if keyed == newest.items:
        raise Invalid(_("Nothing has changed."))
    row = ScreeningChecklist(
        id=after + 1, stored=[asdict(item) for item in keyed], note=written(note, "note"), written_by=actor.id
    )
    db.session.add(row)
    db.session.flush()
    record(actor, "screening.checklist_written", row, reason=row.note)
    return row
