"""Who may do what to organisations. What an organisation says about itself is public; its members are not."""

from collections.abc import Iterable
from typing import TypeGuard

from crowd.accounts.models import Invitation, MemberRole, Membership, Organisation, PlatformRole, User
from crowd.audit import SYSTEM, Actor

READERS = (PlatformRole.SERVICE_CENTRE, PlatformRole.ADMINISTRATOR, PlatformRole.AUDITOR)


def can_view(_actor: Actor | None, _organisation: Organisation) -> bool:
    """See what an organisation says about itself: everybody."""
    return True


def can_found(actor: Actor | None) -> bool:
    """Create an organisation: everybody with an open account."""
    return _open(actor)


def can_view_members(actor: Actor | None, organisation: Organisation) -> bool:
    """See who belongs to it."""
    return actor is SYSTEM or (_open(actor) and (actor.acts_for(organisation.id) or actor.is_any(*READERS)))


def can_manage(actor: Actor | None, organisation: Organisation) -> bool:
    """Edit it, invite, change roles, remove: its owners."""
    return _open(actor) and actor.owns(organisation.id)


def can_view_verification(actor: Actor | None, organisation: Organisation) -> bool:
    """See the documents and the contact for its verification: its owners, and staff who verify or oversee that."""
    return can_manage(actor, organisation) or can_oversee(actor)


def can_oversee(actor: Actor | None) -> bool:
    """Compare organisations with one another: staff who verify or oversee that."""
    return _open(actor) and actor.is_any(*READERS)


def can_leave(actor: Actor | None, organisation: Organisation) -> bool:
    """Leave it: its members (but not the last owner, which the service checks)."""
    return _open(actor) and actor.acts_for(organisation.id)


def is_only_owner(actor: Actor | None, members: Iterable[Membership]) -> bool:
    """Whether this is the last owner among these: they can neither leave nor step down."""
    return [m.user_id for m in members if m.is_owner and m.user.active] == [getattr(actor, "id", None)]


def can_verify(actor: Actor | None, organisation: Organisation) -> bool:
    """Verify it: the service centre, but not members of the organisation."""
    return actor is SYSTEM or (
        _open(actor) and actor.is_any(PlatformRole.SERVICE_CENTRE) and not actor.acts_for(organisation.id)
    )


def can_answer(actor: Actor | None, invitation: Invitation) -> bool:
    """Accept or decline: the person with the invited email address."""
    return _open(actor) and actor.email == invitation.email


def can_change(actor: Actor | None, membership: Membership, role: MemberRole | None) -> bool:
    """Give a member another role, or (None) remove them: another owner; people leave or step down themselves."""
    own = _open(actor) and actor.id == membership.user_id
    return _open(actor) and actor.owns(membership.organisation_id) and (role is not None or not own)


def _open(actor: Actor | None) -> TypeGuard[User]:
    return isinstance(actor, User) and actor.active
