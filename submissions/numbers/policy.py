"""Who sees the sponsor's numbers."""

from challenges.models import Challenge
from crowd.accounts.models import PlatformRole, User
from crowd.audit import Actor


def can_view_numbers(actor: Actor | None, challenge: Challenge) -> bool:
    """The people of the sponsor and of the service centre, once the challenge has opened here."""
    if not isinstance(actor, User) or challenge.external or challenge.published_at is None:
        return False
    return actor.acts_for(challenge.organisation_id) or actor.is_any(PlatformRole.SERVICE_CENTRE)
