"""Cases of kinds with a clock of their own: the package that owns them opens and ends them, in the transaction of
what it does itself and under its own lock. It has the dates; a case shows who is to act by when, and how it ended.
"""

from collections.abc import Mapping
from datetime import datetime

from crowd import clock
from crowd.audit import SYSTEM, Actor, record
from crowd.cases import filing, proceedings, queries
from crowd.cases.models import Case, CaseStep
from crowd.cases.workflow import TRANSITIONS, WORDING, Finding, StepState
from crowd.db import db
from crowd.procedure import CaseEnd, CaseSubject
from crowd.values import term
from crowd.workflow import next_state

OPERATIONS = {CaseEnd.CARRIED_OUT: "carry_out", CaseEnd.LAPSED: "lapse"}


def open_case(kind_name: str, subject: CaseSubject, *, answers: Mapping[str, str], due_at: datetime | None) -> Case:
    """Open a case, unless one is pending about the subject: its steps run side by side until `due_at`. The package
    tells those who are to act.
    """
    if (found := queries.find_pending(kind_name, subject.id)) is not None:
        return found
    now = clock.db_now()
    kind = queries.get_kind(kind_name)
    case = filing.create(SYSTEM, kind, subject, dict(answers))
    record(SYSTEM, "case.filed", case, case_kind=term(case.kind, "case_kind"))
    for step in case.steps:
        step.state, step.opened_at, step.due_at = StepState.OPEN, now, due_at
    db.session.flush()
    return case


def end_case(kind_name: str, subject_id: int, end: CaseEnd, *, by: Actor = SYSTEM, bodies: frozenset[str]) -> None:
    """End the pending case about a subject, if there is one. Of its open steps, that of one of these bodies is
    concluded by who has acted; without one it was silence.
    """
    found = queries.find_pending(kind_name, subject_id)
    if found is None:
        return
    case, now = queries.get(found.id, lock=True), clock.db_now()
    acted = next((step for step in case.steps if step.is_open and step.body in bodies), None)
    if acted is not None:
        _conclude(acted, by, now)
    elif end == CaseEnd.CARRIED_OUT:
        for step in case.steps:
            step.state, step.done_at = StepState.SILENT, now
    proceedings.skip_rest(case)
    case.state, case.ended_at = next_state(TRANSITIONS, WORDING, case.state, OPERATIONS[end]), now
    db.session.flush()
    record(SYSTEM, "case.ended", case, outcome=term(case.state, "case"))


def _conclude(step: CaseStep, by: Actor, now: datetime) -> None:
    step.state, step.finding, step.done_by, step.done_at = StepState.CONCLUDED, Finding.YES, by.id, now
