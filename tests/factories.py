"""Rows for tests, committed to the savepoint so that a refused service call does not roll them away.

Things that have a life (challenges, proposals) are made through the services, as far as the test needs.
"""

import itertools
import secrets

import sqlalchemy as sa

from crowd.accounts.models import MemberRole, Membership, Organisation, OrganisationKind, PlatformRole, Role, User
from crowd.clock import now
from crowd.db import db, finish

PASSWORD = "correct horse battery"
_numbers = itertools.count(1)


def user(
    name: str,
    *platform_roles: PlatformRole,
    member_of: Organisation | None = None,
    role: MemberRole = MemberRole.MEMBER,
    expertise: list[str] | None = None,
    locale: str = "en",
) -> User:
    """A confirmed person with platform roles and, if given, a membership."""
    row = User(
        name=name,
        email=f"{name.lower()}{next(_numbers)}@crowd.example",
        password=None,
        fs_uniquifier=secrets.token_hex(16),
        confirmed_at=now(),
        locale=locale,
        time_zone="Asia/Shanghai",
        expertise=expertise or [],
        roles=list(db.session.scalars(sa.select(Role).where(Role.name.in_(platform_roles)))),
    )
    db.session.add(row)
    db.session.flush()
    if member_of is not None:
        db.session.add(Membership(user_id=row.id, organisation_id=member_of.id, role=role))
    finish()
    db.session.refresh(row)
    return row


def organisation(name: str, kind: OrganisationKind = OrganisationKind.ENTERPRISE) -> Organisation:
    """A verified organisation."""
    row = Organisation(name=name, kind=kind, country="CN", verified_at=now())
    db.session.add(row)
    finish()
    return row
