"""Every write about units: one transaction per operation."""

from typing import TypeVar

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd import clock
from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.accounts.organisations.policy import can_verify
from crowd.accounts.organisations.queries import access as access_organisation
from crowd.accounts.policy import can_administer
from crowd.accounts.units import queries
from crowd.accounts.units.models import HandOver, OperatorUnit, UnitMember
from crowd.accounts.verification.queries import pending
from crowd.audit import Actor, record
from crowd.config import limits
from crowd.db import Model, atomic, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.feature import declared
from crowd.taxonomy.schemes import REGION
from crowd.taxonomy.vocabulary import current
from crowd.values import named, term
from crowd.web.forms import NOT_OFFERED

Row = TypeVar("Row", bound=Model)


@atomic
def add_unit(actor: Actor, *, names: dict[str, str], region_id: int | None) -> OperatorUnit:
    """Add a unit, without staff. Raises Forbidden, Invalid where the region has one already."""
    _administers(actor)
    row = OperatorUnit(names=names, region_id=_region(region_id))
    db.session.add(row)
    record(actor, "unit.created", row, unit=named(names))
    return row


@atomic
def edit_unit(actor: Actor, unit_id: int, *, names: dict[str, str], region_id: int | None) -> OperatorUnit:
    """Change the names and the region of a unit. Raises NotFound, Forbidden, Invalid as above."""
    _administers(actor)
    row = queries.get_unit(unit_id, lock=True)
    row.names = names
    row.region_id = _region(region_id, but=row.id)
    record(actor, "unit.edited", row, unit=named(names))
    return row


def _region(region_id: int | None, but: int | None = None) -> int:
    entry = current().by_id(region_id)
    if entry is None or entry.scheme != REGION:
        raise Invalid.at("region_id", NOT_OFFERED)
    if any(unit.region_id == entry.id and unit.id != but for unit in queries.list_units()):
        raise Invalid.at("region_id", _("This region has a unit already."))
    return entry.id


@atomic
def add_member(actor: Actor, unit_id: int, *, user_id: int) -> UnitMember:
    """Add a person of the service centre to a unit. Raises NotFound, Forbidden, Invalid for anybody else, and for a
    person who is of a unit already.
    """
    _administers(actor)
    unit = queries.get_unit(unit_id, lock=True)
    person = db.session.get(User, user_id)
    if person is None or not person.active or not person.is_any(PlatformRole.SERVICE_CENTRE):
        raise Invalid.at("user_id", _("Choose a person of the service centre."))
    if db.session.get(UnitMember, user_id) is not None:
        raise Invalid.at("user_id", _("This person belongs to a unit already."))
    row = UnitMember(user_id=user_id, unit_id=unit.id)
    db.session.add(row)
    record(actor, "unit.member_added", unit, unit=named(unit.names), member=user_id)
    return row


@atomic
def remove_member(actor: Actor, unit_id: int, *, user_id: int) -> None:
    """Remove a person from a unit. Raises NotFound, Forbidden."""
    _administers(actor)
    unit = queries.get_unit(unit_id, lock=True)
    row = db.session.get(UnitMember, user_id)
    if row is None or row.unit_id != unit.id:
        raise NotFound
    db.session.delete(row)
    record(actor, "unit.member_removed", unit, unit=named(unit.names), member=user_id)


@atomic
def set_lead(actor: Actor, unit_id: int, *, user_id: int, leads: bool) -> UnitMember:
    """Say whether a person of a unit leads it. Raises NotFound, Forbidden."""
    _administers(actor)
    unit = queries.get_unit(unit_id, lock=True)
    row = db.session.get(UnitMember, user_id)
    if row is None or row.unit_id != unit.id:
        raise NotFound
    if row.leads != leads:
        row.leads = leads
        record(actor, "unit.lead_set" if leads else "unit.lead_removed", unit, unit=named(unit.names), member=user_id)
    return row


