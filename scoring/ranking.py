"""From reviews to ranks: a pure calculation. The weighted mean of each review, the mean of a proposal's reviews."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """A proposal that is to be ranked: its totals (0 to 100) and when it was finalised."""

    proposal: int
    totals: tuple[float, ...]
    finalised_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A proposal's rank (1 is best; None without a review), shared by those whose means are equal."""

    proposal: int
    rank: int | None
    mean: float | None
    totals: tuple[float, ...]
    tied: bool


def weighted_total(points: Mapping[int, int], criteria: Iterable[tuple[int, int, int]]) -> float:
    """One review's total from 0 to 100; `criteria` are (id, weight, scale), `points` maps an id to 0..scale.

    Raises KeyError where a criterion has no points.
    """
    rows = list(criteria)
    return sum(weight * points[key] / scale for key, weight, scale in rows) * 100 / sum(weight for _, weight, _ in rows)


def rank(entries: Sequence[Entry]) -> list[Place]:
    """All entries, best first; equal means share a rank and stand in the order of their finalising."""
    means = {entry.proposal: _mean(entry.totals) for entry in entries}
    reviewed = sorted(
        (entry for entry in entries if entry.totals),
        key=lambda entry: (-(means[entry.proposal] or 0.0), entry.finalised_at, entry.proposal),
    )
    places: list[Place] = []
    for position, entry in enumerate(reviewed, start=1):
        mean = means[entry.proposal]
        tied = bool(places) and places[-1].mean == mean
        if tied:
            places[-1] = Place(places[-1].proposal, places[-1].rank, mean, places[-1].totals, True)
        number = places[-1].rank if tied else position
        places.append(Place(entry.proposal, number, mean, entry.totals, tied))
    unread = sorted((entry for entry in entries if not entry.totals), key=lambda entry: entry.proposal)
    return places + [Place(entry.proposal, None, None, (), False) for entry in unread]


def _mean(totals: tuple[float, ...]) -> float | None:
    """Rounded to a millionth, so that equal reviews in another order are equal means."""
    return round(sum(totals) / len(totals), 6) if totals else None
