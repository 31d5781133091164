"""What a case about integrity holds, under the challenge's lock.

Before the decision an upheld case takes effect at once. A decision that is published while one is pending is held, as
by an appeal; so is one about which a case is filed before its awards are paid. Where such a case is upheld, the
decision is opened again.
"""

from flask_babel import lazy_gettext as _

from challenges import queries as challenges
from challenges.judging import set_payment_held
from challenges.models import Challenge
from challenges.next_steps import appeals_open
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.audit import SYSTEM, Actor, record
from crowd.db import db
from crowd.errors import Conflict
from crowd.notifications.emails import in_all_languages
from crowd.procedure import CaseSubject
from scoring.appeals import queries as appeals
from scoring.holds import notifications as hold_notifications
from scoring.integrity import queries
from scoring.models import PaymentHold
from submissions.models import Proposal
from submissions.workflow import ProposalState

HELD = _("A case about integrity is pending: the council decides about it.")


def refuse(challenge: Challenge, proposal: Proposal | None = None) -> None:
    """Raise Conflict, with the reason, where no case can be filed now, about this proposal or at all."""
    if proposal is not None and proposal.state != ProposalState.SUBMITTED:
        raise Conflict(_("This proposal is disqualified already."))
    if challenge.state == ChallengeState.JUDGING:
        return
    if challenge.state != ChallengeState.DECIDED or not appeals_open(challenge, clock.arrived_at()):
        raise Conflict(
            _(
                "A case about integrity is possible from the close of the challenge to the end of the appeal period."
                " Later a sanction is the way."
            )
        )
    if appeals.is_paid(challenge.id):
        raise Conflict(_("Awards are paid already, and no case changes them any more. A sanction is the way."))


def hold(_actor: Actor, case_id: int, subject: CaseSubject) -> None:
    """Where the decision is published, hold everything that is not paid. Raises Conflict where it came too late."""
    assert subject.challenge_id is not None
    challenge = challenges.access(SYSTEM, subject.challenge_id, lock=True)
    refuse(challenge)
    if challenge.state == ChallengeState.DECIDED:
        _hold(challenge, case_id)


def hold_pending(challenge: Challenge) -> None:
    """A decision was published: the cases that are pending hold its payment."""
    for case_id in queries.pending_in(challenge.id):
        _hold(challenge, case_id)


def _hold(challenge: Challenge, case_id: int) -> None:
    now = clock.db_now()
    row = PaymentHold(
        challenge_id=challenge.id, round_id=challenge.round.id, reason=in_all_languages(lambda: str(HELD)),
        case_id=case_id, held_at=now,
    )  # fmt: skip
    db.session.add(row)
    set_payment_held(challenge, True, now)
    record(SYSTEM, "challenge.payment_held", challenge, reason=row.reason)
    hold_notifications.held(challenge, row, SYSTEM)


def refuse_unfinished(challenge: Challenge) -> None:
    """Raise Conflict while what follows from a case is being carried out: a decision waits for it."""
    if queries.is_being_carried_out(challenge.id):
        raise Conflict(_("A case about integrity was decided, and what follows is being done. Try again in a moment."))
