"""The settlement, one transaction for each award. `scoring/settlement/payments.py` calculates fees and shares."""

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import insert

from challenges import queries as challenges
from challenges.impartiality import refuse_party
from challenges.judging import set_held, set_unverified
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.monthly_totals import add_to_month
from challenges.rounds import current_round
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.audit import Actor, record
from crowd.db import atomic, db
from crowd.errors import Conflict
from crowd.ledger import transfers
from crowd.ledger.labels import NOT_AWARDED
from crowd.ledger.models import OwnerType
from crowd.reasons import required
from crowd.values import money
from crowd.workflow import next_state
from scoring import policy
from scoring.awards import queries as award_queries
from scoring.honoraria import services as honoraria
from scoring.models import Assignment, Award, ReputationEvent, ReputationKind
from scoring.profiles.models import ReputationTotal
from scoring.queries import ranked
from scoring.reputation import points
from scoring.results import queries as results
from scoring.settlement import notifications, payments, queries
from scoring.settlement.asking import ask, grace
from scoring.workflow import AWARD_TRANSITIONS, AWARD_WORDING, AssignmentState, AwardState
from submissions import queries as submissions
from submissions.shares.split import beneficiaries

AT_ONCE = 500


class Held(Conflict):
    """What is not held is paid; the rest stays in escrow before the council has checked a conflict of interest."""


class Unverified(Held):
    """No award waits for the council; one waits until the organisation that gets it is verified."""


class Superseded(Conflict):
    """The decision was opened again: the next one enqueues a settlement of its own."""


class PaymentHeld(Conflict):
    """A hold is open: nothing is paid or returned before its release."""


def settle(actor: Actor, challenge_id: int, version: int | None = None) -> Challenge:
    """Pay each award that may be paid, in a transaction of its own, and then end the challenge. Each exactly once,
    whatever of it was done before. `version` is that of the result to settle; None for the newest.

    Raises Superseded where another one is the newest, or nothing is decided; Conflict while the appeal window is open,
    PaymentHeld while a hold is open, Held where an award waits for the council.
    """
    newest = results.newest(challenge_id)
    if version is not None and newest is not None and newest.number != version:
        raise Superseded(_("Another version of the result was published since."))
    for award_id in queries.open_awards(challenge_id):
        pay_award(actor, award_id)
    return finish(actor, challenge_id)


@atomic
def pay_award(actor: Actor, award_id: int) -> bool:
    """Pay one award with its fee out of escrow; False where it is paid already, or waits for the council or for the
    verification of an organisation.

    Raises Conflict before the decision and while the appeal window is open, PaymentHeld while a hold is open.
    """
    challenge = _due(actor, queries.challenge_of(award_id))
    award = db.session.get_one(Award, award_id, populate_existing=True, with_for_update={"of": Award})
    if award.state == AwardState.POSTED or queries.waits_for_council(award) or queries.not_verified(award):
        return False
    assert award.fee is not None
    currency, now = challenge.currency, clock.db_now()
    whose = [(one.owner, one.owner_id, one.basis_points) for one in beneficiaries(award.proposal)]
    shares = payments.shares(award.amount, whose)
    transfers.award(actor, award.id, challenge_id=challenge.id, currency=currency, shares=shares, fee=award.fee)
    posted = next_state(AWARD_TRANSITIONS, AWARD_WORDING, award.state, "post")
    award.state, award.paid_at = posted, now
    record(
        actor, "award.paid", award, proposal=award.proposal_id, amount=money(award.amount, currency),
        fee=money(award.fee, currency),
    )  # fmt: skip
    notifications.paid(challenge, award.id, shares)
    add_to_month(challenge, now, paid=award.amount, fees=award.fee)
    return True


