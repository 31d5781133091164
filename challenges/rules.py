"""The rules of a challenge that are numbers. Before the opening they are the platform's settings; from then on the
contract has them, and a changed setting changes nothing.
"""

from dataclasses import asdict, dataclass, fields

from challenges.models import Challenge
from crowd.config import limits
from crowd.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Each by the name of its setting (`Limits`), whose docstring has its unit."""

    registrations_per_challenge: int
    files_per_proposal: int
    proposal_bytes: int
    max_body_length: int
    team_members: int
    reviews_per_proposal: int
    review_days: int
    decision_days: int
    centre_decision_days: int
    decision_reminder_days: int
    grace_seconds: int
    amendment_seconds: int
    question_seconds: int

    def stored(self) -> dict[str, int]:
        """As the challenge's row has them."""
        return asdict(self)


def from_settings(settings: Limits) -> Rules:
    """The rules of a challenge that opens now."""
    return Rules(**{rule.name: getattr(settings, rule.name) for rule in fields(Rules)})


def rules_of(challenge: Challenge) -> Rules:
    """The rules that a challenge follows, or would follow if it opened now."""
    return from_settings(limits()) if challenge.rules is None else Rules(**challenge.rules)
