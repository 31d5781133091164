"""Reads of invitations."""

import hashlib
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload, lazyload

from challenges.admission import is_holder
from challenges.invitations import policy
from challenges.invitations.models import ChallengeInvitation, InvitationRefusal
from challenges.invitations.tokens import path_of, public_id_in
from challenges.invitations.workflow import ADMITS, HELD, OUT, InvitationState
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import Membership, User
from crowd.audit import Actor
from crowd.config import limits
from crowd.db import db
from crowd.errors import NotFound, Sentence
from crowd.web.paging import Page, page
from crowd.web.tasks import MAX_TASKS, Task

DAY = timedelta(days=1)
NOT_VALID = _l("This invitation is not valid, or it was withdrawn.")
FOUND_BY_LINK = HELD | {InvitationState.DECLINED}
_ROWS = sa.select(ChallengeInvitation).options(
    joinedload(ChallengeInvitation.user).lazyload("*"), joinedload(ChallengeInvitation.organisation)
)


def digest(address: str) -> str:
    """By what a refused address is known."""
    return hashlib.sha256(address.encode()).hexdigest()


def list_page(challenge: Challenge, state: InvitationState | None, *, after: str | None) -> Page[ChallengeInvitation]:
    """A page of a challenge's invitations, the newest first; those in one state, where one is named."""
    query = _ROWS.options(lazyload(ChallengeInvitation.challenge)).where(
        ChallengeInvitation.challenge_id == challenge.id
    )
    if state is not None:
        query = query.where(ChallengeInvitation.state == state)
    name = f"invitations.{challenge.id}.{state}"
    return page(query, [(ChallengeInvitation.id, True)], name=name, after=after, size=limits().page_rows)


def counts(challenge: Challenge) -> dict[InvitationState, int]:
    """How many there are in each state that has some, in the order of the states."""
    query = sa.select(ChallengeInvitation.state, sa.func.count()).group_by(ChallengeInvitation.state)
    found = dict(db.session.execute(query.where(ChallengeInvitation.challenge_id == challenge.id)).tuples().all())
    return {state: found[state] for state in InvitationState if state in found}


def find_by_token(actor: Actor | None, token: str, *, lock: bool = False) -> ChallengeInvitation:
    """The invitation of a link, which has reached its reader and is not withdrawn. Raises NotFound, also for another
    person's: one that an account has opens to that account, and before its sign-in.
    """
    query = _ROWS.where(ChallengeInvitation.public_id == public_id_in(token))
    if lock:
        query = query.with_for_update(of=ChallengeInvitation).execution_options(populate_existing=True)
    row = db.session.scalar(query)
    if row is None or row.state not in FOUND_BY_LINK or row.was_forgotten:
        raise NotFound(NOT_VALID)
    if row.organisation_id is not None and actor is not None and not policy.is_holder(actor, row):
        raise NotFound(NOT_VALID)
    return row


def get_one(challenge: Challenge, public_id: str) -> ChallengeInvitation:
    """An invitation of the challenge, under its lock. Raises NotFound."""
    query = _ROWS.where(ChallengeInvitation.challenge_id == challenge.id, ChallengeInvitation.public_id == public_id)
    query = query.with_for_update(of=ChallengeInvitation).execution_options(populate_existing=True)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound
    return found


def known(challenge: Challenge, addresses: Iterable[str], organisations: Iterable[int]) -> list[ChallengeInvitation]:
    """The invitations that these addresses and organisations have had to a challenge."""
    to = sa.or_(
        ChallengeInvitation.address.in_(list(addresses)), ChallengeInvitation.organisation_id.in_(list(organisations))
    )
    query = sa.select(ChallengeInvitation).where(ChallengeInvitation.challenge_id == challenge.id, to)
    return list(db.session.scalars(query))


def refused_among(addresses: Iterable[str]) -> set[str]:
    """Those of these addresses that want no invitations."""
    by_digest = {digest(one): one for one in addresses}
    query = sa.select(InvitationRefusal.digest).where(InvitationRefusal.digest.in_(by_digest))
    return {by_digest[one] for one in db.session.scalars(query)} if by_digest else set()


def sponsors_among(challenge: Challenge, addresses: Iterable[str]) -> set[str]:
    """Those of these addresses whose accounts belong to the sponsor, or to the firm for which a park posts."""
    theirs = [one.id for one in challenge.sponsors]
    query = sa.select(User.email).join(Membership, Membership.user_id == User.id)
    return set(db.session.scalars(query.where(Membership.organisation_id.in_(theirs), User.email.in_(list(addresses)))))


def count_of(challenge: Challenge) -> int:
    """How many invitations a challenge has had."""
    query = sa.select(sa.func.count()).where(ChallengeInvitation.challenge_id == challenge.id)
    return db.session.scalar(query) or 0


def count_today(organisation_id: int) -> int:
    """How many invitations an organisation has prepared within a day."""
    query = (
        sa.select(sa.func.count())
        .select_from(ChallengeInvitation)
        .join(Challenge, Challenge.id == ChallengeInvitation.challenge_id)
        .where(Challenge.organisation_id == organisation_id, ChallengeInvitation.prepared_at > clock.now() - DAY)
    )
    return db.session.scalar(query) or 0


def count_mails_today(address: str) -> int:
    """To how many challenges an address was mailed an invitation within a day."""
    query = sa.select(sa.func.count()).where(
        ChallengeInvitation.address == address, ChallengeInvitation.last_mail_at > clock.now() - DAY
    )
    return db.session.scalar(query) or 0


# ---- the person's own


def _of_person(actor: User, states: Iterable[InvitationState]) -> sa.Select[ChallengeInvitation]:
    mine = is_holder(actor.id), ChallengeInvitation.state.in_(sorted(states))
    return _ROWS.options(joinedload(ChallengeInvitation.challenge)).where(*mine)


def mine(actor: User, *, after: str | None) -> Page[ChallengeInvitation]:
    """What the person is invited to, the newest first; without what was withdrawn."""
    query = _of_person(actor, FOUND_BY_LINK)
    order = [(ChallengeInvitation.id, True)]
    return page(query, order, name="invitations.mine", after=after, size=limits().page_rows)


def waiting(actor: User) -> list[Task]:
    """Invitations to open challenges that the person has not answered."""
    query = _of_person(actor, OUT).join(Challenge, Challenge.id == ChallengeInvitation.challenge_id)
    still = query.where(Challenge.state == ChallengeState.OPEN, Challenge.closes_at > clock.now())
    return [
        Task(
            _("Answer an invitation"),
            path_of(row),
            row.challenge.title,
            row.challenge.closes_at,
            challenge_id=row.challenge_id,
        )
        for row in db.session.scalars(still.order_by(Challenge.closes_at).limit(MAX_TASKS)).unique()
    ]


def why_uninvited(actor: User, challenge: Challenge, organisation_id: int | None) -> Sentence:
    """Why the person may not register for a challenge, alone or for this organisation, because it is for invited people
    only; empty where they may. What is a person's own covers both; an organisation's covers what it answers itself.
    """
    if not challenge.by_invitation:
        return ""
    query = sa.select(ChallengeInvitation.organisation_id).where(
        ChallengeInvitation.challenge_id == challenge.id,
        ChallengeInvitation.state.in_(sorted(ADMITS)),
        is_holder(actor.id),
    )
    held = list(db.session.scalars(query))
    if None in held or (organisation_id is not None and organisation_id in held):
        return ""
    if held:
        return _l("Your organisation is invited, not you yourself: register for the organisation.")
    return _l("This challenge is for invited people only, and you are not invited.")
