"""A payment is held and released, by hand: one transaction per operation, under the challenge's lock, as every payment
of an award. So an award is paid before the hold, or after its release, and never in between.
"""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from challenges import queries as challenges
from challenges.impartiality import refuse_party
from challenges.judging import set_payment_held
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.audit import Actor, record
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden
from crowd.reasons import required
from scoring.holds import notifications, policy, queries
from scoring.models import PaymentHold
from scoring.settlement.asking import ask as ask_to_settle


@atomic
def hold(actor: Actor, challenge_id: int, *, reason: str) -> PaymentHold:
    """Hold everything of a decided challenge that is not paid, with a public reason.

    Raises NotFound, Forbidden for the sponsor's people and parties of a proposal, Invalid without a reason, Conflict
    before the decision and where everything is paid.
    """
    challenge = challenges.access(actor, challenge_id, to=policy.can_hold, lock=True)
    refuse_party(actor, challenge)
    reason = required(reason)
    if challenge.state != ChallengeState.DECIDED:
        raise Conflict(_("Only the payment of a published decision can be held, before everything is paid."))
    now = clock.db_now()
    row = PaymentHold(
        challenge_id=challenge.id, round_id=challenge.round.id, reason=reason, held_by=actor.id, held_at=now
    )
    db.session.add(row)
    set_payment_held(challenge, True, now)
    record(actor, "challenge.payment_held", challenge, reason=reason)
    notifications.held(challenge, row, actor)
    return row


@atomic
def release(actor: Actor, hold_id: int, *, reason: str) -> Challenge:
    """Release a hold, with a public reason. When no other is open, the settlement goes on, at the earliest when the
    appeal period has ended: its job has a key of its own, because the one that found the hold is done.

    Raises NotFound, Forbidden for who may not and for parties of a proposal, Invalid without a reason, Conflict where
    it is released already.
    """
    challenge = challenges.access(actor, queries.challenge_of(hold_id), to=policy.can_hold, lock=True)
    refuse_party(actor, challenge)
    query = sa.select(PaymentHold).where(PaymentHold.id == hold_id).execution_options(populate_existing=True)
    row = db.session.scalars(query).one()
    if row.case_id is not None:
        raise Forbidden(_("This hold ends with its case, by itself."))
    if not policy.can_release(actor, challenge, row):
        raise Forbidden(_("The council releases this hold, or whoever placed it."))
    reason = required(reason)
    if row.released_at is not None:
        raise Conflict(_("This hold is released already."))
    now = clock.db_now()
    row.released_at, row.released_by, row.release_reason = now, actor.id, reason
    db.session.flush()
    still = queries.is_held(challenge.id)
    set_payment_held(challenge, still, now)
    record(actor, "challenge.payment_released", challenge, reason=reason)
    notifications.released(challenge, row, actor, still=still)
    if not still:
        ask_to_settle(challenge, f"released:{row.id}")
    return challenge
