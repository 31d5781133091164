"""Reads of published results."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, lazyload, load_only

from challenges.models import Prize
from challenges.rounds import current_round
from crowd.db import db
from crowd.errors import NotFound
from scoring.models import PublishedRanking, ResultVersion
from submissions.models import Proposal, ProposalVersion
from submissions.shares.split import Beneficiary, beneficiaries

MAX_LINES = 100  # ranks on one page
_CHALLENGE = sa.bindparam("challenge_id", type_=sa.BigInteger)
_VERSIONS = (
    sa.select(ResultVersion).where(ResultVersion.challenge_id == _CHALLENGE).order_by(ResultVersion.number.desc())
)
_NEWEST = _VERSIONS.where(ResultVersion.round_id == current_round(_CHALLENGE)).limit(1)
_NEWEST_IN = (
    sa.select(ResultVersion)
    .where(ResultVersion.round_id == sa.bindparam("round_id", type_=sa.BigInteger))
    .order_by(ResultVersion.number.desc())
    .limit(1)
)


def newest_of(challenge_id: sa.SQLColumnExpression[int]) -> sa.ScalarSelect[int]:
    """The id of the newest version of a challenge's results, as SQL."""
    one = aliased(ResultVersion)
    query = sa.select(one.id).where(one.challenge_id == challenge_id).order_by(one.number.desc()).limit(1)
    return query.correlate_except(one).scalar_subquery()


def versions(challenge_id: int) -> Sequence[ResultVersion]:
    """The versions of a challenge's results, of all its rounds, the newest first."""
    return db.session.scalars(_VERSIONS, {"challenge_id": challenge_id}).all()


def newest(challenge_id: int) -> ResultVersion | None:
    """The newest version of the result of a challenge's current round; None before its first decision."""
    return db.session.scalars(_NEWEST, {"challenge_id": challenge_id}).one_or_none()


def newest_in(round_id: int) -> ResultVersion | None:
    """The same of any round."""
    return db.session.scalars(_NEWEST_IN, {"round_id": round_id}).one_or_none()


def get(challenge_id: int, number: int) -> ResultVersion:
    """A version by its number. Raises NotFound."""
    found = next((one for one in versions(challenge_id) if one.number == number), None)
    if found is None:
        raise NotFound
    return found


def lines(version_id: int) -> Sequence[PublishedRanking]:
    """All lines of a version, in the order in which they were published."""
    query = sa.select(PublishedRanking).where(PublishedRanking.result_version_id == version_id)
    return db.session.scalars(query.order_by(PublishedRanking.rank.nulls_last(), PublishedRanking.id)).all()


@dataclass(frozen=True, slots=True)
class PublishedAward:
    """An award as a version published it: the prize, the proposal, and who gets a part of it."""

    proposal_id: int
    prize: str
    prize_order: int
    position: int | None
    amount: int
    reason: str
    title: str
    language: str
    rank: int | None
    paid: tuple[Beneficiary, ...]


# Only the columns of a proposal that decide who is paid. Shares are fixed once a proposal is submitted.
_PAID = (
    sa.select(Proposal)
    .where(Proposal.id.in_(sa.bindparam("proposals", expanding=True)))
    .options(
        load_only(Proposal.user_id, Proposal.organisation_id),
        joinedload(Proposal.user).lazyload("*"),
        joinedload(Proposal.organisation),
        *(lazyload(relation) for relation in (Proposal.challenge, Proposal.draft_version, Proposal.submitted_version)),
    )
)


def paid_for(proposal_ids: Collection[int]) -> dict[int, tuple[Beneficiary, ...]]:
    """Who gets a part of an award of each of these proposals, by its id."""
    rows = db.session.scalars(_PAID, {"proposals": list(proposal_ids)}).unique() if proposal_ids else ()
    return {proposal.id: tuple(beneficiaries(proposal)) for proposal in rows}


_GIVEN = (
    sa.select(
        PublishedRanking.proposal_id, Prize.title.label("prize"), Prize.position.label("prize_order"),
        PublishedRanking.position, PublishedRanking.amount, PublishedRanking.reason, ProposalVersion.title,
        ProposalVersion.language, PublishedRanking.rank,
    )
    .join(Prize, Prize.id == PublishedRanking.prize_id)
    .join(Proposal, Proposal.id == PublishedRanking.proposal_id)
    .join(ProposalVersion, ProposalVersion.id == Proposal.submitted_version_id)
    .where(PublishedRanking.result_version_id == sa.bindparam("version", type_=sa.BigInteger))
    .order_by(Prize.position, PublishedRanking.position, PublishedRanking.id)
)  # fmt: skip


def given(version_id: int) -> list[PublishedAward]:
    """The awards of a version, the first prize first."""
    rows = db.session.execute(_GIVEN, {"version": version_id}).all()
    paid = paid_for([row.proposal_id for row in rows])
    return [PublishedAward(**row._mapping, paid=paid[row.proposal_id]) for row in rows]
