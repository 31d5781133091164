"""What proposals know of a person: registrations, what they wrote, and their shares."""

import sqlalchemy as sa

from challenges.models import Challenge
from crowd import files
from crowd.db import db
from crowd.feature import PersonalData
from crowd.files import StoredFile
from submissions.entry.models import RegistrationAnswer, RegistrationDocument
from submissions.models import Proposal, ProposalFile, ProposalVersion, Registration, Share

_CHALLENGE = (Challenge.id.label("challenge"), Challenge.title.label("challenge_title"))
_VERSION = (
    ProposalVersion.number, ProposalVersion.language, ProposalVersion.title, ProposalVersion.abstract,
    ProposalVersion.body, ProposalVersion.created_at, ProposalVersion.submitted_at,
)  # fmt: skip
PERSONAL_DATA: PersonalData = {
    "registrations": lambda user_id: (
        sa.select(*_CHALLENGE, Registration.organisation_id, Registration.accepted_at,
                  Registration.confirmation, Registration.confirmation_reason)
        .join(Registration, Registration.challenge_id == Challenge.id)
        .where(Registration.user_id == user_id)
        .order_by(Registration.id)
    ),
    "registration_answers": lambda user_id: (
        sa.select(*_CHALLENGE, RegistrationAnswer.question, RegistrationAnswer.answer, RegistrationAnswer.changed_at)
        .join(Registration, Registration.challenge_id == Challenge.id)
        .join(RegistrationAnswer, RegistrationAnswer.registration_id == Registration.id)
        .where(Registration.user_id == user_id)
        .order_by(RegistrationAnswer.id)
    ),
    "registration_documents": lambda user_id: (
        sa.select(*_CHALLENGE, RegistrationDocument.name.label("document"), StoredFile.name, StoredFile.size,
                  StoredFile.digest, RegistrationDocument.given_at)
        .join(Registration, Registration.challenge_id == Challenge.id)
        .join(RegistrationDocument, RegistrationDocument.registration_id == Registration.id)
        .join(StoredFile, StoredFile.id == RegistrationDocument.file_id)
        .where(Registration.user_id == user_id)
        .order_by(RegistrationDocument.id)
    ),
    "proposals": lambda user_id: (
        sa.select(*_CHALLENGE, Proposal.id.label("proposal"), Proposal.state, *_VERSION)
        .join(Proposal, Proposal.challenge_id == Challenge.id)
        .join(ProposalVersion, ProposalVersion.proposal_id == Proposal.id)
        .where(Proposal.user_id == user_id)
        .order_by(Proposal.id, ProposalVersion.number)
    ),
    "proposal_files": lambda user_id: (
        sa.select(ProposalVersion.proposal_id.label("proposal"), ProposalVersion.number, StoredFile.name,
                  StoredFile.media_type, StoredFile.size, StoredFile.digest)
        .join(ProposalFile, ProposalFile.version_id == ProposalVersion.id)
        .join(StoredFile, StoredFile.id == ProposalFile.file_id)
        .where(StoredFile.owner_id == user_id)
        .order_by(StoredFile.id)
    ),
    "shares": lambda user_id: (
        sa.select(*_CHALLENGE, Share.proposal_id.label("proposal"), Share.basis_points, Share.agreed_at)
        .join(Proposal, Proposal.challenge_id == Challenge.id)
        .join(Share, Share.proposal_id == Proposal.id)
        .where(Share.user_id == user_id)
        .order_by(Share.id)
    ),
}  # fmt: skip


def erase(user_id: int, _email: str) -> None:
    """Delete what a person answered and gave at registrations."""
    theirs = sa.select(Registration.id).where(Registration.user_id == user_id)
    db.session.execute(sa.delete(RegistrationAnswer).where(RegistrationAnswer.registration_id.in_(theirs)))
    given = sa.delete(RegistrationDocument).where(RegistrationDocument.registration_id.in_(theirs))
    files.delete(db.session.scalars(given.returning(RegistrationDocument.file_id)).all())
