"""Who may do what to organisations. What an organisation says about itself is public; its people are its own matter."""

from collections.abc import Iterable
from typing import Any

from crowd.accounts.models import Invitation, MemberRole, Membership, Organisation, PlatformRole, User
from crowd.audit import SYSTEM

Actor = Any
READERS = (PlatformRole.SERVICE_CENTRE, PlatformRole.ADMINISTRATOR, PlatformRole.AUDITOR)


def can_view(_actor: Actor, _organisation: Organisation) -> bool:
    """See what an organisation says about itself: everybody."""
    return True


def can_found(actor: Actor) -> bool:
    """Found an organisation: everybody with an open account."""
    return _open(actor)


def can_view_members(actor: Actor, organisation: Organisation) -> bool:
    """See who belongs to it."""
    return actor is SYSTEM or (_open(actor) and (actor.acts_for(organisation.id) or actor.is_any(*READERS)))


def can_manage(actor: Actor, organisation: Organisation) -> bool:
    """Edit it, invite, change roles, remove: its owners."""
    return _open(actor) and bool(actor.owns(organisation.id))


def can_view_verification(actor: Actor, organisation: Organisation) -> bool:
    """See the documents and the contact by which it is verified: its owners, and who verifies or oversees that."""
    return can_manage(actor, organisation) or can_oversee(actor)


def can_oversee(actor: Actor) -> bool:
    """Compare organisations with one another: who verifies or oversees that."""
    return _open(actor) and bool(actor.is_any(*READERS))


def can_leave(actor: Actor, organisation: Organisation) -> bool:
    """Leave it: its members (the last owner may not, which the service counts)."""
    return _open(actor) and bool(actor.acts_for(organisation.id))


def is_only_owner(actor: Actor, members: Iterable[Membership]) -> bool:
    """Whether nobody else of these could own the organisation on: such a one neither leaves nor steps down."""
    return [m.user_id for m in members if m.role == MemberRole.OWNER and m.user.active] == [getattr(actor, "id", None)]


def can_verify(actor: Actor, organisation: Organisation) -> bool:
    """Say that it is what it claims to be: the service centre, but nobody for the own organisation."""
    return actor is SYSTEM or (
        _open(actor) and actor.is_any(PlatformRole.SERVICE_CENTRE) and not actor.acts_for(organisation.id)
    )


def can_answer(actor: Actor, invitation: Invitation) -> bool:
    """Accept or decline: whoever has the address that was invited."""
    return _open(actor) and actor.email == invitation.email


def can_change(actor: Actor, membership: Membership, role: MemberRole | None) -> bool:
    """Give a member another role, or (None) remove it: another owner; oneself leaves, or steps down."""
    himself = _open(actor) and actor.id == membership.user_id
    return _open(actor) and bool(actor.owns(membership.organisation_id)) and (role is not None or not himself)


def _open(actor: Actor) -> bool:
    return isinstance(actor, User) and bool(actor.active)
