"""Who sees a challenge's funding, pays, and reads its escrow. `challenges.policy` says who transfers money
into escrow.
"""

from challenges.models import Challenge
from challenges.policy import may_sponsor
from challenges.workflow import ChallengeState
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.organisations.rights import Right
from crowd.audit import Actor


def can_view_funding(actor: Actor | None, challenge: Challenge) -> bool:
    """The sponsor's people, finance, the service centre and auditors."""
    staff = (PlatformRole.FINANCE, PlatformRole.SERVICE_CENTRE, PlatformRole.AUDITOR)
    return not challenge.external and (
        may_sponsor(actor, challenge, Right.VIEW_MONEY) or (isinstance(actor, User) and actor.is_any(*staff))
    )


def can_upload_payment_proof(actor: Actor | None, challenge: Challenge) -> bool:
    """All members of the sponsor, while the challenge waits for its money."""
    return may_sponsor(actor, challenge, Right.VIEW_MONEY) and challenge.state == ChallengeState.APPROVED


def can_view_postings(actor: Actor | None, challenge: Challenge) -> bool:
    """Everybody who sees the challenge: its escrow is public with it."""
    return not challenge.external
