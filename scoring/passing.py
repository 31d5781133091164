"""Passing scores: which proposals cannot win because a mean of their reviews is below what the contract asks for."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from flask_babel import lazy_gettext as _

from challenges.criteria import kind_of, passes, plain
from challenges.models import Challenge
from challenges.rubric import Criterion
from crowd.errors import Sentence
from scoring.queries import Points, RankingRow, points

Shortfalls = Mapping[int, Sequence[Sentence]]  # by the proposal's id


def asks(challenge: Challenge, criteria: Sequence[Criterion]) -> bool:
    """Whether the contract has a passing score, for the whole or for one of its criteria."""
    return challenge.passing_score is not None or any(line.passing is not None for line in criteria)


def shortfalls(challenge: Challenge, criteria: Sequence[Criterion], standings: Sequence[RankingRow]) -> Shortfalls:
    """What is missing of each of these proposals that cannot win; those that can are not in it."""
    if not asks(challenge, criteria):
        return {}
    lines = [line for line in criteria if line.passing is not None]
    given = points(challenge.id) if lines else {}
    found = {row.ranked.proposal: list(_of(challenge, lines, row, given)) for row in standings}
    return {proposal: missing for proposal, missing in found.items() if missing}


def _of(challenge: Challenge, lines: Sequence[Criterion], row: RankingRow, given: Points) -> Iterator[Sentence]:
    least, mean = challenge.passing_score, row.ranked.mean
    if mean is None:
        yield _("It has no review, and the contract has a passing score.")
        return
    if least is not None and mean < least:
        yield _("Its mean is below %(least)s of 100.", least=plain(least))
    for line in lines:
        reviews = given.get((row.ranked.proposal, line.id), [])
        if reviews and not passes(line, sum(map(Fraction, reviews), Fraction(0)) / len(reviews)):
            asked = kind_of(line).passing_text(line)
            yield _("“%(criterion)s” is below its passing score: %(least)s.", criterion=line.title, least=asked)
