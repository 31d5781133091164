"""Reads of parks; `access` is the only function that reads a membership by its id."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import aliased

from crowd.access import access_row
from crowd.accounts.models import Organisation, User
from crowd.accounts.organisations.rights import Right
from crowd.accounts.parks.models import ParkMembership
from crowd.accounts.parks.policy import can_view
from crowd.accounts.parks.workflow import OPEN, ParkState
from crowd.audit import Actor
from crowd.db import db
from crowd.names import name_keys
from crowd.web.tasks import Task


def access(actor: Actor | None, membership_id: int, *, lock: bool = False) -> ParkMembership:
    """The membership, if `actor` belongs to one of its sides. Raises NotFound."""
    return access_row(actor, ParkMembership, membership_id, view=can_view, to=None, lock=lock)


def list_of(organisation_id: int) -> Sequence[ParkMembership]:
    """The open invitations and the memberships of a park or of a firm, the oldest first."""
    sides = sa.or_(ParkMembership.park_id == organisation_id, ParkMembership.firm_id == organisation_id)
    query = sa.select(ParkMembership).where(sides, ParkMembership.state.in_(OPEN)).order_by(ParkMembership.id)
    return db.session.scalars(query).all()


def find_open(park_id: int, firm_id: int) -> ParkMembership | None:
    """The open invitation or the membership of a firm in a park."""
    query = sa.select(ParkMembership).where(ParkMembership.park_id == park_id, ParkMembership.firm_id == firm_id)
    return db.session.scalar(query.where(ParkMembership.state.in_(OPEN)))


def is_member(park_id: int, firm_id: int, *, lock: bool = False) -> bool:
    """Whether the firm is a member of the park. `lock`: it stays one until the transaction ends."""
    query = sa.select(ParkMembership.id).where(
        ParkMembership.park_id == park_id, ParkMembership.firm_id == firm_id, ParkMembership.state == ParkState.MEMBER
    )
    return db.session.scalar(query.with_for_update(read=True) if lock else query) is not None


def firms_of(park_id: int) -> Sequence[Organisation]:
    """The member firms of a park by name."""
    query = sa.select(Organisation).join(ParkMembership, ParkMembership.firm_id == Organisation.id)
    members = query.where(ParkMembership.park_id == park_id, ParkMembership.state == ParkState.MEMBER)
    return db.session.scalars(members.order_by(Organisation.name, Organisation.id)).all()


def parks_of(firm_id: int) -> Sequence[Organisation]:
    """The parks of a firm by name."""
    query = sa.select(Organisation).join(ParkMembership, ParkMembership.park_id == Organisation.id)
    theirs = query.where(ParkMembership.firm_id == firm_id, ParkMembership.state == ParkState.MEMBER)
    return db.session.scalars(theirs.order_by(Organisation.name, Organisation.id)).all()


def find_firms(words: str) -> Sequence[Organisation]:
    """The open organisations registered here under exactly this number, or else with exactly this name."""
    registered = sa.select(Organisation).where(Organisation.origin.is_(None), Organisation.closed_at.is_(None))
    number = words.strip().upper()
    if not number:
        return []
    by_number = db.session.scalars(registered.where(Organisation.registration_number == number)).all()
    if by_number:
        return by_number
    alike = db.session.scalars(registered.where(Organisation.name_keys.overlap(name_keys(words))).limit(20)).all()
    return [row for row in alike if row.name.casefold() == words.strip().casefold()]


def waiting(actor: User) -> list[Task]:
    """The invitations of parks to organisations that the person manages."""
    managed = actor.organisations_with(Right.MANAGE_PARKS)
    if not managed:
        return []
    park = aliased(Organisation)
    query = (
        sa.select(park.name, ParkMembership.firm_id)
        .join(park, park.id == ParkMembership.park_id)
        .where(ParkMembership.firm_id.in_(managed), ParkMembership.state == ParkState.INVITED)
        .order_by(ParkMembership.id)
    )
    return [
        Task(_("Respond to the invitation of a park"), url_for("accounts.parks", organisation_id=firm_id), name)
        for name, firm_id in db.session.execute(query)
    ]
