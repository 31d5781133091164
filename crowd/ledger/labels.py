"""The names of states, findings, ledger accounts and transfers on pages."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from crowd.errors import Sentence
from crowd.feature import Label, declared
from crowd.ledger import links
from crowd.ledger.models import ApprovalKind, LedgerAccountKind
from crowd.ledger.transfers import KINDS
from crowd.ledger.workflow import ApprovalState, BankResponseOutcome, BatchState, DepositState, PayoutState
from crowd.web import guards

ACCOUNTS: dict[str, Sentence] = {
    LedgerAccountKind.BANK: lazy_pgettext("account kind", "Bank"),
    LedgerAccountKind.SPONSOR: _l("Free balance"),
    LedgerAccountKind.ESCROW: _l("Escrow"),
    LedgerAccountKind.PAYABLE: _l("Earnings"),
    LedgerAccountKind.HELD: _l("Payout under way"),
    LedgerAccountKind.FEE: _l("Platform fee"),
    LedgerAccountKind.SUSPENSE: _l("Unallocated"),
}
TRANSFER_LABELS = {kind: about.label for kind, about in KINDS.items()}
DEPOSIT = {
    DepositState.RECORDED: Label(_l("Awaiting a second person"), "warn"),
    DepositState.SUSPENSE: Label(_l("Unallocated"), "warn"),
    DepositState.CREDITED: Label(_l("Credited"), "safe"),
    DepositState.RETURNED: Label(_l("Returned"), "warn"),
    DepositState.DISCARDED: Label(_l("Discarded")),
}
PAYOUT = {
    PayoutState.REQUESTED: Label(_l("Requested"), "warn"),
    PayoutState.BATCHED: Label(_l("In a batch"), "warn"),
    PayoutState.SENT: Label(_l("Sent to the bank"), "warn"),
    PayoutState.PAID: Label(_l("Paid"), "safe"),
    PayoutState.RETURNED: Label(_l("Returned by the bank"), "seal"),
    PayoutState.CANCELLED: Label(_l("Cancelled")),
}
PAYOUT_BATCH = {
    BatchState.DRAFT: Label(_l("Awaiting approval"), "warn"),
    BatchState.APPROVED: Label(_l("Approved"), "warn"),
    BatchState.SENT: Label(_l("Sent to the bank")),
    BatchState.SETTLED: Label(_l("Bank responses complete"), "safe"),
    BatchState.CANCELLED: Label(_l("Cancelled")),
}
APPROVAL = {
    ApprovalState.SINGLE: Label(_l("One person was enough")),
    ApprovalState.WAITING: Label(_l("Awaiting a second person"), "warn"),
    ApprovalState.APPROVED: Label(_l("Approved")),
    ApprovalState.DECLINED: Label(_l("Declined")),
}
APPROVAL_KINDS = {
    ApprovalKind.DEPOSIT: Label(_l("Credit a deposit")),
    ApprovalKind.ALLOCATION: Label(_l("Allocate an unidentified deposit")),
    ApprovalKind.RETURN: Label(_l("Record a deposit as returned")),
    ApprovalKind.REVERSAL: Label(_l("Reverse a transfer")),
    ApprovalKind.BANK_FILE: Label(_l("Read a bank response file")),
    ApprovalKind.BANK_RESPONSE: Label(_l("Decide on a bank response")),
}
BANK_RESPONSE = {
    BankResponseOutcome.APPLIED: Label(_l("Booked")),
    BankResponseOutcome.REPEATED: Label(_l("Known already")),
    BankResponseOutcome.EARLY: Label(_l("Awaiting our own record")),
    BankResponseOutcome.FLAGGED: Label(_l("To review"), "warn"),
    BankResponseOutcome.RESOLVED: Label(_l("Resolved")),
}
TRANSFER_KINDS = {kind: Label(text) for kind, text in TRANSFER_LABELS.items()}
FINDINGS = {
    "balance_mismatch": Label(_l("A balance is not the sum of its postings")),
    "floor_broken": Label(_l("Account balance is negative")),
    "floor_missing": Label(_l("An account has the wrong kind of minimum balance")),
    "unbalanced": Label(_l("A posting is not balanced")),
    "currency_mismatch": Label(_l("A posting mixes currencies")),
    "no_posting": Label(_l("A transfer has no amount")),
    "key_repeated": Label(_l("The same transfer is booked twice")),
    "reversed_twice": Label(_l("A transfer was reversed twice")),
    "reversal_reversed": Label(_l("A reversal was reversed")),
    "reversal_differs": Label(_l("A reversal does not mirror its transfer")),
    "payout_held": Label(_l("A payout and its held money differ")),
    "payout_bank": Label(_l("A payout and the bank's money differ")),
    "deposit_booked": Label(_l("A deposit and its booking differ")),
    "approval_one_person": Label(_l("One person requested something and approved it")),
    "batch_one_person": Label(_l("One person made and approved a batch")),
    "batch_state": Label(_l("A payout does not fit its batch")),
    "batch_file": Label(_l("A batch differs from what was sent to the bank")),
    "posting_altered": Label(_l("A transfer was altered after it was booked")),
    "not_conserved": Label(_l("Money appeared or disappeared")),
    "stuck": Label(_l("Something is overdue")),
}


NOT_AWARDED = "What was not awarded"
OWN: dict[
    str, Sentence
] = {  # texts that the platform itself writes into the ledger, in English, with their translations
    "The first schedule": _l("The first schedule"),
    NOT_AWARDED: _l("What was not awarded"),
}


def own(text: str) -> str:
    """A stored text in the reader's language where it is the platform's own; any other text as typed."""
    return str(OWN.get(text, text))


def for_templates() -> dict[str, object]:
    """Names and URLs of money for templates; links depend on the reader's rights."""
    actor = guards.actor()
    return {
        "account_names": ACCOUNTS,
        "transfer_labels": TRANSFER_LABELS,
        "own_words": own,
        "findings": list(declared().labels["finding"]),
        "end_url": lambda end: links.end(actor, end),
        "profile_url": links.profile,
        "who": lambda act: act.who(actor),
    }
