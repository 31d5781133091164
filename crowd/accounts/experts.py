"""Experts: how somebody becomes one, and how that is ended before its time: kinds of cases in which the expert
committee votes, and what follows from each.
"""

from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from crowd import clock
from crowd.access import id_in
from crowd.accounts import entries
from crowd.accounts.models import MembershipPeriod, PlatformRole, User
from crowd.accounts.organisations.rights import Right
from crowd.accounts.questions import PENDING_CASE, PERSON_PAGE
from crowd.audit import Actor, record
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, NotFound
from crowd.notifications.kinds import path_to
from crowd.procedure import (
    EXPERT_COMMITTEE,
    RESPONDENT,
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
from crowd.registers.workflow import EntryState
from crowd.taxonomy import vocabulary
from crowd.taxonomy.labels import terms

ADMISSION, NOMINATION, MEASURE = entries.ADMISSION, "expert_nomination", "expert_measure"
VOTE_DAYS, ACCEPT_DAYS, REPLY_DAYS, QUORUM = 10, 10, 5, 3
CLOSE_FOR = timedelta(days=730)  # so long after both belonged to an organisation a member does not vote on a person
GROUNDS = {
    "late": _l("Reviews that are late, or not written"),
    "poor": _l("Reviews without reasons, or that do not follow the criteria"),
    "conflict": _l("A conflict of interest that was not declared"),
    "secrecy": _l("Sealed or confidential contents passed on"),
    "other": _l("Another reason, stated below"),
}


def close_to(user_id: int, subject_ids: Collection[int]) -> set[int]:
    """Those of these people with whom a person belongs to an organisation, or did in the last two years."""
    themselves = {user_id} & set(subject_ids)
    others = set(subject_ids) - themselves
    if not others:
        return themselves
    period = MembershipPeriod
    lately = sa.or_(period.ended_at.is_(None), period.ended_at >= clock.now() - CLOSE_FOR)
    own = sa.select(period.organisation_id).where(period.user_id == user_id, lately).correlate(None)
    query = sa.select(period.user_id).where(period.user_id.in_(others), lately, period.organisation_id.in_(own))
    return themselves | set(db.session.scalars(query))


# ---- who files about whom


def _person(key: str) -> User:
    row = db.session.get(User, id_in(key))
    if row is None or not row.active:
        raise NotFound
    return row


def _standing(user_id: int) -> EntryState | None:
    found = registers.of_holder(entries.EXPERTS, user_id)
    return found[-1][1].state_at(clock.now()) if found else None


def _subject(row: User, **more: object) -> CaseSubject:
    path = path_to(PERSON_PAGE(), user_id=row.id)
    return CaseSubject(id=row.id, title=row.name, path=path, keeps_title=False, **more)  # type: ignore[arg-type]


def _known(row: User) -> dict[str, str]:
    return {"fields": "\n".join(row.expertise), "availability": row.availability}


def _applicant(actor: Actor | None, key: str) -> CaseSubject:
    row = _person(key)
    if actor is None or actor.id != row.id:
        raise Forbidden(_l("People apply for themselves; others nominate them."))
    found = registers.of_holder(entries.EXPERTS, row.id)
    if any(last.state == EntryState.VALID and last.valid_until is None for _row, last in found):
        raise Conflict(_l("Your entry has no end: there is nothing to renew."))
    _check_pending(NOMINATION, row.id)
    return _subject(row, known=_known(row))


def _check_pending(other: str, user_id: int) -> None:
    """An application and a nomination of one person do not run beside each other."""
    if PENDING_CASE()(other, user_id):
        raise Conflict(_l("An application or a nomination of this person is pending already."))


def may_nominate(actor: Actor | None) -> bool:
    """Nominate experts: the expert committee, and those who manage an organisation."""
    if not isinstance(actor, User) or not actor.active:
        return False
    return actor.is_any(PlatformRole.EXPERT) or bool(actor.organisations_with(Right.MANAGE_MEMBERS))


def _nominee(actor: Actor | None, key: str) -> CaseSubject:
    row = _person(key)
    if not may_nominate(actor):
        raise Forbidden(_l("The expert committee nominates, and owners and managers of organisations do."))
    if actor is not None and actor.id == row.id:
        raise Forbidden(_l("Others nominate; you apply."))
    if _standing(row.id) == EntryState.VALID:
        raise Conflict(_l("This person is an expert already."))
    _check_pending(ADMISSION, row.id)
    return _subject(row, people=(row.id,), known={"fields": "\n".join(row.expertise)})


def may_complain(actor: Actor | None) -> bool:
    """Ask for a measure against an expert: the expert committee and the service centre."""
    return isinstance(actor, User) and actor.active and actor.is_any(PlatformRole.EXPERT, PlatformRole.SERVICE_CENTRE)


def _expert(actor: Actor | None, key: str) -> CaseSubject:
    row = _person(key)
    if not may_complain(actor):
        raise Forbidden(_l("The expert committee and the service centre ask for this."))
    if actor is not None and actor.id == row.id:
        raise Forbidden(_l("This is about yourself."))
    if _standing(row.id) not in (EntryState.VALID, EntryState.SUSPENDED):
        raise Conflict(_l("This person is not an expert."))
    return _subject(row, people=(row.id,))


# ---- what follows


@atomic
def admit(actor: Actor, case_id: int, user_id: int, answers: dict[str, str]) -> dict[str, object]:
    """Enter somebody in the register of experts, with the role, for its term; what they were admitted for stands on
    their profile, by which panels are chosen. A closed account is not entered.
    """
    row = db.session.get_one(User, user_id, with_for_update={"of": User}, populate_existing=True)
    if not row.active:
        return {"entered": 0}
    admitted = [one for one in answers["fields"].split("\n") if one]
    row.expertise = vocabulary.current().kept([*row.expertise, *admitted])
    row.availability = answers["availability"] or row.availability
    record(actor, "expert.admitted", row, case=case_id)
    entries.enter(actor, row, entries.DECIDED, case_id=case_id)
    return {"entered": 1}


@atomic
def end(actor: Actor, case_id: int, user_id: int, operation: str) -> dict[str, object]:
    """Suspend or revoke the entry of an expert, and with it the role."""
    row = db.session.get_one(User, user_id, with_for_update={"of": User}, populate_existing=True)
    entries.act_by_case(actor, row, operation, case_id)
    return {}


# ---- the kinds


def _vote(stage: int) -> StepKind:
    return StepKind(
        name="vote", label=_l("Vote of the expert committee"), body=EXPERT_COMMITTEE, act=StepAct.VOTE, stage=stage,
        days=VOTE_DAYS, working_days=True, silence=OnSilence.REFUSES, quorum=QUORUM,
    )  # fmt: skip


def _shown(fields: str) -> str:
    return ", ".join(terms(fields.split("\n")))


FORM = (
    FormQuestion(
        name="fields", label=_l("Fields of work"), type=QuestionType.FIELDS, show=_shown,
        hint=_l("Separated by commas. Panels are chosen by them."),
    ),
    FormQuestion(
        name="evidence", label=_l("Evidence"), rows=5,
        hint=_l("Such as publications, patents, projects, and posts held, each with its year."),
    ),
    FormQuestion(
        name="employers", label=_l("Employers of the last five years"), rows=3,
        hint=_l("Also organisations that were advised for pay: they decide about conflicts of interest."),
    ),
    FormQuestion(
        name="availability", label=_l("Availability"), type=QuestionType.LINE,
        hint=_l("Such as: from March, two days a week."),
    ),
    FormQuestion(name="documents", label=_l("Documents"), type=QuestionType.FILES, optional=True),
)  # fmt: skip
ADMITTED = _l(
    "The person is entered in the register of experts for the usual term, or the entry is renewed. They have the role "
    "of an expert, and their fields and availability stand on their profile, by which panels are chosen."
)
NOT_ADMITTED = _l("Nothing changes. The reasons are on this page.")
EXPLANATION = _l(
    "Experts review proposals on panels and belong to the expert committee. At least three of its members vote, with "
    "reasons; who belongs to an organisation of the person, or did in the last two years, does not."
)
KINDS = (
    CaseKind(
        name=ADMISSION,
        label=_l("Admission as an expert"),
        explanation=EXPLANATION,
        subject_type="user",
        subject=_applicant,
        form=FORM,
        steps=(_vote(1),),
        consequences={CaseOutcome.GRANTED: ADMITTED, CaseOutcome.REFUSED: NOT_ADMITTED},
        effects={CaseOutcome.GRANTED: "accounts.admit_expert"},
        conflicts=close_to,
        single=True,
        personal=True,
    ),
    CaseKind(
        name=NOMINATION,
        label=_l("Nomination of an expert"),
        explanation=EXPLANATION,
        subject_type="user",
        subject=_nominee,
        form=FORM,
        steps=(
            StepKind(
                name="accept", label=_l("Consent of who is nominated"), body=RESPONDENT, act=StepAct.SIGNATURE, stage=1,
                days=ACCEPT_DAYS, working_days=True, silence=OnSilence.REFUSES,
            ),
            _vote(2),
        ),
        consequences={CaseOutcome.GRANTED: ADMITTED, CaseOutcome.REFUSED: NOT_ADMITTED},
        link=_l("Nominate as an expert"),
        restricted=True,
        effects={CaseOutcome.GRANTED: "accounts.admit_expert"},
        conflicts=close_to,
        single=True,
        personal=True,
    ),
    CaseKind(
        name=MEASURE,
        label=_l("Suspension or removal of an expert"),
        explanation=_l("The expert replies, then the expert committee votes: at least three members, with reasons."),
        subject_type="user",
        subject=_expert,
        form=(
            FormQuestion(name="ground", label=_l("Reason"), choices=GROUNDS),
            FormQuestion(name="what", label=_l("What happened, and where it can be seen"), rows=5),
            FormQuestion(name="documents", label=_l("Documents"), type=QuestionType.FILES, optional=True),
        ),
        steps=(
            StepKind(
                name="reply", label=_l("Reply of the expert"), body=RESPONDENT, act=StepAct.OPINION, stage=1,
                days=REPLY_DAYS, working_days=True,
            ),
            _vote(2),
        ),
        consequences={
            CaseOutcome.GRANTED: _l(
                "The entry is revoked and the role of an expert ends; reviews that are not written go to others."
            ),
            CaseOutcome.PARTLY_GRANTED: _l(
                "The entry is suspended, with the role of an expert, until the committee admits the person again; "
                "reviews that are not written go to others."
            ),
            CaseOutcome.REFUSED: _l("Nothing changes."),
        },
        link=_l("Ask for a suspension or removal"),
        restricted=True,
        effects={
            CaseOutcome.GRANTED: "accounts.revoke_expert",
            CaseOutcome.PARTLY_GRANTED: "accounts.suspend_expert",
        },
        conflicts=close_to,
        single=True,
        personal=True,
    ),
)  # fmt: skip
