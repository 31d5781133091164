"""What a draft will cost its sponsor, at the fee in force."""

from dataclasses import dataclass

from challenges import brief as briefs
from challenges.models import Challenge
from challenges.rule_set import rule_limits
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


def cost_fixed(challenge: Challenge, fee_version: int) -> Cost:
    """The cost of a challenge since it was submitted for screening."""
    return Cost(
        currency=challenge.currency,
        prizes=challenge.prize_total,
        fee=apply_basis_points(challenge.prize_total, challenge.fee_basis_points),
        fee_version=fee_version,
        fee_basis_points=challenge.fee_basis_points,
        honoraria=challenge.honoraria,
    )


def cost_now(challenge: Challenge) -> Cost:
    """The cost of a draft as it is saved."""
    version, points = fees.current_fee()
    prizes = challenge.prize_total
    return Cost(
        currency=challenge.currency,
        prizes=prizes,
        fee=apply_basis_points(prizes, points),
        fee_version=version,
        fee_basis_points=points,
        honoraria=briefs.honoraria(briefs.from_challenge(challenge), rule_limits()),
    )
