"""How a case goes on: stages begin and end, clocks run out, the outcome takes effect. Callers hold the case's lock."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from crowd import clock, working_days
from crowd.accounts.models import User
from crowd.audit import SYSTEM, Actor, Recorded, record
from crowd.background import enqueue
from crowd.cases import notifications, policy, queries, tally
from crowd.cases.models import Case, CaseStep, Side
from crowd.cases.workflow import TRANSITIONS, WORDING, Finding, StepState
from crowd.config import holidays, limits, zone
from crowd.db import atomic, db
from crowd.procedure import CaseOutcome, OnSilence, StepAct
from crowd.values import term
from crowd.workflow import next_state

OPERATIONS = {CaseOutcome.GRANTED: "grant", CaseOutcome.PARTLY_GRANTED: "grant_partly", CaseOutcome.REFUSED: "refuse"}
BY_SILENCE = {OnSilence.GRANTS: Finding.YES, OnSilence.REFUSES: Finding.NO, OnSilence.GOES_ON: None}
REMIND_BEFORE = 3  # a reminder comes when a third of the time is left


def open_stage(case: Case, stage: int, now: datetime) -> None:
    """Let the steps of a stage begin: their bodies are told, and their clocks run."""
    case.stage = stage
    for step in case.steps:
        if step.stage == stage:
            step.state, step.opened_at, step.due_at = StepState.OPEN, now, due(step, now)
            _start_clock(step, now)
            notifications.step_opened(step)
            notifications.quorum_missing(step)


def due(step: CaseStep, now: datetime) -> datetime:
    """Until when a step that begins now is to be concluded."""
    if step.working_days:
        return working_days.after(now, step.days, holidays(), zone())
    return now + timedelta(days=step.days)


def _start_clock(step: CaseStep, now: datetime) -> None:
    assert step.due_at is not None
    remind_at = step.due_at - (step.due_at - now) / REMIND_BEFORE
    enqueue("cases.remind_step", step.id, at=remind_at, key=f"case_step:{step.id}:remind")
    enqueue("cases.end_step", step.id, at=_over_at(step), key=f"case_step:{step.id}:end")


def _over_at(step: CaseStep) -> datetime:
    """When a step that was not concluded ends: what arrived before its date is still processed for a moment."""
    assert step.due_at is not None
    return step.due_at + timedelta(seconds=limits().grace_seconds)


def conclude(actor: Actor, step: CaseStep, finding: Finding, reasons: str) -> None:
    """A step has its result; the case goes on."""
    now = clock.db_now()  # read before the row is changed: it may be written by the next statement
    step.state, step.finding, step.reasons = StepState.CONCLUDED, finding, reasons
    step.done_by, step.done_at = actor.id, now
    by = recorded_as(actor, step.case)
    record(by, "case.step_concluded", step.case, step=queries.step_name(step), finding=term(finding, "case_finding"))
    _go_on(actor, step.case)


def recorded_as(actor: Actor, case: Case) -> Recorded:
    """As whom the trail records what follows from what somebody does: also an end that a hidden party brings about."""
    return policy.recorded_as(actor, case) if isinstance(actor, User) else actor


def count(step: CaseStep) -> None:
    """After a vote was cast: the step is concluded as soon as its result stands. The result is of all who have voted,
    not of who came last.
    """
    found = tally.vote([one.choice for one in step.votes], len(queries.to_come(step)), step.quorum)
    if found is not None:
        conclude(SYSTEM, step, found, "")


def fall_silent(step: CaseStep) -> None:
    """A step's time is over. A vote with a quorum has its result; otherwise what the procedure says follows."""
    found = tally.vote([one.choice for one in step.votes], 0, step.quorum) if step.is_vote else None
    if found is not None:
        conclude(SYSTEM, step, found, "")
        return
    now = clock.db_now()
    step.state, step.finding, step.done_at = StepState.SILENT, BY_SILENCE[step.silence], now
    record(
        SYSTEM, "case.step_silent", step.case, step=queries.step_name(step), silence=term(step.silence, "case_silence")
    )
    _go_on(SYSTEM, step.case)


def _go_on(actor: Actor, case: Case) -> None:
    """Where a stage has ended: refuse, begin the next one, or end the case."""
    running = [step for step in case.steps if step.stage == case.stage]
    if any(step.is_open for step in running):
        return
    result = _result(running)
    if result != CaseOutcome.REFUSED and case.stage < max(step.stage for step in case.steps):
        open_stage(case, case.stage + 1, clock.db_now())
    else:
        _end(actor, case, result)


def _result(running: Sequence[CaseStep]) -> CaseOutcome:
    """What the steps of a stage have found together."""
    signatures = [step for step in running if step.act == StepAct.SIGNATURE]
    signed = sum(step.finding in (Finding.YES, Finding.PARTLY) for step in signatures)
    needed = max((step.quorum for step in signatures), default=0)
    return tally.stage([step.finding for step in running if step.finding], signed, needed)


def _end(actor: Actor, case: Case, outcome: CaseOutcome) -> None:
    now = clock.db_now()
    case.state = next_state(TRANSITIONS, WORDING, case.state, OPERATIONS[outcome])
    case.outcome, case.ended_at = outcome, now
    skip_rest(case)
    record(recorded_as(actor, case), "case.decided", case, outcome=term(outcome, "case"))
    kind = queries.kind_of(case)
    if job := kind.effects.get(outcome):
        take_effect(case, job)
    if outcome in kind.warns:
        _warn(case)
    notifications.ended(case)


def _warn(case: Case) -> None:
    """Warn whom the case is about: it stands in the audit trail of each, and with the next case about them. Where the
    kind hides who they are, it stands in that of the case alone.
    """
    if queries.kind_of(case).hides_respondent:
        record(SYSTEM, "case.warned", case)
    else:
        for party in queries.parties_of(case, Side.RESPONDENT):
            action = "account.warned" if party.user_id else "organisation.warned"
            record(SYSTEM, action, party.user or party.organisation, case=case.public_id)
    notifications.warned(case)


def skip_rest(case: Case) -> None:
    """Steps that are not needed any more."""
    now = clock.db_now()
    for step in case.steps:
        if step.state in (StepState.AHEAD, StepState.OPEN):
            step.state, step.done_at = StepState.SKIPPED, now
    db.session.flush()


def take_effect(case: Case, job: str) -> None:
    """Enqueue the job that carries out what follows from the end of a case, once."""
    key = f"case:{case.id}:{job}"
    enqueue(job, case.id, case.subject_id, dict(case.answers), key=key, challenge_id=case.challenge_id)


# ---- jobs


@atomic
def end_step(step_id: int) -> dict[str, object]:
    """The time of a step is over, unless it is concluded."""
    step = locked(step_id)
    if step.is_open and _over_at(step) <= clock.db_now():
        fall_silent(step)
    return {"state": term(step.state, "case_step")}


@atomic
def remind_step(step_id: int) -> dict[str, object]:
    """Remind those who are to act in a step that is still open."""
    step = locked(step_id)
    if step.is_open:
        notifications.reminded(step)
    return {"state": term(step.state, "case_step")}


def locked(step_id: int) -> CaseStep:
    """A step under its case's lock, for jobs."""
    case_id = db.session.scalars(sa.select(CaseStep.case_id).where(CaseStep.id == step_id)).one()
    case = queries.get(case_id, lock=True)
    return next(step for step in case.steps if step.id == step_id)
