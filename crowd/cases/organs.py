"""The organs that act in cases, and who belongs to each; the other side of a case answers in steps of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from crowd.accounts.models import PlatformRole, User
from crowd.db import db
from crowd.errors import Sentence

RESPONDENT = "respondent"  # whom the case is about
COUNCIL, EXPERTS = "council", "expert_committee"
OFFICE = "service_centre"  # the council's office: it names substitutes, and reads the cases in which there is a vote


@dataclass(frozen=True, slots=True)
class Organ:
    """An organ of the operator: the people with a role."""

    label: Sentence
    role: PlatformRole


ORGANS: Mapping[str, Organ] = {
    OFFICE: Organ(_l("Service centre"), PlatformRole.SERVICE_CENTRE),
    COUNCIL: Organ(_l("Council"), PlatformRole.COUNCIL),
    EXPERTS: Organ(_l("Expert committee"), PlatformRole.EXPERT),
    "finance": Organ(_l("Finance"), PlatformRole.FINANCE),
    "administrator": Organ(_l("Administration"), PlatformRole.ADMINISTRATOR),
}
NAMES: Mapping[str, Sentence] = {RESPONDENT: _l("The other side")} | {key: one.label for key, one in ORGANS.items()}


def of_person(user: User) -> list[str]:
    """The organs to which a person belongs."""
    return [key for key, organ in ORGANS.items() if user.is_any(organ.role)]


def members(organ: str) -> list[int]:
    """The ids of the active people of an organ, in the order of their accounts."""
    query = sa.select(User.id).where(User.active, User.roles.any(name=ORGANS[organ].role.value))
    return list(db.session.scalars(query.order_by(User.id)))
