"""Points of reputation in their simplest honest form: a pure table, and every event says what it was for."""

AWARDED = {1: 50, 2: 30, 3: 20}
AWARDED_LATER = 10
ON_TIME, LATE = 10, 4
DECIDED_ON_TIME, DECIDED_LATE = 20, 5


def for_award(position: int) -> int:
    """For an award of the prize at that position (1 is the first prize)."""
    return AWARDED.get(position, AWARDED_LATER)


def for_place(mean: float) -> int:
    """For a reviewed proposal without an award: 0 to 10 by its mean (0 to 100)."""
    return round(mean / 10)


def for_review(late: int, reviews: int) -> int:
    """For a reviewer's part in a panel: full points for each review in time, fewer for each late one."""
    return ON_TIME * (reviews - late) + LATE * late


def for_decision(in_time: bool) -> int:
    """For a sponsor's decision."""
    return DECIDED_ON_TIME if in_time else DECIDED_LATE
