"""What the ledger asks of the packages above. It knows owners and purposes of money by type and id."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crowd.feature import Question


@dataclass(frozen=True, slots=True)
class HeldAward:
    """An award that is not paid because the payment is held; the results of the challenge say why."""

    challenge_id: int
    title: str
    language: str


CHALLENGES: Question[sa.FromClause] = Question("challenges: id, title, language, organisation_id of the sponsor")
PRIZE_TITLES: Question[Callable[[Iterable[int]], dict[int, str]]] = Question(
    "the titles of the prizes that awards give, by the award's id"
)
HELD_AWARDS: Question[Callable[[str, int], Sequence[HeldAward]]] = Question(
    "the awards of which a person or an organisation (owner type, id) gets a part and whose payment is held"
)
# Endpoints
FUNDING_PAGE: Question[str] = Question("how a challenge is paid for (challenge_id)")
ESCROW_PAGE: Question[str] = Question("the transfers of a challenge's escrow (challenge_id)")
RESULTS_PAGE: Question[str] = Question("the results of a challenge (challenge_id)")
