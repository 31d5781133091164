"""Awards that cross regions: how many, and their sums, by the regions of both sides or by their tiers.

The region of a person counts whatever its visibility, so one rule decides what is shown of awards to people: they are
shown in groups, each in one currency and of at least `FEWEST` people. A group is what one pair of regions has at the
finest level, or what is left of a pair at a coarser level; what is in no group is counted nowhere. Groups have no award
in common and every sum consists of whole groups, so the differences between sums are of at least as many people, too.
The sums of tiers have the groups of the finest level only. Regions of agencies are public and always count.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import sqlalchemy as sa

from challenges.models import Challenge
from challenges.policy import FOR_EVERYBODY
from crowd.db import db
from crowd.taxonomy.vocabulary import Entry, current
from scoring.models import Award
from scoring.workflow import AwardState
from submissions.models import Proposal

LEVELS = {"prefecture": 3, "province": 2, "country": 1}  # the finest first; terms from the country down to it
TIER = "tier"
FEWEST = 3  # people
Pair = tuple[str, str]  # of the sponsor and of the winner: codes of regions, or tiers, "" where there is none
PairOf = Callable[[Entry, Entry], Pair | None]


@dataclass(slots=True)
class Sum:
    """Awards of sponsors of one place to winners of another, in one currency; `amount` in minor units."""

    pair: Pair
    currency: str
    awards: int = 0
    amount: int = 0


class Decided(NamedTuple):
    """Awards of sponsors of one region to agencies, or to people (by their numbers), of another one."""

    source: int
    target: int
    currency: str
    agency: bool
    awards: int
    amount: int
    people: Sequence[int] | None


def load() -> dict[str, list[Sum]]:
    """The sums at each of LEVELS and by TIER, the most awards first; in one statement."""
    return tables(Decided(*row) for row in db.session.execute(_DECIDED))


def tables(rows: Iterable[Decided]) -> dict[str, list[Sum]]:
    """The same of these awards."""
    known = [row for row in rows if current().by_id(row.source) and current().by_id(row.target)]
    shown = [row for row in known if row.agency]
    left = [row for row in known if not row.agency]
    found: dict[str, list[Sum]] = {}
    for level, depth in LEVELS.items():  # from the finest level
        pair_of = partial(_regions, depth)
        groups, left = _grouped(left, pair_of)
        shown += groups
        found[level] = _sums(shown, pair_of)
        found.setdefault(TIER, _sums(shown, _tiers))
    return found


_AGENCY = Proposal.organisation_id.is_not(None)
_DECIDED = (
    sa.select(
        sa.type_coerce(Challenge.region_id, sa.BigInteger).label("source"),
        sa.type_coerce(Award.region_id, sa.BigInteger).label("target"),
        Challenge.currency,
        _AGENCY.label("agency"),
        sa.func.count().label("awards"),
        sa.func.sum(Award.amount).label("amount"),
        sa.func.array_agg(Proposal.user_id.distinct()).filter(~_AGENCY).label("people"),
    )
    .join(Challenge, Challenge.id == Award.challenge_id)
    .join(Proposal, Proposal.id == Award.proposal_id)
    .where(
        Award.state != AwardState.SELECTED,
        Award.region_id.is_not(None),
        Challenge.region_id.is_not(None),
        FOR_EVERYBODY,
    )
    .group_by(Challenge.region_id, Award.region_id, Challenge.currency, _AGENCY)
)


def _pair(row: Decided, pair_of: PairOf) -> Pair | None:
    source, target = current().by_id(row.source), current().by_id(row.target)
    return pair_of(source, target) if source is not None and target is not None else None


def _grouped(rows: Iterable[Decided], pair_of: PairOf) -> tuple[list[Decided], list[Decided]]:
    """The rows of people that are in a group at this level, and the others."""
    groups: dict[tuple[Pair | None, str], list[Decided]] = defaultdict(list)
    for row in rows:
        groups[_pair(row, pair_of), row.currency].append(row)
    large = {
        key
        for key, parts in groups.items()
        if key[0] is not None and len({person for row in parts for person in row.people or ()}) >= FEWEST
    }
    inside = [row for key, parts in groups.items() if key in large for row in parts]
    return inside, [row for key, parts in groups.items() if key not in large for row in parts]


def _sums(rows: Iterable[Decided], pair_of: PairOf) -> list[Sum]:
    sums: dict[tuple[Pair, str], Sum] = {}
    for row in rows:
        if (pair := _pair(row, pair_of)) is not None:
            one = sums.setdefault((pair, row.currency), Sum(pair, row.currency))
            one.awards += row.awards
            one.amount += int(row.amount)
    return sorted(sums.values(), key=lambda one: (-one.awards, -one.amount, one.pair, one.currency))


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