@atomic
def finish(actor: Actor, challenge_id: int) -> Challenge:
    """Return what remains to the sponsor, write reputation and mark the challenge as settled, once no award is open.

    Raises Conflict as `pay_award`, Held where an award waits for the council, Unverified where only the verification of
    an organisation is missing.
    """
    challenge = _due(actor, challenge_id)
    if challenge.state == ChallengeState.SETTLED:
        return challenge
    awards = award_queries.awards(challenge_id, lock=True)
    waiting = bool(queries.open_awards(challenge_id))
    if waiting and not queries.held(challenge_id):
        raise Unverified(_("An organisation that gets an award is not verified."))
    if waiting:
        raise Held(_("Somebody behind an award now belongs to the sponsor. The council must review it first."))
    honoraria.pay_earned(actor, challenge)  # before the rest is returned, where their own job has not run
    back = transfers.refund(
        actor,
        challenge.id,
        organisation_id=challenge.organisation_id,
        currency=challenge.currency,
        reason=NOT_AWARDED,
    )
    set_held(challenge, False, clock.db_now())
    set_unverified(challenge, False, clock.db_now())
    lifecycle.settle(actor, challenge_id)
    _credit(challenge, awards)
    sums = {
        "paid": sum(award.amount for award in awards),
        "fee": sum(award.fee or 0 for award in awards),
        "back": sum(posting.amount for posting in back.postings) if back else 0,
    }
    paid, fee, returned = (money(amount, challenge.currency) for amount in sums.values())
    record(actor, "awards.paid", challenge, awards=len(awards), paid=paid, fee=fee, back=returned)
    notifications.settled(challenge, **sums)
    _add_to_month(challenge, refunded=sums["back"])
    return challenge


def _due(actor: Actor, challenge_id: int) -> Challenge:
    """The challenge under its lock, if its awards may be paid now, or are."""
    challenge = challenges.access(actor, challenge_id, to=policy.can_run, lock=True)
    if challenge.state == ChallengeState.SETTLED:
        return challenge
    if challenge.state != ChallengeState.DECIDED or challenge.appeals_until is None:
        raise Superseded(_("The challenge is not decided."))
    if clock.db_now() < challenge.appeals_until:
        raise Conflict(_("The appeal period has not ended."))
    if challenge.payment_held_at is not None:
        raise PaymentHeld(_("The payment is held."))
    return challenge


def _add_to_month(challenge: Challenge, *, refunded: int) -> None:
    assert challenge.settled_at is not None
    assert challenge.decided_at is not None
    seconds = int((challenge.settled_at - challenge.decided_at).total_seconds())
    add_to_month(challenge, challenge.settled_at, settled=1, payment_seconds=seconds, refunded=refunded)


def _credit(challenge: Challenge, awards: list[Award]) -> None:
    """Write the reputation events: for participants, reviewers and the sponsor."""
    credits = [
        *points.for_proposals(_judged_proposals(challenge.id, awards)),
        *points.for_reviews(_reviews(challenge.id)),
        _sponsors_credit(challenge),
    ]
    for credit in credits:
        row = ReputationEvent(
            user_id=credit.user,
            organisation_id=credit.organisation,
            challenge_id=challenge.id,
            round_id=challenge.round.id,
            kind=ReputationKind(credit.kind),
            points=credit.points,
            data=credit.data,
            at=challenge.settled_at,
        )
        db.session.add(row)
    _add_to_totals(credits)


_NEW = insert(ReputationTotal)
_SUMS = ("points", "solving", "reviewing", "awarded", "placed", "reviewed", "decided")
_ADDED: dict[str, Any] = {name: getattr(ReputationTotal, name) + getattr(_NEW.excluded, name) for name in _SUMS}


def _add_to_totals(credits: list[points.Credit]) -> None:
    """Add to the totals of each party; rows are locked in the order of their parties' ids."""
    totals = [asdict(total) for total in points.add_up(credits)]
    for party in ("user", "organisation"):
        rows = [
            {f"{party}_id": total[party], **{name: total[name] for name in _SUMS}} for total in totals if total[party]
        ]
        if rows:
            db.session.execute(_NEW.on_conflict_do_update(index_elements=[f"{party}_id"], set_=_ADDED), rows)


