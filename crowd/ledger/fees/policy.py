"""Who sets the fees."""

from crowd.audit import Actor


def can_publish(actor: Actor | None) -> bool:
    """Publish a version of the fee schedule: the council."""
    return actor is not None and actor.is_any("council")
