"""How a case is filed: by a person, or by the platform, which files by the same rules without the limits of people."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd import clock, files
from crowd.accounts.models import User
from crowd.audit import Actor, record
from crowd.cases import departments, notifications, proceedings, queries
from crowd.cases import form_answers as types
from crowd.cases.entries import Upload, attach
from crowd.cases.models import Case, CaseMember, CaseParty, Side
from crowd.config import limits
from crowd.db import atomic, db
from crowd.errors import Conflict, Invalid
from crowd.languages import DEFAULT
from crowd.procedure import CaseKind, CaseSubject, FormQuestion, QuestionType
from crowd.values import term

IN_VAIN_FOR = timedelta(days=30)  # so long a case that was withdrawn or refused counts
PENDING = _("Such a case is pending already.")


def file_case(
    actor: Actor, kind_name: str, key: str, *, answers: Mapping[str, str], uploads: Sequence[Upload] = ()
) -> Case:
    """File a case of a kind about a subject, with files where its form asks for them; also as the platform.

    Raises NotFound, Forbidden (about the person themselves, and what the kind says), Conflict (one is pending
    already, too many in a day or about the subject, and what the kind says), Invalid.
    """
    kind = queries.get_kind(kind_name)
    _check_files(kind, len(uploads))
    if uploads:
        queries.may_file(actor, kind_name, key)  # who may not file leaves nothing in the store
    return _file(actor, kind, key, answers, [files.keep(*upload) for upload in uploads])


def try_case(
    actor: User, kind_name: str, key: str, *, answers: Mapping[str, str], uploads: Sequence[Upload] = ()
) -> None:
    """Check what filing would, but the conditions of the kind, which a page shows, and whether there are files. Raises
    as `file_case` does.
    """
    kind, subject = queries.get_kind(kind_name), queries.may_file(actor, kind_name, key)
    _check_number(kind, len(uploads))
    types.checked(kind, answers, subject.known, with_conditions=False)


@atomic
def _file(actor: Actor, kind: CaseKind, key: str, answers: Mapping[str, str], kept: Sequence[files.Kept]) -> Case:
    subject = queries.may_file(actor, kind.name, key)
    if kind.single or not isinstance(actor, User):
        _hold(subject)
        subject = queries.may_file(actor, kind.name, key)  # somebody else may have filed meanwhile
    if isinstance(actor, User):
        _check_may_file(actor, kind, subject)
    elif queries.find_pending(kind.name, subject.id):  # the platform files one at a time about a subject
        raise Conflict(PENDING)
    case = create(actor, kind, subject, types.checked(kind, answers, subject.known))
    for one in kept:
        attach(actor, case, "", one)
    kind.filed(actor, case.id, subject)
    record(proceedings.recorded_as(actor, case), "case.filed", case, case_kind=term(case.kind, "case_kind"))
    proceedings.open_stage(case, 1, clock.db_now())
    notifications.filed(case)
    return case


def _hold(subject: CaseSubject) -> None:
    """Let nobody else file about a row before this transaction ends; the tables of subjects are other packages'."""
    name = f"case:{subject.path}:{subject.id}"
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, 0))))


def _check_may_file(actor: User, kind: CaseKind, subject: CaseSubject) -> None:
    # Two forms at once. Rows that name the person do not wait for it, so a lock that `kind.filed` takes is no deadlock.
    db.session.execute(sa.select(User.id).where(User.id == actor.id).with_for_update(key_share=True))
    if kind.single and queries.find_pending(kind.name, subject.id):
        raise Conflict(PENDING)
    if not kind.application:
        _check_again(actor, kind, subject)
    most = limits().cases_per_day
    if queries.count_filed(actor, clock.db_now() - timedelta(days=1)) >= most:
        raise Conflict(_("You may file at most %(number)s cases in a day.", number=most))


def _check_again(actor: User, kind: CaseKind, subject: CaseSubject) -> None:
    """Raises Conflict where the person has one pending, or has filed too many about the subject in vain."""
    if queries.find_pending(kind.name, subject.id, actor.id):
        raise Conflict(_("You have filed this already; your case is pending."))
    in_vain = queries.count_in_vain(actor, subject.id, kind.subject_type, clock.db_now() - IN_VAIN_FOR)
    if in_vain >= limits().cases_per_subject:
        raise Conflict(
            _(
                "In the last %(days)s days %(number)s of your cases about this were withdrawn or refused. You can file"
                " again later.",
                days=IN_VAIN_FOR.days,
                number=in_vain,
            )
        )


def create(actor: Actor, kind: CaseKind, subject: CaseSubject, answers: dict[str, str]) -> Case:
    """The rows of a case with its steps and parties, before its first stage begins."""
    title = answers[kind.titled_by] if kind.titled_by else subject.title
    case = Case(
        kind=kind.name, subject_type=kind.subject_type, subject_id=subject.id,
        stated_title=title if subject.keeps_title else "",
        path=subject.path, challenge_id=subject.challenge_id, region_id=subject.region_id, filed_by=actor.id,
        language=actor.locale if isinstance(actor, User) else DEFAULT, answers=answers, filed_at=clock.db_now(),
        contract_version_id=kind.rests_on(subject),
    )  # fmt: skip
    case.steps = departments.new_steps(kind, subject)
    _add_parties(case, subject, actor)
    db.session.add(case)
    db.session.flush()
    db.session.refresh(case)
    return case


def _check_files(kind: CaseKind, number: int) -> None:
    """Files where the form needs them, and as many as it takes."""
    _check_number(kind, number)
    needed = [question.name for question in _for_files(kind) if not question.optional]
    if needed and not number:
        raise Invalid.at(needed[0], _("This is needed."))


def _check_number(kind: CaseKind, number: int) -> None:
    """Files only where the form asks for them, and not more than a case takes."""
    if number > (limits().case_entries if _for_files(kind) else 0):
        raise Invalid(_("These are too many files."))


def _for_files(kind: CaseKind) -> list[FormQuestion]:
    return [question for question in kind.form if question.type == QuestionType.FILES]


def _add_parties(case: Case, subject: CaseSubject, actor: Actor) -> None:
    case.parties = [
        *([CaseParty(side=Side.FILER, user_id=actor.id)] if isinstance(actor, User) else []),
        *([CaseParty(side=Side.FILER, organisation_id=subject.applicant)] if subject.applicant else []),
        *(CaseParty(side=Side.RESPONDENT, user_id=one) for one in subject.people),
        *(CaseParty(side=Side.RESPONDENT, organisation_id=one) for one in subject.organisations),
    ]
    case.members = [CaseMember(user_id=one, body=body) for body, people in subject.called.items() for one in people]
