"""Who may do what to accounts. `actor` is a person, SYSTEM, or None for a visitor."""

from crowd.accounts.models import Organisation, PlatformRole, User
from crowd.audit import SYSTEM, Actor
from crowd.roles import OPERATORS as OPERATORS

OVERSEERS = (*OPERATORS, PlatformRole.AUDITOR, PlatformRole.COUNCIL)  # who read how it runs, and the audit trail
# The operator's people: they neither post nor answer in these roles.
STAFF = (*OVERSEERS, PlatformRole.FINANCE, PlatformRole.COUNCIL_OFFICE)


def can_administer(actor: Actor | None, _user: User | None = None) -> bool:
    """Create accounts, see all of them, grant and revoke roles."""
    return actor is SYSTEM or (isinstance(actor, User) and actor.active and actor.is_any(PlatformRole.ADMINISTRATOR))


def can_view(actor: Actor | None, user: User) -> bool:
    """See an account (not the public profile, which is everybody's)."""
    return can_administer(actor) or _is(actor, user)


def can_edit_profile(actor: Actor | None, user: User) -> bool:
    """Change a profile: the person themselves."""
    return actor is SYSTEM or (_is(actor, user) and user.active)


def can_grant(actor: Actor | None, user: User) -> bool:
    """Grant a platform role to an open account."""
    return can_administer(actor) and user.active


def can_revoke(actor: Actor | None, user: User, role: PlatformRole) -> bool:
    """Revoke a role; administrators keep their own administrator role, so that there is always one."""
    return can_administer(actor) and not (_is(actor, user) and role == PlatformRole.ADMINISTRATOR)


def can_close(actor: Actor | None, user: User) -> bool:
    """Close another person's account."""
    return can_administer(actor) and not _is(actor, user)


def can_reopen(actor: Actor | None, user: User) -> bool:
    """Open a closed account again."""
    return can_close(actor, user)


def can_erase(actor: Actor | None, user: User) -> bool:
    """Delete an account with its data: the person themselves, and the operator by a command."""
    return actor is SYSTEM or (_is(actor, user) and user.active)


def _is(actor: Actor | None, user: User) -> bool:
    return isinstance(actor, User) and actor.id == user.id


def can_report(actor: Actor | None, row: User | Organisation) -> bool:
    """Report a profile: every signed-in person but its own people; of a person or an organisation that is here."""
    if not isinstance(actor, User):
        return False
    if isinstance(row, User):
        return row.active and row.id != actor.id
    return row.origin is None and row.closed_at is None and not actor.acts_for(row.id)
