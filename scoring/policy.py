"""Who may judge, see and award. `crowd.workflow` says when; the services ask again under the lock."""

from typing import Any

import sqlalchemy as sa

from challenges.models import Challenge
from challenges.workflow import CLOSED, RESULTS
from challenges.workflow import State as ChallengeState
from crowd.accounts.models import PlatformRole, User
from crowd.audit import SYSTEM
from scoring.models import Assignment
from scoring.workflow import AssignmentState
from submissions.models import Proposal

Actor = Any
OPERATORS = (PlatformRole.SERVICE_CENTRE, PlatformRole.COUNCIL, PlatformRole.AUDITOR)


def can_view_assignment(actor: Actor, assignment: Assignment) -> bool:
    """The reviewer's own, unless it was declined or released."""
    active = assignment.state in (AssignmentState.PENDING, AssignmentState.DONE)
    return isinstance(actor, User) and assignment.reviewer_id == actor.id and active


def can_review(actor: Actor, assignment: Assignment) -> bool:
    """The reviewer, until the sponsor has decided."""
    return can_view_assignment(actor, assignment) and assignment.proposal.challenge.state == ChallengeState.JUDGING


def can_decline(actor: Actor, assignment: Assignment) -> bool:
    """The reviewer, as long as the review is not submitted."""
    return can_review(actor, assignment) and assignment.state == AssignmentState.PENDING


def visible_assignments(actor: User) -> sa.ColumnElement[bool]:
    """`can_view_assignment` as SQL."""
    return sa.and_(
        Assignment.reviewer_id == actor.id,
        Assignment.state.in_((AssignmentState.PENDING, AssignmentState.DONE)),
    )


def can_see_judging(actor: Actor, challenge: Challenge) -> bool:
    """Panel and ranking: the sponsor's people and the operator's, once the challenge has closed."""
    if actor is SYSTEM:
        return True
    if not isinstance(actor, User) or challenge.state not in CLOSED:
        return False
    return actor.acts_for(challenge.organisation_id) or actor.is_any(*OPERATORS)


def can_award(actor: Actor, challenge: Challenge) -> bool:
    """The sponsor's people."""
    return isinstance(actor, User) and actor.acts_for(challenge.organisation_id)


def can_see_results(actor: Actor, challenge: Challenge) -> bool:
    """Everybody, once decided."""
    return challenge.state in RESULTS


def can_read_proposal(actor: Actor, proposal: Proposal, assignment: Assignment | None) -> bool:
    """A reviewer reads what is assigned to him, once the challenge has closed."""
    return assignment is not None and can_view_assignment(actor, assignment) and proposal.challenge.state in CLOSED


def can_read_feedback(actor: Actor, proposal: Proposal) -> bool:
    """The authors, once the sponsor has decided; the sponsor's and the operator's people from the close."""
    if can_see_judging(actor, proposal.challenge):
        return True
    if not isinstance(actor, User) or proposal.challenge.state not in RESULTS:
        return False
    return proposal.user_id == actor.id or any(share.user_id == actor.id for share in proposal.shares)
