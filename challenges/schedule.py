"""When a challenge closes and the steps after that are due: one rule for the operations that set the dates and for the
pages that plan them.
"""

from datetime import datetime, timedelta

from challenges.models import Challenge
from challenges.rules import rules_of


def grace_seconds(challenge: Challenge) -> int:
    """How long after its closing date a challenge accepts, or (before its opening) would accept, what had arrived by
    then.
    """
    return rules_of(challenge).grace_seconds


def reviews_due_at(challenge: Challenge, begins: datetime) -> datetime:
    """When reviews requested at this time are due."""
    return begins + timedelta(days=rules_of(challenge).review_days)


def decision_due_at(challenge: Challenge, reviewed: datetime) -> datetime:
    """When the decision is due whose reviews are due at this time."""
    return reviewed + timedelta(days=rules_of(challenge).decision_days)
