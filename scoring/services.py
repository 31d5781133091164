"""Panels, awards, decisions and settlements: one verb, one transaction. Reviews are written in `reviewing`."""

import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from challenges import queries as challenges
from challenges import services as challenge_services
from challenges.models import Challenge, Prize
from challenges.policy import is_sponsor
from challenges.workflow import State
from crowd import clock
from crowd.audit import SYSTEM, record
from crowd.background import enqueue
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.ledger import check, moves
from crowd.ledger.models import BooksCheck, Owner
from crowd.workflow import step
from scoring import books, candidates, conflicts, notices, panels, policy, queries, reputation, settlement
from scoring.models import Assignment, Award, Panel, ReputationEvent, ReputationKind
from scoring.workflow import ASSIGNMENT_MOVES, AWARD_MOVES, AssignmentState, AwardState
from submissions import queries as submissions
from submissions.models import Proposal
from submissions.workflow import State as ProposalState

PANELS = 0x70616E656C  # one panel is chosen at a time, so that nobody gets more open assignments than the limit
AT_ONCE = 500


# ---- panels


@atomic
def form_panel(actor: Any, challenge_id: int) -> Panel:
    """Choose the reviewers of a closed challenge and ask them. A second call returns the panel that is there.

    Raises Conflict where the challenge is not being judged.
    """
    challenge = challenges.access(actor, challenge_id, to=policy.can_run, lock=True)
    there = queries.find_panel(challenge_id)
    if there is not None:
        return there
    if challenge.state != State.JUDGING:
        raise Conflict(_("The challenge is not being judged."))
    now = clock.db_now()
    panel = Panel(challenge_id=challenge.id, formed_at=now, due_at=now + timedelta(days=limits().review_days))
    db.session.add(panel)
    challenge.panel_formed_at, challenge.reviews_due_at, challenge.changed_at = now, panel.due_at, now
    challenge.decide_by = panel.due_at + timedelta(days=limits().decision_days)
    _one_panel_at_a_time()
    field = candidates.gather(challenge)
    plan = _choose(challenge, field, dict.fromkeys(field.proposals, limits().reviews_per_proposal))
    panel.facts = _facts(field, plan, challenge.id)
    asked = Counter(row.reviewer_id for row in _appoint(challenge, plan, panel.due_at))
    record(actor, "panel.formed", panel, reviewers=len(asked), assignments=asked.total(), **panel.facts)
    notices.review_asked(challenge, asked, panel.due_at)
    notices.panel_formed(challenge, reviewers=len(asked), proposals=len(field.proposals), due_at=panel.due_at)
    if plan.missing:
        notices.reviewers_missing(challenge, sum(plan.missing.values()), key=str(challenge.id))
    return panel


def _one_panel_at_a_time() -> None:
    """Other challenges' panels wait until this transaction ends; taken after the challenge's lock."""
    db.session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": PANELS})


def _choose(challenge: Challenge, field: candidates.Field, wanted: dict[int, int]) -> panels.Plan:
    asked = set(
        db.session.execute(
            sa.select(Assignment.reviewer_id, Assignment.proposal_id).where(Assignment.challenge_id == challenge.id)
        )
    )
    return panels.choose(
        wanted,
        field.candidates,
        field.tags,
        asked | field.conflicts.keys(),
        load=limits().reviewer_load,
        most_open=limits().reviewer_open_assignments,
        held=Counter(reviewer for reviewer, _proposal in asked),
        seed=challenge.id,
    )


def _facts(field: candidates.Field, plan: panels.Plan, seed: int) -> dict[str, Any]:
    return {
        "rule": panels.RULE,
        "seed": seed,
        "reviews": limits().reviews_per_proposal,
        "load": limits().reviewer_load,
        "most_open": limits().reviewer_open_assignments,
        "candidates": len(field.candidates),
        "proposals": len(field.proposals),
        "left_out": conflicts.count(field.conflicts),
        "missing": {str(proposal): number for proposal, number in plan.missing.items()},
    }


