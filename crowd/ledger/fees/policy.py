"""Who sets the fees."""

from typing import Any

from crowd.audit import SYSTEM


def can_publish(actor: Any) -> bool:
    """Publish a version of the fee schedule: the council."""
    return actor is not None and actor is not SYSTEM and bool(actor.is_any("council"))
