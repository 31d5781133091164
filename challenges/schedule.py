"""When a challenge closes and the steps after that are due: one rule for the operations that set the dates and for the
pages that plan them.
"""

from datetime import datetime, timedelta

from challenges.models import Challenge
from challenges.rules import rules_of
from crowd.config import limits


def grace_seconds(challenge: Challenge) -> int:
    """How long after its closing date a challenge accepts, or (before its opening) would accept, what had arrived by
    then.
    """
    return rules_of(challenge).grace_seconds


def last_opening(challenge: Challenge) -> datetime:
    """The latest time at which it can open and still be open for long enough."""
    assert challenge.closes_at is not None
    return challenge.closes_at - timedelta(seconds=limits().min_open_seconds)


def payment_due_at(challenge: Challenge, approved: datetime) -> datetime:
    """By when a challenge that is approved at this time is to be paid."""
    return min(approved + timedelta(days=limits().funding_days), last_opening(challenge))


def opening(challenge: Challenge, paid: datetime) -> datetime:
    """When a challenge opens that is paid at this time."""
    return max(challenge.opens_at or paid, paid)


def opening_wait_ends(challenge: Challenge) -> datetime:
    """Until when the opening waits where the organisation is not verified any more; then it is cancelled."""
    begins = challenge.opens_at or challenge.funded_at
    assert begins is not None
    return min(begins + timedelta(days=limits().opening_wait_days), last_opening(challenge))


def reviews_due_at(challenge: Challenge, begins: datetime) -> datetime:
    """When reviews requested at this time are due."""
    return begins + timedelta(days=rules_of(challenge).review_days)


def decision_due_at(challenge: Challenge, reviewed: datetime) -> datetime:
    """When the decision is due whose reviews are due at this time."""
    return reviewed + timedelta(days=rules_of(challenge).decision_days)
