"""The departments of a joint case: each signs in a step of its own, and can hand it over to another one."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _

from crowd.accounts import departments
from crowd.accounts.models import Organisation, User
from crowd.audit import record
from crowd.cases.models import CaseEntry, CaseStep
from crowd.cases.workflow import EntryAudience
from crowd.db import db
from crowd.errors import Invalid
from crowd.procedure import DEPARTMENT, CaseKind, CaseSubject, StepKind
from crowd.reasons import required


def new_steps(kind: CaseKind, subject: CaseSubject) -> list[CaseStep]:
    """The steps of a case that is filed now: one of the departments is there for each of them."""
    found = [
        (step, number)
        for step in kind.steps
        for number in (subject.departments if step.body == DEPARTMENT else (None,))
    ]
    return [_new(step, place, number) for place, (step, number) in enumerate(found, start=1)]


def _new(step: StepKind, place: int, organisation_id: int | None) -> CaseStep:
    return CaseStep(
        position=place, stage=step.stage, name=step.name, body=step.body, act=step.act, days=step.lasts,
        working_days=step.working_days, silence=step.silence, quorum=step.quorum, organisation_id=organisation_id,
    )  # fmt: skip


def others(step: CaseStep) -> Sequence[Organisation]:
    """The departments to which a step can be handed over: those that have none in the case."""
    there = {one.organisation_id for one in step.case.steps}
    return [row for row in departments.departments() if row.id not in there]


def hand_on(actor: User, step: CaseStep, organisation_id: int | None, note: str) -> None:
    """Another department has the step; the note is an entry of the case. Raises Invalid."""
    to = next((row for row in others(step) if row.id == organisation_id), None)
    if to is None:
        raise Invalid.at("unit_id", _("Choose a department that has no step in this case."))
    text = required(note, "note")
    before = step.organisation.name if step.organisation else ""
    step.organisation = to
    from_to = f"{before} → {to.name}"
    entry = CaseEntry(
        case_id=step.case_id, author_id=actor.id, audience=EntryAudience.BODIES, text=f"{from_to}\n{text}"
    )
    db.session.add(entry)
    record(actor, "case.step_handed_over", step, unit=from_to, reason=text)
