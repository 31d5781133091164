"""States of deposits, payouts, batches and approvals."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import TransitionWording


class DepositState(StrEnum):
    """`recorded` waits for a second person; `suspense` is booked but unallocated; `returned` was sent back."""

    RECORDED = "recorded"
    SUSPENSE = "suspense"
    CREDITED = "credited"
    RETURNED = "returned"
    DISCARDED = "discarded"


BOOKED = frozenset({DepositState.SUSPENSE, DepositState.CREDITED})  # deposits whose money the ledger holds

DEPOSIT_TRANSITIONS = {
    "credit": ({DepositState.RECORDED}, DepositState.CREDITED),
    "allocate": ({DepositState.SUSPENSE}, DepositState.CREDITED),
    "suspend": ({DepositState.RECORDED}, DepositState.SUSPENSE),
    "discard": ({DepositState.RECORDED}, DepositState.DISCARDED),
    "reverse": ({DepositState.CREDITED, DepositState.SUSPENSE}, DepositState.DISCARDED),
    "detach": ({DepositState.CREDITED}, DepositState.SUSPENSE),
    "return": ({DepositState.SUSPENSE, DepositState.CREDITED}, DepositState.RETURNED),
}

DEPOSIT_WORDING = TransitionWording(
    states={
        DepositState.RECORDED: _l("This deposit is awaiting confirmation by a second person."),
        DepositState.SUSPENSE: _l("This deposit is booked but unallocated."),
        DepositState.CREDITED: _l("This deposit is credited."),
        DepositState.RETURNED: _l("This deposit was returned."),
        DepositState.DISCARDED: _l("This deposit was discarded."),
    },
    operations={
        "credit": _l("Only a deposit that is not credited yet can be credited."),
        "allocate": _l("Only an unidentified deposit can be allocated."),
        "suspend": _l("Only a deposit that is not booked yet can be booked without an owner."),
        "discard": _l("Only a deposit awaiting confirmation can be confirmed or discarded."),
        "reverse": _l("Only the booking of a deposit can be reversed."),
        "detach": _l("Only a credited deposit can lose its allocation."),
        "return": _l("Only a booked deposit can be returned."),
    },
)


class PayoutState(StrEnum):
    """`sent`: the file is at the bank, the result is not known. Unknown is not failed: it is never sent again."""

    REQUESTED = "requested"
    BATCHED = "batched"
    SENT = "sent"
    PAID = "paid"
    RETURNED = "returned"
    CANCELLED = "cancelled"


PAYOUT_TRANSITIONS = {
    "batch": ({PayoutState.REQUESTED}, PayoutState.BATCHED),
    "unbatch": ({PayoutState.BATCHED}, PayoutState.REQUESTED),
    "send": ({PayoutState.BATCHED}, PayoutState.SENT),
    "paid": ({PayoutState.SENT}, PayoutState.PAID),
    "refused": ({PayoutState.SENT}, PayoutState.RETURNED),
    "returned": ({PayoutState.PAID}, PayoutState.RETURNED),
    "cancel": ({PayoutState.REQUESTED}, PayoutState.CANCELLED),
}

PAYOUT_WORDING = TransitionWording(
    states={
        PayoutState.REQUESTED: _l("This payout is awaiting a batch."),
        PayoutState.BATCHED: _l("This payout is in a batch."),
        PayoutState.SENT: _l("This payout was sent to the bank."),
        PayoutState.PAID: _l("The bank has paid this payout."),
        PayoutState.RETURNED: _l("The bank has returned this payout."),
        PayoutState.CANCELLED: _l("This payout was cancelled."),
    },
    operations={
        "batch": _l("Only a payout awaiting a batch can go into one."),
        "unbatch": _l("Only a payout in a batch can leave it."),
        "send": _l("Only a payout in a batch can be sent to the bank."),
        "paid": _l("Only a payout that was sent to the bank can be paid."),
        "refused": _l("Only a payout that was sent to the bank can be refused."),
        "returned": _l("Only a paid payout can be returned."),
        "cancel": _l("Only a payout that is in no batch yet can be cancelled."),
    },
)


class BatchState(StrEnum):
    """Where a batch of payouts stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"
    SETTLED = "settled"
    CANCELLED = "cancelled"


BATCH_TRANSITIONS = {
    "approve": ({BatchState.DRAFT}, BatchState.APPROVED),
    "cancel": ({BatchState.DRAFT}, BatchState.CANCELLED),
    "send": ({BatchState.APPROVED}, BatchState.SENT),
    "settle": ({BatchState.SENT}, BatchState.SETTLED),
}

BATCH_WORDING = TransitionWording(
    states={
        BatchState.DRAFT: _l("This batch is awaiting approval."),
        BatchState.APPROVED: _l("This batch is approved."),
        BatchState.SENT: _l("This batch was sent to the bank."),
        BatchState.SETTLED: _l("The bank has responded for all of this batch."),
        BatchState.CANCELLED: _l("This batch was cancelled."),
    },
    operations={
        "approve": _l("Only a batch awaiting approval can be approved."),
        "cancel": _l("Only a batch awaiting approval can be cancelled."),
        "send": _l("Only an approved batch can be sent to the bank."),
        "settle": _l("Only a batch that was sent to the bank can be completed."),
    },
)


class ApprovalState(StrEnum):
    """`single`: one person was enough; `waiting` for another, who approves or declines."""

    SINGLE = "single"
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"


APPROVAL_TRANSITIONS = {
    "approve": ({ApprovalState.WAITING}, ApprovalState.APPROVED),
    "decline": ({ApprovalState.WAITING}, ApprovalState.DECLINED),
}

APPROVAL_WORDING = TransitionWording(
    states={
        ApprovalState.SINGLE: _l("This needed one person only and is done."),
        ApprovalState.WAITING: _l("This awaits the approval of a second person."),
        ApprovalState.APPROVED: _l("This was approved."),
        ApprovalState.DECLINED: _l("This was declined."),
    },
    operations={
        "approve": _l("Only a pending request can be approved."),
        "decline": _l("Only a pending request can be declined."),
    },
)


class BankResponseOutcome(StrEnum):
    """The outcome of a bank response's line; a person resolves FLAGGED ones, a later read EARLY ones."""

    APPLIED = "applied"
    REPEATED = "repeated"
    EARLY = "early"
    FLAGGED = "flagged"
    RESOLVED = "resolved"
