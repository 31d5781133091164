"""About which proposals a person must not decide: the rules of the panels, for one person and many proposals in a
constant number of queries. Who reviewed for a challenge does not decide about it, either.
"""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from challenges.models import Challenge
from crowd.accounts.models import MembershipPeriod
from crowd.db import db
from scoring.conflicts import Reviewer, find
from scoring.models import Assignment, ConflictOfInterest
from scoring.workflow import AssignmentState
from submissions.models import Proposal
from submissions.parties import INSIDERS, part_in, parties_of


def conflicting(user_id: int, proposal_ids: Collection[int]) -> set[int]:
    """The ids of those of these proposals about which the person must not decide."""
    query = sa.select(Proposal.id, Challenge).join(Challenge, Challenge.id == Proposal.challenge_id)
    found: dict[int, Challenge] = dict(db.session.execute(query.where(Proposal.id.in_(proposal_ids))).all())
    close = _close(user_id, {challenge.id for challenge in found.values()})
    barred = {number for number, challenge in found.items() if challenge.id in close}
    return barred | _as_reviewer(user_id, {number: one for number, one in found.items() if number not in barred})


def _close(user_id: int, challenge_ids: set[int]) -> set[int]:
    """The challenges of which the person is an insider or a party, or for which they reviewed."""
    if not challenge_ids:
        return set()
    insider = sa.select(INSIDERS.c.challenge_id).where(
        INSIDERS.c.challenge_id.in_(challenge_ids), INSIDERS.c.user_id == user_id
    )
    reviewed = sa.select(Assignment.challenge_id).where(
        Assignment.challenge_id.in_(challenge_ids), Assignment.reviewer_id == user_id,
        Assignment.state != AssignmentState.DECLINED,
    )  # fmt: skip
    return {*part_in(user_id, challenge_ids), *db.session.scalars(insider), *db.session.scalars(reviewed)}


def _as_reviewer(user_id: int, challenge_of: dict[int, Challenge]) -> set[int]:
    """The proposals that the person could not review."""
    declared = sa.select(ConflictOfInterest.user_id, ConflictOfInterest.organisation_id).where(
        ConflictOfInterest.reviewer_id == user_id
    )
    rows = db.session.execute(declared).all()
    people = frozenset(row.user_id for row in rows if row.user_id)
    firms = frozenset(row.organisation_id for row in rows if row.organisation_id)
    periods = db.session.scalars(sa.select(MembershipPeriod).where(MembershipPeriod.user_id == user_id)).all()
    barred = set()
    for party in parties_of(challenge_of):
        challenge = challenge_of[party.proposal]
        judge = Reviewer(user_id, frozenset(_belonged(periods, challenge)), people, firms)
        if find([judge], [party], [one.id for one in challenge.sponsors]):
            barred.add(party.proposal)
    return barred


def _belonged(periods: Iterable[MembershipPeriod], challenge: Challenge) -> set[int]:
    since = challenge.published_at
    assert since is not None
    return {one.organisation_id for one in periods if one.ended_at is None or one.ended_at >= since}
