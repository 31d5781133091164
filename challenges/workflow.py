"""States of a challenge. `listed` and `archived` are for records of another platform's challenges only."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l

from crowd.workflow import Said


class State(StrEnum):
    DRAFT = "draft"
    SCREENING = "screening"
    APPROVED = "approved"
    FUNDED = "funded"
    OPEN = "open"
    JUDGING = "judging"
    DECIDED = "decided"
    SETTLED = "settled"
    CANCELLED = "cancelled"
    LISTED = "listed"
    ARCHIVED = "archived"


MOVES = {
    "submit": ({State.DRAFT}, State.SCREENING),
    "recall": ({State.SCREENING}, State.DRAFT),
    "send_back": ({State.SCREENING}, State.DRAFT),
    "approve": ({State.SCREENING}, State.APPROVED),
    "fund": ({State.APPROVED}, State.FUNDED),
    "lapse": ({State.APPROVED}, State.DRAFT),
    "open": ({State.FUNDED}, State.OPEN),
    "close": ({State.OPEN}, State.JUDGING),
    "decide": ({State.JUDGING}, State.DECIDED),
    "settle": ({State.DECIDED}, State.SETTLED),
    "cancel": (
        {State.DRAFT, State.SCREENING, State.APPROVED, State.FUNDED, State.OPEN, State.JUDGING},
        State.CANCELLED,
    ),
    "archive": ({State.LISTED}, State.ARCHIVED),
}

SAID = Said(
    states={
        State.DRAFT: _l("This challenge is a draft."),
        State.SCREENING: _l("This challenge is in screening."),
        State.APPROVED: _l("This challenge is approved and waits for payment."),
        State.FUNDED: _l("The prizes of this challenge are in escrow, and it has not opened yet."),
        State.OPEN: _l("This challenge is open for proposals."),
        State.JUDGING: _l("This challenge has closed and is being judged."),
        State.DECIDED: _l("The decision about this challenge is published."),
        State.SETTLED: _l("This challenge is decided and paid."),
        State.CANCELLED: _l("This challenge is cancelled."),
        State.LISTED: _l("This is the record of another platform's challenge."),
        State.ARCHIVED: _l("This record of another platform's challenge is archived."),
    },
    verbs={
        "submit": _l("Only a draft can be sent to screening."),
        "recall": _l("Only a challenge in screening can be taken back from it."),
        "send_back": _l("Only a challenge in screening can be sent back to its sponsor."),
        "approve": _l("Only a challenge in screening can be approved."),
        "fund": _l("Only a challenge that waits for payment can be paid."),
        "lapse": _l("Only a challenge that waits for payment can go back to draft when it is not paid."),
        "open": _l("Only a challenge whose prizes are in escrow can open."),
        "close": _l("Only an open challenge can close."),
        "decide": _l("A decision can be published only while a challenge is being judged."),
        "settle": _l("Prizes are paid only once the decision is published."),
        "cancel": _l("It can no longer be cancelled."),
        "archive": _l("Only a record that is listed can be archived."),
    },
)

PUBLIC = frozenset({State.OPEN, State.JUDGING, State.DECIDED, State.SETTLED, State.LISTED, State.ARCHIVED})
IN_ESCROW = frozenset({State.FUNDED, State.OPEN, State.JUDGING, State.DECIDED})
CLOSED = frozenset({State.JUDGING, State.DECIDED, State.SETTLED})
RESULTS = frozenset({State.DECIDED, State.SETTLED})
