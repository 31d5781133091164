"""What accounts ask of the packages above."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crowd.audit import Actor
from crowd.feature import Question

Condition = Callable[[int | sa.SQLColumnExpression[int]], sa.ColumnElement[bool]]  # of a person's id, as SQL

WRITES_PROPOSALS: Question[Condition] = Question("whether a person has begun or shares a proposal")
HAS_EARNINGS: Question[Condition] = Question("whether a person ever had earnings")
OPENS_TO: Question[Callable[[Actor | None], sa.ColumnElement[bool]]] = Question(
    "whether the public page of a person opens for a reader, as SQL over people"
)
PENDING_CASE: Question[Callable[[str, int], str]] = Question("the page of a pending case (kind, subject), or empty")
PENDING_SUBJECTS: Question[Callable[[str], sa.Select[int]]] = Question("the subjects of the pending cases of a kind")
PENDING_PAGES: Question[Callable[[str, Collection[int]], Mapping[int, str]]] = Question(
    "the pages of the pending cases of a kind about these subjects, by subject"
)
START_PAGE: Question[str] = Question("the endpoint of the page on which a signed-in person begins")
ORGANISATION_LIST: Question[str] = Question("the public list of organisations (region: a code)")
PERSON_PAGE: Question[str] = Question("the public page of a person (user_id)")
ORGANISATION_PAGE: Question[str] = Question("the public page of an organisation (organisation_id)")


@dataclass(frozen=True, slots=True)
class DecidedCase:
    """A decided case to those who may open it: its page, and the votes by which it was decided, each a choice and its
    reasons.
    """

    path: str
    votes: Sequence[tuple[str, str]]


DECIDED_CASE: Question[Callable[[Actor | None, int], DecidedCase | None]] = Question(
    "a decided case as a person reads it, by its number; None where they may not open it"
)
ACTS_IN_CASE: Question[Callable[[Actor | None, str, int], bool]] = Question(
    "whether a person decides in a case (kind, subject), pending or ended"
)
VOTED_IN: Question[Callable[[int, Collection[int]], set[int]]] = Question(
    "in which of these cases a person has voted, or recused themselves"
)
DECLARED_CONFLICTS: Question[sa.Select[int, int | None, int | None]] = Question(
    "the conflicts of interest that people declared: who, with which person or which organisation"
)
