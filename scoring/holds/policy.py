"""Who may hold the payment of a decided challenge, and who may release it."""

from challenges.models import Challenge
from challenges.policy import is_sponsor
from crowd.accounts.models import PlatformRole, User
from crowd.audit import Actor
from scoring.models import PaymentHold
from scoring.policy import can_clear


def can_hold(actor: Actor | None, challenge: Challenge) -> bool:
    """The council and the service centre, but nobody of the sponsor's."""
    if not isinstance(actor, User) or challenge.external:
        return False
    return actor.is_any(PlatformRole.COUNCIL, PlatformRole.SERVICE_CENTRE) and not is_sponsor(actor, challenge)


def can_release(actor: Actor | None, challenge: Challenge, hold: PaymentHold) -> bool:
    """The council, but none of its people who are insiders; and whoever placed the hold and still may place one. That
    of a case ends with the case.
    """
    if hold.case_id is not None:
        return False
    if can_clear(actor, challenge):
        return True
    return isinstance(actor, User) and hold.held_by == actor.id and can_hold(actor, challenge)
