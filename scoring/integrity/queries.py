"""Reads of cases about integrity: what is pending in a challenge, and who may judge in it no more."""

from collections.abc import Sequence

import sqlalchemy as sa

from crowd.background import is_unfinished
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState
from crowd.db import db
from scoring.models import Assignment

OF_PROPOSAL, OF_REVIEWER = "proposal_integrity", "reviewer_integrity"
KINDS = (OF_PROPOSAL, OF_REVIEWER)
CARRY_OUT = "integrity.carry_out"


def pending_in(challenge_id: int) -> Sequence[int]:
    """The ids of the cases that are pending about proposals and reviewers of a challenge."""
    query = sa.select(Case.id).where(
        Case.challenge_id == challenge_id, Case.kind.in_(KINDS), Case.state == CaseState.PENDING
    )
    return db.session.scalars(query.order_by(Case.id)).all()


def is_being_carried_out(challenge_id: int) -> bool:
    """Whether a case of a challenge has ended, and what follows is still to be done."""
    return is_unfinished(CARRY_OUT, challenge_id)


def barred(challenge_id: int) -> frozenset[int]:
    """The people who review in a challenge no more: a case about them was upheld."""
    query = sa.select(Assignment.reviewer_id).join(Case, Case.subject_id == Assignment.id)
    query = query.where(
        Assignment.challenge_id == challenge_id, Case.kind == OF_REVIEWER, Case.state == CaseState.GRANTED
    )
    return frozenset(db.session.scalars(query))
