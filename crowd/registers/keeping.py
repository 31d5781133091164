"""What the keepers of a register do with an entry on its page, each with a reason that the holder reads."""

from crowd.audit import Actor
from crowd.db import atomic
from crowd.registers import queries, services
from crowd.registers.models import RegisterEvent
from crowd.registers.policy import can_keep


@atomic
def keep(actor: Actor, register: str, number: str, operation: str, *, reason: str) -> RegisterEvent:
    """Suspend, resume, renew or revoke an entry. Raises NotFound, Forbidden (also for the actor's own), Conflict."""
    row = queries.access(actor, register, number, to=can_keep, lock=True)
    return services.act(actor, row, operation, reason=reason)
