"""Who may record deposits, and who else must agree."""

from crowd.access import Rule, open_operations
from crowd.audit import Actor
from crowd.ledger.models import Deposit, OwnerType
from crowd.ledger.policy import can_view_owner, is_finance, oversees
from crowd.ledger.workflow import DEPOSIT_TRANSITIONS


def can_view(actor: Actor | None, deposit: Deposit) -> bool:
    """Finance and auditors see all; a sponsor's people what was paid in for their organisation."""
    if oversees(actor):
        return True
    return deposit.organisation_id is not None and can_view_owner(
        actor, OwnerType.ORGANISATION, deposit.organisation_id
    )


def can_record(actor: Actor | None) -> bool:
    """Record a deposit: finance."""
    return is_finance(actor)


def can_handle(actor: Actor | None, deposit: Deposit) -> bool:
    """Allocate a deposit, reconcile it, or discard it before it is booked."""
    return is_finance(actor)


def can_give_back(actor: Actor | None, deposit: Deposit) -> bool:
    """Returning money needs a person other than the one who recorded the deposit."""
    return is_finance(actor) and actor.id != deposit.recorded_by


def can_reconcile(actor: Actor | None, deposit: Deposit) -> bool:
    """Mark it as shown by a bank statement, once."""
    return deposit.to_reconcile and can_handle(actor, deposit)


RULES: dict[str, Rule[Deposit]] = {"allocate": can_handle, "discard": can_handle, "return": can_give_back}


def open_transitions(actor: Actor | None, deposit: Deposit) -> list[str]:
    """What this actor may do with the deposit now, beside its confirmation (`crowd.ledger.approvals`)."""
    return open_operations(DEPOSIT_TRANSITIONS, deposit.state, RULES, actor, deposit)
