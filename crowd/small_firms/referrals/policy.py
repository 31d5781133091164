"""Who refers a firm, who notes what becomes of it, and who reads that."""

import sqlalchemy as sa

from crowd.accounts.models import PlatformRole, User
from crowd.accounts.organisations.rights import Right
from crowd.accounts.parks.queries import parks_of
from crowd.audit import Actor
from crowd.registers.models import RegisterEntry
from crowd.registers.policy import is_close
from crowd.small_firms.referrals.models import Referral


def of_centre(actor: Actor | None) -> bool:
    """Whether the person refers for the service centre."""
    return isinstance(actor, User) and actor.is_any(PlatformRole.SERVICE_CENTRE)


def park_for(actor: Actor | None, firm_id: int) -> int | None:
    """The park for which the person refers its member firm; None where they refer for none."""
    if not isinstance(actor, User):
        return None
    return next((park.id for park in parks_of(firm_id) if actor.may(Right.MANAGE_PARKS, park.id)), None)


def can_refer(actor: Actor | None, entry: RegisterEntry) -> bool:
    """Refer the firm of an entry: the service centre without a conflict of interest, and parks of the firm."""
    centre = of_centre(actor) and not is_close(actor, entry.holder_kind, entry.holder_id)
    return centre or park_for(actor, entry.holder_id) is not None


def can_note(actor: Actor | None, row: Referral) -> bool:
    """Note what became of it: the side that has made it."""
    if row.park_id is not None:
        return isinstance(actor, User) and actor.may(Right.MANAGE_PARKS, row.park_id)
    return of_centre(actor) and not is_close(actor, "organisation", row.firm_id)


def can_view(actor: Actor | None, row: Referral) -> bool:
    """Read it: the people of the firm, and the side that has made it."""
    return (isinstance(actor, User) and actor.acts_for(row.firm_id)) or can_note(actor, row)


def seen_by(actor: User) -> sa.ColumnElement[bool]:
    """`can_view` as SQL; of the centre without the rule about those close to a firm, which is asked row by row."""
    rules = [
        Referral.firm_id.in_(actor.organisation_ids),
        Referral.park_id.in_(actor.organisations_with(Right.MANAGE_PARKS)),
    ]
    return sa.or_(*rules, Referral.park_id.is_(None)) if of_centre(actor) else sa.or_(*rules)
