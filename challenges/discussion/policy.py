"""Who asks, who lets questions through, who answers, and who knows who asked."""

from challenges.discussion.models import ChallengeQuestion
from challenges.discussion.workflow import PUBLIC
from challenges.models import Challenge
from challenges.policy import can_screen, is_sponsor
from challenges.workflow import ChallengeState
from crowd.accounts.models import User
from crowd.audit import Actor

TOLD = (ChallengeState.OPEN, ChallengeState.JUDGING)  # in which the sponsor has news


def can_ask(actor: Actor | None, challenge: Challenge) -> bool:
    """Ask: every signed-in person but the sponsor's own."""
    return isinstance(actor, User) and not challenge.external and not actor.acts_for(challenge.organisation_id)


def can_moderate(actor: Actor | None, challenge: Challenge) -> bool:
    """Publish or reject a question, and see who asked: the service centre, by those without ties to the sponsor."""
    return can_screen(actor, challenge)


def can_report(actor: Actor | None, question: ChallengeQuestion) -> bool:
    """Report a question: every signed-in reader but who asked it, while it is published and no part of the contract."""
    stranger = isinstance(actor, User) and actor.id != question.asker_id
    return stranger and question.state in PUBLIC and question.contract_version_id is None


def can_answer(actor: Actor | None, challenge: Challenge) -> bool:
    """Answer, and post updates: those who prepare the challenge."""
    return is_sponsor(actor, challenge)
