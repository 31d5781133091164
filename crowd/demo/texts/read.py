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

from challenges.criteria import CriterionLine

HERE = Path(__file__).parent
LANGUAGES = ("zh", "en")
HAN = re.compile("[\u3400-\u9fff]")
FENCE = re.compile(r"^\+\+\+\s*$", re.MULTILINE)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class PrizeText:
    """A tier: `amount` minor units for each of its `award_count` awards."""

    label: str
    award_count: int
    amount: int


@dataclass(frozen=True, slots=True)
class CriterionText:
    """One line of a rubric; `key` is its family, which the comments of reviews refer to."""

    key: str
    line: CriterionLine


@dataclass(frozen=True, slots=True)
class ChallengeText:
    """A posted challenge. `tags` are in its own language, `topics` by the English names of fields (`crowd/taxonomy`).

    `screening` is the note with which it is released, `sent_back` the earlier request of the screening, `no_award` the
    reason for giving no prize, `cancelled` the reason for the cancellation; unused ones are empty.
    """

    key: str
    title: str
    summary: str
    need: str
    language: str
    stage: str
    currency: str
    prizes: tuple[PrizeText, ...]
    rubric: tuple[CriterionText, ...]
    tags: tuple[str, ...]
    topics: tuple[str, ...]
    organisation: str
    sponsor: str
    days_open: int
    entries: str
    screening: str
    sent_back: str
    no_award: str
    cancelled: str

    @property
    def total(self) -> int:
        """The sum of all prizes in minor units."""
        return sum(prize.award_count * prize.amount for prize in self.prizes)


@dataclass(frozen=True, slots=True)
class ReviewText:
    """One reviewer's review of one proposal, in one language.

    `points` are in the order of the rubric, `remarks` by the keys of its lines; `by` is the expert who writes it.
    """

    by: str
    points: tuple[int, ...]
    text: str
    remarks: Mapping[str, str]

    @property
    def language(self) -> str:
        """`zh` or `en`."""
        return "zh" if HAN.search(self.text) else "en"


@dataclass(frozen=True, slots=True)
class ProposalText:
    """A proposal to a challenge. `award` is the sponsor's reason for a prize, where it may win one.

    `cost` is the price quoted in minor units of the challenge's currency, 0 where the challenge asks for none; `files`
    are names in the folder `files`.
    """

    key: str
    challenge: str
    title: str
    abstract: str
    body: str
    language: str
    author: str
    team: str | None
    cost: int
    award: str
    files: tuple[str, ...]
    reviews: tuple[ReviewText, ...]


@cache
def challenges() -> tuple[ChallengeText, ...]:
    """All challenges, ordered by key. Raises ValueError or KeyError, naming the file, where one is malformed."""
    return tuple(_challenge(path) for path in sorted((HERE / "challenges").glob("*.md")))


def challenge(key: str) -> ChallengeText:
    """The challenge of that key; KeyError where there is none."""
    return {one.key: one for one in challenges()}[key]


@cache
def proposals(challenge_key: str) -> tuple[ProposalText, ...]:
    """The proposals written for a challenge, in the order of their file; empty where it has none."""
    path = HERE / "proposals" / f"{challenge_key}.md"
    if not path.exists():
        return ()
    return tuple(_proposal(path, number, head, body) for number, (head, body) in enumerate(records(path), start=1))


@cache
def declines(language: str) -> tuple[str, ...]:
    """Reasons for declining a review, in "zh" or "en"."""
    return tuple(tomllib.loads((HERE / "declines.toml").read_text(encoding="utf-8"))[language])


def attachment(name: str) -> Path:
    """A file of a proposal."""
    return HERE / "files" / name


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


def _challenge(path: Path) -> ChallengeText:
    [(head, need)] = records(path)
    head["prizes"] = tuple(PrizeText(**row) for row in head["prizes"])
    head["rubric"] = tuple(_criterion(**row) for row in head["rubric"])
    for name in ("tags", "topics"):
        head[name] = tuple(head[name])
    defaults = {"sent_back": "", "no_award": "", "cancelled": ""}
    return _named(path, ChallengeText, key=path.stem, need=need, **(defaults | head))


def _criterion(*, key: str, name: str, **fields: Any) -> CriterionText:
    return CriterionText(key, CriterionLine(title=name, **fields))


def _proposal(path: Path, number: int, head: dict[str, Any], body: str) -> ProposalText:
    of = challenge(path.stem)
    defaults = {"language": of.language, "team": None, "cost": 0, "award": "", "files": (), "reviews": ()}
    head = defaults | head
    head["files"] = tuple(head["files"])
    head["reviews"] = tuple(_review(path, row) for row in head["reviews"])
    return _named(path, ProposalText, key=f"{of.key}-{number}", challenge=of.key, body=body, **head)


def _review(path: Path, row: dict[str, Any]) -> ReviewText:
    return _named(path, ReviewText, **({"remarks": {}} | row | {"points": tuple(row["points"])}))


def _named(path: Path, kind: type[Row], **fields: Any) -> Row:
    try:
        return kind(**fields)
    except TypeError as error:
        raise ValueError(f"{path.name}: {error}") from error
