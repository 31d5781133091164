"""Who may do what to the taxonomy: everybody reads it, the operator edits it."""

from crowd.audit import SYSTEM, Actor
from crowd.roles import OPERATORS


def can_edit(actor: Actor | None) -> bool:
    """Add, change, retire, merge and import terms: the service centre and administrators."""
    return actor is SYSTEM or (actor is not None and getattr(actor, "active", False) and actor.is_any(*OPERATORS))
