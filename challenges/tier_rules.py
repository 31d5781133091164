"""The set of rules of the tiers of need: what follows from each tier, which the council decides.

A challenge keeps the version that was in force when it was submitted for screening; of those that were submitted before
there were versions it is the first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from challenges.tiers import TIERS
from crowd.errors import Sentence
from crowd.rule_sets import Rule, RuleSet, RuleUnit, Values
from crowd.rules import labels
from crowd.rules import queries as rules
from crowd.rules.kinds import change_of

MORE_REVIEWS, VERIFIED, CONFIRMED = "more_reviews", "verified", "confirmed"
PARTS: Mapping[str, tuple[Sentence, RuleUnit, int, int]] = {  # label, unit, least and most
    MORE_REVIEWS: (_l("reviews of each proposal"), RuleUnit.DIFFERENCE, -2, 2),
    VERIFIED: (_l("only verified organisations take part"), RuleUnit.YES_NO, 0, 1),
    CONFIRMED: (_l("the service centre confirms each registration"), RuleUnit.YES_NO, 0, 1),
}
BEGINNING: Mapping[str, tuple[int, int, int]] = {  # in the order of the parts
    "standard": (-1, 1, 1),
    "adapted": (0, 1, 0),
    "research": (0, 0, 0),
    "grand": (1, 0, 0),
}
FIRST = {
    f"{tier}_{part}": value
    for tier, values in BEGINNING.items()
    for part, value in zip(PARTS, values, strict=True)
}  # fmt: skip


def _rules() -> Iterator[tuple[str, Rule]]:
    for code, tier in TIERS.items():
        for part, (label, unit, least, most) in PARTS.items():
            called = _l("%(tier)s: %(rule)s", tier=tier.name, rule=label)
            yield f"{code}_{part}", Rule(label=called, unit=unit, least=least, most=most)


NEEDS = RuleSet(
    name="tiers",
    number=4,
    label=_l("Tiers of need"),
    text=_l(
        "What follows from the tier of a need: how many reviews there are, who takes part, and whether registrations"
        " are confirmed. A challenge keeps the version that was in force when it was submitted for screening."
    ),
    rules=dict(_rules()),
    first=lambda: FIRST,
)
CHANGE = change_of(NEEDS, _l("Change of what follows from the tiers of need"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRules:
    """What follows from a tier. `more_reviews` of each proposal than usual; `verified`: only verified organisations
    answer; `confirmed`: the service centre confirms each registration.
    """

    more_reviews: int = 0
    verified: bool = False
    confirmed: bool = False

    def words(self) -> Iterator[Sentence]:
        """A sentence for each thing that follows."""
        if self.verified:
            yield _l("Only verified organisations take part.")
        if self.confirmed:
            yield _l("The service centre confirms each registration.")
        if self.more_reviews:
            yield _l("Reviews of each proposal: %(difference)s.", difference=labels.difference(self.more_reviews))


def tier_rules(code: str | None, version: int | None = None) -> TierRules:
    """What follows from a tier by a version of the rules, by the one in force without a number. Nothing follows
    without a tier, or from a term that is none.
    """
    if code is None or code not in TIERS:
        return TierRules()
    return _of(code, rules.of_version(NEEDS.name, version).values)


def all_tier_rules() -> dict[str, TierRules]:
    """What follows from every tier now."""
    values = rules.in_force(NEEDS.name).values
    return {code: _of(code, values) for code in TIERS}


def _of(code: str, values: Values) -> TierRules:
    more, verified, confirmed = (values[f"{code}_{part}"] for part in PARTS)
    return TierRules(more_reviews=more, verified=bool(verified), confirmed=bool(confirmed))
