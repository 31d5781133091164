"""Who edits templates: the operator; of rubrics the expert committee adopts each version. Sponsors see those that are
offered, through their drafts.
"""

from crowd.audit import SYSTEM, Actor
from crowd.roles import OPERATORS, PlatformRole

READERS = (*OPERATORS, PlatformRole.EXPERT)  # of all versions of a template: the committee votes on those of rubrics


def can_edit(actor: Actor | None) -> bool:
    """Add, change and retire templates."""
    return actor is SYSTEM or (actor is not None and getattr(actor, "active", False) and actor.is_any(*OPERATORS))
