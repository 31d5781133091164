"""What the platform has asked sponsors to pay: whose a payment reference is, and which money is expected.

The ledger does not know challenges: the package that does answers both questions in its manifest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crowd.feature import Question
from crowd.ledger.deposits import payment_reference


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPurpose:
    """What a payment reference stands for: the challenge, its sponsor, and the file of the newest payment proof."""

    challenge_id: int
    organisation_id: int
    proof_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """A challenge that waits for its money: `cost` and the sponsor's `free` balance in minor units of `currency`.

    `unconfirmed` is a deposit for it that waits for a second person, `proofs` how many payment proofs there are.
    """

    challenge_id: int
    title: str
    language: str
    organisation: str
    reference: str
    due_at: datetime | None
    currency: str
    cost: int
    free: int
    proofs: int = 0
    unconfirmed: int | None = None

    @property
    def received(self) -> int:
        return min(self.free, self.cost)

    @property
    def missing(self) -> int:
        return self.cost - self.received


PAYMENT_PURPOSE: Question[Callable[[str], PaymentPurpose | None]] = Question("what a payment reference stands for")
EXPECTED_PAYMENTS: Question[Callable[[], Sequence[PaymentRequest]]] = Question("the payments that are expected")


def named_by(payment_text: str) -> PaymentPurpose | None:
    """What the one payment reference in a payment's text stands for, or None: also where there are several."""
    reference = payment_reference.read(payment_text)
    if reference is None:
        return None
    return PAYMENT_PURPOSE()(reference)


def several_named(payment_text: str) -> list[str]:
    """The payment references in a payment's text where there are more than one, so that a person must decide."""
    found = payment_reference.read_all(payment_text)
    return found if len(found) > 1 else []