def _appoint(challenge: Challenge, plan: panels.Plan, due_at: datetime) -> list[Assignment]:
    rows = [
        Assignment(
            challenge_id=challenge.id,
            proposal_id=choice.proposal,
            reviewer_id=choice.reviewer,
            due_at=due_at,
            reason={"shared": list(choice.shared), "open": choice.open, "possible": choice.possible},
        )
        for choice in plan.choices
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows


@atomic
def fill_up(actor: Any, challenge_id: int) -> list[Assignment]:
    """Look for reviewers again where proposals lack some: after somebody declined, or when experts have joined.

    Who was asked once is not asked again. Raises Conflict where there is no panel or the judging is over.
    """
    challenge = challenges.access(
        actor, challenge_id, to=lambda who, what: who is SYSTEM or policy.can_fill_up(who, what), lock=True
    )
    panel = queries.find_panel(challenge_id)
    if challenge.state != State.JUDGING or panel is None:
        raise Conflict(_("The challenge is not being judged."))
    _one_panel_at_a_time()
    plan = _choose(
        challenge, candidates.gather(challenge), queries.missing(challenge_id, limits().reviews_per_proposal)
    )
    now = clock.db_now()
    due_at = max(panel.due_at, now + timedelta(days=limits().review_days))
    rows = _appoint(challenge, plan, min(due_at, max(challenge.decide_by or due_at, now)))
    missing = {str(proposal): number for proposal, number in plan.missing.items()}
    panel.facts = {**panel.facts, "missing": missing}
    record(actor, "panel.filled_up", panel, assignments=len(rows), missing=missing)
    for row in rows:
        notices.review_asked_also(challenge, row)
    if missing:
        notices.reviewers_missing(challenge, sum(plan.missing.values()), key=f"{challenge.id}:{now.isoformat()}")
    return rows


# ---- awards


@atomic
def choose(actor: Any, challenge_id: int, *, prize_id: int, proposal_id: int, reason: str) -> Award:
    """Give the lowest free place of a prize to a proposal. It can be taken back until the decision.

    Raises Conflict while reviews are awaited, where all places are given or the proposal has an award; Invalid for the
    sponsor's own staff, a missing reason, and what is not this challenge's.
    """
    challenge = _judged(actor, challenge_id)
    said = _reason(reason)
    prize = db.session.scalar(sa.select(Prize).where(Prize.id == prize_id, Prize.challenge_id == challenge_id))
    proposal = db.session.scalar(
        sa.select(Proposal).where(Proposal.id == proposal_id, Proposal.challenge_id == challenge_id)
    )
    if prize is None:
        raise _invalid("prize_id", _("Choose one of this challenge's prizes."))
    if proposal is None or proposal.state != ProposalState.SUBMITTED:
        raise _invalid("proposal_id", _("Choose one of the proposals that were submitted to this challenge."))
    _refuse_own_staff(actor, challenge, proposal)
    given = queries.awards(challenge_id)
    if any(award.proposal_id == proposal_id for award in given):
        raise Conflict(_("This proposal has an award already."))
    place = _free_place(prize, given)
    award = Award(
        challenge_id=challenge.id, prize_id=prize.id, place=place, proposal_id=proposal.id, amount=prize.amount,
        reason=said, chosen_by=actor.id, chosen_at=clock.db_now(),
    )  # fmt: skip
    db.session.add(award)
    db.session.flush()
    record(actor, "award.chosen", award, prize=prize.title, place=place, proposal=proposal.id, reason=said)
    return award


def _judged(actor: Any, challenge_id: int) -> Challenge:
    """The challenge under its lock, if `actor` may decide about it now."""
    challenge = challenges.access(actor, challenge_id, to=policy.can_award, lock=True)
    if challenge.state != State.JUDGING:
        raise Conflict(_("The challenge is not being judged, so its awards cannot be changed."))
    if challenge.panel_formed_at is None or challenge.reviews_due_at is None:
        raise Conflict(_("The panel is being formed. Please come back in a moment."))
    if actor.id in submissions.participants(challenge_id):
        raise Forbidden(_("You take part in this challenge, so you cannot decide about it."))
    now = clock.db_now()
    if not is_sponsor(actor, challenge) and challenge.decide_by is not None and now < challenge.decide_by:
        raise Conflict(_("The sponsor still has time to decide."))
    if now < challenge.reviews_due_at and queries.waits_for_reviews(challenge_id):
        raise Conflict(_("Reviews are still awaited. You can decide when all are in, or when they are overdue."))
    return challenge


def _reason(reason: str) -> str:
    said = reason.strip()
    if not said:
        raise _invalid("reason", _("Say why. The reason is published with the result."))
    if len(said) > limits().reason_length:
        raise _invalid("reason", _("This may have at most %(most)s characters.", most=limits().reason_length))
    return said


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, fields={field: [message]})


