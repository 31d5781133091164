"""The application of a firm, and the objection to one: their forms, steps and consequences."""

from flask_babel import lazy_gettext as _l

from crowd.access import id_in
from crowd.accounts.organisations.queries import applicant
from crowd.audit import Actor
from crowd.cases import queries as cases
from crowd.errors import Conflict, NotFound
from crowd.notifications.kinds import path_to
from crowd.procedure import (
    RESPONDENT,
    SERVICE_CENTRE,
    CaseKind,
    CaseOutcome,
    CaseSubject,
    FormQuestion,
    OnSilence,
    QuestionType,
    StepAct,
    StepKind,
)
from crowd.registers import queries as registers
from crowd.small_firms import conditions
from crowd.small_firms.register import REGISTER
from crowd.web.labels import state_label
from crowd.web.organisations import country_name

INDEX = "small_firms.index"
APPLICATION, OBJECTION = "small_firm", "small_firm_objection"
MONEY, WHOLE, FACT = QuestionType.MONEY, QuestionType.WHOLE, QuestionType.FACT
YES_NO = {"yes": _l("Yes"), "no": _l("No")}
GROUNDS = {
    "condition": _l("A condition does not hold"),
    "figures": _l("Figures are wrong"),
    "evidence": _l("Evidence is false or missing"),
}
FORM = (
    FormQuestion(name="country", label=_l("Country or region"), type=FACT, show=country_name),
    FormQuestion(name="kind", label=_l("Kind"), type=FACT, show=lambda kind: state_label(kind, "organisation_kind")),
    FormQuestion(name="staff", label=_l("People who work in the firm"), type=WHOLE),
    FormQuestion(name="rd_staff", label=_l("Of them, people in research and development"), type=WHOLE),
    FormQuestion(name="revenue", label=_l("Revenue of the last year, in yuan"), type=MONEY, currency="CNY"),
    FormQuestion(name="assets", label=_l("Assets, in yuan"), type=MONEY, currency="CNY"),
    FormQuestion(name="costs", label=_l("Costs and expenses of the last year, in yuan"), type=MONEY, currency="CNY"),
    FormQuestion(
        name="rd_expenses", label=_l("Expenses for research and development, in yuan"), type=MONEY, currency="CNY",
    ),
    FormQuestion(
        name="class_one", label=_l("Intellectual property of class I"), type=WHOLE, most=100_000,
        hint=_l("Such as invention patents, new plant varieties, layouts of integrated circuits."),
    ),
    FormQuestion(
        name="class_two", label=_l("Intellectual property of class II"), type=WHOLE, most=100_000,
        hint=_l("Such as utility models, designs, software copyrights."),
    ),
    FormQuestion(
        name="allowed", choices=YES_NO,
        label=_l("Are all products and services neither prohibited, restricted nor phased out?"),
    ),
    FormQuestion(
        name="clean", choices=YES_NO,
        label=_l("Is it true that since the last year there was no serious accident, environmental offence or breach "
                 "of research integrity, and that the firm is on no list of abnormal operation or serious offences?"),
    ),
    FormQuestion(name="evidence", label=_l("Annual report and other evidence"), type=QuestionType.FILES),
)  # fmt: skip


def _firm(actor: Actor | None, key: str) -> CaseSubject:
    row = applicant(actor, key)
    if cases.find_pending(APPLICATION, row.id):
        raise Conflict(_l("An application of this firm is pending."))
    if cases.is_pending_about(OBJECTION, row.id):
        raise Conflict(
            _l("An objection to an application of this firm is pending. Once it is decided, the firm can apply again.")
        )
    if not registers.can_apply(REGISTER, row.id):
        raise Conflict(_l("The firm is in the register; it applies again when the end of its entry is near."))
    return CaseSubject(
        id=row.id, title=row.name, path=path_to(INDEX), region_id=row.region_id, applicant=row.id,
        known={"country": row.country, "kind": row.kind.value},
    )  # fmt: skip


def _application(actor: Actor | None, key: str) -> CaseSubject:
    """A pending application, by the number of its firm."""
    row = cases.find_pending(APPLICATION, id_in(key))
    if row is None:
        raise NotFound
    return CaseSubject(
        id=row.id, title=row.stated_title, path=path_to(INDEX), organisations=(row.subject_id,), region_id=row.region_id
    )


CASE_KINDS = (
    CaseKind(
        name=APPLICATION,
        label=_l("Entry of a science and technology SME"),
        explanation=_l("The conditions are checked by machine. Where all hold, the name of the firm is published, and "
                       "it is entered when the time for objections is over. Your figures are not published."),
        subject_type="organisation",
        subject=_firm,
        form=FORM,
        steps=(
            StepKind(
                name="objections", label=_l("Time for objections"), body=SERVICE_CENTRE, act=StepAct.CHECK, stage=1,
                days="small_firm_objection_days", working_days=True, silence=OnSilence.GRANTS, period=True,
            ),
        ),
        consequences={
            CaseOutcome.GRANTED: _l("The firm is entered in the register; the certificate follows."),
            CaseOutcome.REFUSED: _l("The firm is not entered. It can correct the application and file it again."),
        },
        effects={CaseOutcome.GRANTED: "small_firms.enter"},
        application=True,
        single=True,
        check=conditions.check,
        conditions=conditions.conditions,
    ),
    CaseKind(
        name=OBJECTION,
        label=_l("Objection to the entry of an SME"),
        explanation=_l("Tell the service centre why the firm cannot be entered. It replies, without knowing who you "
                       "are."),
        subject_type="case",
        subject=_application,
        form=(
            FormQuestion(name="ground", label=_l("Ground"), choices=GROUNDS),
            FormQuestion(name="what", label=_l("What you know, and from where"), rows=5),
        ),
        steps=(
            StepKind(
                name="reply", label=_l("Reply of the firm"), body=RESPONDENT, act=StepAct.OPINION, stage=1, days=3,
                working_days=True,
            ),
            StepKind(
                name="check", label=_l("Check of the objection"), body=SERVICE_CENTRE, act=StepAct.CHECK, stage=2,
                days=5, working_days=True, silence=OnSilence.REFUSES,
            ),
        ),
        consequences={
            CaseOutcome.GRANTED: _l("An application of the firm that is pending is refused; an entry that was made "
                                    "meanwhile is revoked. Where the firm has withdrawn the application, nothing else "
                                    "follows."),
            CaseOutcome.REFUSED: _l("An application that is pending goes on, and an entry that was made stays."),
        },
        effects={CaseOutcome.GRANTED: "small_firms.uphold"},
        hides_filer=True,
    ),
)  # fmt: skip
