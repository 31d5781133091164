"""What challenges ask of the packages above."""

from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa

from challenges.models import Challenge
from crowd.accounts.models import User
from crowd.audit import Actor
from crowd.feature import Question

Id = int | sa.SQLColumnExpression[int]
PANEL_PAGE: Question[str] = Question("the panel of a challenge (challenge_id)")
SET_ASIDE_AT_CLOSE: Question[Callable[[Actor, Challenge], object]] = Question(
    "sets aside, before a challenge closes, the submitted proposals whose entrants have not accepted its contract"
)
ENTERED_AT: Question[Callable[[User, int], datetime | None]] = Question(
    "since when a person takes part in a challenge, None where they do not (person, challenge_id)"
)
ACCEPTANCE: Question[Callable[[Actor | None, Challenge], object]] = Question(
    "who of all registered has accepted a challenge's contract as it is, for a reader (submissions/_acceptance.html)"
)
PAY_REVIEWERS: Question[Callable[[Actor, Challenge], object]] = Question(
    "pays the fees of reviews that were done in time out of a challenge's escrow, before the rest of it is returned"
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
