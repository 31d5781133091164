"""A silent sponsor as a kind of case. The decision's clock opens it once the sponsor's date has passed, and what ends
it is the decision, whoever makes it: the sponsor, the service centre or the council in its place, or the contract.

The dates stay the challenge's: a case shows them, and nothing follows from its steps.
"""

from datetime import datetime

from flask_babel import lazy_gettext as _l

from challenges.reports import close_to
from crowd.audit import Actor
from crowd.errors import NotFound, Sentence
from crowd.feature import declared
from crowd.procedure import (
    COUNCIL,
    RESPONDENT,
    SERVICE_CENTRE,
    CaseEnd,
    CaseKind,
    CaseSubject,
    FormQuestion,
    QuestionType,
    StepAct,
    StepKind,
)

KIND = "silent_sponsor"
DECIDE = _l("The title above leads to the page of the awards. Whoever publishes a decision there ends this case.")
DAYS = "centre_decision_days"


def nobody_files(_actor: Actor | None, _key: str) -> CaseSubject:
    """The decision's clock opens it, and nobody else."""
    raise NotFound


def _then(text: str) -> Sentence:
    return declared().labels["silence"][text].text


def _step(name: str, label: Sentence, body: str) -> StepKind:
    return StepKind(name=name, label=label, body=body, act=StepAct.CHECK, stage=1, days=DAYS, hint=DECIDE)


SILENT_SPONSOR = CaseKind(
    name=KIND,
    label=_l("Silent sponsor"),
    explanation=_l(
        "The sponsor has not decided by its date. Who may decide now, and what follows where nobody does, is what the"
        " contract says."
    ),
    subject_type="challenge",
    subject=nobody_files,
    form=(
        FormQuestion(name="due", label=_l("The sponsor’s date"), type=QuestionType.FACT, show=datetime.fromisoformat),
        FormQuestion(name="then", label=_l("What the contract says of silence"), type=QuestionType.FACT, show=_then),
    ),
    steps=(
        _step("sponsor", _l("Decision of the sponsor, late"), RESPONDENT),
        _step("centre", _l("Decision of the service centre in the sponsor’s place"), SERVICE_CENTRE),
        _step("council", _l("Decision of the council in the sponsor’s place"), COUNCIL),
    ),
    ends={
        CaseEnd.CARRIED_OUT: _l("What the contract says of silence was carried out."),
        CaseEnd.LAPSED: _l("The sponsor has decided, or the decision is not due any more."),
    },
    conflicts=close_to,
)
KINDS = (SILENT_SPONSOR,)
