"""Who may file a case about integrity: the service centre, the sponsor's people and the panel, on what they may see;
the people of a proposal on its reviews once they read them; and the platform itself.
"""

from datetime import datetime

from challenges.impartiality import is_party
from challenges.models import Challenge
from challenges.next_steps import appeals_open
from challenges.policy import is_sponsor
from challenges.workflow import ChallengeState
from crowd.accounts.models import PlatformRole, User
from crowd.audit import SYSTEM, Actor
from scoring import policy
from scoring.models import Assignment
from submissions.models import Proposal
from submissions.policy import is_contributor, is_unsealed
from submissions.queries import may_view


def can_file_about_proposal(actor: Actor | None, proposal: Proposal, *, reviews: bool) -> bool:
    """About an unsealed proposal; `reviews`: it is assigned to the person."""
    if actor is SYSTEM:
        return True
    if not isinstance(actor, User) or not is_unsealed(proposal):
        return False
    return reviews or (_acts_for(actor, proposal) and may_view(actor, proposal))


def can_file_about_reviewer(actor: Actor | None, assignment: Assignment) -> bool:
    """About who reviews a proposal: those who see the judging, and the proposal's people once they read the reviews."""
    proposal = assignment.proposal
    if actor is SYSTEM:
        return True
    if not isinstance(actor, User) or not is_unsealed(proposal):
        return False
    if is_contributor(actor, proposal):
        return policy.can_read_feedback(actor, proposal) and assignment.is_done
    return _acts_for(actor, proposal) and not is_party(actor, proposal.challenge)


def can_file_in(actor: Actor | None, challenge: Challenge, now: datetime) -> bool:
    """About reviewers of a challenge whose judging the person sees: while a case can still change something."""
    open_now = challenge.state == ChallengeState.JUDGING or appeals_open(challenge, now)
    watches = is_sponsor(actor, challenge) or (actor is not None and actor.is_any(PlatformRole.SERVICE_CENTRE))
    return open_now and watches


def _acts_for(actor: User, proposal: Proposal) -> bool:
    return is_sponsor(actor, proposal.challenge) or actor.is_any(PlatformRole.SERVICE_CENTRE)