def _refuse_own_staff(actor: Any, challenge: Challenge, proposal: Proposal) -> None:
    people = {proposal.user_id, *(share.user_id for share in proposal.shares)}
    belongs = candidates.organisations_of(people)
    if proposal.organisation_id == challenge.organisation_id or any(
        challenge.organisation_id in organisations for organisations in belongs.values()
    ):
        raise _invalid("proposal_id", _("Somebody behind this proposal is the sponsor's own staff. It cannot win."))


def _free_place(prize: Prize, given: Iterable[Award]) -> int:
    taken = {award.place for award in given if award.prize_id == prize.id}
    free = next((place for place in range(1, prize.places + 1) if place not in taken), None)
    if free is None:
        raise Conflict(_("All places of this prize are given."))
    return free


@atomic
def unchoose(actor: Any, award_id: int) -> Challenge:
    """Take an award back, before the decision. Raises NotFound, Forbidden, Conflict."""
    challenge_id = db.session.scalar(sa.select(Award.challenge_id).where(Award.id == award_id))
    if challenge_id is None:
        raise NotFound
    challenge = _judged(actor, challenge_id)
    award = db.session.scalar(sa.select(Award).where(Award.id == award_id).with_for_update(of=Award))
    if award is None or award.state != AwardState.CHOSEN:
        raise Conflict(_("This award was taken back before."))
    record(actor, "award.taken_back", award, prize=award.prize.title, place=award.place, proposal=award.proposal_id)
    db.session.delete(award)
    return challenge


# ---- the decision


@atomic
def decide(actor: Any, challenge_id: int, *, reason: str = "") -> Challenge:
    """Publish the awards as chosen, or that there is none, which needs a reason. The appeal window begins.

    Raises Conflict while reviews are awaited, Invalid without award and reason.
    """
    challenge = _judged(actor, challenge_id)
    awards = queries.awards(challenge_id, lock=True)
    said = reason.strip() if awards and not reason.strip() else _reason(reason)
    challenge_services.decide(actor, challenge_id)
    panel = queries.find_panel(challenge_id)
    assert panel is not None
    assert challenge.appeals_until is not None
    panel.note = said
    for award in awards:
        award.state = step(AWARD_MOVES, award.state, "announce")
        record(actor, "award.announced", award, prize=award.prize.title, amount=award.amount, reason=award.reason)
    if not awards:
        record(actor, "challenge.not_awarded", challenge, reason=said)
    done, released = _dismiss(challenge_id)
    notices.decided(challenge, awards, _people_by_proposal(challenge_id))
    notices.thank_reviewers(challenge, done, released - done)
    enqueue(
        "scoring.jobs.settle", challenge.id,
        at=challenge.appeals_until, key=f"settle:{challenge.id}", challenge_id=challenge.id,
    )  # fmt: skip
    return challenge


def _dismiss(challenge_id: int) -> tuple[set[int], set[int]]:
    """Release what was not reviewed; returns who has reviewed, and who need not any more."""
    rows = list(db.session.scalars(sa.select(Assignment).where(Assignment.challenge_id == challenge_id)))
    done = {row.reviewer_id for row in rows if row.state == AssignmentState.DONE}
    released = set()
    for row in rows:
        if row.state == AssignmentState.PENDING:
            row.state = step(ASSIGNMENT_MOVES, row.state, "release")
            released.add(row.reviewer_id)
    return done, released


def _people_by_proposal(challenge_id: int) -> dict[int, set[int]]:
    return {
        proposal.id: {proposal.user_id, *(share.user_id for share in proposal.shares)}
        for proposal in submissions.submitted(challenge_id)
    }


# ---- the settlement


@atomic
def settle(actor: Any, challenge_id: int) -> Challenge:
    """Pay the awards with their fees out of escrow, give back the rest, and let reputation follow. Once for ever.

    Raises Conflict before the decision and while the appeal window is open.
    """
    challenge = challenges.access(actor, challenge_id, to=policy.can_run, lock=True)
    if challenge.state == State.SETTLED:
        return challenge
    if challenge.state != State.DECIDED or challenge.appeals_until is None:
        raise Conflict(_("The challenge is not decided."))
    if clock.db_now() < challenge.appeals_until:
        raise Conflict(_("The time to appeal has not passed."))
    awards = queries.awards(challenge_id, lock=True)
    paid = _pay(actor, challenge, awards)
    back = moves.refund(
        actor, challenge.id, organisation_id=challenge.organisation_id, currency=challenge.currency,
        reason=_("What was not awarded"),
    )  # fmt: skip
    challenge_services.settle(actor, challenge_id)
    _credit(challenge, awards)
    sums = {
        "paid": sum(payment.amount for payment in paid),
        "fee": sum(payment.fee for payment in paid),
        "back": sum(posting.amount for posting in back.postings) if back else 0,
    }
    record(actor, "awards.paid", challenge, awards=len(paid), **sums)
    for payment in paid:
        notices.paid(challenge, payment.award, payment.shares)
    notices.settled(challenge, **sums)
    return challenge


