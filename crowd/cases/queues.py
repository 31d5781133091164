"""What waits for whom: the queues of bodies, and the tasks on a person's dashboard."""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload

from crowd.accounts import departments
from crowd.accounts.models import User
from crowd.accounts.units import queries as units
from crowd.cases import bodies, conflicts
from crowd.cases.models import Case, CaseMember, CaseParty, CaseStep, CaseSubstitute, CaseVote
from crowd.cases.queries import kind_of, of_party, unit_of_step
from crowd.cases.workflow import StepState
from crowd.db import db
from crowd.feature import declared
from crowd.procedure import DEPARTMENT, StepAct, no_conflicts
from crowd.web.paging import Page, page
from crowd.web.tasks import MAX_TASKS, Task


def has_queue(actor: User) -> bool:
    """Whether the person is of a body that acts in cases, or substitutes in a vote that is open."""
    mine = set(bodies.of_person(actor))
    if departments.of_officer(actor):
        mine.add(DEPARTMENT)
    return any(kind.bodies & mine for kind in declared().case_kinds.values()) or bool(_substituted(actor))


def _substituted(actor: User) -> Sequence[int]:
    """The ids of the open votes in which the person substitutes; no statement for who is no expert, or where no kind
    has a vote.
    """
    if bodies.EXPERTS not in bodies.of_person(actor):
        return []
    if not any(step.act == StepAct.VOTE for kind in declared().case_kinds.values() for step in kind.steps):
        return []
    query = sa.select(CaseStep.id).join(CaseSubstitute, CaseSubstitute.step_id == CaseStep.id)
    return db.session.scalars(query.where(CaseSubstitute.user_id == actor.id, CaseStep.state == StepState.OPEN)).all()


def queues(actor: User, asked: str = "") -> units.Queues:
    """The queues of the person over the open steps of their bodies and those in which they substitute; `asked` is the
    one to show.
    """
    mine = _waits_for(actor, _called(actor))
    found = _queues(actor, mine, asked)
    return replace(found, within=sa.and_(mine, found.within))


def _queues(actor: User, which: sa.ColumnElement[bool], asked: str = "") -> units.Queues:
    query = sa.select(CaseStep.id).join(CaseStep.case).where(which)
    return units.queues(actor, unit_of_step(), query, CaseStep.opened_at, asked)


def queue(found: units.Queues, *, after: str | None, size: int) -> Page[CaseStep]:
    """The steps in the queue that is shown, by due time."""
    order = ((CaseStep.due_at, False), (CaseStep.id, False))
    query = sa.select(CaseStep).join(CaseStep.case).where(found.within).options(*_WITH_CASE)
    return page(query, order, name="case_steps", after=after, size=size)


_WITH_CASE = (selectinload(CaseStep.case).selectinload(Case.parties), selectinload(CaseStep.taker))


def _called(actor: User) -> Sequence[int]:
    """The ids of the open steps for which the person is called, but of cases to which they or an organisation of theirs
    is a party.
    """
    theirs = sa.or_(CaseParty.user_id == actor.id, CaseParty.organisation_id.in_(actor.organisation_ids))
    party = sa.exists(sa.select(1).where(CaseParty.case_id == CaseStep.case_id, theirs))
    called = sa.and_(CaseMember.case_id == CaseStep.case_id, CaseMember.body == CaseStep.body)
    query = sa.select(CaseStep.id).join(CaseMember, called).where(CaseMember.user_id == actor.id)
    return db.session.scalars(query.where(CaseStep.state == StepState.OPEN, ~party)).all()


def _waits_for(actor: User, called: Sequence[int]) -> sa.ColumnElement[bool]:
    """The open steps of the person's bodies and departments and those in which they substitute, but of no case in which
    they have a conflict of interest; and the steps for which they are called.
    """
    mine, substituted, signing = bodies.of_person(actor), _substituted(actor), departments.of_officer(actor)
    calls = CaseStep.id.in_(called) if called else sa.false()
    rules = ((mine, CaseStep.body), (substituted, CaseStep.id), (signing, CaseStep.organisation_id))
    theirs = [column.in_(values) for values, column in rules if values]
    if not theirs:
        return calls
    before = sa.and_(CaseStep.state == StepState.OPEN, sa.or_(*theirs))
    ruled = [kind.name for kind in declared().case_kinds.values() if kind.conflicts is not no_conflicts]
    query = sa.select(Case.kind, Case.subject_id).join(Case.steps).where(before, Case.kind.in_(ruled)).distinct()
    subjects = ((kind, subject_id) for kind, subject_id in db.session.execute(query))
    in_body = sa.and_(before, ~conflicts.in_conflict(actor, subjects))
    return sa.or_(in_body, calls) if called else in_body


def waiting(actor: User) -> list[Task]:
    """What waits for the person: their replies, votes and the steps that they have taken, by their dates, and the
    queues of what nobody has taken.
    """
    called = _called(actor)
    mine = _waits_for(actor, called)
    replies = sa.and_(CaseStep.state == StepState.OPEN, CaseStep.body == bodies.RESPONDENT, of_party(actor), _asks())
    voted = sa.exists(sa.select(1).where(CaseVote.step_id == CaseStep.id, CaseVote.member_id == actor.id))
    votes = sa.and_(mine, CaseStep.act == StepAct.VOTE, ~voted)
    taken = sa.and_(mine, CaseStep.taken_by == actor.id)
    theirs = sa.or_(replies, votes, taken, CaseStep.id.in_(called))
    query = sa.select(CaseStep).join(CaseStep.case).where(theirs).options(*_WITH_CASE)
    steps = db.session.scalars(query.order_by(CaseStep.due_at, CaseStep.id).limit(MAX_TASKS))
    own = [
        Task(
            kind_of(step.case).label, url_for("cases.show", public_id=step.case.public_id), step.case.title, step.due_at
        )
        for step in steps
    ]
    if not bodies.of_person(actor) and not departments.of_officer(actor):
        return own
    free = sa.and_(mine, CaseStep.act != StepAct.VOTE, CaseStep.taken_by.is_(None), CaseStep.id.not_in(called), _asks())
    return [*own, *_queues(actor, free).tasks(_("Cases to decide"), "cases.queue")]


def _asks() -> sa.ColumnElement[bool]:
    """The steps that are concluded in their case; what is done elsewhere is a task of the package that has it."""
    return Case.kind.not_in([kind.name for kind in declared().case_kinds.values() if kind.clocked])


def waiting_in(unit_id: int) -> Sequence[int]:
    """The ids of the open steps of the service centre that wait in a unit."""
    query = sa.select(CaseStep.id).join(CaseStep.case).where(*_OFFICE_WAITS, unit_of_step() == unit_id)
    return db.session.scalars(query.order_by(CaseStep.id)).all()


_OFFICE_WAITS = (CaseStep.state == StepState.OPEN, CaseStep.body == bodies.OFFICE)
