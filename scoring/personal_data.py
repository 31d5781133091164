"""What judging knows of a person: their reviews, declared conflicts of interest, and reputation."""

import sqlalchemy as sa

from crowd.db import db
from crowd.feature import PersonalData
from scoring.models import Assignment, ConflictOfInterest, ReputationEvent, Review, Score

_REVIEW = (
    Assignment.challenge_id.label("challenge"), Assignment.proposal_id.label("proposal"), Assignment.state,
    Assignment.due_at, Assignment.done_at, Assignment.decline_reason, Review.comment, Review.total,
    Review.submitted_at,
)  # fmt: skip
_CONFLICT = (ConflictOfInterest.user_id, ConflictOfInterest.organisation_id, ConflictOfInterest.note,
             ConflictOfInterest.declared_at)  # fmt: skip
_EVENT = (ReputationEvent.challenge_id.label("challenge"), ReputationEvent.kind, ReputationEvent.points,
          ReputationEvent.at)  # fmt: skip
PERSONAL_DATA: PersonalData = {
    "reviews": lambda user_id: (
        sa.select(*_REVIEW)
        .outerjoin(Review, Review.assignment_id == Assignment.id)
        .where(Assignment.reviewer_id == user_id)
        .order_by(Assignment.id)
    ),
    "review_points": lambda user_id: (
        sa.select(Assignment.proposal_id.label("proposal"), Score.criterion_id, Score.points, Score.comment)
        .join(Review, Review.assignment_id == Assignment.id)
        .join(Score, Score.review_id == Review.id)
        .where(Assignment.reviewer_id == user_id)
        .order_by(Score.id)
    ),
    "conflicts_of_interest": lambda user_id: (
        sa.select(*_CONFLICT).where(ConflictOfInterest.reviewer_id == user_id).order_by(ConflictOfInterest.id)
    ),
    "reputation": lambda user_id: (
        sa.select(*_EVENT).where(ReputationEvent.user_id == user_id).order_by(ReputationEvent.id)
    ),
}


def erase(user_id: int, _email: str) -> None:
    """Delete the conflicts of interest that a person has declared."""
    db.session.execute(sa.delete(ConflictOfInterest).where(ConflictOfInterest.reviewer_id == user_id))
