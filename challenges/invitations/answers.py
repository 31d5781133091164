"""What is done by those who are invited: see, accept, decline and refuse invitations, and register with one."""

from collections.abc import Iterable
from typing import cast

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import insert

from challenges.admission import is_holder
from challenges.invitations import notifications, policy, queries
from challenges.invitations.models import ChallengeInvitation, InvitationRefusal
from challenges.invitations.services import move
from challenges.invitations.workflow import OUT, InvitationState
from challenges.models import Challenge
from crowd import clock
from crowd.accounts.models import User
from crowd.audit import SYSTEM, Actor, record
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Forbidden, Invalid

NOT_YOURS = _("This invitation is another account's, or you belong to the organisation that invites.")


@atomic
def see(actor: Actor | None, token: str) -> ChallengeInvitation:
    """Somebody opens an invitation. Raises NotFound."""
    row = queries.find_by_token(actor, token)
    if row.state == InvitationState.SENT:
        row = queries.find_by_token(actor, token, lock=True)
        row.seen_at = clock.db_now()
        move(row, "see")
        record(SYSTEM, "challenge_invitation.seen", row)
    return row


@atomic
def accept(actor: User, token: str) -> ChallengeInvitation:
    """Bind an invitation to the account of who has its link; from then on it is nobody else's.

    Raises NotFound, Forbidden where another account has it or the person is the sponsor's, Conflict after the close.
    """
    row = queries.find_by_token(actor, token, lock=True)
    if not policy.can_accept(actor, row):
        raise Forbidden(NOT_YOURS)
    now = clock.db_now()
    if row.state != InvitationState.REGISTERED:
        move(row, "accept")
    row.user_id, row.accepted_at, row.seen_at = actor.id, row.accepted_at or now, row.seen_at or now
    row.declined_at, row.reason = None, ""
    record(actor, "challenge_invitation.accepted", row)
    if row.address != actor.email:
        notifications.taken(row, actor)
    return row


@atomic
def decline(actor: Actor | None, token: str, *, reason: str = "") -> ChallengeInvitation:
    """Decline an invitation, also without an account; the reason goes to the sponsor. Raises NotFound, Forbidden,
    Conflict where it was answered.
    """
    row = queries.find_by_token(actor, token, lock=True)
    _check_answers(actor, row)
    if len(reason) > (most := limits().max_reason_length):
        raise Invalid.at("reason", _("This may have at most %(most)s characters.", most=most))
    now = clock.db_now()
    move(row, "decline")
    row.declined_at, row.reason, row.seen_at = now, reason.strip(), row.seen_at or now
    record(actor or SYSTEM, "challenge_invitation.declined", row)
    notifications.declined(row)
    return row


@atomic
def refuse(actor: Actor | None, token: str) -> ChallengeInvitation:
    """No more invitations to the address of this one, whoever sends them. Raises NotFound, Forbidden."""
    row = queries.find_by_token(actor, token)
    _check_answers(actor, row)
    if row.address is not None:
        table = cast(sa.Table, InvitationRefusal.__table__)
        statement = insert(table).values(digest=queries.digest(row.address)).on_conflict_do_nothing()
        if db.session.scalar(statement.returning(InvitationRefusal.digest)) is not None:
            record(SYSTEM, "challenge_invitation.refused", row)
    return row


def _check_answers(actor: Actor | None, row: ChallengeInvitation) -> None:
    if not policy.can_answer(actor, row):
        raise Forbidden(NOT_YOURS)


@atomic
def register(actor: User, challenge: Challenge, organisation_id: int | None) -> None:
    """The person registers, alone or for an organisation: their invitations say so. Part of the registration.

    Raises Invalid where they are not invited, and must be.
    """
    if reason := queries.why_uninvited(actor, challenge, organisation_id):
        raise Invalid(reason)
    now = clock.db_now()
    for row in _held(actor.id, challenge.id, organisation_id, OUT):
        move(row, "register")
        row.seen_at = row.seen_at or now
        if row.organisation_id is None:
            row.user_id = actor.id


@atomic
def unregister(user_id: int, challenge_id: int, organisation_id: int | None) -> None:
    """The person withdraws their registration: they are invited as before."""
    for row in _held(user_id, challenge_id, organisation_id, [InvitationState.REGISTERED]):
        move(row, "unregister")


def _held(
    user_id: int, challenge_id: int, organisation_id: int | None, states: Iterable[InvitationState]
) -> list[ChallengeInvitation]:
    """The person's invitations to a challenge, and the one of the organisation for which they register."""
    query = sa.select(ChallengeInvitation).where(
        ChallengeInvitation.challenge_id == challenge_id,
        ChallengeInvitation.state.in_(sorted(states)),
        is_holder(user_id),
        sa.or_(ChallengeInvitation.organisation_id.is_(None), ChallengeInvitation.organisation_id == organisation_id),
    )
    return list(db.session.scalars(query.with_for_update(of=ChallengeInvitation)))
