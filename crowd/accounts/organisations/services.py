"""Every write about organisations. The organisation's row is locked first, so that its owners can be counted."""

import secrets
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import insert

from crowd import clock, email_address
from crowd.accounts import entries, open_matters
from crowd.accounts.events import OrganisationRenamed
from crowd.accounts.models import Invitation, MemberRole, Membership, Organisation, OrganisationKind, User
from crowd.accounts.organisations import notifications
from crowd.accounts.organisations.policy import (
    can_change,
    can_describe,
    can_found,
    can_hand_over,
    can_leave,
    can_manage_members,
    can_verify,
    grantable,
)
from crowd.accounts.organisations.queries import (
    access,
    access_invitation,
    count_owners,
    count_people,
    digest,
    find_open_invitation,
    get_invitation,
    get_membership,
    list_members,
)
from crowd.accounts.organisations.rights import ANSWERS, POSTS, Right
from crowd.accounts.organisations.terms import describe, region_of
from crowd.accounts.parks.queries import list_of
from crowd.accounts.verification import queries as verification
from crowd.accounts.verification.queries import find_contact, find_verified
from crowd.audit import Actor, record
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.events import publish
from crowd.names import name_keys
from crowd.reasons import required
from crowd.values import term

INVITATION = timedelta(days=14)


@atomic
def create_organisation(
    actor: Actor,
    *,
    name: str,
    kind: OrganisationKind,
    country: str = "",
    city: str = "",
    website: str = "",
    about: str = "",
    agency_kind_id: int | None = None,
    ownership_kind_id: int | None = None,
    stage_id: int | None = None,
) -> Organisation:
    """Create an organisation; its creator is its first owner. It is unverified. Raises Forbidden, Invalid."""
    if not can_found(actor):
        raise Forbidden
    row = Organisation(name=name, kind=OrganisationKind(kind), country=country, city=city, website=website, about=about)
    describe(row, agency_kind_id=agency_kind_id, ownership_kind_id=ownership_kind_id, stage_id=stage_id)
    db.session.add(row)
    db.session.flush()
    db.session.add(Membership(user_id=actor.id, organisation_id=row.id, role=MemberRole.OWNER))
    record(actor, "organisation.created", row, name=name, kind=term(kind, "organisation_kind"))
    return row


@atomic
def ensure_imported(actor: Actor, *, name: str, origin: str, kind: OrganisationKind, country: str) -> int:
    """The id of another platform's organisation, created unverified on first use. `origin` names that platform."""
    row = {
        "name": name,
        "name_keys": name_keys(name),
        "origin": origin,
        "kind": kind,
        "country": country,
        "region_id": region_of(country, ""),
    }
    db.session.execute(insert(Organisation).values(row).on_conflict_do_nothing(index_elements=["origin", "name"]))
    query = sa.select(Organisation.id).where(Organisation.origin == origin, Organisation.name == name)
    return db.session.execute(query).scalar_one()


@atomic
def edit(
    actor: Actor,
    organisation_id: int,
    *,
    name: str,
    kind: OrganisationKind,
    country: str,
    city: str,
    website: str,
    about: str,
    agency_kind_id: int | None = None,
    ownership_kind_id: int | None = None,
    stage_id: int | None = None,
) -> Organisation:
    """Change what an organisation says about itself. A new name, kind or country must be verified again.

    The registration number belongs to the country, so a new country removes it. Raises NotFound, Forbidden, Invalid,
    Conflict where its memberships of parks, or what is not finished, do not allow the new kind.
    """
    row = access(actor, organisation_id, to=can_describe, lock=True)
    _check_parks(row, OrganisationKind(kind))
    _check_kind(row, OrganisationKind(kind))
    before = _identity(row)
    if (name, OrganisationKind(kind), country) != (row.name, row.kind, row.country):
        verification.check_may_change(row)
    row.name, row.kind, row.country = name, OrganisationKind(kind), country
    row.city, row.website, row.about = city, website, about
    describe(row, agency_kind_id=agency_kind_id, ownership_kind_id=ownership_kind_id, stage_id=stage_id)
    after = _identity(row)
    if after != before:
        row.verified_at = None
        entries.leave(actor, row, entries.CHANGED)
    if after["country"] != before["country"]:
        row.registration_number = row.register = ""
    if after["name"] != before["name"]:
        publish(OrganisationRenamed(row.id))
    record(actor, "organisation.edited", row, before=before, after=after)
    return row


