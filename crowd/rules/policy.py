"""Who proposes changes of rules."""

from crowd.audit import Actor
from crowd.roles import PlatformRole

PROPOSERS = (PlatformRole.COUNCIL, PlatformRole.COUNCIL_OFFICE, PlatformRole.SERVICE_CENTRE)


def can_propose(actor: Actor | None) -> bool:
    """Propose a change: the council, its office and the service centre."""
    return actor is not None and actor.is_any(*PROPOSERS)
