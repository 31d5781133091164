"""States of money on its way in and out."""

from enum import StrEnum


class DepositState(StrEnum):
    """`recorded` waits for a second person; `suspense` is booked but belongs to nobody yet; `returned` went back."""

    RECORDED = "recorded"
    SUSPENSE = "suspense"
    CREDITED = "credited"
    RETURNED = "returned"
    DISCARDED = "discarded"


DEPOSIT_MOVES = {
    "credit": ({DepositState.RECORDED}, DepositState.CREDITED),
    "allocate": ({DepositState.SUSPENSE}, DepositState.CREDITED),
    "suspend": ({DepositState.RECORDED}, DepositState.SUSPENSE),
    "discard": ({DepositState.RECORDED}, DepositState.DISCARDED),
    "take_back": ({DepositState.CREDITED, DepositState.SUSPENSE}, DepositState.DISCARDED),
    "detach": ({DepositState.CREDITED}, DepositState.SUSPENSE),
    "give_back": ({DepositState.SUSPENSE, DepositState.CREDITED}, DepositState.RETURNED),
}


class PayoutState(StrEnum):
    """`sent`: the file is at the bank, the answer is not known. Unknown is not failed: it is never sent again."""

    REQUESTED = "requested"
    BATCHED = "batched"
    SENT = "sent"
    PAID = "paid"
    RETURNED = "returned"
    CANCELLED = "cancelled"


PAYOUT_MOVES = {
    "batch": ({PayoutState.REQUESTED}, PayoutState.BATCHED),
    "unbatch": ({PayoutState.BATCHED}, PayoutState.REQUESTED),
    "send": ({PayoutState.BATCHED}, PayoutState.SENT),
    "paid": ({PayoutState.SENT}, PayoutState.PAID),
    "refused": ({PayoutState.SENT}, PayoutState.RETURNED),
    "returned": ({PayoutState.PAID}, PayoutState.RETURNED),
    "cancel": ({PayoutState.REQUESTED}, PayoutState.CANCELLED),
}


class BatchState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    SENT = "sent"
    SETTLED = "settled"
    CANCELLED = "cancelled"


BATCH_MOVES = {
    "approve": ({BatchState.DRAFT}, BatchState.APPROVED),
    "cancel": ({BatchState.DRAFT}, BatchState.CANCELLED),
    "send": ({BatchState.APPROVED}, BatchState.SENT),
    "settle": ({BatchState.SENT}, BatchState.SETTLED),
}


class ApprovalState(StrEnum):
    """`single`: one person was enough; `waiting` for another, who approves or declines."""

    SINGLE = "single"
    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"


class AnswerOutcome(StrEnum):
    """What became of a line of the bank's answers; a person looks at FLAGGED ones, a later reading at EARLY ones."""

    APPLIED = "applied"
    REPEATED = "repeated"
    EARLY = "early"
    FLAGGED = "flagged"
    LOOKED_AT = "looked_at"
