"""When a challenge closes and the steps after that are due: one rule for the operations that set the dates and for the
pages that plan them.
"""

from datetime import datetime, timedelta

from challenges.models import Challenge
from crowd.config import limits


def grace_seconds(challenge: Challenge) -> int:
    """How long after its closing date a challenge accepts, or (before its opening) would accept, what had arrived by
    then.
    """
    return limits().grace_seconds if challenge.grace_seconds is None else challenge.grace_seconds


def reviews_due_at(begins: datetime) -> datetime:
    """When reviews requested at this time are due."""
    return begins + timedelta(days=limits().review_days)


def decision_due_at(reviewed: datetime) -> datetime:
    """When the decision is due whose reviews are due at this time."""
    return reviewed + timedelta(days=limits().decision_days)
