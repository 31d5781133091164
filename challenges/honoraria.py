"""Reviewers' fees: a pure calculation in minor units. No platform fee is taken on them."""


def reserve(fee: int, cap: int | None, *, reviews: int, proposals: int) -> int:
    """What a sponsor pays in for them: a fee for each of the `reviews` of as many `proposals` as may be accepted, at
    most the cap.
    """
    most = fee * reviews * proposals
    return most if cap is None else min(most, cap)


def fee_of_each(fee: int, reserved: int, *, reviews: int) -> int:
    """What each of so many reviews earns, where what was paid in has to suffice for all: the fee, or equal parts,
    rounded down.
    """
    return min(fee, reserved // reviews) if reviews else 0
