"""The names of states on pages, and the tone of each.

Keyed by the state's text; where two kinds use one word with different meanings, also by `kind.state`. Green (`safe`) is
kept for money that is safe, vermilion (`seal`) for failures, amber (`warn`) for states that wait or need care, blue
(`calm`) for states that proceed by themselves.
"""

from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from flask_babel import lazy_gettext as _l

from crowd.web.request_locale import reader

LABELS: dict[str, Any] = {
    "draft": _l("Draft"),
    "screening": _l("In screening"),
    "approved": _l("Approved"),
    "funded": _l("Funded"),
    "open": _l("Open"),
    "judging": _l("Judging"),
    "decided": _l("Decided"),
    "settled": _l("Settled"),
    "cancelled": _l("Cancelled"),
    "listed": _l("Listed"),
    "archived": _l("Archived"),
    "submitted": _l("Submitted"),
    "finalised": _l("Submitted"),
    "withdrawn": _l("Withdrawn"),
    "disqualified": _l("Disqualified"),
    "requested": _l("Requested"),
    "batched": _l("In a batch"),
    "sent": _l("Sent"),
    "paid": _l("Paid"),
    "rejected": _l("Rejected"),
    "returned": _l("Returned"),
    "ready": _l("Ready"),
    "running": _l("Running"),
    "done": _l("Done"),
    "dead": _l("Failed"),
    "recorded": _l("Recorded"),
    "suspense": _l("Unallocated"),
    "credited": _l("Credited"),
    "discarded": _l("Discarded"),
    "confirmed": _l("Confirmed"),
    "matched": _l("Matched"),
    "unmatched": _l("Unmatched"),
    "forming": _l("Being formed"),
    "formed": _l("Formed"),
    "invited": _l("Invited"),
    "assigned": _l("Assigned"),
    "accepted": _l("Accepted"),
    "declined": _l("Declined"),
    "started": _l("Started"),
    "replaced": _l("Replaced"),
    "complete": _l("Complete"),
    "completed": _l("Complete"),
    "closed": _l("Closed"),
    "pending": _l("Pending"),
    "failed": _l("Failed"),
    "registered": _l("Registered"),
    "upheld": _l("Upheld"),
    "dismissed": _l("Dismissed"),
    "expired": _l("Expired"),
    "verified": _l("Verified"),
    "unverified": _l("Not verified"),
    "service_centre": _l("Service centre"),
    "expert": _l("Expert"),
    "council": _l("Council"),
    "finance": _l("Finance"),
    "programme_officer": _l("Programme officer"),
    "auditor": _l("Auditor"),
    "administrator": _l("Administrator"),
    "owner": _l("Owner"),
    "member": _l("Member"),
    "enterprise": _l("Enterprise"),
    "agency": _l("Agency"),
    "government": _l("Government body"),
    "released": _l("No longer needed"),
    "selected": _l("Chosen"),
    "announced": _l("Announced"),
    "posted": _l("Paid"),
    "assignment.pending": _l("To review"),
    "assignment.done": _l("Submitted"),
    "job.ready": _l("Pending"),
    "payout.sent": _l("Sent to the bank"),
    "payout.returned": _l("Returned by the bank"),
    "payout.requested": _l("Requested"),
    "batch.draft": _l("Awaiting approval"),
    "batch.sent": _l("Sent to the bank"),
    "batch.settled": _l("Bank responses complete"),
    "approval.single": _l("One person was enough"),
    "approval.waiting": _l("Awaiting a second person"),
    "approval.declined": _l("Declined"),
    "greedy-1": _l("Choice of reviewers, version 1"),  # the rule by which panels are formed
    "answer.applied": _l("Booked"),
    "answer.repeated": _l("Known already"),
    "answer.early": _l("Awaiting our own record"),
    "answer.flagged": _l("To review"),
    "answer.resolved": _l("Resolved"),
    "deposit.recorded": _l("Awaiting a second person"),
    "deposit.returned": _l("Returned"),
}
TONES = {
    "safe": {"funded", "open", "settled", "paid", "credited", "confirmed", "matched", "batch.settled", "award.posted"},
    "calm": {"judging", "decided", "running"},
    "seal": {"dead", "failed", "rejected", "disqualified", "payout.returned"},
    "warn": {
        "screening", "approved", "requested", "batched", "recorded", "suspense", "unmatched", "pending", "payout.sent",
        "batch.draft", "invited", "returned", "answer.flagged", "approval.waiting",
    },
}  # fmt: skip


def state_label(state: str, kind: str | None = None) -> str:
    """The state in the reader's language. `kind` (`payout`, `job`, ...) is known by itself for a StrEnum."""
    for key in _keys(state, kind):
        if key in LABELS:
            return _label(key, reader().name)
    return str(state).replace("_", " ")


@cache
def _label(key: str, locale: str) -> str:
    """The label in the reader's language, which is `locale`."""
    return str(LABELS[key])


@lru_cache(1024, typed=True)
def state_tone(state: str, kind: str | None = None) -> str:
    """safe, calm, seal, warn, or plain."""
    for key in _keys(state, kind):
        for tone, states in TONES.items():
            if key in states:
                return tone
    return "plain"


def _keys(state: str, kind: str | None) -> tuple[str, str]:
    """The particular key first. A StrEnum's kind is its class: PayoutState -> payout."""
    if kind is None and isinstance(state, StrEnum):
        kind = type(state).__name__.removesuffix("State").lower()
    return f"{kind}.{state}", str(state)
