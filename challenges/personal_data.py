"""What challenges know of a person, and delete with them."""

import sqlalchemy as sa

from challenges.discussion.models import ChallengeQuestion
from challenges.models import Challenge
from challenges.searches.models import SavedSearch
from challenges.support.models import SupportLine, Voucher
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
    "vouchers": lambda user_id: (
        sa.select(
            Voucher.challenge_id,
            SupportLine.title,
            SupportLine.quantity,
            SupportLine.unit,
            Voucher.state,
            Voucher.granted_at,
            Voucher.expires_at,
            Voucher.wish,
            Voucher.redeemed_at,
            Voucher.confirmed_at,
        )
        .join(SupportLine, SupportLine.id == Voucher.support_id)
        .where(Voucher.user_id == user_id)
        .order_by(Voucher.id)
    ),
    "saved_searches": lambda user_id: (
        sa.select(SavedSearch.name, SavedSearch.arguments, SavedSearch.created_at)
        .where(SavedSearch.user_id == user_id)
        .order_by(SavedSearch.id)
    ),
}


def erase(user_id: int, _email: str) -> None:
    """Delete a person's saved searches."""
    db.session.execute(sa.delete(SavedSearch).where(SavedSearch.user_id == user_id))
