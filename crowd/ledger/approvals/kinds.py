"""The kinds of approvals, each with all that the platform knows of it; `details.py` shows what one is about."""

from enum import StrEnum
from typing import Self

from flask_babel import lazy_gettext as _

from crowd.errors import Sentence


class ApprovalKind(StrEnum):
    """Operations in which a person's record alone would transfer money or change its owner.

    A member is its stored word, its name on pages, and the sum of a day that it adds to: kinds with the same one add
    up.
    """

    label: Sentence
    day_sum: str

    def __new__(cls, word: str, label: Sentence, day_sum: str) -> Self:
        """All three are needed."""
        member = str.__new__(cls, word)
        member._value_, member.label, member.day_sum = word, label, day_sum
        return member

    DEPOSIT = "deposit", _("Credit a deposit"), "deposits"
    ALLOCATION = "allocation", _("Allocate an unidentified deposit"), "deposits"
    RETURN = "return", _("Record a deposit as returned"), "returns"
    REVERSAL = "reversal", _("Reverse a transfer"), "returns"
    BANK_FILE = "bank_file", _("Read a bank response file"), "bank responses"
    BANK_RESPONSE = "bank_response", _("Decide on a bank response"), "bank responses"

    def together(self) -> list["ApprovalKind"]:
        """The kinds whose sums of a day add up with this one's."""
        return [kind for kind in ApprovalKind if kind.day_sum == self.day_sum]
