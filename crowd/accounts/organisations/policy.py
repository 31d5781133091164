"""Who may do what to organisations. What an organisation says about itself is public; its members are not."""

from collections.abc import Iterable
from typing import TypeGuard

from crowd.accounts.belonging import is_close
from crowd.accounts.models import Invitation, MemberRole, Membership, Organisation, PlatformRole, User
from crowd.accounts.organisations.rights import GRANTS, Right
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


def can_describe(actor: Actor | None, organisation: Organisation) -> bool:
    """Edit what it says about itself, and its registration and documents."""
    return _open(actor) and actor.may(Right.DESCRIBE, organisation.id)


def can_manage_members(actor: Actor | None, organisation: Organisation) -> bool:
    """Invite, change roles, remove; `can_grant` says which roles."""
    return _open(actor) and actor.may(Right.MANAGE_MEMBERS, organisation.id)


def can_hand_over(actor: Actor | None, organisation: Organisation) -> bool:
    """Make another member the owner and leave: its owners."""
    return _open(actor) and actor.may(Right.HAND_OVER, organisation.id)


def can_close(actor: Actor | None, organisation: Organisation) -> bool:
    """Close it: its owners, the administrator, and a decision of the council."""
    if organisation.closed_at is not None or organisation.origin is not None:
        return False
    administers = _open(actor) and actor.is_any(PlatformRole.ADMINISTRATOR)
    return actor is SYSTEM or (_open(actor) and (administers or actor.may(Right.CLOSE, organisation.id)))


def can_reopen(actor: Actor | None, organisation: Organisation) -> bool:
    """Open it again: the administrator, and the end of a suspension."""
    administers = actor is SYSTEM or (_open(actor) and actor.is_any(PlatformRole.ADMINISTRATOR))
    return organisation.closed_at is not None and administers


def can_close_or_reopen(actor: Actor | None, organisation: Organisation) -> bool:
    """See the page on which it is closed or opened again."""
    return can_close(actor, organisation) or can_reopen(actor, organisation)


def grantable(actor: Actor | None, organisation_id: int) -> tuple[MemberRole, ...]:
    """The roles that the person may give and take in the organisation."""
    if not (_open(actor) and actor.may(Right.MANAGE_MEMBERS, organisation_id)):
        return ()
    return next(GRANTS[m.role] for m in actor.memberships if m.organisation_id == organisation_id)


def can_view_verification(actor: Actor | None, organisation: Organisation) -> bool:
    """See the documents and the contact for its verification: those who edit it, and staff who verify or oversee."""
    return can_describe(actor, organisation) or can_oversee(actor)


def can_oversee(actor: Actor | None) -> bool:
    """Compare organisations with one another: staff who verify or oversee that."""
    return _open(actor) and actor.is_any(*READERS)


def can_leave(actor: Actor | None, organisation: Organisation) -> bool:
    """Leave it: its members (but not the last owner, which the service checks)."""
    return _open(actor) and actor.acts_for(organisation.id)


def is_only_owner(actor: Actor | None, members: Iterable[Membership]) -> bool:
    """Whether this is the last owner among these: they can hand over, but neither just leave nor step down."""
    return [m.user_id for m in members if m.is_owner and m.user.active] == [getattr(actor, "id", None)]


def can_verify(actor: Actor | None, organisation: Organisation) -> bool:
    """Verify it: the service centre, but nobody with a conflict of interest, as in the case."""
    if actor is SYSTEM:
        return True
    if not (_open(actor) and actor.is_any(PlatformRole.SERVICE_CENTRE) and organisation.closed_at is None):
        return False
    return not is_close(actor.id, "organisation", organisation.id)


def can_answer(actor: Actor | None, invitation: Invitation) -> bool:
    """Accept or decline: the person with the invited email address."""
    return _open(actor) and actor.email == invitation.email


def can_change(actor: Actor | None, membership: Membership, role: MemberRole | None) -> bool:
    """Give a member another role, or (None) remove them: who may give both the old and the new role; people leave or
    step down themselves.
    """
    roles = grantable(actor, membership.organisation_id)
    other = _open(actor) and actor.id != membership.user_id
    return membership.role in roles and (role in roles or (role is None and other))


def new_roles(actor: Actor | None, membership: Membership) -> list[MemberRole]:
    """The other roles that the person may give to this member."""
    return [role for role in MemberRole if role != membership.role and can_change(actor, membership, role)]


def successors(actor: Actor | None, members: Iterable[Membership]) -> list[Membership]:
    """The members to whom the person could hand the organisation over."""
    return [member for member in members if member.user_id != getattr(actor, "id", None) and member.user.active]


def _open(actor: Actor | None) -> TypeGuard[User]:
    return isinstance(actor, User) and actor.active
