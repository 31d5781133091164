"""Reads of sanctions."""

from collections.abc import Collection

import sqlalchemy as sa

from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.accounts.organisations.rights import Right
from crowd.accounts.queries import people_with_right
from crowd.accounts.questions import DECIDED_CASE, PENDING_CASE
from crowd.accounts.sanctions import policy
from crowd.accounts.sanctions.models import Sanction
from crowd.accounts.sanctions.workflow import APPEAL, WARNING, SanctionState
from crowd.audit import Actor
from crowd.db import db
from crowd.errors import NotFound
from crowd.web.link_access import refusal


def access(actor: Actor | None, sanction_id: int) -> Sanction:
    """A sanction, for those who may see it. Raises NotFound."""
    row = db.session.get(Sanction, sanction_id)
    if row is None or not policy.can_view(actor, row):
        raise NotFound
    return row


def page_of(actor: Actor | None, row: Sanction) -> dict[str, object]:
    """What its page shows: the pending appeal (a page, which opens or not), and the case in which it was decided, for
    those who may open it.
    """
    appeal = PENDING_CASE()(APPEAL, row.id)
    return {
        "row": row,
        "appeal": appeal,
        "appeal_opens": bool(appeal) and refusal(actor, appeal) is None,
        "decided": DECIDED_CASE()(actor, row.case_id),
    }


def in_force(row: User | Organisation) -> Sanction | None:
    """The sanction that keeps an account or an organisation closed."""
    column = Sanction.user_id if isinstance(row, User) else Sanction.organisation_id
    closes = Sanction.measure != WARNING
    query = sa.select(Sanction).where(column == row.id, Sanction.state == SanctionState.IN_FORCE, closes)
    return db.session.scalars(query.order_by(Sanction.id.desc()).limit(1)).first()


def lifted(case_ids: Collection[int]) -> set[int]:
    """The ids of those of these cases whose sanction was lifted."""
    query = sa.select(Sanction.case_id).where(Sanction.case_id.in_(case_ids), Sanction.state == SanctionState.LIFTED)
    return set(db.session.scalars(query))


def people_of(row: Sanction) -> list[int]:
    """The ids of the people who hear of it: whom it is about, where their account is open."""
    if row.user is not None:
        return [row.user.id] if row.user.active else []
    assert row.organisation_id is not None
    return [person.id for person in people_with_right(row.organisation_id, Right.POST)]


def staff() -> list[int]:
    """The ids of the people of the service centre."""
    query = sa.select(User.id).where(User.active, User.roles.any(name=PlatformRole.SERVICE_CENTRE.value))
    return list(db.session.scalars(query.order_by(User.id)))
