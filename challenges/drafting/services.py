"""Saving a step of a draft: its fields, and what its sponsor says of the remarks that the page has shown."""

from collections.abc import Collection

from challenges import services
from challenges.brief import Changes
from challenges.models import Challenge
from challenges.screening import services as screening
from crowd.audit import Actor
from crowd.db import atomic


@atomic
def save_step(
    actor: Actor,
    challenge_id: int,
    *,
    changes: Changes,
    base: str | None,
    shown: Collection[int] = (),
    resolved: Collection[int] = (),
) -> Challenge:
    """`shown` are the ids of the remarks on the page, `resolved` those that are ticked. Raises as `services.edit`."""
    challenge = services.edit(actor, challenge_id, changes=changes, base=base)
    if shown:
        screening.resolve(actor, challenge_id, shown=shown, resolved=resolved)
    return challenge
