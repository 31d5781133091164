"""States of a challenge. `listed` and `archived` are for records of another platform's challenges only."""

from enum import StrEnum


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

PUBLIC = frozenset({State.OPEN, State.JUDGING, State.DECIDED, State.SETTLED, State.LISTED, State.ARCHIVED})
IN_ESCROW = frozenset({State.FUNDED, State.OPEN, State.JUDGING, State.DECIDED})
CLOSED = frozenset({State.JUDGING, State.DECIDED, State.SETTLED})
RESULTS = frozenset({State.DECIDED, State.SETTLED})
