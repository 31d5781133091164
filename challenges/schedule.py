"""When the steps after a close are due: one rule for the acts that set the dates and for the pages that plan them."""

from datetime import datetime, timedelta

from crowd.config import limits


def reviews_by(begins: datetime) -> datetime:
    """When reviews are due that are asked for at this instant."""
    return begins + timedelta(days=limits().review_days)


def decision_by(reviewed: datetime) -> datetime:
    """When the decision is due, of reviews that are due at this instant."""
    return reviewed + timedelta(days=limits().decision_days)
