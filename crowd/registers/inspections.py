"""Inspections: the service centre looks at a valid entry again, its holder replies, and another person of the centre
confirms or suspends it.
"""

from flask_babel import lazy_gettext as _l

from crowd import clock
from crowd.audit import SYSTEM, Actor
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, NotFound
from crowd.feature import Label
from crowd.notifications.kinds import path_to
from crowd.procedure import (
    RESPONDENT,
    SERVICE_CENTRE,
    CaseKind,
    CaseOutcome,
    CaseSubject,
    FormQuestion,
    OnSilence,
    StepAct,
    StepKind,
)
from crowd.registers import numbers, queries, services
from crowd.registers.models import RegisterEntry
from crowd.registers.policy import can_inspect
from crowd.registers.workflow import EntryState

INSPECTION, INSPECTED = "register_inspection", "inspected"
CAUSES = {INSPECTED: Label(_l("Suspended after an inspection."))}


def _entry(actor: Actor | None, key: str) -> CaseSubject:
    try:
        row = queries.find(numbers.read(key))
    except ValueError:
        row = None
    if row is None:
        raise NotFound
    if not can_inspect(actor, row):
        raise Forbidden(_l("The service centre inspects entries, but not those of its own people."))
    if queries.last_event(row.id).state_at(clock.now()) != EntryState.VALID:
        raise Conflict(_l("Only a valid entry is inspected."))
    return CaseSubject(
        id=row.id,
        title=row.number,
        path=path_to("registers.entry", register=row.register, number=row.number),
        people=(row.user_id,) if row.user_id else (),
        organisations=(row.organisation_id,) if row.organisation_id else (),
    )


@atomic
def suspend(case_id: int, entry_id: int) -> bool:
    """Suspend the entry of an inspection that found it wanting; False where it is not valid any more."""
    row = db.session.get_one(RegisterEntry, entry_id)
    queries.hold(row)
    if queries.last_event(entry_id).state_at(clock.db_now()) != EntryState.VALID:
        return False
    services.act(SYSTEM, row, "suspend", cause=INSPECTED, case_id=case_id)
    return True


CASE_KINDS = (
    CaseKind(
        name=INSPECTION,
        label=_l("Inspection of a register entry"),
        explanation=_l("Say what is inspected. The holder replies; then another person of the service centre decides."),
        subject_type="register_entry",
        subject=_entry,
        form=(
            FormQuestion(
                name="occasion", label=_l("Occasion"),
                choices={"periodic": _l("Periodic inspection"), "complaint": _l("After a complaint"),
                         "sample": _l("Random sample")},
            ),
            FormQuestion(name="what", label=_l("What was looked at, and what was found"), rows=5),
        ),
        steps=(
            StepKind(
                name="reply", label=_l("Reply of the holder"), body=RESPONDENT, act=StepAct.OPINION, stage=1,
                days="inspection_reply_days", working_days=True,
            ),
            StepKind(
                name="decision", label=_l("Is the entry suspended?"), body=SERVICE_CENTRE, act=StepAct.CHECK, stage=2,
                days="inspection_days", working_days=True, silence=OnSilence.REFUSES,
            ),
        ),
        consequences={
            CaseOutcome.GRANTED: _l("The entry is suspended until a keeper of the register resumes it."),
            CaseOutcome.REFUSED: _l("The entry is confirmed and stays valid."),
        },
        link=_l("Inspect this entry"),
        restricted=True,
        effects={CaseOutcome.GRANTED: "registers.suspend_inspected"},
    ),
)  # fmt: skip
