"""Who may do what to the membership of a firm in a park."""

from crowd.access import Rule, open_operations
from crowd.accounts.models import Organisation, OrganisationKind, User
from crowd.accounts.organisations.rights import Right
from crowd.accounts.parks.models import ParkMembership
from crowd.accounts.parks.workflow import TRANSITIONS
from crowd.audit import Actor


def _manages(actor: Actor | None, organisation_id: int) -> bool:
    return isinstance(actor, User) and actor.active and actor.may(Right.MANAGE_PARKS, organisation_id)


def can_view_parks(actor: Actor | None, organisation: Organisation) -> bool:
    """See an organisation's memberships of parks, or a park's firms, with the open invitations: its people."""
    return isinstance(actor, User) and actor.active and actor.acts_for(organisation.id)


def can_invite(actor: Actor | None, park: Organisation) -> bool:
    """Invite firms: those who manage a park."""
    return park.kind == OrganisationKind.PARK and _manages(actor, park.id)


def can_view(actor: Actor | None, row: ParkMembership) -> bool:
    """See a membership: the people of both sides."""
    return isinstance(actor, User) and (actor.acts_for(row.park_id) or actor.acts_for(row.firm_id))


def of_firm(actor: Actor | None, row: ParkMembership) -> bool:
    """Accept or decline: those who manage it for the firm."""
    return _manages(actor, row.firm_id)


def of_park(actor: Actor | None, row: ParkMembership) -> bool:
    """Withdraw the invitation: those who manage it for the park."""
    return _manages(actor, row.park_id)


def can_end(actor: Actor | None, row: ParkMembership) -> bool:
    """End it: either side."""
    return of_firm(actor, row) or of_park(actor, row)


RULES: dict[str, Rule[ParkMembership]] = {
    "accept": of_firm,
    "decline": of_firm,
    "withdraw": of_park,
    "end": can_end,
}


def open_transitions(actor: Actor | None, row: ParkMembership) -> list[str]:
    """What this person may do with the membership now."""
    return open_operations(TRANSITIONS, row.state, RULES, actor, row)
