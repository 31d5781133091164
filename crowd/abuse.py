"""Reports of abuse: what all kinds of them have in common. The packages whose pages can be reported declare theirs."""

from collections.abc import Callable, Mapping

from flask_babel import lazy_gettext as _l

from crowd.audit import Actor
from crowd.errors import Sentence
from crowd.procedure import (
    RESPONDENT,
    SERVICE_CENTRE,
    CaseKind,
    CaseOutcome,
    CaseSubject,
    Conflicts,
    FormQuestion,
    OnSilence,
    StepAct,
    StepKind,
    no_conflicts,
)

GROUNDS: Mapping[str, Sentence] = {
    "unlawful": _l("Prohibited by law, or by the platform's terms"),
    "false": _l("False, or meant to mislead"),
    "copied": _l("Copied, or violates others' rights"),
    "confidential": _l("Discloses personal or confidential data"),
    "insulting": _l("Insults or threatens somebody"),
    "advertising": _l("Advertising, or not about the subject"),
}
REPLY_DAYS, CHECK_DAYS = 3, 5
UPHELD, WARNED, REFUSED = CaseOutcome.GRANTED, CaseOutcome.PARTLY_GRANTED, CaseOutcome.REFUSED
ONLY_WARNED = _l("Whom it is about is warned; the page stays as it is.")
NOTHING = _l("Nothing changes.")
STEPS = (
    StepKind(
        name="reply", label=_l("Reply of whom it is about"), body=RESPONDENT, act=StepAct.OPINION, stage=1,
        days=REPLY_DAYS, working_days=True,
    ),
    StepKind(
        name="check", label=_l("Check of the report"), body=SERVICE_CENTRE, act=StepAct.CHECK, stage=2,
        days=CHECK_DAYS, working_days=True, silence=OnSilence.REFUSES,
    ),
)  # fmt: skip


def report(
    name: str, label: Sentence, subject_type: str, subject: Callable[[Actor | None, str], CaseSubject], *,
    upheld: Sentence, effect: str = "", conflicts: Conflicts = no_conflicts,
    hides_respondent: bool = False,
) -> CaseKind:  # fmt: skip
    """A kind of report. `upheld` says what follows when it is upheld, and `effect` is the job that does it; without
    one, a report that is upheld warns.
    """
    consequences = {UPHELD: upheld, WARNED: ONLY_WARNED, REFUSED: NOTHING}
    if not effect:
        del consequences[WARNED]
    return CaseKind(
        name=name,
        label=label,
        explanation=_l("Tell the service centre what is wrong. Whom it is about replies, without knowing who you are."),
        subject_type=subject_type,
        subject=subject,
        form=(
            FormQuestion(name="ground", label=_l("What is wrong"), choices=GROUNDS),
            FormQuestion(name="what", label=_l("Where it stands, and what you know"), rows=5),
        ),
        steps=STEPS,
        consequences=consequences,
        link=_l("Report"),
        effects={UPHELD: effect} if effect else {},
        warns=frozenset({WARNED, UPHELD} & set(consequences)),
        conflicts=conflicts,
        hides_filer=True,
        hides_respondent=hides_respondent,
    )
