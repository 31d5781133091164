"""Reads of verification data."""

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa
from flask_babel import gettext as _

from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.accounts.organisations.policy import can_view_verification
from crowd.accounts.organisations.queries import access
from crowd.accounts.questions import PENDING_CASE, PENDING_PAGES, PENDING_SUBJECTS
from crowd.accounts.units import queries as units
from crowd.accounts.verification.models import OrganisationContact, OrganisationDocument
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import Conflict, NotFound
from crowd.files import StoredFile
from crowd.web.tasks import Task

KIND = "organisation_verification"  # the kind of case by which an organisation is verified


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


def pending(organisation_id: int) -> str:
    """The page of the organisation's pending application, or empty."""
    return PENDING_CASE()(KIND, organisation_id)


def pages_of_pending(organisations: Iterable[Organisation]) -> Mapping[int, str]:
    """The pages of the pending applications of these, by organisation."""
    return PENDING_PAGES()(KIND, [row.id for row in organisations])


def check_may_change(organisation: Organisation) -> None:
    """What the service centre is checking stays as it is meanwhile. Raises Conflict."""
    if pending(organisation.id):
        raise Conflict(
            _("Its verification is pending under this name, kind, country and number. Withdraw the application first.")
        )


def _awaits() -> sa.ColumnElement[bool]:
    """Whether an organisation created here is not verified and has not applied: an application that is pending is
    worked on as a case. Imported ones stay unverified.
    """
    here = (Organisation.verified_at.is_(None), Organisation.origin.is_(None), Organisation.closed_at.is_(None))
    return sa.and_(*here, Organisation.id.not_in(PENDING_SUBJECTS()(KIND)))


def count_waiting() -> int:
    """How many organisations are not verified and have not applied."""
    return int(db.session.scalar(sa.select(sa.func.count()).where(_awaits())) or 0)


def queues(actor: Actor | None, asked: str = "") -> units.Queues:
    """The queues of the person over the organisations that await verification; `asked` is the one to show."""
    query = sa.select(Organisation.id).where(_awaits())
    return units.queues(actor, _unit(), query, Organisation.created_at, asked)


def in_queue(found: units.Queues) -> sa.ColumnElement[bool]:
    """Whether an organisation awaits verification in the queue that is shown."""
    return sa.and_(_awaits(), found.within)


def _unit() -> units.UnitId:
    """The unit to which the verification belongs: that of the organisation's region."""
    return units.unit_clause(Organisation, Organisation.id, Organisation.region_id)


def work_on(organisations: Iterable[Organisation]) -> dict[int, units.Work]:
    """Where the verification of those of these that await it is."""
    ids = [row.id for row in organisations]
    query = sa.select(Organisation.id, _unit()).where(_awaits(), Organisation.id.in_(ids))
    return units.work_on(Organisation, query)


def waiting_in(unit_id: int) -> Sequence[int]:
    """The ids of the organisations whose verification waits in a unit."""
    query = sa.select(Organisation.id).where(_awaits(), _unit() == unit_id)
    return db.session.scalars(query.order_by(Organisation.id)).all()


def waiting(actor: User) -> list[Task]:
    """Organisations that wait for the person's verification."""
    if not actor.is_any(PlatformRole.SERVICE_CENTRE):
        return []
    return queues(actor).tasks(_("Verify organisations"), "accounts.organisations_admin")
