"""From reviews to ranks: a pure calculation. The weighted mean of each review, the mean of a proposal's reviews."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import TypeVar

from challenges.criteria import kind_of
from challenges.rubric import Criterion, Number

T = TypeVar("T")
WIDE, WIDE_LEAST = 2.0, 15.0  # reviews differ widely: that many times the usual spread, and that many points


@dataclass(frozen=True, slots=True)
class RankingEntry:
    """A proposal that is to be ranked: its totals (0 to 100) and when it was submitted."""

    proposal: int
    totals: tuple[float, ...]
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class RankedProposal:
    """A proposal's rank (1 is best; None without a review), shared by those whose means are equal."""

    proposal: int
    rank: int | None
    mean: float | None
    totals: tuple[float, ...]
    tied: bool

    @property
    def low(self) -> float | None:
        """The lowest of its totals."""
        return min(self.totals, default=None)

    @property
    def high(self) -> float | None:
        """The highest of its totals."""
        return max(self.totals, default=None)


@dataclass(frozen=True, slots=True)
class ReviewProgress:
    """A review's progress: criteria with points, of how many, and their weighted mean (None before the first)."""

    scored: int
    asked: int
    total: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """The spread of a panel's reviews of one proposal: on average, at most, and the proposals far above that."""

    spread: float
    widest: float
    wide: frozenset[int] = field(default_factory=frozenset)


def weighted_total(points: Mapping[int, Number], criteria: Sequence[Criterion]) -> float:
    """One review's total from 0 to 100; `points` by criterion id. Added up without rounding, so that more points are
    never less.

    Raises KeyError where a criterion has no points.
    """
    counted = sum(kind_of(line).counted(line, points[line.id]) for line in criteria)
    return float(counted * 100 / sum(line.weight for line in criteria))


def tally(points: Mapping[int, Number | None], criteria: Sequence[Criterion]) -> ReviewProgress:
    """An unfinished review: `weighted_total` over the criteria that have points."""
    given = {key: number for key, number in points.items() if number is not None}
    scored = [line for line in criteria if line.id in given]
    return ReviewProgress(len(scored), len(criteria), weighted_total(given, scored) if scored else None)


def agreement(proposals: Iterable[RankedProposal]) -> Agreement | None:
    """How well the reviews agree; None where no proposal has two."""
    spreads = {one.proposal: max(one.totals) - min(one.totals) for one in proposals if len(one.totals) > 1}
    if not spreads:
        return None
    usual = sum(spreads.values()) / len(spreads)
    bar = max(WIDE * usual, WIDE_LEAST)
    wide = frozenset(proposal for proposal, spread in spreads.items() if spread >= bar)
    return Agreement(usual, max(spreads.values()), wide)


def bands(proposals: Sequence[RankedProposal]) -> list[list[RankedProposal]]:
    """The ranked proposals, grouped by rank, best first."""
    ranked = (one for one in proposals if one.rank is not None)
    return [list(band) for _rank, band in groupby(ranked, key=lambda one: one.rank)]


def in_line(proposals: Sequence[RankedProposal], prizes: Sequence[T]) -> dict[int, tuple[T, ...]]:
    """The prizes that each proposal would get by rank: several where it is tied, none below the line.

    `prizes` has one for each position, the first prize first.
    """
    found: dict[int, tuple[T, ...]] = {}
    before = 0
    for band in bands(proposals):
        ahead = tuple(dict.fromkeys(prizes[before : before + len(band)]))
        before += len(band)
        found |= {one.proposal: ahead for one in band if ahead}
    return found


def means_by_criterion(reviews: Iterable[Mapping[int, tuple[Number, str]]]) -> dict[int, float]:
    """The mean points of each criterion that has any; each review maps a criterion to (points, remark)."""
    found: dict[int, list[Number]] = {}
    for review in reviews:
        for criterion, (points, _remark) in review.items():
            found.setdefault(criterion, []).append(points)
    return {criterion: float(sum(points) / len(points)) for criterion, points in found.items()}


def rank(entries: Sequence[RankingEntry]) -> list[RankedProposal]:
    """All entries, best first; equal means share a rank and are in the order of submission."""
    means = {entry.proposal: _mean(entry.totals) for entry in entries}
    reviewed = sorted(
        (entry for entry in entries if entry.totals),
        key=lambda entry: (-(means[entry.proposal] or 0.0), entry.submitted_at, entry.proposal),
    )
    proposals: list[RankedProposal] = []
    for position, entry in enumerate(reviewed, start=1):
        mean = means[entry.proposal]
        tied = bool(proposals) and proposals[-1].mean == mean
        if tied:
            proposals[-1] = RankedProposal(proposals[-1].proposal, proposals[-1].rank, mean, proposals[-1].totals, True)
        number = proposals[-1].rank if tied else position
        proposals.append(RankedProposal(entry.proposal, number, mean, entry.totals, tied))
    unread = sorted((entry for entry in entries if not entry.totals), key=lambda entry: entry.proposal)
    return proposals + [RankedProposal(entry.proposal, None, None, (), False) for entry in unread]


def _mean(totals: tuple[float, ...]) -> float | None:
    """Rounded to a millionth, so that equal reviews in another order have equal means."""
    return round(sum(totals) / len(totals), 6) if totals else None
