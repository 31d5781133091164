"""The application for recognition as a service platform: the service centre checks it, then the departments of the
region sign side by side.
"""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from crowd.accounts import departments
from crowd.accounts.models import Organisation, OrganisationKind
from crowd.accounts.organisations.queries import applicant
from crowd.accounts.questions import ORGANISATION_PAGE
from crowd.audit import Actor
from crowd.errors import Conflict, Forbidden
from crowd.notifications.kinds import path_to
from crowd.procedure import (
    DEPARTMENT,
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
from crowd.service_platforms.names import KIND, REGISTER

CHECK_DAYS, SIGN_DAYS = 5, 10
SIGNATURES = 2  # so many departments must sign
APPLY = (
    OrganisationKind.AGENCY,
    OrganisationKind.INSTITUTE,
    OrganisationKind.UNIVERSITY,
    OrganisationKind.PARK,
)


def _applicant(actor: Actor | None, key: str) -> CaseSubject:
    row = applicant(actor, key)
    if row.kind not in APPLY:
        raise Forbidden(_l("Agencies, parks, institutes and universities are recognised as service platforms."))
    found = _departments(row)
    return CaseSubject(
        id=row.id, title=row.name, path=path_to(ORGANISATION_PAGE(), organisation_id=row.id), region_id=row.region_id,
        applicant=row.id, departments=tuple(found), known={"departments": " ".join(map(str, found))},
    )  # fmt: skip


def _departments(row: Organisation) -> Sequence[int]:
    """The ids of the departments that are to sign. Raises Conflict where the organisation cannot apply now."""
    if row.verified_at is None:
        raise Conflict(_l("Only a verified organisation is recognised."))
    if not registers.can_apply(REGISTER, row.id):
        raise Conflict(_l("It is in the register; it applies again when the end of its entry is near."))
    found = [one.id for one in departments.for_region(row.region_id)]
    if len(found) < SIGNATURES:
        raise Conflict(
            _l("For the region of this organisation there are fewer than %(number)s departments.", number=SIGNATURES)
        )
    return found


def _named(ids: str) -> str:
    """The departments of an answer by their names."""
    return ", ".join(departments.names(int(number) for number in ids.split()))


CASE_KINDS = (
    CaseKind(
        name=KIND,
        label=_l("Recognition as a service platform"),
        explanation=_l("The service centre checks that the application is complete. Then the departments of your "
                       "region sign side by side."),
        subject_type="organisation",
        subject=_applicant,
        form=(
            FormQuestion(
                name="departments", label=_l("Departments that are asked to sign"), type=QuestionType.FACT, show=_named
            ),
            FormQuestion(
                name="services", label=_l("Services to firms"), type=QuestionType.LINE,
                hint=_l("As they are to stand in the register, which is public."),
            ),
            FormQuestion(
                name="what", label=_l("Whom the services have reached in the last year, and with what result"), rows=6
            ),
            FormQuestion(name="evidence", label=_l("Evidence"), type=QuestionType.FILES, optional=True),
        ),
        steps=(
            StepKind(
                name="complete", label=_l("Is the application complete?"), body=SERVICE_CENTRE, act=StepAct.CHECK,
                stage=1, days=CHECK_DAYS, working_days=True, silence=OnSilence.GOES_ON,
                hint=_l("With a yes it goes to the departments; with a no the applicant corrects it and files again."),
            ),
            StepKind(
                name="signature", label=_l("Signature of the department"), body=DEPARTMENT, act=StepAct.SIGNATURE,
                stage=2, days=SIGN_DAYS, working_days=True, silence=OnSilence.GOES_ON, quorum=SIGNATURES,
                hint=_l("Without a no, two signatures are enough. A no refuses the application, whoever has signed."),
            ),
        ),
        consequences={
            CaseOutcome.GRANTED: _l("At least two departments have signed and none has refused: the organisation is "
                                    "entered in the register with those that have signed."),
            CaseOutcome.REFUSED: _l("The application is incomplete, a department has refused, or fewer than two have "
                                    "signed: nothing is entered. The organisation can correct it and file it again."),
        },
        link=_l("Apply for recognition as a service platform"),
        restricted=True,
        effects={CaseOutcome.GRANTED: "service_platforms.enter"},
        application=True,
        single=True,
    ),
)  # fmt: skip
