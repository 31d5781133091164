"""Where nobody decides in time: who may then, and what the platform does by itself and when."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from challenges.deciding import AfterCentre, Silence
from challenges.models import Challenge
from challenges.rules import rules_of
from challenges.workflow import ChallengeState

STEPPING_IN = frozenset({Silence.CENTRE_OR_COUNCIL, Silence.CENTRE})  # the service centre or the council may decide
LAST_REMINDER = timedelta(days=1)


def consequence(challenge: Challenge) -> AfterCentre | None:
    """What the platform does by itself at `silence_at`; None where it does nothing."""
    if challenge.silence == Silence.CENTRE:
        return challenge.centre_silence
    return None if challenge.silence == Silence.CENTRE_OR_COUNCIL else AfterCentre(challenge.silence.value)


def silence_at(challenge: Challenge, decision_due_at: datetime) -> datetime | None:
    """When that follows, for a decision that is due at this time."""
    if challenge.silence == Silence.CENTRE:
        return decision_due_at + timedelta(days=rules_of(challenge).centre_decision_days)
    return decision_due_at if consequence(challenge) else None


def others_decide(challenge: Challenge, now: datetime) -> bool:
    """Whether the service centre and the council may decide, too."""
    return challenge.decision_overdue(now) and challenge.silence in STEPPING_IN


def silence_over(challenge: Challenge, now: datetime) -> bool:
    """Whether the last date has passed, so that a job is about to carry out what the contract says."""
    last = challenge.silence_at
    return challenge.state == ChallengeState.JUDGING and last is not None and last <= now


def reminders(days: int) -> Sequence[timedelta]:
    """How long before a date whoever decides is reminded of it; `days` is the contract's."""
    first = timedelta(days=days)
    return sorted({first, LAST_REMINDER} if first > LAST_REMINDER else {first} if first else set(), reverse=True)
