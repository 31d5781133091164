"""Who may do what with a challenge. `TRANSITIONS` says when; an operation needs both, which `open_transitions`
combines.

A sponsor is a person who may post for the challenge's organisation: `crowd.accounts.organisations.rights` says which
roles may do what, and which kinds of organisations post. Who screens a challenge, or acts in the sponsor's place, must
not belong to its organisation, nor have belonged to it since the publication; nor, which `impartiality` checks, be a
party of a proposal.
"""

from typing import TypeGuard

import sqlalchemy as sa

from challenges.admission import admitted, is_admitted
from challenges.models import Challenge
from challenges.visibility import Visibility
from challenges.workflow import PUBLIC, STOPPABLE, TRANSITIONS
from crowd.access import Rule, open_operations
from crowd.accounts.models import Membership, Organisation, PlatformRole, Role, User, user_role
from crowd.accounts.organisations.rights import Right
from crowd.audit import SYSTEM, Actor

READERS = (
    PlatformRole.SERVICE_CENTRE,
    PlatformRole.COUNCIL,
    PlatformRole.FINANCE,
    PlatformRole.AUDITOR,
    PlatformRole.ADMINISTRATOR,
)


# Over challenges: those that public lists, counts, feeds and statistics may have, in whatever state. What is for
# invited people only is in none of them, whoever reads: most of them are made once for all readers.
FOR_EVERYBODY = Challenge.visibility == Visibility.PUBLIC
LISTED = sa.and_(Challenge.state.in_(PUBLIC), FOR_EVERYBODY)

OFFICERS = (
    PlatformRole.SERVICE_CENTRE,
    PlatformRole.COUNCIL,
    PlatformRole.AUDITOR,
)  # who act on, or look into, judging


def _is(actor: Actor | None, *roles: PlatformRole) -> bool:
    return isinstance(actor, User) and actor.is_any(*roles)


def _belongs(actor: Actor | None, challenge: Challenge) -> TypeGuard[User]:
    return isinstance(actor, User) and actor.acts_for(challenge.organisation_id)


def has_belonged(actor: Actor | None, challenge: Challenge) -> bool:
    """Whether the person belongs to the organisation, or has belonged to it since the challenge was published; also to
    the firm for which a park posts it.
    """
    return _belongs(actor, challenge) or (
        isinstance(actor, User) and any(actor.has_belonged(one, challenge.published_at) for one in challenge.sponsors)
    )


def is_sponsor(actor: Actor | None, challenge: Challenge) -> TypeGuard[User]:
    """Whether the person may post for the organisation of the challenge: they prepare it and read its proposals."""
    return may_sponsor(actor, challenge, Right.POST)


def may_sponsor(actor: Actor | None, challenge: Challenge, right: Right) -> TypeGuard[User]:
    """Whether the person has this right for the organisation that posts the challenge."""
    posted = not challenge.external and challenge.organisation.posts
    return posted and isinstance(actor, User) and actor.may(right, challenge.organisation_id)


def may_consent(actor: Actor | None, challenge: Challenge) -> bool:
    """Whether the person may post for the firm for which a park posts the challenge."""
    firm = challenge.for_organisation_id
    return firm is not None and isinstance(actor, User) and actor.may(Right.POST, firm)


def can_view(actor: Actor | None, challenge: Challenge) -> bool:
    """Everybody sees published challenges; the platform's staff those in screening; only the sponsor sees a draft, and
    the firm for which a park posts it. One for invited people only is seen by the same, and by those whom
    `challenges.admission` lets in.
    """
    if is_public(challenge):
        return True
    if actor is SYSTEM or _belongs(actor, challenge) or may_consent(actor, challenge):
        return True
    if challenge.submitted_at is not None and _is(actor, *READERS):
        return True
    return _has_opened(challenge) and isinstance(actor, User) and is_admitted(actor, challenge)


def is_public(challenge: Challenge) -> bool:
    """Whether everybody may see it."""
    return _has_opened(challenge) and not challenge.by_invitation


def _has_opened(challenge: Challenge) -> bool:
    return challenge.state in PUBLIC or challenge.published_at is not None


def visible_to(actor: Actor | None) -> sa.ColumnElement[bool]:
    """`can_view` as SQL."""
    if actor is SYSTEM:
        return sa.true()
    opened = sa.or_(Challenge.state.in_(PUBLIC), Challenge.published_at.is_not(None))
    seen = [sa.and_(opened, FOR_EVERYBODY)]
    if isinstance(actor, User):
        seen.append(sa.and_(~FOR_EVERYBODY, opened, admitted(actor.id)))
        seen.append(Challenge.organisation_id.in_(actor.organisation_ids))
        seen.append(Challenge.for_organisation_id.in_(actor.organisations_with(Right.POST)))
    if _is(actor, *READERS):
        seen.append(Challenge.submitted_at.is_not(None))
    return sa.or_(*seen)


