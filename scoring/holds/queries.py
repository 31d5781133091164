"""Reads of holds."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from challenges.impartiality import is_party
from challenges.models import Challenge
from challenges.rounds import current_round
from challenges.workflow import ChallengeState
from crowd.accounts.models import PlatformRole, User
from crowd.db import db
from crowd.errors import NotFound
from crowd.ledger.models import OwnerType
from crowd.ledger.questions import HeldAward
from crowd.web.tasks import MAX_TASKS, Task
from scoring.models import Award, PaymentHold
from scoring.policy import can_clear
from scoring.workflow import AwardState
from submissions.models import Proposal, Share


def holds(challenge_id: int) -> Sequence[PaymentHold]:
    """The holds of a challenge's current round, open and released, the first before the others."""
    query = sa.select(PaymentHold).where(PaymentHold.round_id == current_round(challenge_id))
    return db.session.scalars(query.order_by(PaymentHold.id)).all()


def challenge_of(hold_id: int) -> int:
    """The challenge of a hold. Raises NotFound."""
    found = db.session.scalar(sa.select(PaymentHold.challenge_id).where(PaymentHold.id == hold_id))
    if found is None:
        raise NotFound
    return found


def is_held(challenge_id: int) -> bool:
    """Whether a hold of the current round is open; the caller has locked the challenge's row."""
    here = PaymentHold.round_id == current_round(challenge_id)
    query = sa.select(PaymentHold.id).where(here, PaymentHold.released_at.is_(None))
    return db.session.scalar(query.limit(1)) is not None


def held_awards(owner: str, owner_id: int) -> Sequence[HeldAward]:
    """The awards of which a person or an organisation gets a part, of challenges whose payment is held."""
    column = Share.user_id if owner == OwnerType.USER else Share.organisation_id
    whole = (
        sa.and_(Proposal.user_id == owner_id, Proposal.organisation_id.is_(None))
        if owner == OwnerType.USER
        else Proposal.organisation_id == owner_id
    )
    of_it = Share.proposal_id == Proposal.id
    part = sa.exists(sa.select(1).where(of_it, column == owner_id, Share.basis_points > 0))
    divided = sa.exists(sa.select(1).where(of_it))
    query = (
        sa.select(Challenge.id, Challenge.title, Challenge.language)
        .join(Award, Award.challenge_id == Challenge.id)
        .join(Proposal, Proposal.id == Award.proposal_id)
        .where(
            Challenge.state == ChallengeState.DECIDED, Challenge.payment_held_at.is_not(None),
            Award.state == AwardState.ANNOUNCED, sa.or_(part, sa.and_(whole, ~divided)),
        )
        .distinct()
        .order_by(Challenge.id)
        .limit(MAX_TASKS)
    )  # fmt: skip
    return [HeldAward(*row) for row in db.session.execute(query)]


def waiting(actor: User) -> list[Task]:
    """The payments that are held, for people of the council who may release them, the oldest first."""
    if not actor.is_any(PlatformRole.COUNCIL):
        return []
    held = (Challenge.state == ChallengeState.DECIDED, Challenge.payment_held_at.is_not(None))  # one has an index
    by_hand = sa.select(PaymentHold.id).where(
        PaymentHold.challenge_id == Challenge.id, PaymentHold.released_at.is_(None), PaymentHold.case_id.is_(None)
    )
    query = sa.select(Challenge).where(*held, by_hand.exists()).order_by(Challenge.payment_held_at)
    return [
        Task(
            _("Decide whether a held payment is released"),
            url_for("scoring.holds", challenge_id=row.id),
            row.title,
            challenge_id=row.id,
        )
        for row in db.session.scalars(query.limit(MAX_TASKS))
        if can_clear(actor, row) and not is_party(actor, row)
    ]
