"""Every write of verification data. The organisation's row is locked first, as for its members."""

from typing import IO

from flask_babel import lazy_gettext as _

from crowd import files
from crowd.accounts import entries
from crowd.accounts.models import Organisation
from crowd.accounts.organisations.policy import can_describe
from crowd.accounts.organisations.queries import access
from crowd.accounts.verification import numbers, queries
from crowd.accounts.verification.models import OrganisationContact, OrganisationDocument
from crowd.audit import Actor, record
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Invalid


@atomic
def register(
    actor: Actor, organisation_id: int, *, registration_number: str, register: str = "", contact_name: str,
    contact_email: str, contact_phone: str = "",
) -> Organisation:  # fmt: skip
    """Set the registration and the contact of an organisation. A new number must be verified again.

    `register` is the register that keeps the number; China has one for all, so none is stored there. Raises NotFound,
    Forbidden, Invalid (no such number, no register).
    """
    row = access(actor, organisation_id, to=can_describe, lock=True)
    now = (_number(registration_number, row.country), "" if row.country == "CN" else register.strip())
    if not now[1] and row.country != "CN":
        raise Invalid.at("register", _("Enter the register that holds this number."))
    if now != (row.registration_number, row.register):
        queries.check_may_change(row)
        row.registration_number, row.register = now
        row.verified_at = None
        entries.leave(actor, row, entries.CHANGED)
    contact = queries.find_contact(row.id) or OrganisationContact(organisation_id=row.id)
    contact.name, contact.email, contact.phone = contact_name, contact_email, contact_phone
    db.session.add(contact)
    record(actor, "organisation.registered", row, registration_number=row.registration_number, register=row.register)
    return row


def _number(text: str, country: str) -> str:
    try:
        return numbers.read(text, country)
    except ValueError:
        message = (
            _("This is not a unified social credit code: 18 digits and letters, of which the last one is a check.")
            if country == "CN"
            else _("Write the number as the register does, in digits and Latin letters.")
        )
        raise Invalid.at("registration_number", message) from None


def add_document(actor: Actor, organisation_id: int, stream: IO[bytes], filename: str) -> OrganisationDocument:
    """Add a licence or an extract from a register. Raises NotFound, Forbidden, Invalid, Conflict (too many, twice)."""
    access(actor, organisation_id, to=can_describe)
    return _add_document(actor, organisation_id, files.keep(stream, filename))


@atomic
def _add_document(actor: Actor, organisation_id: int, kept: files.Kept) -> OrganisationDocument:
    row = access(actor, organisation_id, to=can_describe, lock=True)
    shown = queries.list_documents(row.id)
    if len(shown) >= limits().organisation_documents:
        most = limits().organisation_documents
        raise Conflict(_("An organisation may upload at most %(number)s documents.", number=most))
    if any(document.file.digest == kept.digest for document in shown):
        raise Conflict(_("This document has already been uploaded."))
    stored = files.refer(actor, kept)
    document = OrganisationDocument(organisation_id=row.id, file_id=stored.id, uploaded_by=actor.id)
    db.session.add(document)
    record(actor, "organisation.document_added", row, name=stored.name, digest=stored.digest)
    return document


@atomic
def remove_document(actor: Actor, organisation_id: int, document_id: int) -> None:
    """Remove a document and its upload; the audit trail keeps its name and digest. Raises NotFound, Forbidden."""
    row = access(actor, organisation_id, to=can_describe, lock=True)
    document = queries.get_document(row.id, document_id)
    record(actor, "organisation.document_removed", row, name=document.file.name, digest=document.file.digest)
    db.session.delete(document)
    db.session.flush()
    files.delete([document.file_id])
