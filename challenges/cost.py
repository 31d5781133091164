"""What a draft will cost its sponsor, at the fee in force."""

from dataclasses import dataclass
from datetime import datetime

from challenges import brief as briefs
from challenges.models import Challenge
from crowd.config import limits
from crowd.ledger.fees import queries as fees
from crowd.money import apply_basis_points


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The parts of the cost, in minor units of the currency."""

    currency: str
    prizes: int
    fee: int
    fee_version: int
    fee_basis_points: int
    honoraria: int

    @property
    def total(self) -> int:
        """What the sponsor pays in."""
        return self.prizes + self.fee + self.honoraria


def cost_now(challenge: Challenge, now: datetime) -> Cost:
    """The cost of a draft as it is saved."""
    version, points = fees.current_fee(kind="award", at=now)
    prizes = challenge.prize_total
    return Cost(
        currency=challenge.currency,
        prizes=prizes,
        fee=apply_basis_points(prizes, points),
        fee_version=version,
        fee_basis_points=points,
        honoraria=briefs.honoraria(briefs.from_challenge(challenge), limits()),
    )
