"""A step of a challenge's course: taken under its lock, made by `MOVES`. Every verb of the course goes through here."""

from datetime import datetime
from typing import Any

from challenges import policy
from challenges.impartiality import refuse_party
from challenges.models import Challenge
from challenges.queries import access
from challenges.workflow import SAID, TRANSITIONS
from crowd import clock
from crowd.workflow import next_state


def lock_for_transition(actor: Any, challenge_id: int, verb: str) -> tuple[Challenge, datetime]:
    """The challenge under its lock, from whose state the verb may start, and the database's instant, read after the
    lock was granted. Nothing is changed yet: whatever else may be in the way is looked at first.
    """
    challenge = access(actor, challenge_id, to=policy.RULES[verb], lock=True)
    refuse_party(actor, challenge)
    next_state(TRANSITIONS, SAID, challenge.state, verb)
    return challenge, clock.db_now()


def transition(challenge: Challenge, verb: str, now: datetime) -> None:
    """Bring the challenge to the state after `verb`. Raises Conflict where the verb does not start from its state."""
    challenge.state = next_state(TRANSITIONS, SAID, challenge.state, verb)
    challenge.changed_at = now