@atomic
def clear_texts(actor: Actor, organisation_id: int) -> Organisation:
    """Delete what an organisation has written about itself, as a case has decided; it can write again."""
    row = db.session.get_one(Organisation, organisation_id, with_for_update=True, populate_existing=True)
    row.about, row.website = "", ""
    record(actor, "organisation.cleared", row)
    return row


def _check_parks(row: Organisation, kind: OrganisationKind) -> None:
    """A park with firms stays a park, and a firm in a park does not become one; the same for open invitations."""
    if (kind == OrganisationKind.PARK) == (row.kind == OrganisationKind.PARK) or not list_of(row.id):
        return
    if row.kind == OrganisationKind.PARK:
        raise Conflict(_("A park with member firms or open invitations stays a park. End the memberships first."))
    raise Conflict(_("A member of a park cannot become a park, nor can who is invited. End the membership first."))


def _check_kind(row: Organisation, kind: OrganisationKind) -> None:
    """It stays able to post and to answer as long as something of that is not finished."""
    lost = {Right.POST} if kind not in POSTS else set()
    lost |= {Right.ANSWER} if kind not in ANSWERS else set()
    if kind == row.kind or not lost:
        return
    for matter in open_matters.find("organisation", row.id):
        if matter.needs in lost:
            raise Conflict(_("The kind cannot be changed yet: the new one could not go on with it. %(matter)s",
                             matter=matter.text))  # fmt: skip


def _identity(row: Organisation) -> dict[str, object]:
    """What the service centre has verified."""
    return {"name": row.name, "kind": term(row.kind, "organisation_kind"), "country": row.country}


@atomic
def verify(actor: Actor, organisation_id: int, *, reason: str) -> Organisation:
    """Verify an organisation without an application, with a reason.

    Raises NotFound, Forbidden, Invalid, Conflict (verified already, an application is pending, no registration or
    contact, another one's number).
    """
    reason = required(reason)
    row = access(actor, organisation_id, to=can_verify, lock=True)
    if row.verified_at is not None:
        raise Conflict(_("This organisation is verified already."))
    if verification.pending(row.id):
        raise Conflict(_("An application of this organisation is pending. Decide on it there."))
    if not row.registration_number or find_contact(row.id) is None:
        raise Conflict(_("The organisation has not entered its registration number and a contact yet."))
    if other := find_verified(row.registration_number, row.register, row.country, but=row.id):
        raise Conflict(_("%(organisation)s is verified under this number already.", organisation=other.name))
    record(
        actor, "organisation.verified", row, registration_number=row.registration_number, register=row.register,
        reason=reason,
    )  # fmt: skip
    notifications.verified(row)
    entries.enter(actor, row, entries.VERIFIED, reason=reason)
    return row


@atomic
def invite(actor: User, organisation_id: int, *, email: str, role: MemberRole = MemberRole.MEMBER) -> Invitation:
    """Invite an email address; inviting it again sends a new link and voids the old one.

    Raises NotFound, Forbidden (also for a role that the actor may not give), Invalid where the address belongs to a
    member or there are too many people.
    """
    row = access(actor, organisation_id, to=can_manage_members, lock=True)
    if role not in grantable(actor, row.id):
        raise Forbidden(_("You cannot give this role."))
    email = email_address.normal(email)
    if any(member.user.email == email for member in list_members(row.id)):
        raise Invalid(fields={"email": [_("This person belongs to the organisation already.")]})
    invitation = find_open_invitation(row.id, email)
    if invitation is not None and invitation.expires_at > clock.now():
        _check_grantable(actor, invitation)
    if invitation is None and count_people(row.id) >= limits().organisation_members:
        raise Invalid(_("The organisation has as many people as it may have."))
    token = secrets.token_urlsafe(24)
    invitation = invitation or Invitation(organisation_id=row.id, email=email)
    invitation.role, invitation.token_digest = MemberRole(role), digest(token)
    invitation.invited_by, invitation.expires_at = actor.id, clock.now() + INVITATION
    db.session.add(invitation)
    db.session.flush()
    record(actor, "member.invited", row, email=email, role=term(role, "member_role"))
    notifications.invited(invitation, actor.name, token, actor.locale)
    return invitation


@atomic
def withdraw(actor: Actor, organisation_id: int, invitation_id: int) -> Invitation:
    """Withdraw an invitation: its link stops working.

    Raises NotFound, Forbidden (also for a role that the actor may not give).
    """
    row = access(actor, organisation_id, to=can_manage_members, lock=True)
    invitation = get_invitation(row.id, invitation_id)
    _check_grantable(actor, invitation)
    _answer(invitation, accepted=False)
    record(actor, "invitation.withdrawn", row, email=invitation.email)
    return invitation


