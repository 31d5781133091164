"""What challenges know of a person, and delete with them."""

import sqlalchemy as sa

from challenges.discussion.models import ChallengeQuestion
from challenges.invitations.models import ChallengeInvitation
from challenges.invitations.services import clear
from challenges.models import Challenge
from challenges.searches.models import SavedSearch
from crowd.accounts.models import User
from crowd.db import db
from crowd.feature import PersonalData

_WRITTEN = (Challenge.id, Challenge.title, Challenge.state, Challenge.created_at, Challenge.published_at)
PERSONAL_DATA: PersonalData = {
    "challenges_written": lambda user_id: (
        sa.select(*_WRITTEN).where(Challenge.created_by == user_id).order_by(Challenge.id)
    ),
    "challenges_screened": lambda user_id: (
        sa.select(*_WRITTEN).where(Challenge.approved_by == user_id).order_by(Challenge.id)
    ),
    "questions_asked": lambda user_id: (
        sa.select(
            ChallengeQuestion.challenge_id,
            ChallengeQuestion.text,
            ChallengeQuestion.state,
            ChallengeQuestion.asked_at,
        )
        .where(ChallengeQuestion.asker_id == user_id)
        .order_by(ChallengeQuestion.id)
    ),
    "invitations_received": lambda user_id: (
        sa.select(
            ChallengeInvitation.challenge_id,
            ChallengeInvitation.address,
            ChallengeInvitation.name,
            ChallengeInvitation.message,
            ChallengeInvitation.state,
            ChallengeInvitation.sent_at,
            ChallengeInvitation.seen_at,
            ChallengeInvitation.accepted_at,
            ChallengeInvitation.declined_at,
            ChallengeInvitation.reason,
        )
        .where(_invited(user_id))
        .order_by(ChallengeInvitation.id)
    ),
    "invitations_given": lambda user_id: (
        sa.select(ChallengeInvitation.challenge_id, ChallengeInvitation.state, ChallengeInvitation.prepared_at)
        .where(ChallengeInvitation.invited_by == user_id)
        .order_by(ChallengeInvitation.id)
    ),
    "saved_searches": lambda user_id: (
        sa.select(SavedSearch.name, SavedSearch.arguments, SavedSearch.created_at)
        .where(SavedSearch.user_id == user_id)
        .order_by(SavedSearch.id)
    ),
}


def _invited(user_id: int) -> sa.ColumnElement[bool]:
    address = sa.select(User.email).where(User.id == user_id).scalar_subquery()
    return sa.or_(ChallengeInvitation.user_id == user_id, ChallengeInvitation.address == address)


def erase(user_id: int, email: str) -> None:
    """Delete a person's saved searches, and what invitations say of them. That an address wants none is kept."""
    theirs = sa.or_(ChallengeInvitation.user_id == user_id, ChallengeInvitation.address == email)
    clear(db.session.scalars(sa.select(ChallengeInvitation).where(theirs)).all())
    db.session.execute(sa.delete(SavedSearch).where(SavedSearch.user_id == user_id))
