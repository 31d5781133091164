"""The lifecycle of a challenge: one transaction per operation. `policy` says who may, `TRANSITIONS` when; the rest is
here.
"""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _

from challenges import brief as briefs
from challenges import counts, followers, notifications, policy
from challenges.contract import services as contracts
from challenges.cost import cost_now
from challenges.events import ChallengeCancelled, ChallengeClosed, DecisionScheduled, SilenceScheduled
from challenges.invitations import services as invitations
from challenges.lifecycle.verification import check_verified, check_verified_until
from challenges.models import Challenge
from challenges.monthly_totals import add_to_month
from challenges.on_behalf.services import check_consent
from challenges.queries import access
from challenges.questions import PAY_REVIEWERS, SET_ASIDE_AT_CLOSE
from challenges.rule_set import RULES, rule_limits
from challenges.schedule import decision_due_at, last_opening, opening_wait_ends, payment_due_at, reviews_due_at
from challenges.screening import rounds
from challenges.silence import silence_at
from challenges.support.services import check_agreed
from challenges.tier_rules import NEEDS
from challenges.transitions import lock_for_transition, transition
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.audit import SYSTEM, Actor, record
from crowd.background import enqueue, is_unfinished
from crowd.db import atomic, db
from crowd.errors import Conflict
from crowd.events import publish
from crowd.ledger import queries as ledger
from crowd.ledger import transfers
from crowd.ledger.deposits import payment_reference
from crowd.ledger.models import LedgerAccountKind, OwnerType
from crowd.money import Money
from crowd.notifications.emails import in_all_languages
from crowd.reasons import required
from crowd.rules.services import founded
from crowd.taxonomy import services as taxonomy
from crowd.values import moment, money

FUND = "challenges.fund"  # the job that money for a challenge starts


# ---- screening


@atomic
def submit(actor: Actor, challenge_id: int, *, cost: int | None = None) -> Challenge:
    """Send a draft to screening, at the fee in force. `cost` (minor units) is the total that the person was shown.

    Raises Invalid with what is missing, Conflict where the cost has changed or the organisation is not verified.
    """
    challenge, now = lock_for_transition(actor, challenge_id, "submit")
    gaps = briefs.gaps(briefs.from_challenge(challenge), rule_limits(), now)
    briefs.refuse([*gaps, *rounds.open_remarks(challenge)])
    check_consent(challenge)
    check_agreed(challenge)
    check_verified(challenge)
    present = cost_now(challenge)
    if cost is not None and cost != present.total:
        raise Conflict(_("The cost has changed since you saw it. Please check it again; nothing was submitted."))
    transition(challenge, "submit", now)
    challenge.fee_version, challenge.fee_basis_points = present.fee_version, present.fee_basis_points
    challenge.rules_version, challenge.tiers_version = founded(RULES.name).number, founded(NEEDS.name).number
    challenge.honoraria = present.honoraria
    challenge.submitted_at, challenge.screening_note = now, ""
    challenge.approved_at = challenge.funding_due_at = None
    rounds.begin(actor, challenge, now)
    record(
        actor,
        "challenge.submitted",
        challenge,
        cost=money(challenge.cost, challenge.currency),
        fee_version=challenge.fee_version,
    )
    taxonomy.note_free(challenge.tags)
    notifications.screening_asked(challenge)
    return challenge


@atomic
def withdraw_from_screening(actor: Actor, challenge_id: int) -> Challenge:
    """Withdraw a challenge from screening, to change it."""
    challenge, now = lock_for_transition(actor, challenge_id, "withdraw")
    transition(challenge, "withdraw", now)
    record(actor, "challenge.withdrawn", challenge)
    return challenge


@atomic
def return_for_changes(actor: Actor, challenge_id: int, *, reason: str) -> Challenge:
    """The screening returns a challenge, and says what to change."""
    reason = required(reason)
    challenge, now = lock_for_transition(actor, challenge_id, "return")
    rounds.hold(actor, challenge, now)
    transition(challenge, "return", now)
    challenge.screening_note = reason.strip()
    record(actor, "challenge.returned", challenge, reason=challenge.screening_note)
    notifications.returned(challenge)
    return challenge


