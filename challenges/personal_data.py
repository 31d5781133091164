"""What challenges know of a person, and delete with them."""

import sqlalchemy as sa

from challenges.discussion.models import ChallengeQuestion
from challenges.entry.models import NdaSignature
from challenges.invitations.models import ChallengeInvitation
from challenges.invitations.services import clear
from challenges.models import Challenge
from challenges.screening.models import SavedAnswer, ScreeningRemark, ScreeningRound
from challenges.searches.models import SavedSearch
from challenges.support.models import SupportLine, Voucher
from crowd.accounts.models import ERASED, User
from crowd.contracts.models import ContractVersion
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
    "ndas_signed": lambda user_id: (
        sa.select(
            NdaSignature.challenge_id,
            ContractVersion.number.label("version"),
            ContractVersion.digest.label("contract"),
            NdaSignature.digest.label("nda"),
            NdaSignature.name,
            NdaSignature.signed_at,
        )
        .join(ContractVersion, ContractVersion.id == NdaSignature.version_id)
        .where(NdaSignature.user_id == user_id)
        .order_by(NdaSignature.id)
    ),
    "screenings_taken": lambda user_id: (
        sa.select(ScreeningRound.challenge_id, ScreeningRound.number, ScreeningRound.taken_at, ScreeningRound.outcome)
        .where(ScreeningRound.taken_by == user_id)
        .order_by(ScreeningRound.id)
    ),
    "screening_remarks": lambda user_id: (
        sa.select(ScreeningRemark.challenge_id, ScreeningRemark.text, ScreeningRemark.written_at)
        .where(ScreeningRemark.written_by == user_id)
        .order_by(ScreeningRemark.id)
    ),
    "saved_answers": lambda user_id: (
        sa.select(SavedAnswer.name, SavedAnswer.text, SavedAnswer.shared, SavedAnswer.created_at)
        .where(SavedAnswer.user_id == user_id)
        .order_by(SavedAnswer.id)
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
    """Delete a person's saved searches and saved answers, their name below NDAs that they have signed, and what
    invitations say of them. That an address wants none is kept.
    """
    db.session.execute(sa.update(NdaSignature).where(NdaSignature.user_id == user_id).values(name=ERASED))
    db.session.execute(sa.delete(SavedAnswer).where(SavedAnswer.user_id == user_id))
    theirs = sa.or_(ChallengeInvitation.user_id == user_id, ChallengeInvitation.address == email)
    clear(db.session.scalars(sa.select(ChallengeInvitation).where(theirs)).all())
    db.session.execute(sa.delete(SavedSearch).where(SavedSearch.user_id == user_id))
