"""Who edits templates: the operator. Sponsors see those that are offered, through their drafts."""

from crowd.audit import SYSTEM, Actor
from crowd.roles import OPERATORS


def can_edit(actor: Actor | None) -> bool:
    """Add, change and retire templates."""
    return actor is SYSTEM or (actor is not None and getattr(actor, "active", False) and actor.is_any(*OPERATORS))
