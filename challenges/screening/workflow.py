"""How a round of the screening ends, and what may be answered to an item of the checklist."""

from enum import StrEnum


class ScreeningOutcome(StrEnum):
    """How a round ended."""

    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


# By the operation that takes a challenge out of the screening.
OUTCOMES = {
    "approve": ScreeningOutcome.APPROVED,
    "return": ScreeningOutcome.RETURNED,
    "withdraw": ScreeningOutcome.WITHDRAWN,
    "cancel": ScreeningOutcome.CANCELLED,
}


class CheckAnswer(StrEnum):
    """The answer to an item of the checklist."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"


PASSED = (CheckAnswer.YES, CheckAnswer.NOT_APPLICABLE)
