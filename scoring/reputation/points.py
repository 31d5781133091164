"""Reputation points in a simple form: a pure table, and every event says what it was for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from crowd.money import split

AWARDED = {1: 50, 2: 30, 3: 20}
AWARDED_LATER = 10
ON_TIME, LATE = 10, 4
DECIDED_ON_TIME, DECIDED_LATE = 20, 5
WHOLE = 10_000  # hundredths of a percent
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class JudgedProposal:
    """A judged proposal: its people with their parts (hundredths of a percent), and the agency that
    it is from.

    `position` is that of the prize it won (1 is the first), None without one; `rank` and `mean` None without a review.
    """

    proposal: int
    people: tuple[tuple[int, int], ...]
    organisation: int | None
    position: int | None
    prize: str
    rank: int | None
    mean: float | None


@dataclass(frozen=True, slots=True)
class Credit:
    """Points for a person or an organisation; `data` explain them in numbers."""

    kind: str
    points: int
    user: int | None = None
    organisation: int | None = None
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Total:
    """The totals of a party's credits: points in all, for proposals, for reviews; credits of each kind."""

    user: int | None = None
    organisation: int | None = None
    points: int = 0
    solving: int = 0
    reviewing: int = 0
    awarded: int = 0
    placed: int = 0
    reviewed: int = 0
    decided: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """A party's points from a time on, and how many of them are older than a year; `event` is the cause of
    the change.
    """

    at: datetime
    points: int
    older: int
    event: int | None


def among(shares: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The parts of people among themselves: an agency's part of an award does not reduce their points."""
    parts = split(WHOLE, [points for _person, points in shares])
    return tuple((person, part) for (person, _points), part in zip(shares, parts, strict=True))


def for_award(position: int) -> int:
    """For an award of the prize at that position (1 is the first prize)."""
    return AWARDED.get(position, AWARDED_LATER)


def for_rank(mean: float) -> int:
    """For a reviewed proposal without an award: 0 to 10 by its mean (0 to 100), halves up."""
    return int(mean / 10 + 0.5)


def for_review(late: int, reviews: int) -> int:
    """For a reviewer's part in a panel: full points for each review in time, fewer for each late one."""
    return ON_TIME * (reviews - late) + LATE * late


def for_decision(in_time: bool) -> int:
    """For a sponsor's decision."""
    return DECIDED_ON_TIME if in_time else DECIDED_LATE


def for_proposals(proposals: Sequence[JudgedProposal]) -> list[Credit]:
    """Credits of all participants: each person by their part, the agency in full; one credit per party and kind."""
    credits: dict[tuple[str, str, int], Credit] = {}
    for judged in sorted(proposals, key=lambda judged: judged.proposal):
        if judged.position is None and judged.mean is None:
            continue  # no review
        kind = "placed" if judged.position is None else "awarded"
        full = for_rank(judged.mean or 0.0) if judged.position is None else for_award(judged.position)
        parties = [("user", person, part) for person, part in judged.people]
        if judged.organisation is not None:
            parties.append(("organisation", judged.organisation, WHOLE))
        for party, owner, part in parties:
            item = _facts(judged, full, part, len(proposals))
            _add(credits, kind, party, owner, item)
    return list(credits.values())


def _facts(judged: JudgedProposal, full: int, part: int, field_size: int) -> dict[str, object]:
    return {
        "proposal": judged.proposal,
        "prize": judged.prize,
        "rank": judged.rank,
        "of": field_size,
        "mean": None if judged.mean is None else round(judged.mean, 1),
        "full": full,
        "part": part,
        "points": (full * part + WHOLE // 2) // WHOLE,
    }


def _add(credits: dict[tuple[str, str, int], Credit], kind: str, party: str, owner: int, item: dict[str, Any]) -> None:
    before = credits.get((kind, party, owner))
    items = [*before.data["items"], item] if before else [item]
    points = sum(entry["points"] for entry in items)
    credits[kind, party, owner] = Credit(kind, points, data={"items": items}, **{party: owner})


def add_up(credits: Iterable[Credit]) -> list[Total]:
    """The totals of all parties, people first, each in the order of their ids."""
    found: dict[tuple[int, int], Total] = {}
    for credit in credits:
        key = (credit.user or 0, credit.organisation or 0)
        total = found.get(key, Total(credit.user, credit.organisation))
        sums = {"points": credit.points, credit.kind: 1}
        if credit.kind in ("awarded", "placed"):
            sums["solving"] = credit.points
        elif credit.kind == "reviewed":
            sums["reviewing"] = credit.points
        found[key] = replace(total, **{name: getattr(total, name) + number for name, number in sums.items()})
    return [found[key] for key in sorted(found, key=lambda key: (not key[0], key))]


def over_time(events: Sequence[tuple[datetime, int]], now: datetime) -> list[Moment]:
    """The history of points; `events` are (time, points), oldest first. After a year, points no longer count for the
    last year.
    """
    turns: list[tuple[datetime, int, int | None]] = [(at, points, number) for number, (at, points) in enumerate(events)]
    turns += [(at + YEAR, points, None) for at, points in events if at + YEAR <= now]
    moments: list[Moment] = []
    whole = older = 0
    for at, points, number in sorted(turns, key=lambda turn: turn[0]):
        whole, older = (whole, older + points) if number is None else (whole + points, older)
        moments.append(Moment(at, whole, older, number))
    return moments


def for_reviews(rows: Iterable[tuple[int, bool]]) -> list[Credit]:
    """Credits of reviewers; `rows` are (reviewer, whether that review was late)."""
    done: dict[int, list[bool]] = {}
    for reviewer, late in rows:
        done.setdefault(reviewer, []).append(late)
    return [
        Credit(
            "reviewed",
            for_review(sum(lates), len(lates)),
            user=reviewer,
            data={"reviews": len(lates), "late": sum(lates)},
        )
        for reviewer, lates in sorted(done.items())
    ]