@atomic
def approve(actor: Actor, challenge_id: int, *, note: str = "", cost: int | None = None) -> Challenge:
    """The screening approves: the sponsor gets a payment reference and a date by which to pay; `note` is shown with the
    operation in the history. `cost` (minor units) is the total that the person was shown.

    Raises Conflict where the organisation is not verified, where the firm for which a park posts has left the park,
    where the checklist lacks answers, where another person screens it, where the closing date leaves no time to pay and
    open, and where the cost has changed.
    """
    challenge, now = lock_for_transition(actor, challenge_id, "approve")
    if cost is not None and cost != challenge.cost:
        raise Conflict(_("The cost has changed since you were asked. Check the challenge again; nothing was approved."))
    check_verified(challenge)
    check_consent(challenge)
    rounds.check_approvable(rounds.hold(actor, challenge, now))
    check_agreed(challenge)
    if last_opening(challenge) <= now:
        raise Conflict(_("The closing date is too near by now. Return the challenge for another one."))
    transition(challenge, "approve", now)
    challenge.approved_at, challenge.approved_by, challenge.screening_note = now, actor.id, ""
    challenge.funding_due_at = payment_due_at(challenge, now)
    challenge.payment_reference = challenge.payment_reference or payment_reference.make(now.year, challenge.id)
    facts: dict[str, Any] = {
        "reference": challenge.payment_reference,
        "cost": money(challenge.cost, challenge.currency),
    }
    if note.strip():
        facts["reason"] = note.strip()
    record(actor, "challenge.approved", challenge, **facts)
    notifications.approved(challenge)
    return challenge


# ---- money in


@atomic
def fund(actor: Actor, challenge_id: int, *, arrived_at: datetime | None = None) -> Challenge:
    """Transfer prizes and fee from the sponsor's free balance into escrow; open at once where the opening date has
    passed.

    `arrived_at`: when the money or the request arrived, which decides whether it is in time. Raises Conflict where the
    balance is short (`missing`, minor units), the time to pay has passed, or the organisation is not verified or will
    not be when the challenge opens.
    """
    challenge, now = lock_for_transition(actor, challenge_id, "fund")
    check_verified(challenge)
    check_verified_until(challenge)
    if challenge.funding_due_at is not None and (arrived_at or clock.arrived_at()) > challenge.funding_due_at:
        raise Conflict(_("The time to pay has passed; the challenge goes back to draft. The money stays yours."))
    whose, currency = challenge.organisation_id, challenge.currency
    missing = challenge.cost - ledger.balance(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, whose, currency)
    if missing > 0:
        amount = Money(currency, missing)
        raise Conflict(_("The free balance is short by %(amount)s.", amount=amount), missing=missing)
    transfers.fund(actor, challenge.id, organisation_id=whose, currency=currency, amount=challenge.cost)
    transition(challenge, "fund", now)  # only now: the ledger may also reject the transfer
    challenge.funded_at = now
    record(actor, "challenge.funded", challenge, amount=money(challenge.cost, currency))
    add_to_month(challenge, now, funded=challenge.cost)
    notifications.funded(challenge)
    if challenge.opens_at is None or challenge.opens_at <= now:
        return open(SYSTEM, challenge.id)
    key = f"open:{challenge.id}:{challenge.opens_at.isoformat()}"
    enqueue("challenges.open", challenge.id, at=challenge.opens_at, key=key, challenge_id=challenge.id)
    return challenge


@atomic
def expire_funding(actor: Actor, challenge_id: int) -> Challenge:
    """Return a challenge that was not paid in time to draft. Money that arrived stays in the sponsor's free balance."""
    challenge, now = lock_for_transition(actor, challenge_id, "expire_funding")
    if challenge.funding_due_at is None or now < challenge.funding_due_at:
        raise Conflict(_("There is still time to pay."))
    if is_unfinished(FUND, challenge.id):
        raise Conflict(_("Money for this challenge has arrived, and it is being checked whether it is enough."))
    transition(challenge, "expire_funding", now)
    record(actor, "challenge.funding_expired", challenge)
    notifications.funding_expired(challenge)
    return challenge


