"""What rules ask of the packages above: how a change was decided, and which is being decided."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from crowd.feature import Question


@dataclass(frozen=True, slots=True)
class Ruling:
    """What everybody reads of a decided case: when, how many voted how (by their choice), its papers (the opinions that
    bodies gave, each with the body's word) and the minutes of the vote. `path` is its page, which opens for few.
    """

    path: str
    decided_at: datetime
    votes: Mapping[str, int]
    papers: Sequence[tuple[str, str]]
    minutes: Sequence[str]


@dataclass(frozen=True, slots=True)
class ProposedChange:
    """A pending case: its page, the answers of its form, when it was filed, and the body whose step is open, with the
    date of that step.
    """

    path: str
    answers: Mapping[str, str]
    language: str
    filed_at: datetime
    waiting: Sequence[tuple[str, datetime]]


RULING: Question[Callable[[int], Ruling]] = Question("what everybody reads of a decided case, by its number")
PROPOSALS: Question[Callable[[str, int], Sequence[ProposedChange]]] = Question(
    "the pending cases of a kind about a subject, as everybody reads them (kind, subject)"
)
STATED: Question[Callable[[int], tuple[Mapping[str, str], str]]] = Question(
    "the answers of a case's form and their language, by its number"
)