def readers_of(challenge: Challenge, user_id: sa.SQLColumnExpression[int]) -> sa.ColumnElement[bool]:
    """Over people: whether the one with this id may see an opened challenge that is for invited people only."""
    sponsor = sa.select(Membership.user_id).where(Membership.organisation_id == challenge.organisation_id)
    staff = sa.select(user_role.c.user_id).join(Role, Role.id == user_role.c.role_id).where(Role.name.in_(READERS))
    return sa.or_(user_id.in_(sponsor), user_id.in_(staff), admitted(user_id, challenge.id))


def can_view_internal(actor: Actor | None, challenge: Challenge) -> bool:
    """See what is not public: the remarks of the screening and every step with the person who did it."""
    return actor is SYSTEM or _belongs(actor, challenge) or _is(actor, *READERS)


def acts_for_platform(actor: Actor | None) -> bool:
    """Whether the person has a role that may decide, cancel or inspect the challenges of others."""
    return _is(actor, *OFFICERS)


def can_create(actor: Actor | None, organisation: Organisation) -> bool:
    """Draft a challenge for an organisation."""
    return isinstance(actor, User) and actor.may(Right.POST, organisation.id) and organisation.posts


def sponsor_organisations(actor: Actor | None) -> list[Organisation]:
    """The organisations for which the person may draft a challenge."""
    if not isinstance(actor, User):
        return []
    return [m.organisation for m in actor.memberships if can_create(actor, m.organisation)]


def can_copy(actor: Actor | None, challenge: Challenge) -> bool:
    """Copy a challenge to a draft: one that everybody may see, or one of the person's own organisation."""
    return bool(sponsor_organisations(actor)) and (is_public(challenge) or is_sponsor(actor, challenge))


def can_edit(actor: Actor | None, challenge: Challenge) -> bool:
    """Edit the brief."""
    return is_sponsor(actor, challenge)


can_submit = can_edit
can_amend = can_edit
can_withdraw = can_edit


def can_screen(actor: Actor | None, challenge: Challenge) -> bool:
    """Approve a challenge or return it."""
    return _is(actor, PlatformRole.SERVICE_CENTRE) and not has_belonged(actor, challenge)


can_approve = can_screen


def can_return(actor: Actor | None, challenge: Challenge) -> bool:
    """Return a challenge to its sponsor: who screens it, also by a case."""
    return actor is SYSTEM or can_screen(actor, challenge)


def can_fund(actor: Actor | None, challenge: Challenge) -> bool:
    """Transfer the organisation's free money into escrow."""
    return actor is SYSTEM or may_sponsor(actor, challenge, Right.FUND)


def can_run(actor: Actor | None, challenge: Challenge) -> bool:
    """Operations of scheduled jobs only: expire funding, open, close, settle, archive."""
    return actor is SYSTEM


def can_decide(actor: Actor | None, challenge: Challenge) -> bool:
    """Make the decision; where the sponsor's date has passed, the service centre or the council may."""
    return actor is SYSTEM or may_sponsor(actor, challenge, Right.DECIDE) or _steps_in(actor, challenge)


def _steps_in(actor: Actor | None, challenge: Challenge) -> bool:
    """Whether the person may act in the sponsor's place: an officer who did not belong to the sponsor meanwhile."""
    officer = _is(actor, PlatformRole.SERVICE_CENTRE, PlatformRole.COUNCIL)
    return officer and not has_belonged(actor, challenge)


def can_cancel(actor: Actor | None, challenge: Challenge) -> bool:
    """Cancel it: the sponsor as long as there is no proposal, afterwards the service centre or the council, also by a
    case.
    """
    if is_sponsor(actor, challenge) and challenge.closed_at is None and challenge.proposals_count == 0:
        return True
    if actor is SYSTEM:  # as a case has decided, or where the opening has waited too long for a verification
        return (challenge.published_at or challenge.unverified_at) is not None and not challenge.external
    return challenge.submitted_at is not None and not challenge.external and _steps_in(actor, challenge)


def can_report(actor: Actor | None, challenge: Challenge) -> bool:
    """Report it: every signed-in reader but the sponsor's own people, while it can still be cancelled."""
    stranger = isinstance(actor, User) and not any(actor.acts_for(one.id) for one in challenge.sponsors)
    return stranger and not challenge.external and challenge.state in STOPPABLE


RULES: dict[str, Rule[Challenge]] = {
    "submit": can_submit,
    "withdraw": can_withdraw,
    "return": can_return,
    "approve": can_approve,
    "fund": can_fund,
    "expire_funding": can_run,
    "open": can_run,
    "close": can_run,
    "decide": can_decide,
    "reopen": can_run,
    "settle": can_run,
    "cancel": can_cancel,
    "archive": can_run,
}


def open_transitions(actor: Actor | None, challenge: Challenge) -> list[str]:
    """The operations that this actor may do with the challenge now; also `edit`, which does not change the state."""
    operations = open_operations(TRANSITIONS, challenge.state, RULES, actor, challenge)
    if challenge.is_draft and can_edit(actor, challenge):
        operations.insert(0, "edit")
    return operations
