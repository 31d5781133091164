"""Who reads a sanction, and who may appeal against it."""

from crowd import clock
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.organisations.rights import Right
from crowd.accounts.questions import ACTS_IN_CASE
from crowd.accounts.sanctions.models import Sanction
from crowd.accounts.sanctions.workflow import APPEAL, SanctionState
from crowd.audit import SYSTEM, Actor

READERS = (PlatformRole.SERVICE_CENTRE, PlatformRole.COUNCIL, PlatformRole.AUDITOR, PlatformRole.ADMINISTRATOR)


def can_propose(actor: Actor | None) -> bool:
    """Propose a sanction: the service centre."""
    return isinstance(actor, User) and actor.active and actor.is_any(PlatformRole.SERVICE_CENTRE)


def is_sanctioned(actor: Actor | None, row: Sanction) -> bool:
    """Whether it is about the person, or about an organisation for which they act."""
    if not isinstance(actor, User):
        return False
    return row.user_id == actor.id or (row.organisation_id is not None and actor.may(Right.POST, row.organisation_id))


def can_view(actor: Actor | None, row: Sanction) -> bool:
    """Whom it is about, the operator's people who have to know, and who decides an appeal against it."""
    if actor is SYSTEM or is_sanctioned(actor, row):
        return True
    return isinstance(actor, User) and (actor.is_any(*READERS) or ACTS_IN_CASE()(actor, APPEAL, row.id))


def can_appeal(actor: Actor | None, row: Sanction) -> bool:
    """Whom it is about, until it begins."""
    return is_sanctioned(actor, row) and row.state == SanctionState.DECIDED and clock.arrived_at() < row.begins_at
