"""The rules of a challenge that are numbers. From the opening on the contract has them, and no later version of the
platform's rules changes them; before, they are what would apply.
"""

from dataclasses import asdict, dataclass, fields

from challenges.models import Challenge
from challenges.rule_set import KeptVersions, rule_limits
from challenges.tier_rules import tier_rules
from challenges.types import TYPES, Type
from crowd.limits import Limits
from crowd.taxonomy.labels import term_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Each by the name of its limit (`Limits`), whose docstring has its unit; a type may have another limit for it.

    The last two follow from the tier, 1 for yes: only verified organisations answer; the service centre confirms each
    registration.
    """

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
    centre_confirms: int = 0

    def stored(self) -> dict[str, int]:
        """As the challenge's row has them."""
        return asdict(self)


def from_settings(
    settings: Limits, challenge_type: Type = Type.PRIZE, tier: str = "", *, tiers: int | None = None
) -> Rules:
    """The rules of a challenge of this type and tier that opens now; `tiers` is the version of what follows from the
    tier, without a number that in force.
    """
    own, needs = TYPES[challenge_type].limits, tier_rules(tier, tiers)
    names = [rule.name for rule in fields(Rules) if hasattr(settings, rule.name)]
    values: dict[str, int] = {name: getattr(settings, own.get(name, name)) for name in names}
    values["reviews_per_proposal"] = max(values["reviews_per_proposal"] + needs.more_reviews, 1)
    return Rules(**values, centre_confirms=int(needs.confirmed))


def kept_by(challenge: Challenge) -> KeptVersions:
    """The versions that a challenge keeps since it was submitted; a draft keeps none. What was submitted before there
    were versions of the tiers follows the first.
    """
    return KeptVersions() if challenge.is_draft else KeptVersions(challenge.rules_version, challenge.tiers_version or 1)


def rules_of(challenge: Challenge) -> Rules:
    """The rules that a challenge follows, or would follow if it opened now."""
    if challenge.rules is not None:
        return Rules(**challenge.rules)
    versions = kept_by(challenge)
    tier = term_code(challenge.tier_id)
    return from_settings(rule_limits(versions.clocks), challenge.type, tier, tiers=versions.tiers)
