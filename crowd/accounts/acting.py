"""As whom a person acts, where they belong to several organisations: chosen in the frame, kept in their session.

It grants nothing: every operation names its organisation. Forms that ask for one begin with it.
"""

from collections.abc import Iterable

from flask import session

from crowd.accounts.models import Membership, User
from crowd.audit import Actor

KEY = "acting_for"


def memberships_of(actor: Actor | None) -> list[Membership]:
    """Those between which the person can switch: of organisations that are not closed."""
    if not isinstance(actor, User):
        return []
    return [one for one in actor.memberships if one.organisation.closed_at is None]


def current(actor: Actor | None) -> Membership | None:
    """The membership in which the person acts: the chosen one while it lasts, else the oldest; None for nobody's."""
    found = memberships_of(actor)
    chosen = session.get(KEY)
    return next((one for one in found if one.organisation_id == chosen), found[0] if found else None)


def others(actor: Actor | None) -> list[Membership]:
    """The memberships to which the person can switch."""
    now = current(actor)
    return [one for one in memberships_of(actor) if one is not now]


def switch(actor: Actor, organisation_id: int) -> Membership | None:
    """Act for this organisation from here on; None where the person does not belong to it, and nothing changes."""
    found = next((one for one in memberships_of(actor) if one.organisation_id == organisation_id), None)
    if found is not None:
        session[KEY] = organisation_id
    return found


def default_among(actor: Actor | None, organisation_ids: Iterable[int]) -> int | None:
    """The organisation with which a form begins that offers these; None where it is none of them, or the only one."""
    now = current(actor)
    chosen = now is not None and bool(others(actor)) and now.organisation_id in set(organisation_ids)
    return now.organisation_id if chosen and now is not None else None
