"""Events: what has happened in an operation, published upwards.

A package defines its events as frozen dataclasses in its `events.py`, and an operation publishes them; packages above
subscribe jobs in their manifests (`on={ChallengeClosed: ("panels.form",)}`). Each subscribed job becomes a row of the
publisher's transaction, so an event and what follows from it are stored together or not at all.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar

from crowd.background import enqueue
from crowd.feature import declared


@dataclass(frozen=True)
class Event:
    """What all events have in common.

    The fields of an event, in their order, are the arguments of its jobs: values that JSON can hold. Two fields have a
    meaning of their own: `at`, which is not an argument, is when the jobs run (else at once), and a `challenge_id` is
    also that of the jobs' rows. `once`: an event with these values happens once, and publishing it again creates no
    second job.
    """

    once: ClassVar[bool] = False


def publish(event: Event) -> None:
    """Enqueue the jobs that features have subscribed to this event, in the running transaction."""
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    words = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values.values()]
    at, challenge_id = values.pop("at", None), values.get("challenge_id")
    for job in declared().subscribers.get(type(event), ()):
        key = ":".join([job, *words]) if event.once else None
        enqueue(job, *values.values(), at=at, key=key, challenge_id=challenge_id)
