"""What accounts ask of the packages above."""

from collections.abc import Callable, Collection

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
START_PAGE: Question[str] = Question("the endpoint of the page on which a signed-in person begins")
ORGANISATION_LIST: Question[str] = Question("the public list of organisations (region: a code)")
PERSON_PAGE: Question[str] = Question("the public page of a person (user_id)")
ORGANISATION_PAGE: Question[str] = Question("the public page of an organisation (organisation_id)")
VOTED_IN: Question[Callable[[int, Collection[int]], set[int]]] = Question(
    "in which of these cases a person has voted, or recused themselves"
)
