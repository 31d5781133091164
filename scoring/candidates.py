"""What a panel is chosen from, as it stands at this instant: reviewers, their open assignments, conflicts."""

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from challenges.models import Challenge
from challenges.workflow import State as ChallengeState
from crowd.accounts.models import Membership, PlatformRole, User
from crowd.db import db
from scoring.conflicts import Judge, Pair, Party, find
from scoring.models import Assignment, Tie
from scoring.panels import Candidate
from scoring.workflow import AssignmentState
from submissions.models import Proposal, Share
from submissions.workflow import State


@dataclass(frozen=True, slots=True)
class Field:
    """`conflicts` names the kind of each (reviewer, proposal) that must not meet."""

    proposals: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    conflicts: dict[Pair, str]
    tags: frozenset[str]


def gather(challenge: Challenge, *, proposal_id: int | None = None) -> Field:
    """All that choosing needs, in a constant number of queries; for one proposal where `proposal_id` is given."""
    experts = _experts()
    parties = _parties(challenge.id, proposal_id)
    judges = _judges([row.id for row in experts])
    open_now = open_assignments()
    return Field(
        proposals=tuple(party.proposal for party in parties),
        candidates=tuple(Candidate(row.id, folded(row.expertise), open_now.get(row.id, 0)) for row in experts),
        conflicts=find(judges, parties, challenge.organisation_id),
        tags=folded(challenge.tags),
    )


def folded(tags: list[str]) -> frozenset[str]:
    """Tags as they are compared: without regard to case."""
    return frozenset(tag.strip().casefold() for tag in tags)


def open_assignments() -> dict[int, int]:
    """How many reviews each reviewer still owes, on all challenges."""
    query = (
        sa.select(Assignment.reviewer_id, sa.func.count())
        .join(Challenge, Challenge.id == Assignment.challenge_id)
        .where(Assignment.state == AssignmentState.PENDING, Challenge.state == ChallengeState.JUDGING)
        .group_by(Assignment.reviewer_id)
    )
    return dict(db.session.execute(query).all())


def _experts() -> list[sa.Row[tuple[int, list[str]]]]:
    query = sa.select(User.id, User.expertise).where(User.active, User.roles.any(name=PlatformRole.EXPERT.value))
    return list(db.session.execute(query.order_by(User.id)))


def _parties(challenge_id: int, proposal_id: int | None) -> list[Party]:
    query = sa.select(Proposal.id, Proposal.user_id, Proposal.organisation_id).where(
        Proposal.challenge_id == challenge_id, Proposal.state == State.SUBMITTED
    )
    if proposal_id is not None:
        query = query.where(Proposal.id == proposal_id)
    rows = db.session.execute(query.order_by(Proposal.id)).all()
    people: dict[int, set[int]] = {row.id: {row.user_id} for row in rows}
    for share_of, user_id in db.session.execute(
        sa.select(Share.proposal_id, Share.user_id).where(Share.proposal_id.in_(people))
    ):
        people[share_of].add(user_id)
    belongs = organisations_of({person for group in people.values() for person in group})
    parties = []
    for row in rows:
        organisations = {o for person in people[row.id] for o in belongs[person]}
        if row.organisation_id is not None:
            organisations.add(row.organisation_id)
        parties.append(Party(row.id, frozenset(people[row.id]), frozenset(organisations)))
    return parties


def _judges(ids: list[int]) -> list[Judge]:
    belongs = organisations_of(set(ids))
    people: dict[int, set[int]] = defaultdict(set)
    organisations: dict[int, set[int]] = defaultdict(set)
    query = sa.select(Tie.reviewer_id, Tie.user_id, Tie.organisation_id).where(Tie.reviewer_id.in_(ids))
    for reviewer_id, user_id, organisation_id in db.session.execute(query):
        if user_id is not None:
            people[reviewer_id].add(user_id)
        if organisation_id is not None:
            organisations[reviewer_id].add(organisation_id)
    return [Judge(i, frozenset(belongs[i]), frozenset(people[i]), frozenset(organisations[i])) for i in ids]


def organisations_of(people: set[int]) -> defaultdict[int, set[int]]:
    """The organisations of each of these people, as they stand now."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    query = sa.select(Membership.user_id, Membership.organisation_id).where(Membership.user_id.in_(people))
    for user_id, organisation_id in db.session.execute(query):
        found[user_id].add(organisation_id)
    return found
