"""The proposals among which prizes go by the contract's rules: without those that cannot win."""

from collections.abc import Iterable

from challenges.models import Challenge
from scoring.awards import distribution
from scoring.awards.distribution import Allotment, Place
from scoring.models import Award
from scoring.queries import ranked
from scoring.ranking import RankedProposal
from submissions import parties


def passes(challenge: Challenge, one: RankedProposal) -> bool:
    """Whether the reviews of a proposal are good enough for a prize; every one is where no passing score is set."""
    return one.mean is not None


def contenders(challenge: Challenge) -> list[RankedProposal]:
    """Best first: those that pass, and behind whom nobody is an insider of the challenge."""
    rows = [row.ranked for row in ranked(challenge.id)]
    barred = parties.conflicted(one.proposal for one in rows)
    return [one for one in rows if one.proposal not in barred and passes(challenge, one)]


def places(challenge: Challenge) -> list[Place]:
    """Every award of every prize, the first prize first."""
    return [
        Place(prize.position, position, prize.id, prize.amount)
        for prize in challenge.prizes
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
