"""The bodies that act in cases, and who belongs to each; the other side of a case answers in steps of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from crowd.accounts.models import PlatformRole, User
from crowd.db import db
from crowd.errors import Sentence
from crowd.procedure import COUNCIL, COUNCIL_OFFICE, EXPERT_COMMITTEE, PANEL, RESPONDENT, SERVICE_CENTRE

OFFICE = SERVICE_CENTRE  # it names substitutes, and reads the cases in which there is a vote
EXPERTS = EXPERT_COMMITTEE


@dataclass(frozen=True, slots=True)
class Body:
    """A body of the operator: the people with a role."""

    label: Sentence
    role: PlatformRole


BODIES: Mapping[str, Body] = {
    OFFICE: Body(_l("Service centre"), PlatformRole.SERVICE_CENTRE),
    COUNCIL: Body(_l("Council"), PlatformRole.COUNCIL),
    COUNCIL_OFFICE: Body(_l("Council's office"), PlatformRole.COUNCIL_OFFICE),
    EXPERTS: Body(_l("Expert committee"), PlatformRole.EXPERT),
    "finance": Body(_l("Finance"), PlatformRole.FINANCE),
    "administrator": Body(_l("Administration"), PlatformRole.ADMINISTRATOR),
}
# People who are called into one case. The parties do not learn who they are.
CALLED: Mapping[str, Sentence] = {PANEL: _l("The panel")}
NAMES: Mapping[str, Sentence] = {
    RESPONDENT: _l("The other side"), **CALLED, **{key: one.label for key, one in BODIES.items()},
}  # fmt: skip


def of_person(user: User) -> list[str]:
    """The bodies to which a person belongs."""
    return [key for key, body in BODIES.items() if user.is_any(body.role)]


def members(body: str) -> list[int]:
    """The ids of the active people of a body, in the order of their accounts."""
    query = sa.select(User.id).where(User.active, User.roles.any(name=BODIES[body].role.value))
    return list(db.session.scalars(query.order_by(User.id)))
