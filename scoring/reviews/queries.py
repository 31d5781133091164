"""Reads for reviewers. `access_assignment` is the only function that reads an assignment by id."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from challenges.models import Challenge
from challenges.questions import Id
from challenges.rounds import Round, current_round
from challenges.rubric import Criterion
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.access import Rule, access_row
from crowd.accounts.models import PlatformRole, User
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Forbidden, NotFound
from crowd.files import StoredFile
from crowd.ledger import owners
from crowd.web.paging import Page, page
from crowd.web.tasks import MAX_TASKS, Task
from scoring import candidates, policy
from scoring.models import Assignment, ConflictOfInterest, Review, overdue, pending
from scoring.results import queries as results
from scoring.workflow import AssignmentState
from submissions import queries as submissions
from submissions.models import Proposal, ProposalVersion

JUDGING = sa.select(Challenge.id).where(Challenge.state == ChallengeState.JUDGING)
# A review is due as long as its challenge is being judged, not once it is cancelled.
OWED = sa.and_(pending(), Assignment.challenge_id.in_(JUDGING))
# Statements of a review's autosave, which many reviewers send every few seconds, are built once.
_STATE = (
    sa.select(Challenge.state, Criterion)
    .outerjoin(Criterion, Criterion.challenge_id == Challenge.id)
    .where(Challenge.id == sa.bindparam("id"))
)
_CRITERIA = (
    sa.select(Criterion).where(Criterion.challenge_id == sa.bindparam("challenge_id")).order_by(Criterion.position)
)
_OWN = sa.select(Assignment.challenge_id).where(
    Assignment.id == sa.bindparam("id"), policy.assignments_of(sa.bindparam("me"))
)
_RUBRIC = sa.select(Criterion).where(Criterion.challenge_id == _OWN.scalar_subquery()).order_by(Criterion.position)
Policy = Rule[Assignment]
NOT_YOURS = _l("There is no such review, or it is not yours.")


def challenge_of(assignment_id: int) -> int:
    """The challenge of an assignment, unlocked: its lock comes first. Raises NotFound."""
    found = db.session.scalar(sa.select(Assignment.challenge_id).where(Assignment.id == assignment_id))
    if found is None:
        raise NotFound
    return found


def reviews_in(user_id: Id, challenge_id: Id) -> sa.ColumnElement[bool]:
    """Whether a person reviews a proposal of a challenge, or has reviewed one, as SQL."""
    named = Assignment.state.in_((AssignmentState.PENDING, AssignmentState.DONE))
    return sa.exists().where(Assignment.challenge_id == challenge_id, Assignment.reviewer_id == user_id, named)


def access_assignment(
    actor: Actor | None, assignment_id: int, *, to: Policy | None = None, lock: bool = False
) -> Assignment:
    """The assignment, if it is this reviewer's; under its row lock if `lock` (take the challenge's lock before).

    Raises NotFound where it is absent or another's, Forbidden where `to` says no, and where the reviewer has a conflict
    of interest with a party since; such a review can still be declined.
    """
    row = access_row(
        actor,
        Assignment,
        assignment_id,
        view=policy.can_view_assignment,
        to=to,
        lock=lock,
        hidden=NOT_YOURS,
        refused=_l("You are no longer assigned this review."),
    )
    if to is not policy.can_decline and _has_come_too_close(row):
        raise Forbidden(
            _(
                "Since this review was assigned to you, a conflict of interest with the sponsor or a party of "
                "this challenge has arisen. You can no longer read or write it; another reviewer is assigned."
            )
        )
    return row


def _has_come_too_close(row: Assignment) -> bool:
    """Whether a conflict of interest has arisen in a challenge that is being judged."""
    challenge = db.session.get_one(Challenge, row.challenge_id)
    if challenge.state != ChallengeState.JUDGING or row.state not in (AssignmentState.PENDING, AssignmentState.DONE):
        return False
    found = candidates.conflicts_on_panel(challenge, proposal_id=row.proposal_id)
    return (row.reviewer_id, row.proposal_id) in found


def is_published(row: Assignment) -> bool:
    """Whether a submitted review has gone into a published result; the decision may be open again since."""
    version = results.newest_in(row.round_id) if row.done_at is not None else None
    return version is not None and row.done_at is not None and row.done_at <= version.published_at


def to_replace() -> list[tuple[Challenge, set[candidates.Pair]]]:
    """Challenges in judging with those (reviewer, proposal) of their panels that must not meet any more."""
    rows = db.session.scalars(
        sa.select(Challenge).where(Challenge.state == ChallengeState.JUDGING).order_by(Challenge.id)
    )
    found = [(row, set(candidates.conflicts_on_panel(row))) for row in rows]
    return [(row, pairs) for row, pairs in found if pairs]


def assignments_of(challenge_id: int, pairs: Iterable[candidates.Pair]) -> Sequence[Assignment]:
    """The assignments of these (reviewer, proposal), under their row locks."""
    query = sa.select(Assignment).where(
        Assignment.round_id == current_round(challenge_id),
        sa.tuple_(Assignment.reviewer_id, Assignment.proposal_id).in_(sorted(pairs)),
    )
    return db.session.scalars(query.order_by(Assignment.id).with_for_update(of=Assignment)).all()


def judged_by(user_id: int) -> Sequence[int]:
    """The ids of the challenges in judging for which somebody has reviews to write."""
    query = sa.select(Assignment.challenge_id).join(Challenge, Challenge.id == Assignment.challenge_id)
    owed = (Assignment.state == AssignmentState.PENDING, Challenge.state == ChallengeState.JUDGING)
    query = query.where(Assignment.reviewer_id == user_id, *owed).distinct().order_by(Assignment.challenge_id)
    return db.session.scalars(query).all()


def pending_of(challenge_id: int, user_id: int) -> Sequence[Assignment]:
    """The reviews of a challenge that somebody has to write, under their row locks."""
    mine = (Assignment.challenge_id == challenge_id, Assignment.reviewer_id == user_id)
    query = sa.select(Assignment).where(*mine, Assignment.state == AssignmentState.PENDING)
    return db.session.scalars(query.order_by(Assignment.id).with_for_update(of=Assignment)).all()


def of_proposal(proposal_id: int, *states: AssignmentState) -> Sequence[Assignment]:
    """The reviews of a proposal in these states, under their row locks."""
    query = sa.select(Assignment).where(Assignment.proposal_id == proposal_id, Assignment.state.in_(states))
    return db.session.scalars(query.order_by(Assignment.id).with_for_update(of=Assignment)).all()


def of_reviewer(challenge_id: int, user_id: int) -> Sequence[Assignment]:
    """The reviews of a challenge on which somebody is counted, submitted or not, under their row locks."""
    mine = (Assignment.challenge_id == challenge_id, Assignment.reviewer_id == user_id)
    counted = Assignment.state.in_((AssignmentState.PENDING, AssignmentState.DONE))
    query = sa.select(Assignment).where(*mine, counted).order_by(Assignment.id)
    return db.session.scalars(query.with_for_update(of=Assignment)).all()


def find_review(assignment_id: int) -> Review | None:
    """What the reviewer has written so far, or None."""
    return db.session.scalar(
        sa.select(Review).where(Review.assignment_id == assignment_id).execution_options(populate_existing=True)
    )


def state_and_criteria(challenge_id: int) -> tuple[ChallengeState, list[Criterion]]:
    """The state of a challenge, and its criteria in no order, without the rest of it."""
    rows = db.session.execute(_STATE, {"id": challenge_id}).all()
    return rows[0].state, [row.Criterion for row in rows if row.Criterion is not None]


def criteria_of(challenge_id: int) -> Sequence[Criterion]:
    """The rubric, in order."""
    return db.session.scalars(_CRITERIA, {"challenge_id": challenge_id}).all()


def rubric_for(actor: User, assignment_id: int) -> Sequence[Criterion]:
    """The rubric of the person's own review, in order, as far as its autosave needs it. Raises NotFound."""
    found = db.session.scalars(_RUBRIC, {"id": assignment_id, "me": actor.id}).all()
    if not found:
        raise NotFound(NOT_YOURS)
    return found