# ---- open to close


@atomic
def open(actor: Actor, challenge_id: int) -> Challenge:
    """Publish, and accept proposals from now on; where the organisation is not verified any more, wait until it is, or
    cancel what has waited too long. Raises Conflict before the opening date.
    """
    challenge, now = lock_for_transition(actor, challenge_id, "open")
    if challenge.opens_at is not None and now < challenge.opens_at:
        raise Conflict(_("The opening date has not come."))
    if challenge.organisation.verified_at is None:
        return _wait_for_verification(actor, challenge, now)
    challenge.unverified_at = None
    transition(challenge, "open", now)
    challenge.published_at = now
    challenge.region_id = challenge.organisation.region_id
    version = contracts.begin(actor, challenge, now)
    counts.begin(challenge)
    record(actor, "challenge.opened", challenge, contract=version.digest)
    add_to_month(challenge, now, opened=1)
    notifications.opened(challenge)
    followers.announce(actor, challenge, "opened")
    contracts.schedule_close(challenge)
    enqueue(invitations.SEND, challenge.id, challenge_id=challenge.id, wake=False)
    return challenge


def _wait_for_verification(actor: Actor, challenge: Challenge, now: datetime) -> Challenge:
    """The sponsor is told once; the job that opens what is due looks again every minute."""
    ends = opening_wait_ends(challenge)
    if challenge.unverified_at is None:
        challenge.unverified_at = challenge.changed_at = now
        record(actor, "challenge.opening_waits", challenge, until=moment(ends))
        notifications.opening_waits(challenge, ends)
    if ends > now:
        return challenge
    db.session.flush()
    why = _(
        "The organisation was not verified when the challenge was to open, and has not been verified again in time."
    )
    return cancel(SYSTEM, challenge.id, reason=in_all_languages(lambda: str(why)))


@atomic
def close(actor: Actor, challenge_id: int) -> Challenge:
    """Stop accepting proposals and begin the judging: from now on proposals may be opened.

    Raises Conflict before the closing date and its grace. Waits for operations that arrived in time: each holds the
    lock of the challenge until its commit.
    """
    challenge, now = lock_for_transition(actor, challenge_id, "close")
    if challenge.to_close_at is not None and now < challenge.to_close_at:
        raise Conflict(_("The closing date has not come."))
    contracts.drop_waiting(actor, challenge)
    SET_ASIDE_AT_CLOSE()(actor, challenge)
    invitations.end(challenge, now)
    transition(challenge, "close", now)
    challenge.closed_at = now
    record(actor, "challenge.closed", challenge, proposals=challenge.proposals_count)
    add_to_month(challenge, now, closed=1, proposals=challenge.proposals_count)
    notifications.closed(challenge)
    followers.announce(actor, challenge, "closed")
    publish(ChallengeClosed(challenge.id, challenge.round.id))
    _set_due_dates(challenge, now)
    return challenge


@atomic
def begin_reviews(actor: Actor, challenge_id: int) -> Challenge:
    """The reviewers of a closed challenge are asked now: their time counts from here, and so does the decision's.

    Raises Conflict where the challenge is not being judged. `scoring` calls this when it forms the panel.
    """
    challenge = access(actor, challenge_id, to=policy.can_run, lock=True)
    if challenge.state != ChallengeState.JUDGING:
        raise Conflict(_("The challenge is not being judged."))
    now = clock.db_now()
    challenge.panel_formed_at = challenge.changed_at = now
    _set_due_dates(challenge, now)
    return challenge


def _set_due_dates(challenge: Challenge, now: datetime) -> None:
    """When reviews that begin now are due and the decision after them; it is published, so that somebody checks it."""
    challenge.reviews_due_at = reviews_due_at(challenge, now)
    _set_decision_due(challenge, decision_due_at(challenge, challenge.reviews_due_at))


