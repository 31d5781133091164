"""What a panel is chosen from, at present: reviewers, their open assignments, conflicts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from challenges.models import Challenge
from challenges.rounds import current_round
from challenges.workflow import ChallengeState as ChallengeState
from crowd.accounts.models import PlatformRole, User
from crowd.db import db
from crowd.taxonomy.vocabulary import current
from crowd.text import key
from scoring.conflicts import Pair as Pair
from scoring.conflicts import Reviewer, find
from scoring.models import Assignment, ConflictOfInterest
from scoring.panels.greedy import Candidate
from scoring.workflow import AssignmentState
from submissions.parties import organisations_since, participants, parties


@dataclass(frozen=True, slots=True)
class CandidatePool:
    """`conflicts` names the kind of each (reviewer, proposal) that must not be assigned."""

    proposals: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    conflicts: dict[Pair, str]
    tags: frozenset[str]


def load(challenge: Challenge) -> CandidatePool:
    """Everything that the choice needs, in a constant number of queries."""
    experts = _experts()
    found = parties(challenge.id)
    judges = _judges(challenge, [row.id for row in experts])
    open_now = open_assignments()
    return CandidatePool(
        proposals=tuple(row.proposal for row in found),
        candidates=tuple(Candidate(row.id, folded(row.expertise), open_now.get(row.id, 0)) for row in experts),
        conflicts=find(judges, found, [one.id for one in challenge.sponsors], participants(challenge.id)),
        tags=folded(challenge.tags),
    )


def conflicts_on_panel(challenge: Challenge, *, proposal_id: int | None = None) -> dict[Pair, str]:
    """The (reviewer, proposal) pairs that were assigned or reviewed and now have a conflict: a reviewer chosen without
    a conflict may have joined an organisation since. Reviews finished before the declaration stay.
    """
    query = sa.select(Assignment.reviewer_id, Assignment.proposal_id, Assignment.state).where(
        Assignment.round_id == current_round(challenge.id),
        Assignment.state.in_((AssignmentState.PENDING, AssignmentState.DONE)),
        Assignment.proposal_id == (Assignment.proposal_id if proposal_id is None else proposal_id),
    )
    asked = {(row.reviewer_id, row.proposal_id): row.state for row in db.session.execute(query)}
    judges = _judges(challenge, sorted({reviewer for reviewer, _proposal in asked}))
    sides = parties(challenge.id, proposal_id=proposal_id)
    found = find(judges, sides, [one.id for one in challenge.sponsors], participants(challenge.id))
    return {
        pair: kind
        for pair, kind in found.items()
        if pair in asked and (kind != "declared" or asked[pair] == AssignmentState.PENDING)
    }


def folded(tags: list[str]) -> frozenset[str]:
    """Tags as they are compared and named: by their English names, or as written without case and width."""
    return frozenset(map(key, current().kept(tags)))


_OWED = sa.and_(Assignment.state == AssignmentState.PENDING, Challenge.state == ChallengeState.JUDGING)


def open_assignments() -> dict[int, int]:
    """How many reviews each reviewer still owes, on all challenges."""
    query = sa.select(Assignment.reviewer_id, sa.func.count())
    query = query.join(Challenge, Challenge.id == Assignment.challenge_id).where(_OWED)
    return dict(db.session.execute(query.group_by(Assignment.reviewer_id)).all())


def assignments_owed(reviewer_id: int) -> Sequence[sa.Row[int, str]]:
    """Rows (id, title of the challenge): the reviews that one reviewer still owes."""
    query = sa.select(Assignment.id, Challenge.title).join(Challenge, Challenge.id == Assignment.challenge_id)
    return db.session.execute(query.where(_OWED, Assignment.reviewer_id == reviewer_id).order_by(Assignment.id)).all()


def _experts() -> list[sa.Row[tuple[int, list[str]]]]:
    query = sa.select(User.id, User.expertise).where(User.active, User.roles.any(name=PlatformRole.EXPERT.value))
    return list(db.session.execute(query.order_by(User.id)))


def _judges(challenge: Challenge, ids: list[int]) -> list[Reviewer]:
    belongs = organisations_since(challenge, ids)
    people: dict[int, set[int]] = defaultdict(set)
    organisations: dict[int, set[int]] = defaultdict(set)
    query = sa.select(
        ConflictOfInterest.reviewer_id, ConflictOfInterest.user_id, ConflictOfInterest.organisation_id
    ).where(ConflictOfInterest.reviewer_id.in_(ids))
    for reviewer_id, user_id, organisation_id in db.session.execute(query):
        if user_id is not None:
            people[reviewer_id].add(user_id)
        if organisation_id is not None:
            organisations[reviewer_id].add(organisation_id)
    return [Reviewer(i, frozenset(belongs[i]), frozenset(people[i]), frozenset(organisations[i])) for i in ids]
