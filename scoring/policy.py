"""Who may judge, see and award. `crowd.workflow` says when; the services ask again under the lock."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from challenges.models import Challenge
from challenges.policy import can_decide, is_sponsor
from challenges.workflow import CLOSED, RESULTS
from challenges.workflow import ChallengeState as ChallengeState
from crowd.accounts.models import PlatformRole, User
from crowd.audit import SYSTEM
from scoring.models import Assignment
from scoring.workflow import AssignmentState
from submissions.models import Proposal
from submissions.parties import is_behind, is_insider
from submissions.policy import is_contributor, is_unsealed

Actor = Any
AHEAD = frozenset({ChallengeState.APPROVED, ChallengeState.FUNDED, ChallengeState.OPEN})  # of the close
OPERATORS = (PlatformRole.SERVICE_CENTRE, PlatformRole.COUNCIL, PlatformRole.AUDITOR)


def can_run(actor: Actor, challenge: Challenge) -> bool:
    """What only jobs do: form the panel, settle."""
    return actor is SYSTEM


def can_view_assignment(actor: Actor, assignment: Assignment) -> bool:
    """The reviewer's own, unless it was declined. One that was released still shows what he had written."""
    mine = isinstance(actor, User) and assignment.reviewer_id == actor.id
    return mine and assignment.state != AssignmentState.DECLINED


def visible_assignments(actor: Actor) -> sa.ColumnElement[bool]:
    """`can_view_assignment` as SQL."""
    return assignments_of(actor.id) if isinstance(actor, User) else sa.false()


def assignments_of(user_id: Any) -> sa.ColumnElement[bool]:
    """The same for a user's id, which may be a parameter of a statement that is built once."""
    return sa.and_(Assignment.reviewer_id == user_id, Assignment.state != AssignmentState.DECLINED)


def can_review(actor: Actor, assignment: Assignment) -> bool:
    """The reviewer whom the panel still counts on."""
    return can_view_assignment(actor, assignment) and assignment.state != AssignmentState.RELEASED


def can_decline(actor: Actor, assignment: Assignment) -> bool:
    """The reviewer, as long as the review is not submitted."""
    return can_view_assignment(actor, assignment) and assignment.state == AssignmentState.PENDING


def can_declare_ties(actor: Actor) -> bool:
    """Experts: of nobody else is it asked."""
    return isinstance(actor, User) and actor.is_any(PlatformRole.EXPERT)


def can_view_judging(actor: Actor, challenge: Challenge) -> bool:
    """Panel and ranking: the sponsor's people and the operator's, once the challenge has closed."""
    if actor is SYSTEM:
        return True
    return challenge.state in CLOSED and _watches(actor, challenge)


def will_see_judging(actor: Actor, challenge: Challenge) -> bool:
    """The same people, before the close: there is nothing to see yet."""
    return challenge.closed_at is None and challenge.state in AHEAD and _watches(actor, challenge)


def _watches(actor: Actor, challenge: Challenge) -> bool:
    if not isinstance(actor, User) or challenge.external:
        return False
    return is_sponsor(actor, challenge) or actor.is_any(*OPERATORS)


def can_award(actor: Actor, challenge: Challenge) -> bool:
    """Who may decide may choose the awards: the sponsor's people, and who steps in for a silent sponsor."""
    return isinstance(actor, User) and can_decide(actor, challenge)


def decides(actor: Actor, challenge: Challenge, now: datetime) -> bool:
    """Whose decision it is at present: the sponsor's alone until its date has passed."""
    theirs = is_sponsor(actor, challenge) or challenge.decision_overdue(now)
    return judging_is_open(challenge) and theirs and can_award(actor, challenge)


def can_fill_up(actor: Actor, challenge: Challenge) -> bool:
    """Look for reviewers again where some are missing: the service centre."""
    return isinstance(actor, User) and actor.is_any(PlatformRole.SERVICE_CENTRE)


def can_clear(actor: Actor, challenge: Challenge) -> bool:
    """Let an award be paid that waits for the council: the council, but none of its people who is an insider."""
    return isinstance(actor, User) and actor.is_any(PlatformRole.COUNCIL) and not is_insider(actor, challenge)


def can_view_held(actor: Actor, challenge: Challenge) -> bool:
    """Be told on the page of the results that an award waits for the council: whoever sees the judging."""
    return challenge.state == ChallengeState.DECIDED and can_view_judging(actor, challenge)


def can_view_results(actor: Actor, challenge: Challenge) -> bool:
    """Everybody, once decided."""
    return challenge.state in RESULTS


def can_read_proposal(actor: Actor, proposal: Proposal, assignment: Assignment | None) -> bool:
    """A reviewer reads what is assigned to him, once the challenge has closed."""
    if assignment is None or assignment.proposal_id != proposal.id:
        return False
    return can_view_assignment(actor, assignment) and proposal.challenge.state in CLOSED


def can_know_reviews(actor: Actor, proposal: Proposal) -> bool:
    """That there are reviews of it: those behind the proposal, and who sees the judging of an opened one."""
    return is_contributor(actor, proposal) or (is_unsealed(proposal) and can_view_judging(actor, proposal.challenge))


def can_read_feedback(actor: Actor, proposal: Proposal) -> bool:
    """Those behind it, once the sponsor has decided; the sponsor's and the operator's people from the close."""
    if is_contributor(actor, proposal):
        return is_unsealed(proposal) and proposal.challenge.state in RESULTS
    return is_unsealed(proposal) and can_view_judging(actor, proposal.challenge)


def sees_reviewers(actor: Actor, proposal: Proposal) -> bool:
    """Whether reviews carry names: not for those behind the proposal, ever. `words.who_sees_reviewers` says so."""
    return not is_behind(actor, proposal) and can_view_judging(actor, proposal.challenge)


def can_view_everything_of(actor: Actor, user_id: int) -> bool:
    """A person's whole record, with the challenges that he reviewed: himself, and the operator's people."""
    return isinstance(actor, User) and (actor.id == user_id or actor.is_any(*OPERATORS))


def judging_is_open(challenge: Challenge) -> bool:
    """Whether reviews and awards may still change."""
    return challenge.state == ChallengeState.JUDGING
