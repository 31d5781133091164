"""What challenges ask of the packages above."""

from collections.abc import Callable

import sqlalchemy as sa

from crowd.feature import Question

PANEL_PAGE: Question[str] = Question("the panel of a challenge (challenge_id)")
PARTICIPANTS: Question[Callable[[int], sa.Select[int]]] = Question(
    "the ids of those who take part in a challenge, as a select (challenge_id): they are notified as participants"
)
