"""What packages below ask of cases: where one is filed, which is pending, and which decided something."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crowd.accounts.questions import DecidedCase
from crowd.audit import Actor
from crowd.cases import minutes, policy, queries
from crowd.cases.models import Case, CaseStep, CaseVote
from crowd.cases.workflow import CaseState, StepState, VoteChoice
from crowd.db import db
from crowd.errors import Conflict, Forbidden
from crowd.notifications.kinds import path_to
from crowd.procedure import CaseOutcome, CaseSubject, StepAct
from crowd.registers.questions import Inspection
from crowd.rules.questions import ProposedChange, Ruling

MAX_SHOWN = 20  # inspections of an entry, cases about a subject


def pending_path(kind: str, subject_id: int) -> str:
    """The page of a pending case of a kind about a subject; empty where there is none."""
    case = queries.find_pending(kind, subject_id)
    return path_to("cases.show", public_id=case.public_id) if case else ""


def pending_subjects(kind: str) -> sa.Select[int]:
    """The subjects of the pending cases of a kind."""
    return sa.select(Case.subject_id).where(Case.kind == kind, Case.state == CaseState.PENDING)


def pending_pages(kind: str, subject_ids: Collection[int]) -> Mapping[int, str]:
    """The pages of the pending cases of a kind about these subjects, by subject."""
    query = pending_subjects(kind).add_columns(Case.public_id).where(Case.subject_id.in_(subject_ids))
    return {number: path_to("cases.show", public_id=public_id) for number, public_id in db.session.execute(query)}


def voted_in(user_id: int, case_ids: Collection[int]) -> set[int]:
    """The ids of those of these cases in which a person has voted or recused themselves."""
    query = sa.select(CaseStep.case_id).join(CaseVote, CaseVote.step_id == CaseStep.id)
    return set(db.session.scalars(query.where(CaseStep.case_id.in_(case_ids), CaseVote.member_id == user_id)))


def decided(actor: Actor | None, case_id: int) -> DecidedCase | None:
    """A decided case as a person reads it; None where they may not open it."""
    case = queries.get(case_id)
    if not policy.can_view(actor, case):
        return None
    votes = [vote for step in case.steps for vote in policy.votes_seen(actor, step)]
    cast = [(str(vote.choice), vote.reasons) for vote in votes if vote.choice != VoteChoice.RECUSED]
    return DecidedCase(path_to("cases.show", public_id=case.public_id), cast)


def path_of(case_id: int) -> str:
    """The page of a case, for the packages whose rows name it."""
    public_id = db.session.scalars(sa.select(Case.public_id).where(Case.id == case_id)).one()
    return path_to("cases.show", public_id=public_id)


def form_path(kind: str, key: str) -> str:
    """The page on which a case is filed."""
    return path_to("cases.new", kind=kind, key=key)


def may_file(actor: Actor | None, kind: str, key: str) -> CaseSubject:
    """What a case would be about, for those who may file it now. Raises NotFound, Forbidden."""
    try:
        return queries.may_file(actor, kind, key)
    except Conflict as refusal:
        raise Forbidden(refusal.message) from refusal


def ruling(case_id: int) -> Ruling:
    """What everybody reads of a decided case."""
    case = queries.get(case_id)
    assert case.ended_at is not None
    opinions = (step for step in case.steps if step.act == StepAct.OPINION and step.state == StepState.CONCLUDED)
    return Ruling(
        path=path_to("cases.show", public_id=case.public_id),
        decided_at=case.ended_at,
        votes=Counter(str(vote.choice) for step in case.steps for vote in step.votes),
        papers=[(step.body, step.reasons) for step in opinions],
        minutes=minutes.of_case(case),
    )


def stated(case_id: int) -> tuple[Mapping[str, str], str]:
    """The answers of a case's form, and their language."""
    case = queries.get(case_id)
    return case.answers, case.language


def proposals(kind: str, subject_id: int) -> Sequence[ProposedChange]:
    """The pending cases of a kind about a subject, as everybody reads them."""
    query = sa.select(Case).where(Case.kind == kind, Case.subject_id == subject_id, Case.state == CaseState.PENDING)
    return [
        ProposedChange(
            path=path_to("cases.show", public_id=case.public_id),
            answers=case.answers,
            language=case.language,
            filed_at=case.filed_at,
            waiting=[(step.body, step.due_at) for step in case.steps if step.is_open and step.due_at is not None],
        )
        for case in db.session.scalars(query.order_by(Case.id)).unique()
    ]


def inspections(kind: str, entry_id: int) -> Sequence[Inspection]:
    """The inspections of an entry that were decided, the newest first."""
    query = (
        sa.select(Case.ended_at, Case.outcome)
        .where(Case.kind == kind, Case.subject_id == entry_id, Case.outcome.is_not(None))
        .order_by(Case.id.desc())
        .limit(MAX_SHOWN)
    )
    return [
        Inspection(at, outcome == CaseOutcome.REFUSED) for at, outcome in db.session.execute(query) if at is not None
    ]


@dataclass(frozen=True, slots=True)
class Granted:
    """A case that was granted: when, and the answers of its form."""

    at: datetime | None
    answers: Mapping[str, str]


def granted(kind: str, subject_id: int, since: datetime) -> Sequence[Granted]:
    """The cases of a kind about a subject that were granted since a time, the newest first."""
    about = (Case.kind == kind, Case.subject_id == subject_id, Case.state == CaseState.GRANTED, Case.ended_at >= since)
    query = sa.select(Case.ended_at, Case.answers).where(*about).order_by(Case.id.desc())
    return [Granted(at, answers) for at, answers in db.session.execute(query.limit(MAX_SHOWN))]
