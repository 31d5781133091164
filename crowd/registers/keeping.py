"""What the keepers of a register do with an entry on its page, each with a reason that the holder reads."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _

from crowd.audit import Actor
from crowd.db import atomic
from crowd.errors import Forbidden, Invalid
from crowd.reasons import required
from crowd.registers import queries, services
from crowd.registers.models import RegisterEntry, RegisterEvent
from crowd.registers.policy import can_enter, can_keep, is_close
from crowd.registers.questions import HOLDERS


@atomic
def keep(actor: Actor, register: str, number: str, operation: str, *, reason: str) -> RegisterEvent:
    """Suspend, resume, renew or revoke an entry. Raises NotFound, Forbidden (also for the actor's own), Invalid
    (no reason), Conflict.
    """
    row = queries.access(actor, register, number, to=can_keep, lock=True)
    return services.act(actor, row, operation, reason=required(reason))


@atomic
def enter(actor: Actor, register: str, *, holder: str, data: Mapping[str, object], reason: str) -> RegisterEntry:
    """Enter somebody into a register that is kept by hand. Raises NotFound, Forbidden (also for the actor's own
    entry), Invalid (no such holder, no reason), Conflict where there is an entry.
    """
    kind = queries.get_kind(register)
    HOLDERS().refresh(actor)
    if not can_enter(actor, kind):
        raise Forbidden
    holder_id = HOLDERS().meant(kind.holder, holder)
    if is_close(actor, kind.holder, holder_id):
        raise Invalid.at("holder", _("Another keeper enters you, your organisations and those close to you."))
    return services.grant(actor, register, holder_id, data, reason=required(reason))
