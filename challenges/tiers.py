"""Tiers of need, as data: how far a problem is from a service that can be bought, and which rules follow from that.

A tier is a term of the list `need_tier`; one that the operator has added has no rules and is not offered. What follows
from a tier is written into the contract at the opening: a later change here changes no open challenge.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from challenges.types import Type
from crowd.errors import Sentence
from crowd.taxonomy.vocabulary import Entry, current

NEED_TIER = "need_tier"


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRules:
    """What a tier changes. `type` and `rubric` (the code of a template) are where a draft begins; `more_reviews` of
    each proposal than usual; `verified`: only verified organisations answer; `confirmed`: the service centre confirms
    each registration.
    """

    text: Sentence
    type: Type
    rubric: str
    more_reviews: int = 0
    verified: bool = False
    confirmed: bool = False


TIERS: Mapping[str, TierRules] = {
    "standard": TierRules(
        text=_l("Others sell this already: a test, a calculation, a repair. You know exactly what you need."),
        type=Type.PRIZE, rubric="service", more_reviews=-1, verified=True, confirmed=True,
    ),
    "adapted": TierRules(
        text=_l("The way is known, but somebody must fit it to your machine, your material or your site."),
        type=Type.PRIZE, rubric="service", verified=True,
    ),
    "research": TierRules(
        text=_l("Nobody sells it. Somebody with the right knowledge can probably find the answer."),
        type=Type.PRIZE, rubric="research",
    ),
    "grand": TierRules(
        text=_l("Nobody knows which way leads there. Collect many ideas first, from everybody."),
        type=Type.IDEATION, rubric="ideas", more_reviews=1,
    ),
}  # fmt: skip
NO_TIER = TierRules(text="", type=Type.PRIZE, rubric="research")


def tier_rules(code: str | None) -> TierRules:
    """The rules of a tier; without one, or of a term without rules, what every challenge follows."""
    return TIERS.get(code or "", NO_TIER)


def offered(present: str = "") -> list[Entry]:
    """The tiers that a sponsor can choose; a retired one where the draft has it."""
    kept = current().get(NEED_TIER, present)
    terms = {one.code: one for one in (*current().all(NEED_TIER), *([kept] if kept else []))}
    return [terms[code] for code in TIERS if code in terms]
