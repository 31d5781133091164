"""Reads of verification data."""

from collections.abc import Sequence

import sqlalchemy as sa

from crowd.accounts.models import Organisation
from crowd.accounts.organisations.policy import can_view_verification
from crowd.accounts.organisations.queries import access
from crowd.accounts.verification.models import OrganisationContact, OrganisationDocument
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import NotFound
from crowd.files import StoredFile


def find_contact(organisation_id: int) -> OrganisationContact | None:
    """The contact of an organisation, or None."""
    return db.session.get(OrganisationContact, organisation_id)


def list_documents(organisation_id: int) -> Sequence[OrganisationDocument]:
    """The documents of an organisation, the oldest first."""
    query = sa.select(OrganisationDocument).where(OrganisationDocument.organisation_id == organisation_id)
    return db.session.scalars(query.order_by(OrganisationDocument.id)).all()


def get_document(organisation_id: int, document_id: int) -> OrganisationDocument:
    """A document of this organisation. Raises NotFound."""
    query = sa.select(OrganisationDocument).where(
        OrganisationDocument.organisation_id == organisation_id, OrganisationDocument.id == document_id
    )
    row = db.session.scalar(query)
    if row is None:
        raise NotFound
    return row


def file(actor: Actor | None, organisation_id: int, document_id: int) -> StoredFile:
    """The file of a document, for those who may read it. Raises NotFound, Forbidden."""
    access(actor, organisation_id, to=can_view_verification)
    return get_document(organisation_id, document_id).file


def find_verified(number: str, register: str, country: str, but: int) -> Organisation | None:
    """The other organisation that was verified under a registration number, or None."""
    query = sa.select(Organisation).where(
        Organisation.registration_number == number,
        Organisation.register == register,
        Organisation.country == country,
        Organisation.verified_at.is_not(None),
        Organisation.id != but,
    )
    return db.session.scalar(query)
