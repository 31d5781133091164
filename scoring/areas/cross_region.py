"""Awards that cross regions: how many, and their sums, by the regions of both sides or by their tiers.

The region of a person counts whatever its visibility, so a sum of people is shown by its regions only where it is of
at least `FEWEST` people; the others are added up in one row without regions. Regions of agencies are public.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa

from challenges.models import Challenge
from crowd.db import db
from crowd.taxonomy.vocabulary import Entry, current
from scoring.models import Award
from scoring.workflow import AwardState
from submissions.models import Proposal

LEVELS = {"prefecture": 3, "province": 2, "country": 1}  # how many terms from the country down to it
TIER = "tier"
FEWEST = 3  # people
UNNAMED = ("", "")
Pair = tuple[str, str]  # of the sponsor and of the winner: codes of regions, or tiers, "" where there is none


@dataclass(slots=True)
class Sum:
    """Awards of sponsors of one place to winners of another, in one currency; `amount` in minor units."""

    pair: Pair
    currency: str
    awards: int = 0
    amount: int = 0
    is_hidden: bool = False  # of several pairs, each of too few people

    def add(self, awards: int, amount: int) -> None:
        """Count these awards, too."""
        self.awards += awards
        self.amount += amount


@dataclass(slots=True)
class _Part:
    """The awards of one pair to agencies, or to people."""

    awards: int = 0
    amount: int = 0
    people: set[int] = field(default_factory=set)


def load() -> dict[str, list[Sum]]:
    """The sums at each of LEVELS and by TIER, the most awards first; in one statement."""
    rows = db.session.execute(_DECIDED).all()
    by_level = {level: _sums(rows, partial(_regions, depth)) for level, depth in LEVELS.items()}
    return by_level | {TIER: _sums(rows, _tiers)}


_AGENCY = Proposal.organisation_id.is_not(None)
_DECIDED = (
    sa.select(
        Challenge.region_id.label("source"),
        Award.region_id.label("target"),
        Challenge.currency,
        _AGENCY.label("agency"),
        sa.func.count().label("awards"),
        sa.func.sum(Award.amount).label("amount"),
        sa.func.array_agg(Proposal.user_id.distinct()).filter(~_AGENCY).label("people"),
    )
    .join(Challenge, Challenge.id == Award.challenge_id)
    .join(Proposal, Proposal.id == Award.proposal_id)
    .where(Award.state != AwardState.SELECTED, Award.region_id.is_not(None), Challenge.region_id.is_not(None))
    .group_by(Challenge.region_id, Award.region_id, Challenge.currency, _AGENCY)
)


def _sums(rows: Iterable[Any], pair_of: Callable[[Entry, Entry], Pair | None]) -> list[Sum]:
    parts: dict[tuple[Pair, str, bool], _Part] = defaultdict(_Part)
    vocabulary = current()
    for row in rows:
        source, target = vocabulary.by_id(row.source), vocabulary.by_id(row.target)
        if source is None or target is None or (pair := pair_of(source, target)) is None:
            continue
        part = parts[pair, row.currency, row.agency]
        part.awards += row.awards
        part.amount += int(row.amount)
        part.people.update(row.people or ())
    sums: dict[tuple[bool, Pair, str], Sum] = {}
    for (pair, currency, agency), part in parts.items():
        hidden = not agency and len(part.people) < FEWEST
        key = (hidden, UNNAMED if hidden else pair, currency)
        sums.setdefault(key, Sum(key[1], currency, is_hidden=hidden)).add(part.awards, part.amount)
    return sorted(sums.values(), key=lambda one: (one.is_hidden, -one.awards, -one.amount, one.pair, one.currency))


def _regions(depth: int, source: Entry, target: Entry) -> Pair | None:
    """The regions of both sides at a level, coarser where no finer one is known; None where one may be in the other."""
    here, there = _line(source)[:depth], _line(target)[:depth]
    shared = min(len(here), len(there))
    return None if here[:shared] == there[:shared] else (here[-1].code, there[-1].code)


def _line(region: Entry) -> list[Entry]:
    """The country of a region, what lies between, and the region."""
    return current().above(region)[::-1]


def _tiers(source: Entry, target: Entry) -> Pair | None:
    """The tiers of both sides, of prefectures that differ."""
    return (_tier(source), _tier(target)) if _regions(LEVELS["prefecture"], source, target) else None


def _tier(region: Entry) -> str:
    """The tier of a region, or of the nearest one above it that has one."""
    return next((one.attributes[TIER] for one in current().above(region) if TIER in one.attributes), "")
