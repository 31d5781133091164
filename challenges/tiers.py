"""Tiers of need, as data: how far a problem is from a service that can be bought, and where a draft begins with each.

A tier is a term of the list `need_tier`; one that the operator has added has no rules and is not offered. What follows
from a tier are rules in versions (`challenges.tier_rules`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from challenges.types import Type
from crowd.errors import Sentence
from crowd.taxonomy.vocabulary import Entry, current

NEED_TIER = "need_tier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A tier: what it is, and where a draft begins: its `type` and `rubric` (the code of a template). `name` is that of
    the term as it is shipped, since labels of rules are read also where there is no database.
    """

    name: Sentence
    text: Sentence
    type: Type
    rubric: str


TIERS: Mapping[str, Tier] = {
    "standard": Tier(
        name=_l("Standard service"),
        text=_l("Others sell this already: a test, a calculation, a repair. You know exactly what you need."),
        type=Type.PRIZE, rubric="service",
    ),
    "adapted": Tier(
        name=_l("Adapted service"),
        text=_l("The way is known, but somebody must fit it to your machine, your material or your site."),
        type=Type.PRIZE, rubric="service",
    ),
    "research": Tier(
        name=_l("Research to order"),
        text=_l("Nobody sells it. Somebody with the right knowledge can probably find the answer."),
        type=Type.PRIZE, rubric="research",
    ),
    "grand": Tier(
        name=_l("Grand challenge"),
        text=_l("Nobody knows which way leads there. Collect many ideas first, from everybody."),
        type=Type.IDEATION, rubric="ideas",
    ),
}  # fmt: skip
NO_TIER = Tier(name="", text="", type=Type.PRIZE, rubric="research")


def tier_of(code: str | None) -> Tier:
    """A tier by its code; without one, or of a term that is none, where every draft begins."""
    return TIERS.get(code or "", NO_TIER)


def offered(present: str = "") -> list[Entry]:
    """The tiers that a sponsor can choose; a retired one where the draft has it."""
    kept = current().get(NEED_TIER, present)
    terms = {one.code: one for one in (*current().all(NEED_TIER), *([kept] if kept else []))}
    return [terms[code] for code in TIERS if code in terms]