def _pay(actor: Any, challenge: Challenge, awards: list[Award]) -> list[settlement.Payment]:
    whose = queries.beneficiaries([award.proposal_id for award in awards])
    dues = [settlement.Due(award.id, award.amount, whose[award.proposal_id]) for award in awards]
    paid = settlement.payments(dues, challenge.fee_points)
    for award, payment in zip(awards, paid, strict=True):
        moves.award(
            actor,
            award.id,
            challenge_id=challenge.id,
            currency=challenge.currency,
            shares=[(Owner(kind), owner_id, amount) for kind, owner_id, amount in payment.shares],
            fee=payment.fee,
        )
        award.state = step(AWARD_MOVES, award.state, "post")
    return paid


def _credit(challenge: Challenge, awards: list[Award]) -> None:
    """Write the reputation events: for who answered, who reviewed, and who decided."""
    credits = [
        *reputation.for_answers(_answers(challenge.id, awards)),
        *reputation.for_reviews(_reviews(challenge.id)),
        _sponsors_credit(challenge),
    ]
    for credit in credits:
        row = ReputationEvent(
            user_id=credit.user, organisation_id=credit.organisation, challenge_id=challenge.id,
            kind=ReputationKind(credit.kind), points=credit.points, facts=credit.facts, at=challenge.settled_at,
        )  # fmt: skip
        db.session.add(row)


def _answers(challenge_id: int, awards: list[Award]) -> list[reputation.Answer]:
    places = {standing.place.proposal: standing.place for standing in queries.ranked(challenge_id)}
    won = {award.proposal_id: award.prize for award in awards}
    rows = []
    for proposal in submissions.submitted(challenge_id):
        agreed = tuple((share.user_id, share.points) for share in proposal.shares if share.agreed_at)
        prize, place = won.get(proposal.id), places[proposal.id]
        rows.append(
            reputation.Answer(
                proposal=proposal.id, people=agreed or ((proposal.user_id, reputation.WHOLE),),
                organisation=proposal.organisation_id, position=prize.position if prize else None,
                prize=prize.title if prize else "", rank=place.rank, mean=place.mean,
            )
        )  # fmt: skip
    return rows


def _reviews(challenge_id: int) -> list[tuple[int, bool]]:
    query = sa.select(Assignment.reviewer_id, Assignment.done_at > Assignment.due_at).where(
        Assignment.challenge_id == challenge_id, Assignment.state == AssignmentState.DONE
    )
    return list(db.session.execute(query.order_by(Assignment.id)))


def _sponsors_credit(challenge: Challenge) -> reputation.Credit:
    assert challenge.decided_at is not None
    in_time = challenge.decide_by is None or challenge.decided_at <= challenge.decide_by
    facts = {
        "decided_at": challenge.decided_at.isoformat(),
        "decide_by": challenge.decide_by.isoformat() if challenge.decide_by else None,
        "in_time": in_time,
    }
    return reputation.Credit(
        "decided", reputation.for_decision(in_time), organisation=challenge.organisation_id, facts=facts
    )


@atomic
def settle_due(actor: Any) -> int:
    """Ask for the settlement of each challenge that is due and was not asked for: a net under `decide`."""
    due = queries.due_to_settle(clock.now(), AT_ONCE)
    for row in due:
        enqueue("scoring.jobs.settle", row.id, at=row.appeals_until, key=f"settle:{row.id}", challenge_id=row.id)
    return len(due)


# ---- the books


@atomic
def check_books(actor: Any) -> BooksCheck:
    """Check all books and the states beside them, keep what was found, and tell finance where money is wrong."""
    started = time.monotonic()
    findings = books.check()
    row = check.keep(actor, findings, milliseconds=int((time.monotonic() - started) * 1000))
    wrong = check.errors(findings)
    if wrong:
        first = f"{wrong[0].name}, {wrong[0].subject}: {wrong[0].detail}"
        notices.books_broken(len(wrong), first, key=str(row.id))
    return row
