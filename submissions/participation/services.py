"""What all participants of a challenge are told: its close or cancellation, answers and updates, and a near close."""

from datetime import timedelta

from challenges import queries as challenges
from challenges.policy import can_view as can_view_challenge
from crowd import clock
from crowd.audit import Actor
from crowd.db import atomic
from crowd.values import count
from submissions import notifications, queries

REMIND_BEFORE = timedelta(hours=24)  # the close


@atomic
def notify_participants(
    actor: Actor, challenge_id: int, *, kind: str, round_id: int | None = None
) -> dict[str, object]:
    """Notify all registered people that a round is `closed` (the current one for None), or the challenge `cancelled`;
    once, however often it is called.
    """
    challenge = challenges.access(actor, challenge_id, to=can_view_challenge)
    people = queries.registered(challenge_id)
    return {"notified": count(notifications.notify_participants(challenge, people, kind, round_id))}


@atomic
def notify_news(actor: Actor, challenge_id: int, what: str, number: int) -> dict[str, object]:
    """Notify all registered people of an answered question or an update; once, however often it is called."""
    challenge = challenges.access(actor, challenge_id, to=can_view_challenge)
    return {"notified": count(notifications.news(challenge, queries.registered(challenge_id), what, number))}


@atomic
def remind(actor: Actor, challenge_id: int) -> dict[str, object]:
    """Notify the authors of drafts that the close is near; none where the close was changed or has passed."""
    challenge = challenges.access(actor, challenge_id, to=can_view_challenge)
    now = clock.db_now()
    left = challenge.closes_at - now if challenge.closes_at else timedelta(0)
    if not challenge.takes_proposals(now) or left > REMIND_BEFORE + timedelta(minutes=5):
        return {"notified": count(0)}
    return {"notified": count(notifications.reminder(challenge, queries.drafting(challenge_id)))}
