"""Panels, and the ledger check: one transaction per operation."""

import time
from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from challenges import queries as challenges
from challenges.honoraria import fee_of_each
from challenges.impartiality import refuse_party
from challenges.judging import set_reviews_in
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from challenges.rules import rules_of
from challenges.schedule import reviews_due_at
from challenges.silence import others_decide
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import PlatformRole
from crowd.accounts.organisations.rights import Right
from crowd.audit import SYSTEM, Actor, record
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict
from crowd.ledger import check
from crowd.ledger.models import LedgerCheck
from crowd.values import moment, money, term
from crowd.workflow import next_state
from scoring import candidates, conflicts, notifications, policy, queries
from scoring.honoraria.queries import paid as paid_to_reviewers
from scoring.integrity.queries import barred as barred_by_case
from scoring.models import Assignment, Panel
from scoring.panels import greedy
from scoring.silence import cases as silence_cases
from scoring.silence import notifications as silence_notifications
from scoring.workflow import ASSIGNMENT_TRANSITIONS, ASSIGNMENT_WORDING
from submissions import parties

PANELS = 0x70616E656C  # one panel is chosen at a time, so that nobody gets more open assignments than the limit


# ---- panels


@atomic
def form_panel(actor: Actor, challenge_id: int, round_id: int | None = None) -> Panel:
    """Choose the reviewers of a closed challenge and ask them. A second call returns the existing panel. `round_id`
    says for which round, None for the current one.

    Raises Conflict where the challenge is not being judged, and where another round is the current one.
    """
    challenge = challenges.access(actor, challenge_id, to=policy.can_run, lock=True)
    if round_id not in (None, challenge.round.id):
        raise Conflict(_("This round is over: another one has begun."))
    there = queries.find_panel(challenge_id)
    if there is not None:
        return there
    lifecycle.begin_reviews(actor, challenge.id)
    silence_cases.lapse(challenge)
    now, due_at = challenge.panel_formed_at, challenge.reviews_due_at
    assert now is not None
    assert due_at is not None
    panel = Panel(
        challenge_id=challenge.id, round_id=challenge.round.id, contract_version_id=challenge.contract_version_id
    )
    db.session.add(panel)
    _one_panel_at_a_time()
    field = candidates.load(challenge)
    plan = _choose(challenge, field, dict.fromkeys(field.proposals, rules_of(challenge).reviews_per_proposal))
    panel.data = _facts(challenge, field, plan)
    asked = Counter(row.reviewer_id for row in _appoint(challenge, plan, due_at, _review_fee(panel)))
    record(
        actor,
        "panel.formed",
        panel,
        reviewers=len(asked),
        assignments=asked.total(),
        **_recorded(challenge, panel.data),
    )
    note_reviews(challenge, now)
    notifications.review_asked(challenge, asked, due_at, panel.data["review_fee"])
    notifications.panel_formed(challenge, reviewers=len(asked), proposals=len(field.proposals), due_at=due_at)
    if plan.missing:
        notifications.reviewers_missing(challenge, sum(plan.missing.values()), key=challenge.round.key)
    return panel


def _one_panel_at_a_time() -> None:
    """Other challenges' panels wait until this transaction ends; taken after the challenge's lock."""
    db.session.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": PANELS})


def _choose(challenge: Challenge, field: candidates.CandidatePool, wanted: dict[int, int]) -> greedy.PanelPlan:
    asked = set(
        db.session.execute(
            sa.select(Assignment.reviewer_id, Assignment.proposal_id).where(Assignment.round_id == challenge.round.id)
        )
    )
    barred = barred_by_case(challenge.id)
    return greedy.choose(
        wanted,
        [one for one in field.candidates if one.id not in barred],
        field.tags,
        asked | field.conflicts.keys(),
        load=limits().max_reviews_per_panel,
        most_open=limits().max_open_reviews,
        held=Counter(reviewer for reviewer, _proposal in asked),
        seed=challenge.id,
    )


def _facts(challenge: Challenge, field: candidates.CandidatePool, plan: greedy.PanelPlan) -> dict[str, Any]:
    reviews = rules_of(challenge).reviews_per_proposal
    left = challenge.honoraria - paid_to_reviewers(challenge.id)  # earlier rounds have paid from it
    return {
        "rule": greedy.RULE,
        "seed": challenge.id,
        "reviews": reviews,
        "review_fee": fee_of_each(challenge.review_fee, left, reviews=reviews * len(field.proposals)),
        "load": limits().max_reviews_per_panel,
        "most_open": limits().max_open_reviews,
        "candidates": len(field.candidates),
        "proposals": len(field.proposals),
        "left_out": conflicts.count(field.conflicts),
        "missing": {str(proposal): number for proposal, number in plan.missing.items()},
    }


def _recorded(challenge: Challenge, made: dict[str, Any]) -> dict[str, Any]:
    """What the panel keeps about its forming, as its event shows it."""
    return made | {
        "rule": term(made["rule"], "panel_rule"),
        "review_fee": money(made["review_fee"], challenge.currency),
    }


def _review_fee(panel: Panel) -> int:
    return int(panel.data.get("review_fee", 0))


def _appoint(challenge: Challenge, plan: greedy.PanelPlan, due_at: datetime, fee: int) -> list[Assignment]:
    rows = [
        Assignment(
            challenge_id=challenge.id,
            round_id=challenge.round.id,
            proposal_id=choice.proposal,
            reviewer_id=choice.reviewer,
            due_at=due_at,
            fee=fee,
            reason={"shared": list(choice.shared), "open": choice.open, "possible": choice.possible},
        )
        for choice in plan.choices
    ]
    db.session.add_all(rows)
    db.session.flush()
    return rows


