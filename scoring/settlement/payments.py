"""What an award's fee is and who is paid what of it: pure calculations in minor units."""

from collections.abc import Iterable, Sequence

from crowd.ledger.models import OwnerType
from crowd.money import apply_basis_points, split

Beneficiary = tuple[OwnerType, int, int]  # (owner type, owner id, weight)


def fees(amounts: Iterable[int], points: int) -> list[int]:
    """The fees of awards of these amounts, in their order. `points` are hundredths of a percent.

    Each award carries the fee that it adds to the fee on all before it, so that all fees together are exactly the fee
    on the sum of the awards: rounding can neither overdraw the escrow nor leave a remainder, whichever is paid first.
    """
    made: list[int] = []
    before = 0
    for amount in amounts:
        made.append(apply_basis_points(before + amount, points) - apply_basis_points(before, points))
        before += amount
    return made


def shares(amount: int, beneficiaries: Sequence[Beneficiary]) -> tuple[Beneficiary, ...]:
    """What each beneficiary gets: (owner type, owner id, minor units), which add up to `amount`."""
    parts = split(amount, [weight for _kind, _owner, weight in beneficiaries])
    return tuple((kind, owner, part) for (kind, owner, _weight), part in zip(beneficiaries, parts, strict=True))
