"""Who is paid what when a challenge is settled: a pure calculation in minor units."""

from collections.abc import Sequence
from dataclasses import dataclass

from crowd.ledger.models import OwnerType
from crowd.money import apply_basis_points, split

Beneficiary = tuple[OwnerType, int, int]  # (owner type, owner id, weight)


@dataclass(frozen=True, slots=True)
class Due:
    """An award to pay: its amount in minor units, and its beneficiaries."""

    award: int
    amount: int
    beneficiaries: Sequence[Beneficiary]


@dataclass(frozen=True, slots=True)
class Payment:
    """`shares` are (owner type, owner id, minor units) and add up to `amount`; `fee` is the platform's, on top."""

    award: int
    amount: int
    fee: int
    shares: tuple[tuple[OwnerType, int, int], ...]


def payments(dues: Sequence[Due], points: int) -> list[Payment]:
    """The payments in the order given. `points` are hundredths of a percent.

    Each award carries the fee that it adds to the fee on all before it, so that all fees together are exactly the fee
    on the sum of the awards: rounding can neither overdraw the escrow nor leave a remainder.
    """
    made: list[Payment] = []
    before = 0
    for due in dues:
        amounts = split(due.amount, [weight for _, _, weight in due.beneficiaries])
        shares = tuple(
            (kind, owner, amount) for (kind, owner, _), amount in zip(due.beneficiaries, amounts, strict=True)
        )
        fee = apply_basis_points(before + due.amount, points) - apply_basis_points(before, points)
        made.append(Payment(due.award, due.amount, fee, shares))
        before += due.amount
    return made
