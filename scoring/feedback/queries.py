"""Reads of the reviews of one proposal. `access_feedback` decides who reads them, and when."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from flask_babel import gettext as _

from crowd.accounts.models import User
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Forbidden
from scoring import policy
from scoring import queries as judging
from scoring.models import Assignment, Review, Score
from scoring.workflow import AssignmentState
from submissions import queries as submissions
from submissions.models import Proposal
from submissions.policy import is_contributor

MIN_PROPOSALS = 3  # for a median


@dataclass(frozen=True, slots=True)
class ReviewSummary:
    """One submitted review. `reviewer` is None for readers who must not know; `points` are by criterion id."""

    number: int
    assignment_id: int
    reviewer: str | None
    total: float
    comment: str
    submitted_at: datetime
    points: dict[int, tuple[Decimal, str]] = field(default_factory=dict)


def access_feedback(actor: Actor | None, proposal_id: int) -> Proposal:
    """The proposal, for those who may read its reviews, also because they vote about it in a case. Raises NotFound
    where it is hidden, Forbidden until then.
    """
    proposal = submissions.access(actor, proposal_id, to=_may_know, view=_may_know)
    if submissions.votes_on(actor, proposal):
        return proposal
    if is_contributor(actor, proposal):
        allowed = policy.can_read_feedback(actor, proposal)
    else:
        allowed = judging.access_judging(actor, proposal.challenge_id) is not None
    if not allowed:
        raise Forbidden(_("The reviews can be read here once the sponsor has decided."))
    return proposal


def _may_know(actor: Actor | None, proposal: Proposal) -> bool:
    if submissions.votes_on(actor, proposal):
        return True
    return policy.can_know_reviews(actor, proposal) and not submissions.is_recused(actor, proposal)


def reviews_of(proposal_id: int, *, names: bool) -> list[ReviewSummary]:
    """The submitted reviews of a proposal, numbered in the order of their assignments."""
    query = (
        sa.select(Review.id, Review.assignment_id, User.name, Review.total, Review.comment, Review.submitted_at)
        .join(Assignment, Assignment.id == Review.assignment_id)
        .join(User, User.id == Assignment.reviewer_id)
        .where(Assignment.proposal_id == proposal_id, Assignment.state == AssignmentState.DONE)
    )
    rows = db.session.execute(query.order_by(Assignment.id)).all()
    points: dict[int, dict[int, tuple[Decimal, str]]] = defaultdict(dict)
    scores = sa.select(Score.review_id, Score.criterion_id, Score.points, Score.comment)
    for review_id, criterion_id, number, comment in db.session.execute(
        scores.where(Score.review_id.in_([row.id for row in rows]))
    ):
        points[review_id][criterion_id] = (number or Decimal(0), comment)
    return [
        ReviewSummary(
            i, row.assignment_id, row.name if names else None, row.total, row.comment, row.submitted_at, points[row.id]
        )
        for i, row in enumerate(rows, start=1)
    ]


def medians(challenge_id: int) -> dict[int, float]:
    """The median of each criterion over all proposals, by its id: of the mean points of their reviews.

    Empty for fewer than three reviewed proposals: of two, the median would reveal the other's points.
    """
    means = (
        sa.select(Score.criterion_id, Assignment.proposal_id, sa.func.avg(Score.points).label("mean"))
        .join(Review, Review.id == Score.review_id)
        .join(Assignment, Assignment.id == Review.assignment_id)
        .where(Assignment.challenge_id == challenge_id, Assignment.state == AssignmentState.DONE)
        .group_by(Score.criterion_id, Assignment.proposal_id)
        .subquery()
    )
    middle = sa.func.percentile_cont(0.5).within_group(means.c.mean)
    query = sa.select(means.c.criterion_id, middle).group_by(means.c.criterion_id)
    enough = query.having(sa.func.count() >= MIN_PROPOSALS)
    return {criterion_id: float(median) for criterion_id, median in db.session.execute(enough)}