def _judged_proposals(challenge_id: int, awards: list[Award]) -> list[points.JudgedProposal]:
    ranks = {standing.ranked.proposal: standing.ranked for standing in ranked(challenge_id)}
    won = {award.proposal_id: award.prize for award in awards}
    rows = []
    for proposal in submissions.submitted(challenge_id):
        people = [(b.owner_id, b.basis_points) for b in beneficiaries(proposal) if b.owner == OwnerType.USER]
        prize, rank = won.get(proposal.id), ranks[proposal.id]
        rows.append(
            points.JudgedProposal(
                proposal=proposal.id,
                people=points.among(people or [(proposal.user_id, points.WHOLE)]),
                organisation=proposal.organisation_id,
                position=prize.position if prize else None,
                prize=prize.title if prize else "",
                rank=rank.rank,
                mean=rank.mean,
            )
        )
    return rows


def _reviews(challenge_id: int) -> list[tuple[int, bool]]:
    query = sa.select(Assignment.reviewer_id, Assignment.done_at > Assignment.due_at).where(
        Assignment.round_id == current_round(challenge_id), Assignment.state == AssignmentState.DONE
    )
    return list(db.session.execute(query.order_by(Assignment.id)))


def _sponsors_credit(challenge: Challenge) -> points.Credit:
    assert challenge.decided_at is not None
    in_time = challenge.decision_due_at is None or challenge.decided_at <= challenge.decision_due_at
    facts = {
        "decided_at": challenge.decided_at.isoformat(),
        "decision_due_at": challenge.decision_due_at.isoformat() if challenge.decision_due_at else None,
        "in_time": in_time,
    }
    return points.Credit("decided", points.for_decision(in_time), organisation=challenge.organisation_id, data=facts)


@atomic
def hold(actor: Actor, challenge_id: int) -> int:
    """Store since when awards wait for the council, and notify it, the sponsor and the parties; returns how
    many wait.
    """
    challenge = challenges.access(actor, challenge_id, to=policy.can_run, lock=True)
    awards = queries.held(challenge_id)
    if awards:
        set_held(challenge, True, clock.db_now())
    for award in awards:
        record(actor, "award.held", award, proposal=award.proposal_id)
        notifications.held(challenge, award)
    return len(awards)


@atomic
def wait_for_verification(actor: Actor, challenge_id: int) -> int:
    """Store since when awards wait for the verification of organisations, and notify those who manage these; returns
    how many wait. `settle_verified` continues.
    """
    challenge = challenges.access(actor, challenge_id, to=policy.can_run, lock=True)
    found = queries.unverified(challenge_id)
    set_unverified(challenge, bool(found), clock.db_now())
    for award_id, organisations in found.items():
        record(actor, "award.unverified", db.session.get_one(Award, award_id))
        notifications.unverified(challenge, award_id, organisations)
    return len(found)


@atomic
def settle_verified(organisation_id: int) -> int:
    """An organisation is verified: enqueue the settlements in which an award to it waits; returns how many."""
    now, due = clock.db_now().isoformat(), queries.waiting_for(organisation_id)
    for row in due:
        ask(db.session.get_one(Challenge, row.id), f"verified:{organisation_id}:{now}")
    return len(due)


@atomic
def clear(actor: Actor, award_id: int, *, reason: str) -> Challenge:
    """The council releases a held award with a reason. When no other waits, the settlement continues.

    Raises NotFound, Forbidden for parties of a proposal and insiders, Invalid without a reason, Conflict where it
    does not wait.
    """
    challenge_id = queries.challenge_of(award_id)
    challenge = challenges.access(actor, challenge_id, to=policy.can_clear, lock=True)
    refuse_party(actor, challenge)
    reason = required(reason)
    award = next((row for row in queries.held(challenge_id) if row.id == award_id), None)
    if award is None:
        raise Conflict(_("This award is not held for the council."))
    award.cleared_by, award.cleared_at, award.cleared_reason = actor.id, clock.db_now(), reason
    record(actor, "award.cleared", award, reason=reason)
    set_held(challenge, bool(queries.held(challenge_id)), clock.db_now())
    ask(challenge, f"cleared:{award_id}")
    return challenge


@atomic
def settle_due(actor: Actor) -> int:
    """Enqueue the settlement of each challenge that is due and not enqueued: a fallback for `decide`."""
    due = queries.due_to_settle(clock.now() - grace(), AT_ONCE)
    for row in due:
        ask(row)
    return len(due)
