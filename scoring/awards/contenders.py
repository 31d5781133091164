"""The proposals among which prizes go by the contract's rules: without those that cannot win."""

from collections.abc import Iterable

from challenges.models import Challenge
from scoring import passing
from scoring.awards import distribution
from scoring.awards.distribution import Allotment, Place
from scoring.awards.queries import prizes
from scoring.models import Award
from scoring.queries import ranked
from scoring.ranking import RankedProposal
from submissions import parties


def contenders(challenge: Challenge) -> list[RankedProposal]:
    """Best first: those with a review that reach the contract's passing scores, and behind whom nobody is an insider of
    the challenge.
    """
    standings = ranked(challenge.id)
    rows = [row.ranked for row in standings if row.ranked.mean is not None]
    barred = parties.conflicted(one.proposal for one in rows)
    barred |= passing.shortfalls(challenge, challenge.criteria, standings).keys()
    return [one for one in rows if one.proposal not in barred]


def places(challenge: Challenge) -> list[Place]:
    """Every award of every prize of the current round, the first prize first."""
    return [
        Place(prize.position, position, prize.id, prize.amount)
        for prize in prizes(challenge)
        for position in range(1, prize.award_count + 1)
    ]


def chosen(awards: Iterable[Award]) -> dict[int, Place]:
    """The places that awards have, by proposal."""
    return {
        award.proposal_id: Place(award.prize.position, award.position or 0, award.prize_id, award.prize.amount)
        for award in awards
    }


def as_published(challenge: Challenge, awards: Iterable[Award]) -> list[Allotment]:
    """What the awards that are chosen come to by the contract's rule for equal means."""
    return distribution.as_chosen(contenders(challenge), chosen(awards), challenge.tie_rule)
