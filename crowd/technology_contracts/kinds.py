"""The application: its questions, who files it for whom, its step, and what follows. One kind of case for people, one
for organisations; both have the same form.
"""

from collections.abc import Callable, Mapping
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from crowd import clock
from crowd.accounts.models import User
from crowd.accounts.organisations.queries import applicant
from crowd.audit import Actor
from crowd.errors import Invalid, NotFound, Sentence
from crowd.feature import Label
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
from crowd.taxonomy.schemes import FIELD

INDEX = "technology_contracts.index"
OF_ORGANISATION, OF_PERSON = "technology_contract", "technology_contract_of_person"
KINDS_OF_CONTRACT = {
    "development": Label(lazy_pgettext("technology contract", "Development")),
    "transfer": Label(lazy_pgettext("technology contract", "Transfer")),
    "licence": Label(lazy_pgettext("technology contract", "Licence")),
    "consulting": Label(lazy_pgettext("technology contract", "Consulting")),
    "service": Label(lazy_pgettext("technology contract", "Service")),
}
FORM = (
    FormQuestion(name="title", label=_l("Title of the contract"), type=QuestionType.LINE, hint=_l("It is public.")),
    FormQuestion(
        name="kind", label=_l("Kind of contract"),
        choices={kind: label.text for kind, label in KINDS_OF_CONTRACT.items()},
    ),
    FormQuestion(name="field", label=_l("Field of work"), type=QuestionType.TERM, scheme=FIELD),
    FormQuestion(name="buyer", label=_l("Buyer"), type=QuestionType.LINE, hint=_l("Its name as in the contract.")),
    FormQuestion(
        name="parties", label=_l("Other parties"), type=QuestionType.LINE, optional=True,
        hint=_l("Their names as in the contract, where there are more than two."),
    ),
    FormQuestion(name="signed_on", label=_l("Date of signature"), type=QuestionType.DATE),
    FormQuestion(name="currency", label=_l("Currency"), type=QuestionType.CURRENCY),
    FormQuestion(
        name="contract_amount", label=_l("Contract amount"), type=QuestionType.MONEY, currency="currency",
        hint=_l("Everything that is paid under the contract."),
    ),
    FormQuestion(
        name="technology_amount", label=_l("Technology amount"), type=QuestionType.MONEY, currency="currency",
        hint=_l("The part of it that is paid for technology, without equipment, material and other things."),
    ),
    FormQuestion(name="summary", label=_l("What is agreed"), rows=5),
    FormQuestion(name="contract", label=_l("The signed contract"), type=QuestionType.FILES),
)  # fmt: skip
CHECK = StepKind(
    name="check", label=_l("Check of the contract"), body=SERVICE_CENTRE, act=StepAct.CHECK, stage=1,
    days="technology_contract_check_days", working_days=True, silence=OnSilence.REFUSES,
)  # fmt: skip
CONSEQUENCES = {
    CaseOutcome.GRANTED: _l("The contract is entered in the register; the certificate follows."),
    CaseOutcome.REFUSED: _l("Nothing is registered. The seller can correct the application and file it again."),
}


def check(answers: Mapping[str, str]) -> None:
    """Raises Invalid where the amounts or the date cannot be right."""
    contract, technology = int(answers["contract_amount"]), int(answers["technology_amount"])
    if contract == 0:
        raise Invalid.at("contract_amount", _l("A contract without an amount cannot be registered."))
    if technology > contract:
        raise Invalid.at("technology_amount", _l("This is more than the contract amount."))
    if date.fromisoformat(answers["signed_on"]) > clock.today():
        raise Invalid.at("signed_on", _l("This day has not come yet."))


def _of_organisation(actor: Actor | None, key: str) -> CaseSubject:
    row = applicant(actor, key)
    return CaseSubject(id=row.id, title=row.name, path=path_to(INDEX), region_id=row.region_id, applicant=row.id)


def _of_person(actor: Actor | None, key: str) -> CaseSubject:
    if not isinstance(actor, User) or key != str(actor.id):
        raise NotFound
    return CaseSubject(id=actor.id, title=actor.name, path=path_to(INDEX), region_id=actor.region_id)


def _kind(
    name: str,
    label: Sentence,
    subject_type: str,
    subject: Callable[[Actor | None, str], CaseSubject],
    *,
    personal: bool = False,
) -> CaseKind:
    return CaseKind(
        name=name,
        label=label,
        explanation=_l("The seller registers the contract. The service centre checks its kind and its amounts. "
                       "The public reads the seller's name, and title, kind, field and date of the contract. Buyer, "
                       "other parties and amounts are read by the seller (of an organisation by all members), the "
                       "service centre, auditors and administrators; the rest and the signed contract by those who "
                       "apply for the seller, the service centre and auditors."),
        subject_type=subject_type,
        subject=subject,
        form=FORM,
        steps=(CHECK,),
        consequences=CONSEQUENCES,
        effects={CaseOutcome.GRANTED: "technology_contracts.register"},
        application=True,
        personal=personal,
        titled_by="title",
        check=check,
    )  # fmt: skip


CASE_KINDS = (
    _kind(OF_ORGANISATION, _l("Registration of a technology contract"), "organisation", _of_organisation),
    _kind(OF_PERSON, _l("Registration of a person's technology contract"), "user", _of_person, personal=True),
)
