"""What follows from appeals: a hold while one is pending; then the settlement goes on, or the decision is opened again.

Everything happens under the challenge's lock, as every payment of an award: an appeal is filed before the first award
is paid, or refused.
"""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _

from challenges import queries as challenges
from challenges.judging import set_held, set_payment_held, set_unverified
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.next_steps import appeals_open
from challenges.support import services as support
from challenges.support.workflow import GrantedTo
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.audit import SYSTEM, Actor, record
from crowd.cases import queries as cases
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState
from crowd.db import atomic, db
from crowd.errors import Conflict, Sentence
from crowd.notifications.emails import in_all_languages
from crowd.procedure import CaseSubject
from scoring import policy, services
from scoring.appeals import notifications, queries
from scoring.awards import services as awards
from scoring.holds import notifications as hold_notifications
from scoring.holds import queries as holds
from scoring.honoraria import services as honoraria
from scoring.integrity import effects
from scoring.integrity import queries as integrity
from scoring.models import PaymentHold, ReopenedResult
from scoring.results import queries as results
from scoring.settlement.asking import ask

PENDING = _("An appeal was filed against the decision: the council decides about it.")
BEFORE: dict[CaseState, Sentence] = {
    CaseState.PENDING: _("An appeal for this proposal is pending already."),
    CaseState.WITHDRAWN: _(
        "The appeal for this proposal was withdrawn after the vote of the council had begun. There is one against each"
        " decision."
    ),
}
DECIDED = _("The council has decided about an appeal for this proposal. There is one against each decision.")
ENDED: dict[CaseState, Sentence] = {
    CaseState.REFUSED: _("The council has refused the appeal."),
    CaseState.WITHDRAWN: _("The appeal was withdrawn."),
    CaseState.GRANTED: _("The council has upheld the appeal: the proposal is reviewed and the awards decided again."),
    CaseState.PARTLY_GRANTED: _("The council has upheld the appeal: the awards are decided again."),
}
ENDED_OF_INTEGRITY: dict[CaseState, Sentence] = {
    CaseState.REFUSED: _("The council has not upheld the case about integrity."),
    CaseState.WITHDRAWN: _("The case about integrity was withdrawn."),
    CaseState.GRANTED: _("The council has upheld a case about integrity: the awards are decided again."),
}
REOPENED = _("The decision was opened again after an appeal: there is nothing to pay.")


def refuse(challenge: Challenge, proposal_id: int) -> None:
    """Raise Conflict, with the reason, where no appeal can be filed for a proposal now: what counts is when the request
    arrived.
    """
    if challenge.state != ChallengeState.DECIDED or not appeals_open(challenge, clock.arrived_at()):
        raise Conflict(_("An appeal is possible from the publication of the decision to the end of the appeal period."))
    if queries.is_paid(challenge.id):
        raise Conflict(_("The appeal period has ended, and awards are paid already."))
    before = queries.against(challenge.id, proposal_id)
    if before is not None:
        raise Conflict(BEFORE.get(before.state, DECIDED))


def hold(actor: Actor, case_id: int, subject: CaseSubject) -> None:
    """Hold everything that is not paid while the appeal is pending. Raises Conflict where it came too late."""
    assert subject.challenge_id is not None
    challenge = challenges.access(SYSTEM, subject.challenge_id, lock=True)
    refuse(challenge, subject.id)
    now = clock.db_now()
    row = PaymentHold(
        challenge_id=challenge.id, round_id=challenge.round.id, reason=in_all_languages(lambda: str(PENDING)),
        case_id=case_id, held_at=now,
    )  # fmt: skip
    db.session.add(row)
    set_payment_held(challenge, True, now)
    record(SYSTEM, "challenge.payment_held", challenge, reason=row.reason)
    hold_notifications.held(challenge, row, actor)


@atomic
def carry_out(actor: Actor, case_id: int) -> ChallengeState:
    """An appeal, or another case that holds a payment, has ended: end its hold. After the last one, open the decision
    again where one of them was upheld; otherwise the settlement goes on. Returns the state of the challenge; a second
    call changes nothing.
    """
    challenge = challenges.access(actor, queries.hold_of(case_id).challenge_id, to=policy.can_run, lock=True)
    row, case = queries.hold_of(case_id), cases.get(case_id)
    db.session.refresh(row)
    if row.released_at is not None:
        return challenge.state
    if case.is_pending:
        raise Conflict(_("The case is pending."))
    _release(challenge, row, (ENDED if case.kind == queries.KIND else ENDED_OF_INTEGRITY)[case.state])
    pending, upheld = queries.has_others(challenge.id), queries.upheld(challenge.id)
    if upheld and not pending:
        _reopen(actor, challenge, upheld)
        return challenge.state
    still = holds.is_held(challenge.id)
    set_payment_held(challenge, still, clock.db_now())
    hold_notifications.released(challenge, row, SYSTEM, still=still)
    if not still:
        ask(challenge, f"appeal:{row.id}")
    return challenge.state


def _release(challenge: Challenge, row: PaymentHold, reason: Sentence) -> None:
    """End a hold; the caller notifies of what follows."""
    row.released_at, row.release_reason = clock.db_now(), in_all_languages(lambda: str(reason))
    db.session.flush()
    record(SYSTEM, "challenge.payment_released", challenge, reason=row.release_reason)


def _reopen(actor: Actor, challenge: Challenge, upheld: Sequence[Case]) -> None:
    """The way back from the decision: what was announced is removed, and the awards are decided again."""
    version, now = results.newest(challenge.id), clock.db_now()
    assert version is not None
    again_for = {case.subject_id for case in upheld if case.kind == queries.KIND and case.state == CaseState.GRANTED}
    others = [case for case in upheld if case.kind != queries.KIND]
    reviews = bool(again_for) or any(case.kind == integrity.OF_REVIEWER for case in others)
    for row in holds.holds(challenge.id):
        if row.is_open:
            _release(challenge, row, REOPENED)
    honoraria.pay_earned(actor, challenge)
    for user_id, organisation_id in awards.remove_announced(actor, challenge):
        support.void(actor, challenge, user_id, organisation_id, only=GrantedTo.AWARDED)
    set_payment_held(challenge, False, now)
    set_held(challenge, False, now)
    set_unverified(challenge, False, now)
    lifecycle.reopen(actor, challenge.id, reviews=reviews)
    db.session.add_all(
        ReopenedResult(
            result_version_id=version.id, case_id=case.id, new_reviews=_has_new_reviews(case), reopened_at=now
        )
        for case in upheld
    )
    if again_for:
        services.review_again(actor, challenge, again_for)
    for case in others:
        effects.apply(actor, challenge, case)
    services.note_reviews(challenge, now)
    notifications.reopened(challenge, version, new_reviews=reviews)


def _has_new_reviews(case: Case) -> bool:
    return case.kind == integrity.OF_REVIEWER or (case.kind == queries.KIND and case.state == CaseState.GRANTED)