@atomic
def hand_over_all(actor: Actor, unit_id: int, *, to: int | None, note: str) -> int:
    """Give all work that waits in a unit to another one, or to the service centre (None); returns how much it was.

    Raises NotFound, Forbidden, Invalid as `hand_over`, and for the unit itself.
    """
    _administers(actor)
    unit = queries.get_unit(unit_id, lock=True)
    if to == unit.id:
        raise Invalid.at("unit_id", _("Choose another unit, or the service centre."))
    waiting = queries.waiting_in(unit.id)
    for name, ids in waiting.items():
        for row_id in ids:
            declared().unit_work[name].hand_over(actor, row_id, unit_id=to, note=note)
    return sum(map(len, waiting.values()))


@atomic
def close_unit(actor: Actor, unit_id: int) -> OperatorUnit:
    """Close a unit: its staff belongs to none, and the work of its region goes to the nearest unit above it, or to the
    service centre. Raises NotFound, Forbidden, Conflict while work waits in it.
    """
    _administers(actor)
    unit = queries.get_unit(unit_id, lock=True)
    if queries.waiting_in(unit.id):
        raise Conflict(_("Work waits in this unit. Hand it over first."))
    members = [member.user_id for member in queries.members_of(unit.id)]
    db.session.execute(sa.delete(UnitMember).where(UnitMember.unit_id == unit.id))
    unit.closed_at = clock.db_now()
    record(actor, "unit.closed", unit, unit=named(unit.names), members=members)
    return unit


def _administers(actor: Actor) -> None:
    if not can_administer(actor):
        raise Forbidden


def hand_over(actor: User, action: str, row: Row, *, unit_id: int | None, note: str) -> Row:
    """Give the work on a locked row to a unit, or back to the service centre (None); recorded as `action`. The caller
    has checked that the actor may.

    Raises Invalid for a unit without staff, and without a note.
    """
    note = note.strip()
    if not note:
        raise Invalid.at("note", _("Write a note for those who take over."))
    if len(note) > limits().max_reason_length:
        raise Invalid.at("note", _("This may have at most %(most)s characters.", most=limits().max_reason_length))
    unit = next((one for one in queries.staffed_units() if one.id == unit_id), None)
    if unit is None and unit_id is not None:
        raise Invalid.at("unit_id", _("Choose a unit that has staff."))
    key = {"subject_type": row.__tablename__, "subject_id": row.id}  # type: ignore[attr-defined]
    handed = db.session.get(HandOver, tuple(key.values())) or HandOver(**key)
    handed.unit_id, handed.note = unit_id, note
    handed.handed_by, handed.handed_at = actor.id, clock.db_now()
    db.session.add(handed)
    to = named(unit.names) if unit else term(PlatformRole.SERVICE_CENTRE, "platform_role")
    record(actor, action, row, unit=to, reason=note)
    return row


@atomic
def hand_over_for_unit(actor: User, organisation_id: int, *, unit_id: int | None, note: str) -> Organisation:
    """Hand over the verification of an organisation, as an administrator. Raises NotFound, Forbidden, Invalid."""
    _administers(actor)
    row = access_organisation(actor, organisation_id, lock=True)
    return hand_over(actor, "verification.handed_over", row, unit_id=unit_id, note=note)


@atomic
def hand_over_organisation(actor: User, organisation_id: int, *, unit_id: int | None, note: str) -> Organisation:
    """Hand over the verification of an organisation. Raises NotFound, Forbidden, Conflict where it is verified or has
    applied, Invalid as above.
    """
    row = access_organisation(actor, organisation_id, to=can_verify, lock=True)
    if row.verified_at is not None:
        raise Conflict(_("This organisation is verified already."))
    if pending(row.id):
        raise Conflict(_("An application of this organisation is pending. Hand over its step there."))
    return hand_over(actor, "verification.handed_over", row, unit_id=unit_id, note=note)
