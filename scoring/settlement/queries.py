"""Reads of settlements: what is due, and what waits for the council."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from challenges.impartiality import is_party
from challenges.models import Challenge, Prize
from challenges.workflow import ChallengeState
from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.db import db
from crowd.errors import NotFound
from crowd.web.tasks import MAX_TASKS, Task
from scoring.models import Award
from scoring.policy import can_clear
from scoring.workflow import AwardState
from submissions import parties
from submissions.models import Proposal, Share
from submissions.shares.split import beneficiaries


def held(challenge_id: int) -> list[Award]:
    """The announced awards that wait for the council's clearance: an insider of the challenge is
    a party of the proposal, and was not when it was chosen.
    """
    query = sa.select(Award).where(
        Award.challenge_id == challenge_id, Award.state == AwardState.ANNOUNCED, Award.cleared_at.is_(None)
    )
    rows = list(db.session.scalars(query.order_by(Award.id)))
    conflicted = parties.conflicted(row.proposal_id for row in rows)
    return [row for row in rows if row.proposal_id in conflicted]


def waits_for_council(award: Award) -> bool:
    """Whether the award waits for the council's clearance: `held` for one of them."""
    return award.cleared_at is None and bool(parties.conflicted([award.proposal_id]))


def unverified(challenge_id: int) -> dict[int, list[Organisation]]:
    """The announced awards that wait, by id, with the organisations that get them and are not verified."""
    query = sa.select(Award).where(Award.challenge_id == challenge_id, Award.state == AwardState.ANNOUNCED)
    found = {row.id: not_verified(row) for row in db.session.scalars(query.order_by(Award.id))}
    return {award_id: organisations for award_id, organisations in found.items() if organisations}


def not_verified(award: Award) -> list[Organisation]:
    """The organisations that get a part of an award, and are not verified now."""
    parties = [one.party for one in beneficiaries(award.proposal)]
    return [party for party in parties if isinstance(party, Organisation) and party.verified_at is None]


def waiting_for(organisation_id: int) -> Sequence[sa.Row[int, datetime | None]]:
    """The decided challenges with an award to an organisation that is not paid: rows (id, appeals_until)."""
    shared = sa.exists().where(Share.proposal_id == Proposal.id, Share.organisation_id == organisation_id)
    query = sa.select(Challenge.id, Challenge.appeals_until).join(Award, Award.challenge_id == Challenge.id)
    query = query.join(Proposal, Proposal.id == Award.proposal_id).where(
        Challenge.state == ChallengeState.DECIDED,
        Award.state == AwardState.ANNOUNCED,
        sa.or_(Proposal.organisation_id == organisation_id, shared),
    )
    return db.session.execute(query.distinct().order_by(Challenge.id)).all()


def open_awards(challenge_id: int) -> Sequence[int]:
    """The ids of a challenge's published awards that are not paid, of whatever round, in the order of prizes and
    positions: what is left in escrow is returned only where there is none.
    """
    query = sa.select(Award.id).join(Prize, Prize.id == Award.prize_id)
    query = query.where(Award.challenge_id == challenge_id, Award.state == AwardState.ANNOUNCED)
    return db.session.scalars(query.order_by(Prize.position, Award.position, Award.id)).all()


def waiting(actor: User) -> list[Task]:
    """The awards that wait for the council, for its members who may clear them."""
    if not actor.is_any(PlatformRole.COUNCIL):
        return []
    query = sa.select(Challenge).where(Challenge.held_at.is_not(None)).order_by(Challenge.held_at)
    return [
        Task(
            _("Review an award that awaits the council"),
            url_for("scoring.results", challenge_id=row.id),
            row.title,
            challenge_id=row.id,
        )
        for row in db.session.scalars(query.limit(MAX_TASKS))
        if can_clear(actor, row) and not is_party(actor, row)
    ]


def challenge_of(award_id: int) -> int:
    """The challenge of an award. Raises NotFound."""
    found = db.session.scalar(sa.select(Award.challenge_id).where(Award.id == award_id))
    if found is None:
        raise NotFound
    return found


def due_to_settle(before: datetime, limit: int) -> Sequence[Challenge]:
    """Decided challenges whose appeal window ended by then and whose payment is not held, the most overdue first."""
    query = sa.select(Challenge).where(
        Challenge.state == ChallengeState.DECIDED,
        Challenge.appeals_until <= before,
        Challenge.payment_held_at.is_(None),
    )
    return db.session.scalars(query.order_by(Challenge.appeals_until).limit(limit)).all()
