"""When a challenge closes and the steps after that are due: one rule for the acts that set the dates and for the pages
that plan them.
"""

from datetime import datetime, timedelta

from challenges.models import Challenge
from crowd.config import limits


def grace_seconds(challenge: Challenge) -> int:
    """How long after its closing date a challenge takes, or before its opening would take, what had arrived by then."""
    return limits().grace_seconds if challenge.grace_seconds is None else challenge.grace_seconds


def reviews_due_at(begins: datetime) -> datetime:
    """When reviews are due that are asked for at this instant."""
    return begins + timedelta(days=limits().review_days)


def decision_due_at(reviewed: datetime) -> datetime:
    """When the decision is due, of reviews that are due at this instant."""
    return reviewed + timedelta(days=limits().decision_days)
