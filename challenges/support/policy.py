"""Who writes what support there is, who agrees to grant it, who redeems a voucher and who confirms it."""

import sqlalchemy as sa

from challenges.models import Challenge
from challenges.policy import can_view, is_sponsor
from challenges.support.models import SupportLine, Voucher
from challenges.support.workflow import VoucherState
from crowd.accounts.models import User
from crowd.accounts.organisations.rights import Right
from crowd.audit import Actor

TOLD = (VoucherState.REDEEMED, VoucherState.CONFIRMED)  # states in which the grantor knows of a voucher


def can_edit(actor: Actor | None, challenge: Challenge) -> bool:
    """Add and remove support: those who prepare the challenge."""
    return is_sponsor(actor, challenge)


def grants_for(actor: Actor | None, organisation_id: int) -> bool:
    """Whether the person agrees and confirms for an organisation that grants."""
    return isinstance(actor, User) and actor.may(Right.GRANT, organisation_id)


def can_answer(actor: Actor | None, line: SupportLine) -> bool:
    """Agree to grant something, or decline it."""
    return grants_for(actor, line.grantor_id)


def can_view_support(actor: Actor | None, challenge: Challenge, grantors: set[int]) -> bool:
    """See the support of a challenge: whoever sees the challenge, and before it is published those who are to grant."""
    return can_view(actor, challenge) or any(grants_for(actor, one) for one in grantors)


def holds(actor: Actor | None, voucher: Voucher) -> bool:
    """Whether the voucher is the person's: their own, or of an agency for which they answer."""
    if not isinstance(actor, User):
        return False
    if voucher.organisation_id is None:
        return voucher.user_id == actor.id
    return actor.may(Right.ANSWER, voucher.organisation_id)


def can_confirm(actor: Actor | None, voucher: Voucher) -> bool:
    """Confirm that a redeemed voucher was used, or hand it back: the grantor's people."""
    return voucher.state in TOLD and grants_for(actor, voucher.line.grantor_id)


def can_view_voucher(actor: Actor | None, voucher: Voucher) -> bool:
    """Its party always; the grantor once it is redeemed: who takes part is not known before."""
    return holds(actor, voucher) or can_confirm(actor, voucher)


def held_by(actor: User) -> sa.ColumnElement[bool]:
    """`holds` as SQL."""
    own = sa.and_(Voucher.organisation_id.is_(None), Voucher.user_id == actor.id)
    return sa.or_(own, Voucher.organisation_id.in_(actor.organisations_with(Right.ANSWER)))


def confirmed_by(actor: User) -> sa.ColumnElement[bool]:
    """`can_confirm` as SQL."""
    return sa.and_(Voucher.state.in_(TOLD), SupportLine.grantor_id.in_(actor.organisations_with(Right.GRANT)))
