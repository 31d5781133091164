"""Reads of settlements: who gets what part, and what is due."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from challenges.models import Challenge
from challenges.workflow import State
from crowd.db import db
from crowd.ledger.models import Owner
from submissions import queries as submissions
from submissions.models import Proposal, Share


def beneficiaries(proposal_ids: Sequence[int]) -> dict[int, tuple[tuple[str, int, int], ...]]:
    """Who gets what part of each proposal's award: (owner type, owner id, weight). Only agreed shares count."""
    found: dict[int, tuple[tuple[str, int, int], ...]] = {}
    agreed = sa.select(Share.proposal_id, Share.user_id, Share.points).where(
        Share.proposal_id.in_(proposal_ids), Share.agreed_at.is_not(None)
    )
    for proposal_id, user_id, points in db.session.execute(agreed.order_by(Share.id)):
        found[proposal_id] = (*found.get(proposal_id, ()), (Owner.USER.value, user_id, points))
    rest = sa.select(Proposal.id, Proposal.user_id, Proposal.organisation_id).where(Proposal.id.in_(proposal_ids))
    for proposal_id, user_id, organisation_id in db.session.execute(rest):
        alone = (Owner.USER.value, user_id) if organisation_id is None else (Owner.ORGANISATION.value, organisation_id)
        found.setdefault(proposal_id, ((*alone, submissions.WHOLE),))
    return found


def due_to_settle(now: datetime, limit: int) -> list[Any]:
    """Decided challenges whose appeal window has passed: rows (id, appeals_until), the most overdue first."""
    query = sa.select(Challenge.id, Challenge.appeals_until).where(
        Challenge.state == State.DECIDED, Challenge.appeals_until <= now
    )
    return list(db.session.execute(query.order_by(Challenge.appeals_until).limit(limit)))
