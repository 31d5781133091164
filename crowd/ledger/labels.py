"""The names of ledger accounts and transfers on pages."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from crowd.ledger import links
from crowd.ledger.models import LedgerAccountKind
from crowd.web import guards

ACCOUNTS: dict[str, Any] = {
    LedgerAccountKind.BANK: lazy_pgettext("pot", "Bank"),
    LedgerAccountKind.SPONSOR: _l("Free balance"),
    LedgerAccountKind.ESCROW: _l("Escrow"),
    LedgerAccountKind.PAYABLE: _l("Earnings"),
    LedgerAccountKind.HELD: _l("Payout under way"),
    LedgerAccountKind.SUBSIDY: _l("Programme"),
    LedgerAccountKind.FEE: _l("Platform fee"),
    LedgerAccountKind.SUSPENSE: _l("Unallocated"),
}
TRANSFER_LABELS: dict[str, Any] = {
    "deposit": _l("Paid in"),
    "allocate": _l("Deposit allocated"),
    "return_deposit": _l("Returned to the payer"),
    "fund": _l("Moved into escrow"),
    "refund": _l("Returned from escrow"),
    "award": _l("Award"),
    "payout_request": _l("Payout requested"),
    "payout_cancel": _l("Payout cancelled"),
    "paid": _l("Paid out by the bank"),
    "returned": _l("Payout returned by the bank"),
    "reverse": _l("Reversed"),
}
FINDINGS: dict[str, Any] = {
    "balance_mismatch": _l("A balance is not the sum of its postings"),
    "floor_broken": _l("Account balance is negative"),
    "floor_missing": _l("An account has the wrong kind of minimum balance"),
    "unbalanced": _l("A posting is not balanced"),
    "currency_mismatch": _l("A posting mixes currencies"),
    "no_posting": _l("A transfer has no amount"),
    "key_repeated": _l("The same transfer is booked twice"),
    "reversed_twice": _l("A transfer was reversed twice"),
    "reversal_reversed": _l("A reversal was reversed"),
    "reversal_differs": _l("A reversal does not mirror its transfer"),
    "payout_held": _l("A payout and its held money differ"),
    "payout_bank": _l("A payout and the bank's money differ"),
    "deposit_booked": _l("A deposit and its booking differ"),
    "approval_one_person": _l("One person requested something and approved it"),
    "batch_one_person": _l("One person made and approved a batch"),
    "batch_state": _l("A payout does not fit its batch"),
    "batch_file": _l("A batch differs from what was sent to the bank"),
    "posting_altered": _l("A transfer was altered after it was booked"),
    "not_conserved": _l("Money appeared or disappeared"),
    "escrow_state": _l("An escrow does not fit its challenge"),
    "escrow_stray": _l("An escrow belongs to no challenge"),
    "award_unpaid": _l("An award was not paid in full"),
    "award_paid_early": _l("An award was paid before it took effect"),
    "award_open": _l("An award does not fit its challenge"),
    "award_wrong": _l("An award does not fit its prize"),
    "fee_wrong": _l("A fee is not what was agreed"),
    "standing_wrong": _l("Points are not the sum of their events"),
    "total_wrong": _l("The totals of all results are wrong"),
    "place_missing": _l("A decision lacks a published rank"),
    "stuck": _l("Something is overdue"),
}


FEES: dict[str, Any] = {"award": _l("prizes that are awarded")}
NOT_AWARDED = "What was not awarded"
OWN: dict[str, Any] = {  # texts that the platform itself writes into the ledger, in English, with their translations
    "The first schedule": _l("The first schedule"),
    NOT_AWARDED: _l("What was not awarded"),
}


def own(text: str) -> str:
    """A stored text in the reader's language where it is the platform's own; any other text as typed."""
    return str(OWN.get(text, text))


def for_templates() -> dict[str, Any]:
    """Names and URLs of money for templates; links depend on the reader's rights."""
    actor = guards.actor()
    return {
        "account_names": ACCOUNTS,
        "transfer_labels": TRANSFER_LABELS,
        "fee_names": FEES,
        "finding_label": finding_label,
        "own_words": own,
        "finding_names": FINDINGS,
        "end_url": lambda end: links.end(actor, end),
        "profile_url": links.profile,
        "who": lambda act: act.who(actor),
    }


def finding_label(name: str) -> str:
    """The text of a finding; its name where another package defines it."""
    return str(FINDINGS.get(name, name.replace("_", " ")))