def _set_decision_due(challenge: Challenge, due: datetime) -> None:
    challenge.decision_due_at = due
    publish(DecisionScheduled(challenge.id, at=due))
    challenge.silence_at = silence_at(challenge, due)
    if challenge.silence_at is not None:
        publish(SilenceScheduled(challenge.id, at=challenge.silence_at))


@atomic
def cancel(actor: Actor, challenge_id: int, *, reason: str) -> Challenge:
    """Cancel a challenge, with a public reason; the money in escrow is returned to the sponsor."""
    reason = required(reason)
    challenge, now = lock_for_transition(actor, challenge_id, "cancel")
    in_escrow, before, back = challenge.in_escrow, challenge.state, None
    contracts.drop_waiting(actor, challenge)
    if in_escrow:
        PAY_REVIEWERS()(SYSTEM, challenge)
    invitations.end(challenge, now)
    challenge.unverified_at = None
    transition(challenge, "cancel", now)
    challenge.cancelled_at, challenge.cancel_reason = now, reason.strip()
    if in_escrow:
        db.session.flush()
        whose, currency = challenge.organisation_id, challenge.currency
        back = transfers.refund(
            actor, challenge.id, organisation_id=whose, currency=currency, reason=challenge.cancel_reason
        )
    refunded = sum(posting.amount for posting in back.postings) if back else 0
    add_to_month(
        challenge,
        now,
        cancelled=before == ChallengeState.OPEN,
        stopped=before == ChallengeState.JUDGING,
        refunded=refunded,
    )
    record(actor, "challenge.cancelled", challenge, reason=challenge.cancel_reason, refunded=in_escrow)
    notifications.cancelled(challenge)
    followers.announce(actor, challenge, "cancelled")
    publish(ChallengeCancelled(challenge.id))
    return challenge


# ---- decision: `scoring` calls these two inside its own transactions


@atomic
def decide(actor: Actor, challenge_id: int) -> Challenge:
    """The decision is made and published; the appeal window begins."""
    challenge, now = lock_for_transition(actor, challenge_id, "decide")
    transition(challenge, "decide", now)
    challenge.decided_at = now
    challenge.appeals_until = now + challenge.appeal_window
    record(actor, "challenge.decided", challenge, appeals_until=moment(challenge.appeals_until))
    followers.announce(actor, challenge, "decided")
    return challenge


@atomic
def reopen(actor: Actor, challenge_id: int, *, reviews: bool) -> Challenge:
    """The decision is opened again after an appeal: it is due as after the reviews, which begin again where `reviews`
    says so. `scoring` has removed what was announced.
    """
    challenge, now = lock_for_transition(actor, challenge_id, "reopen")
    assert challenge.decided_at is not None
    transition(challenge, "reopen", now)
    challenge.decided_at = challenge.appeals_until = None
    if reviews:
        _set_due_dates(challenge, now)
    else:
        _set_decision_due(challenge, decision_due_at(challenge, now))
    record(actor, "challenge.reopened", challenge, decision_due_at=moment(challenge.decision_due_at or now))
    return challenge


@atomic
def settle(actor: Actor, challenge_id: int) -> Challenge:
    """Mark the challenge as settled: everything is paid or refunded. Raises Conflict while the appeal window
    is open.
    """
    challenge, now = lock_for_transition(actor, challenge_id, "settle")
    if challenge.appeals_until is not None and now < challenge.appeals_until:
        raise Conflict(_("The appeal period has not ended."))
    transition(challenge, "settle", now)
    challenge.settled_at = now
    record(actor, "challenge.settled", challenge)
    followers.announce(actor, challenge, "settled")
    return challenge


# ---- records of another platform's challenges


@atomic
def archive(actor: Actor, challenge_id: int) -> Challenge:
    """Archive an external record whose dates have passed."""
    challenge, now = lock_for_transition(actor, challenge_id, "archive")
    transition(challenge, "archive", now)
    record(actor, "challenge.archived", challenge)
    followers.announce(actor, challenge, "archived")
    return challenge
