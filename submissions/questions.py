"""What submissions ask of the packages above."""

from collections.abc import Callable

from crowd.accounts.models import User
from crowd.feature import Question

VOTED_ON: Question[Callable[[User], frozenset[int]]] = Question(
    "the ids of the proposals about which a person votes in a pending case, in the place of others"
)
RECUSED_FROM: Question[Callable[[User], frozenset[int]]] = Question(
    "the ids of the proposals about which a person has declared a conflict of interest in a case"
)
