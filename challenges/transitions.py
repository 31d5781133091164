"""State transitions of a challenge: under its lock, by `TRANSITIONS`. Every operation of the lifecycle uses them."""

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
    """The challenge under its lock, in a state from which the verb may start, and the database's time, read after the
    lock was granted. Nothing is changed yet, so that the caller can check everything else first.
    """
    challenge = access(actor, challenge_id, to=policy.RULES[verb], lock=True)
    refuse_party(actor, challenge)
    next_state(TRANSITIONS, SAID, challenge.state, verb)
    return challenge, clock.db_now()


def transition(challenge: Challenge, verb: str, now: datetime) -> None:
    """Change the challenge's state to the one after `verb`. Raises Conflict where the verb does not start from its
    state.
    """
    challenge.state = next_state(TRANSITIONS, SAID, challenge.state, verb)
    challenge.changed_at = now
