"""Who may judge, see and award. `crowd.workflow` says when; the services check again under the lock."""

from datetime import datetime

import sqlalchemy as sa

from challenges.models import Challenge
from challenges.policy import can_decide, is_sponsor
from challenges.silence import others_decide
from challenges.workflow import CLOSED, RESULTS
from challenges.workflow import ChallengeState as ChallengeState
from crowd.accounts.models import PlatformRole, User
from crowd.audit import SYSTEM, Actor
from scoring.models import Assignment
from scoring.workflow import AssignmentState
from submissions.models import Proposal
from submissions.parties import is_behind, is_insider
from submissions.policy import is_contributor, is_unsealed

AHEAD = frozenset({ChallengeState.APPROVED, ChallengeState.FUNDED, ChallengeState.OPEN})  # of the close
OPERATORS = (PlatformRole.SERVICE_CENTRE, PlatformRole.COUNCIL, PlatformRole.AUDITOR)


def can_run(actor: Actor | None, challenge: Challenge) -> bool:
    """What only jobs do: form the panel, settle."""
    return actor is SYSTEM


def can_view_assignment(actor: Actor | None, assignment: Assignment) -> bool:
    """The reviewer's own, unless it was declined. A released one still shows what they had written."""
    mine = isinstance(actor, User) and assignment.reviewer_id == actor.id
    return mine and assignment.state != AssignmentState.DECLINED


def visible_assignments(actor: Actor | None) -> sa.ColumnElement[bool]:
    """`can_view_assignment` as SQL."""
    return assignments_of(actor.id) if isinstance(actor, User) else sa.false()


def assignments_of(user_id: int | sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    """The same for a user's id, which may be a parameter of a prepared statement."""
    return sa.and_(Assignment.reviewer_id == user_id, Assignment.state != AssignmentState.DECLINED)


def can_review(actor: Actor | None, assignment: Assignment) -> bool:
    """The reviewer whom the panel still counts on."""
    over = (AssignmentState.RELEASED, AssignmentState.SET_ASIDE)
    return can_view_assignment(actor, assignment) and assignment.state not in over


def can_decline(actor: Actor | None, assignment: Assignment) -> bool:
    """The reviewer, as long as the review is not submitted."""
    return can_view_assignment(actor, assignment) and assignment.state == AssignmentState.PENDING


def can_declare_conflicts(actor: Actor | None) -> bool:
    """Experts only."""
    return isinstance(actor, User) and actor.is_any(PlatformRole.EXPERT)


def can_view_judging(actor: Actor | None, challenge: Challenge) -> bool:
    """Panel and ranking: the sponsor's people and the operator's, once the challenge has closed."""
    if actor is SYSTEM:
        return True
    return challenge.state in CLOSED and _watches(actor, challenge)


def will_see_judging(actor: Actor | None, challenge: Challenge) -> bool:
    """The same people, before the close, while there is nothing to see yet."""
    return challenge.closed_at is None and challenge.state in AHEAD and _watches(actor, challenge)


def _watches(actor: Actor | None, challenge: Challenge) -> bool:
    if not isinstance(actor, User) or challenge.external:
        return False
    return is_sponsor(actor, challenge) or actor.is_any(*OPERATORS)


def can_award(actor: Actor | None, challenge: Challenge) -> bool:
    """Those who may decide may choose the awards: the sponsor's people, and those who step in once it is overdue."""
    return isinstance(actor, User) and can_decide(actor, challenge)


def decides(actor: Actor | None, challenge: Challenge, now: datetime) -> bool:
    """Make the decision at present: only the sponsor, until its date has passed; then those whom the contract names."""
    theirs = is_sponsor(actor, challenge) or others_decide(challenge, now)
    return judging_is_open(challenge) and theirs and can_award(actor, challenge)


def can_fill_vacancies(actor: Actor | None, challenge: Challenge) -> bool:
    """Assign missing reviewers: the service centre."""
    return isinstance(actor, User) and actor.is_any(PlatformRole.SERVICE_CENTRE)


def can_clear(actor: Actor | None, challenge: Challenge) -> bool:
    """Release an award that waits for the council: the council, but none of its people who are insiders."""
    return isinstance(actor, User) and actor.is_any(PlatformRole.COUNCIL) and not is_insider(actor, challenge)


def can_view_held(actor: Actor | None, challenge: Challenge) -> bool:
    """See on the page of the results that an award waits for the council: everybody who sees the judging."""
    return challenge.state == ChallengeState.DECIDED and can_view_judging(actor, challenge)


def can_view_results(actor: Actor | None, challenge: Challenge) -> bool:
    """Everybody, once decided."""
    return challenge.state in RESULTS


def can_read_proposal(actor: Actor | None, proposal: Proposal, assignment: Assignment | None) -> bool:
    """A reviewer reads what is assigned to them, once the challenge has closed."""
    if assignment is None or assignment.proposal_id != proposal.id:
        return False
    return can_view_assignment(actor, assignment) and proposal.challenge.state in CLOSED


def can_know_reviews(actor: Actor | None, proposal: Proposal) -> bool:
    """That there are reviews of it: its parties, and those who see the judging of an unsealed one."""
    return is_contributor(actor, proposal) or (is_unsealed(proposal) and can_view_judging(actor, proposal.challenge))


def can_read_feedback(actor: Actor | None, proposal: Proposal) -> bool:
    """Its parties, once the sponsor has decided; the sponsor's and the operator's people from the close."""
    if is_contributor(actor, proposal):
        return is_unsealed(proposal) and proposal.challenge.state in RESULTS
    return is_unsealed(proposal) and can_view_judging(actor, proposal.challenge)


def sees_reviewers(actor: Actor | None, proposal: Proposal) -> bool:
    """Whether reviews show names: never for the proposal's parties. `labels.who_sees_reviewers` says so."""
    return not is_behind(actor, proposal) and can_view_judging(actor, proposal.challenge)


def can_view_everything_of(actor: Actor | None, user_id: int) -> bool:
    """A person's whole record, with the challenges that they reviewed: the person, and the operator's people."""
    return isinstance(actor, User) and (actor.id == user_id or actor.is_any(*OPERATORS))


def judging_is_open(challenge: Challenge) -> bool:
    """Whether reviews and awards may still change."""
    return challenge.state == ChallengeState.JUDGING
