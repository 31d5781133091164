"""Departments: verified government organisations whose programme officers sign in joint cases."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from crowd.accounts.models import Membership, Organisation, OrganisationKind, PlatformRole, User
from crowd.db import db
from crowd.taxonomy.vocabulary import current

OFFICER = sa.and_(User.active, User.roles.any(name=PlatformRole.PROGRAMME_OFFICER.value))
OPEN = sa.and_(
    Organisation.kind == OrganisationKind.GOVERNMENT,
    Organisation.verified_at.is_not(None),
    Organisation.closed_at.is_(None),
)


def of_officer(user: User) -> list[int]:
    """The ids of the departments for which a person signs, as a programme officer."""
    if not user.is_any(PlatformRole.PROGRAMME_OFFICER):
        return []
    theirs = (one.organisation for one in user.memberships)
    return [
        row.id
        for row in theirs
        if row.kind == OrganisationKind.GOVERNMENT and row.verified_at is not None and row.closed_at is None
    ]


def officers(organisation_id: int | None) -> list[int]:
    """The ids of the programme officers of a department; none once it is closed or not verified any more."""
    query = (
        sa.select(User.id)
        .join(Membership, Membership.user_id == User.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.organisation_id == organisation_id, OFFICER, OPEN)
    )
    return list(db.session.scalars(query.order_by(User.id)))


def departments() -> Sequence[Organisation]:
    """The departments that have a programme officer, by name."""
    manned = sa.select(Membership.organisation_id).join(User, User.id == Membership.user_id).where(OFFICER)
    query = sa.select(Organisation).where(OPEN, Organisation.id.in_(manned))
    return db.session.scalars(query.order_by(Organisation.name, Organisation.id)).all()


def for_region(region_id: int | None) -> list[Organisation]:
    """Those of them whose region is this one, or above it."""
    vocabulary = current()
    region = vocabulary.by_id(region_id)
    if region is None:
        return []
    there = {number for one in vocabulary.above(region) for number in vocabulary.ids_of(one)}
    return [row for row in departments() if row.region_id in there]


def names(ids: Iterable[int]) -> Sequence[str]:
    """Their names, also of those that are closed."""
    query = sa.select(Organisation.name).where(Organisation.id.in_(list(ids)))
    return db.session.scalars(query.order_by(Organisation.name, Organisation.id)).all()
