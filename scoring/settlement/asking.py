"""A settlement is enqueued under a key that names the version of the result: a job for an earlier version, or one that
found the payment held, does not count as this one.
"""

from datetime import datetime, timedelta

from challenges.models import Challenge
from crowd.background import enqueue
from crowd.config import limits
from scoring.results import queries as results


def grace() -> timedelta:
    """How long the payment waits after the appeal period: appeals that arrived in it are still processed."""
    return timedelta(seconds=limits().grace_seconds)


def payable_at(challenge: Challenge) -> datetime | None:
    """When the settlement begins by itself."""
    return challenge.appeals_until + grace() if challenge.appeals_until else None


def ask(challenge: Challenge, why: str = "") -> None:
    """Enqueue the settlement of the newest version of a decided challenge; `why` names what it goes on after."""
    version = results.newest(challenge.id)
    assert version is not None
    key = f"settle:{challenge.id}:v{version.number}" + (f":{why}" if why else "")
    at = payable_at(challenge)
    enqueue("settlement.settle", challenge.id, version.number, at=at, key=key, challenge_id=challenge.id)
