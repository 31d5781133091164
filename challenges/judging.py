"""What the judging stores with a challenge, whose row the caller has locked."""

from datetime import datetime

from challenges.models import Challenge


def set_reviews_in(challenge: Challenge, complete: bool, now: datetime) -> bool:
    """Store since when all reviews are in; returns whether they have just become so."""
    before = challenge.reviews_in_at
    challenge.reviews_in_at = (before or now) if complete else None
    return complete and before is None


def set_held(challenge: Challenge, held: bool, now: datetime) -> None:
    """Store since when awards wait for the council."""
    challenge.held_at = (challenge.held_at or now) if held else None


def set_unverified(challenge: Challenge, unverified: bool, now: datetime) -> None:
    """Store since when awards wait for the verification of organisations."""
    challenge.unverified_at = (challenge.unverified_at or now) if unverified else None


def set_payment_held(challenge: Challenge, held: bool, now: datetime) -> None:
    """Store since when a hold stops the payment."""
    challenge.payment_held_at = (challenge.payment_held_at or now) if held else None
