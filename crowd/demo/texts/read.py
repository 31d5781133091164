"""Read the demonstration's texts: Markdown files with TOML front matter, checked as they are read.

A file holds one record or several; each is `+++`, a TOML table, `+++`, and Markdown up to the next record.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).parent
LANGUAGES = ("zh", "en")
QUALITIES = ("strong", "solid", "weak")
FAMILIES = ("approach", "evidence", "cost", "plan", "fit", "risk")
FENCE = re.compile(r"^\+\+\+\s*$", re.MULTILINE)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Prize:
    """A tier: `amount` minor units for each of its `places`."""

    label: str
    places: int
    amount: int


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of a rubric; `key` is the family whose general remarks fit it, `scale` the highest score."""

    key: str
    name: str
    description: str
    scale: int
    weight: int


@dataclass(frozen=True, slots=True)
class Challenge:
    """A posted need. `tags` are in its own language, `topics` in the canonical English of `topics.TOPICS`."""

    key: str
    title: str
    summary: str
    need: str
    language: str
    type: str
    stage: str
    currency: str
    prizes: tuple[Prize, ...]
    rubric: tuple[Criterion, ...]
    tags: tuple[str, ...]
    topics: tuple[str, ...]
    organisation: str
    sponsor: str
    days_open: int
    entries: str
    award_reason: str
    screening: str

    @property
    def total(self) -> int:
        """Minor units of all prizes in all places."""
        return sum(prize.places * prize.amount for prize in self.prizes)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer to a challenge; `reviews` were written for exactly this one, and may be empty.

    `cost` is the price quoted in minor units of the challenge's currency, 0 where the challenge asks for none.
    """

    key: str
    challenge: str
    title: str
    abstract: str
    body: str
    language: str
    author: str
    team: str | None
    quality: str
    cost: int
    reviews: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remarks:
    """General remarks in one language; `reviews[quality][family]` are comments for a score of that quality."""

    language: str
    reviews: Mapping[str, Mapping[str, tuple[str, ...]]]
    awards: tuple[str, ...]
    declines: tuple[str, ...]
    screening: tuple[str, ...]
    conflicts: tuple[str, ...]
    cancellations: tuple[str, ...]


@cache
def challenges() -> tuple[Challenge, ...]:
    """All challenges, ordered by key. Raises ValueError or KeyError, naming the file, where one is malformed."""
    return tuple(_challenge(path) for path in sorted((HERE / "challenges").glob("*.md")))


def challenge(key: str) -> Challenge:
    """The challenge of that key; KeyError where there is none."""
    return {one.key: one for one in challenges()}[key]


@cache
def proposals(challenge_key: str) -> tuple[Proposal, ...]:
    """The proposals written for a challenge, strong ones first; empty where it has none."""
    path = HERE / "proposals" / f"{challenge_key}.md"
    if not path.exists():
        return ()
    found = [_proposal(path, number, head, body) for number, (head, body) in enumerate(records(path), start=1)]
    return tuple(sorted(found, key=lambda one: QUALITIES.index(one.quality)))


@cache
def remarks(language: str) -> Remarks:
    """The general remarks in "zh" or "en"."""
    rows = tomllib.loads((HERE / "remarks" / f"{language}.toml").read_text(encoding="utf-8"))
    reviews = {
        quality: {family: tuple(texts) for family, texts in rows["reviews"][quality].items()} for quality in QUALITIES
    }
    others = {name: tuple(rows[name]) for name in ("awards", "declines", "screening", "conflicts", "cancellations")}
    return Remarks(language=language, reviews=reviews, **others)


def records(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Each record of a file as its front matter and its Markdown. Raises ValueError where a fence is missing."""
    before, *parts = FENCE.split(path.read_text(encoding="utf-8"))
    if before.strip() or not parts or len(parts) % 2:
        raise ValueError(f"{path.name}: front matter is not fenced by +++ lines")
    for head, body in zip(parts[::2], parts[1::2], strict=True):
        try:
            yield tomllib.loads(head), body.strip() + "\n"
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path.name}: {error}") from error


def _challenge(path: Path) -> Challenge:
    [(head, need)] = records(path)
    head["prizes"] = tuple(Prize(**row) for row in head["prizes"])
    head["rubric"] = tuple(Criterion(**row) for row in head["rubric"])
    for name in ("tags", "topics"):
        head[name] = tuple(head[name])
    return _named(path, Challenge, key=path.stem, need=need, **({"award_reason": ""} | head))


def _proposal(path: Path, number: int, head: dict[str, Any], body: str) -> Proposal:
    of = challenge(path.stem)
    defaults = {"language": of.language, "team": None, "cost": 0, "reviews": ()}
    head = defaults | head
    head["reviews"] = tuple(head["reviews"])
    return _named(path, Proposal, key=f"{of.key}-{number}", challenge=of.key, body=body, **head)


def _named(path: Path, kind: type[Row], **fields: Any) -> Row:
    try:
        return kind(**fields)
    except TypeError as error:
        raise ValueError(f"{path.name}: {error}") from error
