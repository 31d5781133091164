"""Who invites, and whose an invitation is."""

from challenges.invitations.models import ChallengeInvitation
from challenges.invitations.workflow import InvitationState
from challenges.models import Challenge
from challenges.policy import is_sponsor
from challenges.workflow import PREPARATION, ChallengeState
from crowd.accounts.models import User
from crowd.accounts.organisations.rights import Right
from crowd.accounts.policy import STAFF
from crowd.audit import Actor

INVITING = PREPARATION | {ChallengeState.OPEN}


def can_see_invitations(actor: Actor | None, challenge: Challenge) -> bool:
    """See who is invited: those who prepare the challenge, and nobody else; the names are people's own data."""
    return is_sponsor(actor, challenge)


can_invite = can_see_invitations


def is_holder(actor: Actor | None, row: ChallengeInvitation) -> bool:
    """Whether it is the person's: bound to their account, sent to their address and not bound yet, or their
    organisation's, for which they may answer. `challenges.admission.is_holder` is the same as SQL.
    """
    if not isinstance(actor, User):
        return False
    if row.organisation_id is not None:
        return actor.may(Right.ANSWER, row.organisation_id)
    return row.user_id == actor.id or (row.user_id is None and row.address == actor.email)


def can_accept(actor: Actor | None, row: ChallengeInvitation) -> bool:
    """Bind it to the person's account: who has its link, until an account has it. One that was sent to the address of
    an account is that account's from the beginning. The operator's people do not take part.
    """
    if not isinstance(actor, User) or row.organisation_id is not None or actor.is_any(*STAFF):
        return False
    return row.user_id in (None, actor.id) and not actor.acts_for(row.challenge.organisation_id)


def opens_signed_out(row: ChallengeInvitation) -> bool:
    """Whether its link shows the challenge to somebody who is not signed in: until an account has accepted it."""
    return row.organisation_id is None and row.accepted_at is None and row.state != InvitationState.REGISTERED


def can_answer(actor: Actor | None, row: ChallengeInvitation) -> bool:
    """Decline it, or refuse all further ones: who has its link, signed out or as the one whose it is or may become."""
    if row.organisation_id is not None:
        return is_holder(actor, row)
    return (actor is None and opens_signed_out(row)) or is_holder(actor, row) or can_accept(actor, row)
