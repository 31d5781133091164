"""Reads of exports, and what accounts know of a person."""

import sqlalchemy as sa

from crowd import clock
from crowd.accounts.models import LoginSession, Membership, MembershipPeriod, Organisation, Role, User, user_role
from crowd.accounts.personal_data.models import DataExport
from crowd.accounts.units.models import HandOver, OperatorUnit, UnitMember
from crowd.audit import AuditEvent
from crowd.db import db
from crowd.errors import NotFound
from crowd.feature import PersonalData

_ACCOUNT = (
    User.id, User.name, User.email, User.active, User.confirmed_at, User.created_at, User.terms_at, User.locale,
    User.time_zone, User.bio, User.expertise, User.languages, User.links, User.cv, User.availability, User.region_id,
    User.visibility,
)  # fmt: skip
_SESSION = (LoginSession.created_at, LoginSession.last_active_at, LoginSession.expires_at, LoginSession.revoked_at,
            LoginSession.ip_address, LoginSession.user_agent)  # fmt: skip
_EVENT = (AuditEvent.at, AuditEvent.action, AuditEvent.subject_type, AuditEvent.subject_id, AuditEvent.data)
_NAMED = Organisation.name.label("organisation")
PERSONAL_DATA: PersonalData = {
    "account": lambda user_id: sa.select(*_ACCOUNT).where(User.id == user_id),
    "roles": lambda user_id: (
        sa.select(Role.name).join(user_role, user_role.c.role_id == Role.id).where(user_role.c.user_id == user_id)
    ),
    "memberships": lambda user_id: (
        sa.select(_NAMED, Membership.role, Membership.created_at)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.user_id == user_id)
    ),
    "former_memberships": lambda user_id: (
        sa.select(_NAMED, MembershipPeriod.began_at, MembershipPeriod.ended_at)
        .join(Organisation, Organisation.id == MembershipPeriod.organisation_id)
        .where(MembershipPeriod.user_id == user_id)
    ),
    "unit": lambda user_id: (
        sa.select(OperatorUnit.names, UnitMember.created_at)
        .join(UnitMember, UnitMember.unit_id == OperatorUnit.id)
        .where(UnitMember.user_id == user_id)
    ),
    "handed_over": lambda user_id: (
        sa.select(HandOver.subject_type, HandOver.subject_id, HandOver.note, HandOver.handed_at)
        .where(HandOver.handed_by == user_id)
        .order_by(HandOver.handed_at)
    ),
    "sessions": lambda user_id: sa.select(*_SESSION).where(LoginSession.user_id == user_id).order_by(LoginSession.id),
    "actions": lambda user_id: sa.select(*_EVENT).where(AuditEvent.actor_id == user_id).order_by(AuditEvent.id),
}


def find_export(user_id: int) -> DataExport | None:
    """The export of a person, until it expires or is deleted."""
    query = sa.select(DataExport).where(DataExport.user_id == user_id)
    row = db.session.scalar(query)
    return None if row is not None and row.expires_at is not None and row.expires_at <= clock.now() else row


def read_archive(user_id: int, export_id: int) -> bytes:
    """The ZIP of a person's own export. Raises NotFound for another person's, and where it expired or is not ready."""
    row = find_export(user_id)
    if row is None or row.id != export_id or row.archive is None:
        raise NotFound
    return row.archive


def waiting_person(export_id: int) -> int | None:
    """Whose export is to be made; None where it is ready or was deleted."""
    return db.session.scalar(
        sa.select(DataExport.user_id).where(DataExport.id == export_id, DataExport.ready_at.is_(None))
    )
