"""Every write about parks and their firms: one transaction per operation."""

from flask_babel import lazy_gettext as _

from crowd import clock
from crowd.accounts.events import ParkMembershipEnded
from crowd.accounts.models import Organisation, OrganisationKind
from crowd.accounts.organisations.queries import access as access_organisation
from crowd.accounts.parks import notifications, queries
from crowd.accounts.parks.models import ParkMembership
from crowd.accounts.parks.policy import RULES, can_invite
from crowd.accounts.parks.workflow import TRANSITIONS, WORDING, ParkState
from crowd.audit import Actor, record
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.events import publish
from crowd.workflow import next_state


@atomic
def invite(actor: Actor, park_id: int, *, firm: str) -> ParkMembership:
    """Invite a firm, by its registration number or its exact name, to become a member of a park.

    Raises NotFound, Forbidden, Conflict where the park is not verified, Invalid where there is no such firm, where
    several have the name, or where it is invited or a member already.
    """
    park = access_organisation(actor, park_id, to=can_invite, lock=True)
    if park.verified_at is None:
        raise Conflict(_("The park must be verified before it can invite firms."))
    other = _firm(firm)
    if queries.find_open(park.id, other.id) is not None:
        raise Invalid.at("firm", _("This firm is a member of the park, or is invited, already."))
    row = ParkMembership(park=park, firm=other, invited_by=actor.id)
    db.session.add(row)
    record(actor, "park.firm_invited", row, park=park.name, firm=other.name)
    notifications.invited(row)
    return row


def _firm(words: str) -> Organisation:
    found = queries.find_firms(words)
    if not found:
        raise Invalid.at("firm", _("No organisation here has this name or registration number."))
    if len(found) > 1:
        raise Invalid.at("firm", _("Several organisations have this name. Enter the registration number."))
    if found[0].kind == OrganisationKind.PARK:
        raise Invalid.at("firm", _("A park cannot be a member of a park."))
    return found[0]


@atomic
def accept(actor: Actor, membership_id: int) -> ParkMembership:
    """Accept the invitation for the firm. Raises NotFound, Forbidden, Conflict."""
    return _answered(actor, membership_id, "accept", "park.joined")


@atomic
def decline(actor: Actor, membership_id: int) -> ParkMembership:
    """Decline the invitation for the firm. Raises NotFound, Forbidden, Conflict."""
    return _answered(actor, membership_id, "decline", "park.declined")


def _answered(actor: Actor, membership_id: int, operation: str, action: str) -> ParkMembership:
    row = _moved(actor, membership_id, operation)
    row.answered_by, row.answered_at = actor.id, clock.now()
    record(actor, action, row, park=row.park.name, firm=row.firm.name)
    notifications.answered(row)
    return row


@atomic
def withdraw(actor: Actor, membership_id: int) -> ParkMembership:
    """Withdraw the park's invitation. Raises NotFound, Forbidden, Conflict."""
    row = _moved(actor, membership_id, "withdraw")
    row.ended_by, row.ended_at = actor.id, clock.now()
    record(actor, "park.invitation_withdrawn", row, park=row.park.name, firm=row.firm.name)
    return row


@atomic
def end(actor: Actor, membership_id: int) -> ParkMembership:
    """End the membership, as either side. What was posted for the firm stays; consents to drafts end.

    Raises NotFound, Forbidden, Conflict.
    """
    row = _moved(actor, membership_id, "end")
    _note_end(actor, row)
    record(actor, "park.left", row, park=row.park.name, firm=row.firm.name)
    notifications.ended(row)
    return row


def _moved(actor: Actor, membership_id: int, operation: str) -> ParkMembership:
    row = queries.access(actor, membership_id, lock=True)
    if not RULES[operation](actor, row):
        raise Forbidden
    row.state = next_state(TRANSITIONS, WORDING, row.state, operation)
    return row


def end_all(actor: Actor, organisation: Organisation) -> None:
    """End the memberships and the open invitations of an organisation that closes."""
    for row in queries.list_of(organisation.id):
        row.state = ParkState.ENDED if row.state == ParkState.MEMBER else ParkState.WITHDRAWN
        _note_end(actor, row)


def _note_end(actor: Actor, row: ParkMembership) -> None:
    row.ended_by, row.ended_at = actor.id, clock.db_now()
    if row.state == ParkState.ENDED:
        publish(ParkMembershipEnded(row.id))
