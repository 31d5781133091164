"""Who may request payouts, who makes a batch, and who else must approve it."""

from crowd.access import Rule, open_operations
from crowd.audit import Actor
from crowd.ledger.models import LedgerAccount
from crowd.ledger.payouts.models import Payout, PayoutBatch
from crowd.ledger.policy import OWN_KINDS, can_spend, can_view_owner, is_finance, oversees
from crowd.ledger.workflow import BATCH_TRANSITIONS, PAYOUT_TRANSITIONS


def can_view(actor: Actor | None, payout: Payout) -> bool:
    """See a payout: its owner, and all who oversee the ledger."""
    return can_view_owner(actor, payout.owner_type, payout.owner_id)


def can_request(actor: Actor | None, account: LedgerAccount) -> bool:
    """Request a payout from a ledger account: the person's own earnings, or as an owner the organisation's earnings or
    free balance.
    """
    return account.kind in OWN_KINDS and can_spend(actor, account.owner_type, account.owner_id)


def can_cancel(actor: Actor | None, payout: Payout) -> bool:
    """Cancel a payout: those who may pay out its owner's money."""
    return can_spend(actor, payout.owner_type, payout.owner_id)


def can_view_batch(actor: Actor | None, batch: PayoutBatch) -> bool:
    """See a batch: all who oversee the ledger."""
    return oversees(actor)


def can_batch(actor: Actor | None) -> bool:
    """Put payouts into a batch: finance."""
    return is_finance(actor)


def can_cancel_batch(actor: Actor | None, batch: PayoutBatch) -> bool:
    """Take a batch apart again: finance."""
    return is_finance(actor)


def can_approve(actor: Actor | None, batch: PayoutBatch) -> bool:
    """Another person than the maker, and nobody who is paid by it."""
    return (
        is_finance(actor)
        and actor.id != batch.created_by
        and not any(is_own(actor, payout) for payout in batch.payouts)
    )


def is_own(actor: Actor, payout: Payout) -> bool:
    """Whether the payout is the actor's own money, or was requested by the actor."""
    return payout.requested_by == actor.id or can_spend(actor, payout.owner_type, payout.owner_id)


RULES: dict[str, Rule[Payout]] = {"cancel": can_cancel}
BATCH_RULES: dict[str, Rule[PayoutBatch]] = {"approve": can_approve, "cancel": can_cancel_batch}


def open_transitions(actor: Actor | None, payout: Payout) -> list[str]:
    """What this actor may do with the payout now."""
    return open_operations(PAYOUT_TRANSITIONS, payout.state, RULES, actor, payout)


def open_batch_transitions(actor: Actor | None, batch: PayoutBatch) -> list[str]:
    """What this actor may do with the batch now."""
    return open_operations(BATCH_TRANSITIONS, batch.state, BATCH_RULES, actor, batch)