def _check_grantable(actor: Actor, invitation: Invitation) -> None:
    if invitation.role not in grantable(actor, invitation.organisation_id):
        raise Forbidden(_("This invitation is to a role that you cannot give."))


@atomic
def accept(actor: User, invitation_id: int) -> Membership:
    """Join the organisation that invites the actor. Raises NotFound for another person's invitation or an
    expired one.
    """
    invitation = access_invitation(actor, invitation_id)
    if invitation.organisation.closed_at is not None:
        raise Conflict(_("This organisation is closed."))
    _answer(invitation, accepted=True)
    if actor.acts_for(invitation.organisation_id):
        raise Conflict(_("You belong to this organisation already."))
    row = Membership(user_id=actor.id, organisation_id=invitation.organisation_id, role=invitation.role)
    db.session.add(row)
    record(actor, "member.joined", invitation.organisation, role=term(invitation.role, "member_role"))
    notifications.joined(invitation, actor)
    return row


@atomic
def decline(actor: User, invitation_id: int) -> Invitation:
    """Decline the invitation. Raises NotFound as `accept` does."""
    invitation = access_invitation(actor, invitation_id)
    _answer(invitation, accepted=False)
    record(actor, "invitation.declined", invitation.organisation)
    notifications.declined(invitation, actor)
    return invitation


def _answer(invitation: Invitation, *, accepted: bool) -> None:
    invitation.answered_at, invitation.accepted = clock.now(), accepted


@atomic
def change_role(actor: Actor, organisation_id: int, user_id: int, *, role: MemberRole) -> Membership:
    """Give a member another role. Raises NotFound, Forbidden, Conflict for the last owner."""
    row = access(actor, organisation_id, to=can_manage_members, lock=True)
    membership = get_membership(row.id, user_id)
    if not can_change(actor, membership, MemberRole(role)):
        raise Forbidden
    if membership.role == role:
        raise Conflict(_("This member has that role already."))
    if membership.is_owner:
        _keep_an_owner(row, membership)
    membership.role = MemberRole(role)
    record(actor, "member.role_changed", row, member=user_id, role=term(role, "member_role"))
    notifications.role_changed(membership)
    return membership


@atomic
def remove(actor: Actor, organisation_id: int, user_id: int) -> None:
    """Remove a member: from the next request on they can no longer act for the organisation.

    Raises NotFound, Forbidden (also for the actor, who leaves instead), Conflict for the last owner.
    """
    row = access(actor, organisation_id, to=can_manage_members, lock=True)
    membership = get_membership(row.id, user_id)
    if not can_change(actor, membership, None):
        raise Forbidden
    if membership.is_owner:
        _keep_an_owner(row, membership)
    record(actor, "member.removed", row, member=user_id)
    db.session.delete(membership)
    notifications.removed(membership)


@atomic
def leave(actor: User, organisation_id: int) -> None:
    """Leave an organisation. Raises NotFound, Forbidden, Conflict for the last owner."""
    _leave(actor, access(actor, organisation_id, to=can_leave, lock=True))


def _leave(actor: User, row: Organisation, successor: int | None = None) -> None:
    membership = get_membership(row.id, actor.id)
    if membership.is_owner:
        _keep_an_owner(row, membership)
    record(actor, "member.left", row)
    db.session.delete(membership)
    notifications.left(row, actor, membership.id, successor)


@atomic
def hand_over(actor: User, organisation_id: int, *, successor: int) -> Membership:
    """Make another member the owner and leave, in one operation; `successor` is their account's number.

    Returns the successor's membership. Raises NotFound, Forbidden, Invalid where they are no other member with an open
    account.
    """
    row = access(actor, organisation_id, to=can_hand_over, lock=True)
    others = {member.user_id: member for member in list_members(row.id) if member.user.active}
    if successor == actor.id or successor not in others:
        raise Invalid.at("successor", _("Choose another member of the organisation."))
    membership = others[successor]
    if not membership.is_owner:
        membership.role = MemberRole.OWNER
    record(actor, "organisation.handed_over", row, member=successor)
    db.session.flush()
    _leave(actor, row, successor)
    notifications.handed_over(actor, membership)
    return membership


def _keep_an_owner(organisation: Organisation, membership: Membership) -> None:
    """Counted under the organisation's lock, so that the last two owners cannot leave at once."""
    others = count_owners(organisation.id) - (1 if membership.user.active else 0)
    if others < 1:
        raise Conflict(_("An organisation keeps at least one owner. Make somebody else an owner first."))
