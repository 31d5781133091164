"""Reads of appeals: who reviewed what an appeal is about, what is pending, which decisions were opened again."""

from collections.abc import Sequence

import sqlalchemy as sa

from challenges.models import Challenge
from challenges.rounds import current_round
from crowd.accounts.models import User
from crowd.cases.models import Case, CaseStep
from crowd.cases.queries import WHOLE
from crowd.cases.workflow import CaseState
from crowd.db import db
from crowd.procedure import StepAct
from scoring import candidates
from scoring.models import Assignment, Award, PaymentHold, ReopenedResult
from scoring.workflow import AssignmentState, AwardState

KIND = "appeal"
UPHELD = (CaseState.GRANTED, CaseState.PARTLY_GRANTED)


def reviewers(challenge: Challenge, proposal_id: int) -> tuple[int, ...]:
    """Who has reviewed a proposal in the current round, without those who have a conflict of interest by now."""
    gone = candidates.conflicts_on_panel(challenge, proposal_id=proposal_id)
    query = sa.select(Assignment.reviewer_id).join(User, User.id == Assignment.reviewer_id)
    query = query.where(
        Assignment.proposal_id == proposal_id, Assignment.round_id == current_round(challenge.id),
        Assignment.state == AssignmentState.DONE, User.active,
    )  # fmt: skip
    found = db.session.scalars(query.order_by(Assignment.id))
    return tuple(one for one in found if (one, proposal_id) not in gone)


def is_paid(challenge_id: int) -> bool:
    """Whether an award of the challenge's current round is paid."""
    here = Award.round_id == current_round(challenge_id)
    query = sa.select(Award.id).where(here, Award.state == AwardState.POSTED)
    return db.session.scalar(query.limit(1)) is not None


_VOTE_BEGAN = sa.exists(
    sa.select(1).where(CaseStep.case_id == Case.id, CaseStep.act == StepAct.VOTE, CaseStep.opened_at.is_not(None))
)


def against(challenge_id: int, proposal_id: int) -> Case | None:
    """The appeal for a proposal against the present decision that is pending or decided, or that was withdrawn once its
    vote had begun: one for each decision.
    """
    reopened = sa.select(ReopenedResult.case_id).where(ReopenedResult.case_id == Case.id)
    query = (
        sa.select(Case)
        .join(PaymentHold, PaymentHold.case_id == Case.id)
        .join(Challenge, Challenge.id == PaymentHold.challenge_id)
        .where(
            PaymentHold.round_id == current_round(challenge_id), Case.kind == KIND, Case.subject_id == proposal_id,
            sa.or_(Case.state != CaseState.WITHDRAWN, _VOTE_BEGAN), Case.filed_at >= Challenge.decided_at,
            ~reopened.exists(),
        )
    )  # fmt: skip
    return db.session.scalars(query.order_by(Case.id.desc()).limit(1)).one_or_none()


def newest_for(proposal_id: int) -> Case | None:
    """The newest appeal for a proposal, pending or not."""
    query = sa.select(Case).where(Case.kind == KIND, Case.subject_id == proposal_id).options(*WHOLE)
    return db.session.scalars(query.order_by(Case.id.desc()).limit(1)).one_or_none()


def reopening(version_id: int) -> Sequence[Case]:
    """The cases for which a version of the result no longer counts."""
    query = sa.select(Case).join(ReopenedResult, ReopenedResult.case_id == Case.id)
    return db.session.scalars(query.where(ReopenedResult.result_version_id == version_id).options(*WHOLE)).all()


def find_hold(case_id: int) -> PaymentHold | None:
    """The hold of a case, also one that has ended; None where it has held nothing."""
    return db.session.scalar(sa.select(PaymentHold).where(PaymentHold.case_id == case_id))


def hold_of(case_id: int) -> PaymentHold:
    """The hold that a case keeps while it is pending."""
    return db.session.scalars(sa.select(PaymentHold).where(PaymentHold.case_id == case_id)).one()


def has_others(challenge_id: int) -> bool:
    """Whether another case still holds the payment; the caller has locked the challenge."""
    query = sa.select(PaymentHold.id).where(
        PaymentHold.round_id == current_round(challenge_id),
        PaymentHold.case_id.is_not(None),
        PaymentHold.released_at.is_(None),
    )
    return db.session.scalar(query.limit(1)) is not None


def upheld(challenge_id: int) -> Sequence[Case]:
    """The cases that were upheld, and for which the decision was not opened again yet."""
    reopened = sa.select(ReopenedResult.case_id).where(ReopenedResult.case_id == Case.id)
    query = (
        sa.select(Case)
        .join(PaymentHold, PaymentHold.case_id == Case.id)
        .where(PaymentHold.round_id == current_round(challenge_id), Case.state.in_(UPHELD), ~reopened.exists())
    )
    return db.session.scalars(query.order_by(Case.id)).all()
