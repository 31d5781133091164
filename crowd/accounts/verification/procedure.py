"""The application for the verification of an organisation, as a kind of case, and what follows when it is granted."""

from flask_babel import lazy_gettext as _l

from crowd.access import id_in
from crowd.accounts import entries
from crowd.accounts.labels import ORGANISATION_KINDS
from crowd.accounts.models import Organisation
from crowd.accounts.organisations import notifications
from crowd.accounts.organisations.policy import can_describe
from crowd.accounts.verification.queries import KIND, find_contact, find_verified, pending
from crowd.audit import Actor, record
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, NotFound
from crowd.notifications.kinds import path_to
from crowd.procedure import (
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
from crowd.registers.questions import CASE_FORM
from crowd.registers.workflow import EntryState
from crowd.web.organisations import country_name

CHECK_DAYS = 10
FACTS = ("name", "kind", "country", "registration_number", "registered_with")


def _subject(actor: Actor | None, key: str) -> CaseSubject:
    row = db.session.get(Organisation, id_in(key))
    if row is None or row.origin is not None:
        raise NotFound
    if not can_describe(actor, row):
        raise Forbidden(_l("An owner or a manager of the organisation applies for its verification."))
    _check_applies(row)
    path = path_to("accounts.verification", organisation_id=row.id)
    return CaseSubject(
        id=row.id, title=row.name, path=path, region_id=row.region_id, applicant=row.id,
        known={name: text for name, text in entries.data_of(row).items() if name in FACTS},
    )  # fmt: skip


def _check_applies(row: Organisation) -> None:
    if not row.registration_number or find_contact(row.id) is None:
        there = (path_to("accounts.verification", organisation_id=row.id), _l("Registration and verification"))
        raise Conflict(_l("Enter the registration number and a contact first."), there=there)
    if other := find_verified(row.registration_number, row.register, row.country, but=row.id):
        raise Conflict(_l("%(organisation)s is verified under this number already.", organisation=other.name))
    found = registers.of_holder(entries.ORGANISATIONS, row.id)
    if any(last.state == EntryState.VALID and last.valid_until is None for _row, last in found):
        raise Conflict(_l("This organisation is verified without an end: there is nothing to renew."))
    if any(last.state == EntryState.SUSPENDED for _row, last in found):
        raise Conflict(_l("The verification is suspended: the service centre, which suspended it, resumes it."))


def _applies(row: Organisation) -> bool:
    try:
        _check_applies(row)
    except Conflict:
        return False
    return True


def application(actor: Actor | None, row: Organisation) -> dict[str, object]:
    """What its page shows of the verification on application: the one that is pending, the entries of the register, and
    where the reader applies, if they can.
    """
    applies = can_describe(actor, row) and _applies(row)
    return {
        "pending": pending(row.id),
        "entries": registers.views(found for found, _last in registers.of_holder(entries.ORGANISATIONS, row.id)),
        "apply": CASE_FORM()(KIND, str(row.id)) if applies else "",
    }


@atomic
def carry_out(actor: Actor, case_id: int, organisation_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Enter the organisation as it was checked, or renew its entry. Where another one was verified under the number
    meanwhile, or it was closed, nothing is entered, and those who manage it hear why.
    """
    row = db.session.get_one(Organisation, organisation_id, with_for_update=True, populate_existing=True)
    now = entries.data_of(row)
    other = find_verified(row.registration_number, row.register, row.country, but=row.id)
    if row.closed_at is not None or other is not None or any(now[name] != answers[name] for name in FACTS):
        record(actor, "organisation.not_verified", row, case=case_id)
        notifications.not_verified(row, case_id)
        return {"entered": 0}
    record(actor, "organisation.verified", row, registration_number=row.registration_number, register=row.register)
    notifications.verified(row)
    entries.enter(actor, row, entries.DECIDED, case_id=case_id)
    return {"entered": 1}


VERIFICATION = CaseKind(
    name=KIND,
    label=_l("Verification of an organisation"),
    explanation=_l(
        "The service centre compares what is stated here with the public register. An organisation that is not "
        "verified drafts challenges, but does not open any, and awards to it wait. The same application renews a "
        "verification that ends or has ended."
    ),
    subject_type="organisation",
    subject=_subject,
    form=(
        FormQuestion(name="name", label=_l("Name"), type=QuestionType.FACT),
        FormQuestion(
            name="kind", label=_l("Kind"), type=QuestionType.FACT,
            choices={kind.value: label.text for kind, label in ORGANISATION_KINDS.items()},
        ),
        FormQuestion(name="country", label=_l("Country or region"), type=QuestionType.FACT, show=country_name),
        FormQuestion(name="registration_number", label=_l("Registration number"), type=QuestionType.FACT),
        FormQuestion(name="registered_with", label=_l("Registered with"), type=QuestionType.FACT),
        FormQuestion(
            name="what", label=_l("What it does, and whom the service centre may ask"), rows=4,
        ),
        FormQuestion(
            name="documents", label=_l("Documents"), type=QuestionType.FILES, optional=True,
            hint=_l("Such as a business licence or an extract from the register, where they are not on the page yet."),
        ),
    ),
    steps=(
        StepKind(
            name="check", label=_l("Check of the organisation"), body=SERVICE_CENTRE, act=StepAct.CHECK, stage=1,
            days=CHECK_DAYS, working_days=True, silence=OnSilence.REFUSES,
        ),
    ),
    consequences={
        CaseOutcome.GRANTED: _l(
            "The organisation is verified: it is entered in the register for the usual term, or its entry is renewed."
        ),
        CaseOutcome.REFUSED: _l("Nothing changes. The reasons are on this page; the organisation can apply again."),
    },
    effects={CaseOutcome.GRANTED: "accounts.enter_verified"},
    single=True,
)  # fmt: skip
