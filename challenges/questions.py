"""What challenges ask of the packages above."""

from collections.abc import Callable

import sqlalchemy as sa

from challenges.models import Challenge
from crowd.audit import Actor
from crowd.feature import Question

Id = int | sa.SQLColumnExpression[int]
PANEL_PAGE: Question[str] = Question("the panel of a challenge (challenge_id)")
SET_ASIDE_AT_CLOSE: Question[Callable[[Actor, Challenge], object]] = Question(
    "sets aside, before a challenge closes, the submitted proposals whose entrants have not accepted its contract"
)
PARTICIPANTS: Question[Callable[[int], sa.Select[int]]] = Question(
    "the ids of those who take part in a challenge, as a select (challenge_id): they are notified as participants"
)
TAKES_PART: Question[Callable[[Id, Id], sa.ColumnElement[bool]]] = Question(
    "whether a person (user_id) is registered for a challenge (challenge_id) or a party of a proposal of it, as SQL"
)
REVIEWS: Question[Callable[[Id, Id], sa.ColumnElement[bool]]] = Question(
    "whether a person (user_id) reviews a proposal of a challenge (challenge_id), or has, as SQL"
)
