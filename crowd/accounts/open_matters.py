"""What is not finished for a person or an organisation: neither can be closed meanwhile.

Each package declares in its manifest what it keeps open (`open_matters`).
"""

from collections.abc import Iterator
from dataclasses import replace

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd.accounts.models import MemberRole, Membership, Organisation, PlatformRole, Role, User, user_role
from crowd.audit import Actor
from crowd.db import db
from crowd.feature import OpenMatter, declared
from crowd.notifications.kinds import path_to
from crowd.web.link_access import refusal


def find(kind: str, row_id: int) -> list[OpenMatter]:
    """Everything that is open for a "user" or an "organisation"."""
    return [matter for each in declared().features for matters in each.open_matters for matter in matters(kind, row_id)]


def for_reader(actor: Actor | None, kind: str, row_id: int) -> list[OpenMatter]:
    """The same, with links to those pages only that open to the reader."""
    return [
        replace(one, pages=tuple(page for page in one.pages if refusal(actor, page[1]) is None))
        for one in find(kind, row_id)
    ]


def of_accounts(kind: str, row_id: int) -> Iterator[OpenMatter]:
    """For a person: the organisations that would have no owner left, and the role of an administrator."""
    if kind != "user":
        return
    other = sa.orm.aliased(Membership)
    another = sa.exists().where(
        other.organisation_id == Membership.organisation_id,
        other.role == MemberRole.OWNER,
        other.user_id != row_id,
        other.user_id == User.id,
        User.active,
    )
    query = sa.select(Organisation.id, Organisation.name)
    query = query.join(Membership, Membership.organisation_id == Organisation.id)
    alone = query.where(Membership.user_id == row_id, Membership.role == MemberRole.OWNER, ~another)
    for number, name in db.session.execute(alone.where(Organisation.closed_at.is_(None)).order_by(Organisation.name)):
        text = _("%(organisation)s would have no owner: hand it over, or close it.", organisation=name)
        yield OpenMatter(text, ((name, path_to("accounts.members", organisation_id=number)),))
    roles = sa.select(Role.name).join(user_role, user_role.c.role_id == Role.id).where(user_role.c.user_id == row_id)
    if PlatformRole.ADMINISTRATOR in db.session.scalars(roles):
        text = _("An administrator's role must be removed by another administrator first.")
        yield OpenMatter(text, ((_("People and roles"), path_to("accounts.people_admin")),))
