"""Reads of a draft."""

from challenges import brief as briefs
from challenges.drafting.steps import Gap, gaps
from challenges.models import Challenge
from crowd import clock
from crowd.config import limits


def gaps_of(challenge: Challenge) -> list[Gap]:
    """What is missing in a draft as it is saved."""
    return gaps(briefs.from_challenge(challenge), limits(), clock.now())