def file_for_reviewer(actor: Actor | None, assignment_id: int, file_id: int) -> StoredFile:
    """A file of the submitted version that this reviewer judges. Raises NotFound."""
    assignment = access_assignment(actor, assignment_id)

    def view(who: Actor | None, proposal: Proposal) -> bool:
        return policy.can_read_proposal(who, proposal, assignment)

    return submissions.file(actor, assignment.proposal_id, file_id, view=view)


def inbox(actor: User, *, done: bool, after: str | None, size: int) -> Page[Any]:
    """A page of a reviewer's assignments by due time: open ones, or finished ones. Rows have the challenge's facts."""
    query = sa.select(Assignment).where(policy.visible_assignments(actor), ~OWED if done else OWED)
    order = [(Assignment.due_at, done), (Assignment.id, done)]
    found = page(query, order, name="reviews", after=after, size=size)
    rows = _inbox_facts([row.id for row in found.rows])
    return Page([rows[row.id] for row in found.rows], found.after, found.first)


def _inbox_facts(ids: list[int]) -> dict[int, Any]:
    query = (
        sa.select(
            Assignment.id, Assignment.state, Assignment.due_at, Assignment.done_at, Challenge.id.label("challenge_id"),
            overdue(clock.now()).label("overdue"), pending().label("pending"),
            Challenge.title.label("challenge"), Challenge.language.label("challenge_language"), ProposalVersion.title,
            Assignment.fee, Challenge.currency,
            ProposalVersion.language, Review.saved_at, Review.total,
        )
        .join(Challenge, Challenge.id == Assignment.challenge_id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(ProposalVersion, ProposalVersion.id == Proposal.submitted_version_id)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .where(Assignment.id.in_(ids))
    )  # fmt: skip
    return {row.id: row for row in db.session.execute(query)}


DECLARED_CONFLICTS = sa.select(
    ConflictOfInterest.reviewer_id, ConflictOfInterest.user_id, ConflictOfInterest.organisation_id
)


def conflicts_of(reviewer_id: int) -> Sequence[tuple[ConflictOfInterest, str]]:
    """The conflicts of interest that a reviewer declared, the newest first, each with the party's name."""
    query = (
        sa.select(ConflictOfInterest, User.name)
        .outerjoin(User, User.id == ConflictOfInterest.user_id)
        .where(ConflictOfInterest.reviewer_id == reviewer_id)
    )
    rows = db.session.execute(query.order_by(ConflictOfInterest.id.desc())).all()
    named = owners.labels_of(conflict.organisation_id for conflict, _name in rows if conflict.organisation_id)
    return [
        (conflict, named[conflict.organisation_id] if conflict.organisation_id else name) for conflict, name in rows
    ]


def due_reviews(before: datetime) -> Sequence[Any]:
    """Open reviews that are due before a time, by reviewer and round: rows (reviewer, round, how many `rounds` its
    challenge has, title, number, first due time).
    """
    rounds = sa.select(sa.func.count()).select_from(Round).where(Round.challenge_id == Challenge.id)
    query = (
        sa.select(
            Assignment.reviewer_id,
            Round,
            rounds.correlate(Challenge).scalar_subquery().label("rounds"),
            Challenge.title,
            sa.func.count().label("number"),
            sa.func.min(Assignment.due_at).label("due_at"),
        )
        .join(Challenge, Challenge.id == Assignment.challenge_id)
        .join(Round, Round.id == Assignment.round_id)
        .where(OWED, Assignment.due_at <= before)
        .group_by(Assignment.reviewer_id, Round.id, Challenge.id)
    )
    return db.session.execute(query.order_by(Challenge.id, Assignment.reviewer_id)).all()


def left_over(limit: int) -> list[Assignment]:
    """Reviews that still wait although their challenge was cancelled, locked."""
    query = sa.select(Assignment).where(
        Assignment.state == AssignmentState.PENDING, Assignment.challenge_id.not_in(JUDGING)
    )
    return list(db.session.scalars(query.order_by(Assignment.id).limit(limit).with_for_update(skip_locked=True)))


_TO_REVIEW = (
    sa.select(
        Assignment.id,
        Assignment.due_at,
        Assignment.challenge_id,
        Challenge.title,
        ProposalVersion.title.label("proposal"),
    )
    .join(Challenge, Challenge.id == Assignment.challenge_id)
    .join(Proposal, Proposal.id == Assignment.proposal_id)
    .join(ProposalVersion, ProposalVersion.id == Proposal.submitted_version_id)
    .where(Assignment.reviewer_id == sa.bindparam("me"), OWED)
    .order_by(Assignment.due_at, Assignment.id)
    .limit(MAX_TASKS)
)


def waiting(actor: User) -> list[Task]:
    """The open reviews of an expert."""
    if not actor.is_any(PlatformRole.EXPERT):
        return []
    return [
        Task(
            _("Review: %(title)s", title=row.proposal),
            url_for("scoring.review", assignment_id=row.id),
            row.title,
            row.due_at,
            challenge_id=row.challenge_id,
        )
        for row in db.session.execute(_TO_REVIEW, {"me": actor.id})
    ]
