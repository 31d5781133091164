"""Reads of a draft."""

from challenges import brief as briefs
from challenges.drafting.steps import Gap, gaps
from challenges.models import Challenge
from challenges.screening import rounds
from crowd import clock
from crowd.config import limits


def gaps_of(challenge: Challenge) -> list[Gap]:
    """What is missing in a draft as it is saved, and the remarks of the screening that are not resolved."""
    missing = briefs.gaps(briefs.from_challenge(challenge), limits(), clock.now())
    return gaps([*missing, *rounds.open_remarks(challenge)])
