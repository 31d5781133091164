"""A version of the result is written with the decision that publishes it, and never changed."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from challenges.models import Challenge
from crowd.canonical import Document, canonical, digest
from crowd.db import db
from scoring.models import Award, PublishedRanking, ResultVersion
from scoring.ranking import RankedProposal
from scoring.results import queries


def publish(
    challenge: Challenge,
    ranking: Sequence[RankedProposal],
    awards: Iterable[tuple[Award, int]],
    *,
    note: str,
    now: datetime,
) -> ResultVersion:
    """Store the ranks of all proposals, the best first, and the awards with their fees, as the next version; the
    caller has locked the challenge.
    """
    assert challenge.contract_version_id is not None
    before = queries.versions(challenge.id)
    version = ResultVersion(
        challenge_id=challenge.id, round_id=challenge.round.id, number=before[0].number + 1 if before else 1, note=note,
        contract_version_id=challenge.contract_version_id, published_at=now,
    )  # fmt: skip
    given = {award.proposal_id: (award, fee) for award, fee in awards}
    lines = [_line(challenge.id, one, given.get(one.proposal)) for one in ranking]
    version.digest = digest(canonical(document(version, lines)))
    db.session.add(version)
    db.session.flush()
    for line in lines:
        line.result_version_id = version.id
    db.session.add_all(lines)
    return version


def _line(challenge_id: int, ranked: RankedProposal, given: tuple[Award, int] | None) -> PublishedRanking:
    line = PublishedRanking(
        challenge_id=challenge_id, proposal_id=ranked.proposal, rank=ranked.rank, mean=ranked.mean, low=ranked.low,
        high=ranked.high, reviews=len(ranked.totals),
    )  # fmt: skip
    if given is not None:
        award, line.fee = given
        line.prize_id, line.position, line.tie_rank = award.prize_id, award.position, award.tie_rank
        line.amount, line.reason = award.amount, award.reason
    return line


def document(version: ResultVersion, lines: Iterable[PublishedRanking]) -> Document:
    """What the digest of a version is of."""
    return {
        "schema": "result/1",
        "challenge": version.challenge_id,
        "number": version.number,
        "contract_version": version.contract_version_id,
        "published_at": version.published_at.astimezone(UTC).isoformat(),
        "note": version.note,
        "ranking": [_of(line) for line in lines],
    }


def _of(line: PublishedRanking) -> Document:
    award = None
    if line.amount is not None:
        award = {
            "prize_id": line.prize_id, "position": line.position, "tie_rank": line.tie_rank, "amount": line.amount,
            "fee": line.fee, "reason": line.reason,
        }  # fmt: skip
    return {
        "proposal": line.proposal_id,
        "rank": line.rank,
        "mean": None if line.mean is None else repr(line.mean),
        "low": None if line.low is None else repr(line.low),
        "high": None if line.high is None else repr(line.high),
        "reviews": line.reviews,
        "award": award,
    }
