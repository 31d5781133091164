"""State transitions of a challenge: under its lock, by `TRANSITIONS`. Every operation of the lifecycle uses them."""

from datetime import datetime

from challenges import policy
from challenges.impartiality import refuse_party
from challenges.models import Challenge
from challenges.queries import access
from challenges.screening import rounds
from challenges.workflow import TRANSITIONS, WORDING, ChallengeState
from crowd import clock
from crowd.audit import Actor
from crowd.workflow import next_state


def lock_for_transition(actor: Actor, challenge_id: int, operation: str) -> tuple[Challenge, datetime]:
    """The challenge under its lock, in a state from which the operation may start, and the database's time, read
    after the lock was granted. Nothing is changed yet, so that the caller can check everything else first.
    """
    challenge = access(actor, challenge_id, to=policy.RULES[operation], lock=True)
    refuse_party(actor, challenge)
    next_state(TRANSITIONS, WORDING, challenge.state, operation)
    return challenge, clock.db_now()


def transition(challenge: Challenge, operation: str, now: datetime) -> None:
    """Change the challenge's state to the one after `operation`. Raises Conflict where the operation does not
    start from its state.
    """
    before = challenge.state
    challenge.state = next_state(TRANSITIONS, WORDING, before, operation)
    challenge.changed_at = now
    if before == ChallengeState.SCREENING:
        rounds.finish(challenge, operation, now)
