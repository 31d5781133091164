"""What deposits ask of the packages above: whose a payment reference is, and which payments are expected."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from crowd.feature import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPurpose:
    """What a payment reference stands for: the challenge, its sponsor, and the file of the newest payment proof."""

    challenge_id: int
    organisation_id: int
    proof_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequest:
    """A challenge that waits for its money: `cost` and the sponsor's `free` balance in minor units of `currency`.
    `version` is that of a raised prize, which waits in the contract of an open challenge.

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
    version: int | None = None

    @property
    def received(self) -> int:
        return min(self.free, self.cost)

    @property
    def missing(self) -> int:
        return self.cost - self.received


PAYMENT_PURPOSE: Question[Callable[[str], PaymentPurpose | None]] = Question("what a payment reference stands for")
EXPECTED_PAYMENTS: Question[Callable[[], Sequence[PaymentRequest]]] = Question("the payments that are expected")