@atomic
def fill_vacancies(actor: Actor, challenge_id: int) -> list[Assignment]:
    """Assign missing reviewers to proposals: after a decline, or when experts have joined.

    A reviewer is asked only once in a round. Raises Conflict where there is no panel or the judging is over.
    """
    challenge = challenges.access(
        actor, challenge_id, to=lambda who, what: who is SYSTEM or policy.can_fill_vacancies(who, what), lock=True
    )
    refuse_party(actor, challenge)
    panel = queries.find_panel(challenge_id)
    if challenge.state != ChallengeState.JUDGING or panel is None:
        raise Conflict(_("The challenge is not being judged."))
    _one_panel_at_a_time()
    wanted = rules_of(challenge).reviews_per_proposal
    plan = _choose(challenge, candidates.load(challenge), queries.missing(challenge_id, wanted))
    now = clock.db_now()
    assert challenge.reviews_due_at is not None
    assert challenge.decision_due_at is not None
    due_at = max(challenge.reviews_due_at, reviews_due_at(challenge, now))
    rows = _appoint(challenge, plan, min(due_at, max(challenge.decision_due_at, now)), _review_fee(panel))
    missing = {str(proposal): number for proposal, number in plan.missing.items()}
    panel.data = {**panel.data, "missing": missing}
    note_reviews(challenge, now)
    record(actor, "panel.vacancies_filled", panel, assignments=len(rows), missing=missing)
    for row in rows:
        notifications.review_asked_also(challenge, row)
    if missing:
        key = f"{challenge.round.key}:{now.isoformat()}"
        notifications.reviewers_missing(challenge, sum(plan.missing.values()), key=key)
    return rows


@atomic
def review_again(actor: Actor, challenge: Challenge, proposal_ids: Collection[int]) -> list[Assignment]:
    """Set the reviews of these proposals aside, and ask new reviewers: after an appeal, in a challenge whose decision
    is open again and whose row is locked. They earn the fee, as far as earlier reviews have left enough for each.
    """
    panel, wanted = queries.find_panel(challenge.id), rules_of(challenge).reviews_per_proposal
    assert panel is not None
    assert challenge.reviews_due_at is not None
    for row in queries.submitted_reviews(challenge.round.id, proposal_ids):
        row.state = next_state(ASSIGNMENT_TRANSITIONS, ASSIGNMENT_WORDING, row.state, "set_aside")
        record(actor, "review.set_aside", row, proposal=row.proposal_id)
    db.session.flush()
    _one_panel_at_a_time()
    plan = _choose(challenge, candidates.load(challenge), dict.fromkeys(sorted(proposal_ids), wanted))
    left = challenge.honoraria - paid_to_reviewers(challenge.id)
    fee = fee_of_each(challenge.review_fee, left, reviews=len(plan.choices)) if plan.choices else 0
    rows = _appoint(challenge, plan, challenge.reviews_due_at, fee)
    missing = {str(proposal): number for proposal, number in plan.missing.items()}
    panel.data = {**panel.data, "missing": missing}
    record(actor, "panel.vacancies_filled", panel, assignments=len(rows), missing=missing)
    for row in rows:
        notifications.review_asked_also(challenge, row)
    if missing:
        key = f"{challenge.round.key}:{challenge.reviews_due_at.isoformat()}"
        notifications.reviewers_missing(challenge, sum(plan.missing.values()), key=key)
    return rows


def note_reviews(challenge: Challenge, now: datetime) -> bool:
    """Store with the challenge, whose row is locked, since when all reviews are in; returns whether they have just
    become so.
    """
    db.session.flush()
    return set_reviews_in(challenge, not queries.waits_for_reviews(challenge.id), now)


# ---- overdue decisions


@atomic
def notify_overdue(actor: Actor, challenge_id: int) -> set[int]:
    """Open the case about the silent sponsor, and notify the sponsor, the service centre and the council that the
    decision is overdue; returns the recipients.

    None where it is not overdue (any more) or the contract lets nobody step in, and nobody twice about one date.
    """
    challenge = challenges.access(actor, challenge_id, to=policy.can_run, lock=True)
    if not others_decide(challenge, clock.db_now()):
        return set()
    assert challenge.decision_due_at is not None
    silence_cases.open_case(challenge)
    due, last = moment(challenge.decision_due_at), challenges.last_event(challenge, ["challenge.overdue"])
    if last is not None and last.data["decision_due_at"] == due:
        return set()
    record(actor, "challenge.overdue", challenge, decision_due_at=due)
    others = [*challenges.people_with(PlatformRole.SERVICE_CENTRE), *challenges.people_with(PlatformRole.COUNCIL)]
    people = {*challenges.members(challenge.organisation_id, Right.DECIDE), *others} - parties.participants(
        challenge_id
    )
    if challenge.silence_at is None:
        notifications.decision_overdue(challenge, people)
    else:
        silence_notifications.centre_decides(challenge, people)
    return people


# ---- the ledger check


@atomic
def check_ledger(actor: Actor) -> LedgerCheck:
    """Check the ledger and the states that depend on it, store the findings, and notify finance where money
    is wrong.
    """
    started = time.monotonic()
    findings = check.run_checks()
    row = check.keep(actor, findings, milliseconds=int((time.monotonic() - started) * 1000))
    wrong = check.errors(findings)
    if wrong:
        first = f"{wrong[0].name}, {wrong[0].subject}: {wrong[0].detail}"
        notifications.ledger_errors_found(len(wrong), first, key=str(row.id))
    return row
