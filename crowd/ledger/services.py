"""Corrections of the ledger. All other writes are in `transfers.py`, `deposits/` and `payouts/`."""

from flask_babel import lazy_gettext as _

from crowd.audit import Actor, record
from crowd.db import atomic
from crowd.errors import Conflict
from crowd.events import publish
from crowd.ledger import policy, transfers
from crowd.ledger.approvals import services as approvals
from crowd.ledger.deposits import queries as deposits
from crowd.ledger.deposits import services as deposit_services
from crowd.ledger.events import LedgerCheckRequested
from crowd.ledger.models import Approval, ApprovalKind, Deposit, LedgerAccountKind, Transfer
from crowd.ledger.queries import access, reversal_of
from crowd.ledger.workflow import ApprovalState, DepositState
from crowd.reasons import required

REVERSIBLE = frozenset({"deposit", "allocate"})  # what a person recorded; everything else follows from a state


@atomic
def reverse(actor: Actor, transfer_id: int, *, reason: str) -> Transfer | None:
    """Reverse a wrong deposit or allocation; the deposit is discarded, or unallocated again.

    Returns the reversal, or None where the day's limit asks for a second person, who approves it.

    Raises Forbidden for the person who booked it, Invalid without a reason, Conflict where it was already reversed or
    where the money was transferred on.
    """
    transfer = access(actor, transfer_id, to=policy.can_reverse)
    reason = required(reason)
    if transfer.kind not in REVERSIBLE:
        raise Conflict(
            _("Only deposits and their allocation can be reversed by hand; all else follows from a decision.")
        )
    approvals.hold()
    deposit = deposits.access(actor, transfer.subject_id)
    _check(transfer, deposit)
    data, sums = {"reason": reason}, deposit_services.sums_of(deposit)
    asked = approvals.ask(actor, ApprovalKind.REVERSAL, transfer.id, sums=sums, data=data)
    if asked.state == ApprovalState.SINGLE:
        return _reverse(actor, transfer.id, reason)
    record(actor, "transfer.reversal_requested", transfer, reason=reason)
    return None


def _check(transfer: Transfer, deposit: Deposit) -> None:
    if reversal_of(transfer.id) is not None:
        raise Conflict(_("This was reversed before. Nothing was changed."))
    if transfer.postings[0].target.kind == LedgerAccountKind.SUSPENSE and deposit.state != DepositState.SUSPENSE:
        raise Conflict(_("The deposit has been allocated since. Reverse that first."))


@approvals.effect(ApprovalKind.REVERSAL)
def _reverse_approved(actor: Actor, approval: Approval) -> None:
    _reverse(actor, approval.subject_id, approval.data["reason"])


def _reverse(actor: Actor, transfer_id: int, reason: str) -> Transfer:
    transfer = access(actor, transfer_id)
    approvals.drop(actor, ApprovalKind.ALLOCATION, transfer.subject_id)
    approvals.drop(actor, ApprovalKind.RETURN, transfer.subject_id)
    deposit = deposits.access(actor, transfer.subject_id, lock=True)
    _check(transfer, deposit)
    deposit_services.reverse(actor, deposit, transfer.kind)
    reversal = transfers.reverse(actor, transfer.id, reason=reason)
    record(actor, "transfer.reversed", transfer, reason=reason, by=reversal.id)
    return reversal


def can_reverse(actor: Actor, transfer: Transfer) -> bool:
    """Whether the page of a transfer offers its reversal."""
    return transfer.kind in REVERSIBLE and policy.can_reverse(actor, transfer) and reversal_of(transfer.id) is None


@atomic
def ask_for_check(actor: Actor) -> None:
    """Have the ledger checked now."""
    publish(LedgerCheckRequested())
    record(actor, "ledger.check_requested", actor)
