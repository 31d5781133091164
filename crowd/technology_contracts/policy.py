"""Who reads more of the register than the public does."""

from crowd.audit import Actor
from crowd.roles import PlatformRole

READERS = (PlatformRole.SERVICE_CENTRE, PlatformRole.ADMINISTRATOR, PlatformRole.AUDITOR)


def can_export(actor: Actor | None) -> bool:
    """Download all contracts with their amounts: the keepers of the register, and those who oversee them."""
    return actor is not None and actor.is_any(*READERS)
