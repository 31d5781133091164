"""Reads of cases: one for those who may see it, the person's own, and the queues of organs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import selectinload

from crowd.accounts.models import User
from crowd.accounts.organisations.rights import Right
from crowd.accounts.queries import people_with_right
from crowd.audit import Actor
from crowd.cases import organs, policy
from crowd.cases.models import Case, CaseEntry, CaseParty, CaseStep, Side
from crowd.cases.workflow import Audience, CaseState, Choice, StepState
from crowd.db import db
from crowd.errors import NotFound
from crowd.feature import declared
from crowd.files import StoredFile
from crowd.procedure import CaseKind
from crowd.web.paging import Page, page
from crowd.web.tasks import MAX_TASKS, Task

WHOLE = (
    selectinload(Case.parties),
    selectinload(Case.steps).options(selectinload(CaseStep.votes), selectinload(CaseStep.substitutes)),
)


def kind_of(case: Case) -> CaseKind:
    """The declaration of a case's kind."""
    return declared().case_kinds[case.kind]


def get_kind(name: str) -> CaseKind:
    """A kind by its name. Raises NotFound."""
    kind = declared().case_kinds.get(name)
    if kind is None:
        raise NotFound
    return kind


def access(actor: Actor | None, public_id: str, *, lock: bool = False) -> Case:
    """A case with its parties and steps, for those who may see it; with `lock` under its row lock, the actor's roles
    read again. Raises NotFound.
    """
    row = _find(Case.public_id == public_id, lock)
    if lock and isinstance(actor, User):
        db.session.refresh(actor, ["roles", "memberships", "active"])
    if row is None or not policy.can_view(actor, row):
        raise NotFound
    return row


def get(case_id: int, *, lock: bool = False) -> Case:
    """A case by its number, for jobs. Raises NotFound."""
    row = _find(Case.id == case_id, lock)
    if row is None:
        raise NotFound
    return row


def _find(which: sa.ColumnElement[bool], lock: bool) -> Case | None:
    if lock:
        db.session.execute(sa.select(Case.id).where(which).with_for_update())
    query = sa.select(Case).where(which).options(*WHOLE).execution_options(populate_existing=lock)
    return db.session.scalar(query)


def step_of(case: Case, position: int) -> CaseStep:
    """A step of a case by its position. Raises NotFound."""
    found = next((step for step in case.steps if step.position == position), None)
    if found is None:
        raise NotFound
    return found


def find_pending(kind: str, subject_id: int, filed_by: int) -> Case | None:
    """The person's own pending case of a kind about a subject."""
    return db.session.scalar(
        sa.select(Case).where(
            Case.kind == kind, Case.subject_id == subject_id, Case.state == CaseState.PENDING, Case.filed_by == filed_by
        )
    )


def voters(step: CaseStep) -> list[int]:
    """The ids of all who may vote in a step: members and substitutes without a conflict who are not recused."""
    named = [one.user_id for one in step.substitutes]
    recused = {one.member_id for one in step.votes if one.choice == Choice.RECUSED}
    people = dict.fromkeys([*organs.members(step.organ), *named])
    rows = db.session.scalars(sa.select(User).where(User.id.in_(list(people)), User.active)).all()
    return [row.id for row in rows if row.id not in recused and not policy.is_conflicted(row, step.case)]


def possible_substitutes(step: CaseStep) -> list[int]:
    """The ids of the experts who can vote in a step in the place of members: no members, and without a conflict."""
    taken = {*organs.members(step.organ), *(one.user_id for one in step.substitutes)}
    people = db.session.scalars(sa.select(User).where(User.id.in_(organs.members(organs.EXPERTS))).order_by(User.id))
    return [row.id for row in people if row.id not in taken and not policy.is_conflicted(row, step.case)]


# ---- entries


def count_entries(case: Case) -> int:
    """How many entries a case has."""
    return db.session.scalar(sa.select(sa.func.count()).where(CaseEntry.case_id == case.id)) or 0


@dataclass(frozen=True, slots=True)
class EntryShown:
    """An entry as its reader sees it; `blackened` where personal data was taken out of it."""

    entry: CaseEntry
    text: str
    file: StoredFile | None
    blackened: bool


def entries(actor: Actor | None, case: Case) -> list[EntryShown]:
    """The entries that the person may read, the oldest first; of one that was blackened, the version without the
    personal data.
    """
    query = sa.select(CaseEntry).where(CaseEntry.case_id == case.id).order_by(CaseEntry.id)
    if not policy.is_official(actor, case):
        query = query.where(CaseEntry.audience == Audience.PARTIES)
    rows = db.session.scalars(query).all()
    instead = {row.blackens: row for row in rows if row.blackens}
    return [
        EntryShown(row, now.text, now.file, now is not row)
        for row in rows
        if row.blackens is None and (now := instead.get(row.id, row))
    ]


def file_of(actor: Actor | None, public_id: str, entry_id: int) -> StoredFile:
    """The file of an entry that the person may read. Raises NotFound."""
    case = access(actor, public_id)
    found = next((one.file for one in entries(actor, case) if one.entry.id == entry_id), None)
    if found is None:
        raise NotFound
    return found


# ---- lists


def own(actor: User, *, after: str | None, size: int) -> Page[Case]:
    """The cases to which the person is a party, by themselves or for an organisation, the newest first."""
    query = sa.select(Case).where(_of_party(actor)).options(selectinload(Case.steps))
    return page(query, ((Case.id, True),), name="cases", after=after, size=size)


def _of_party(actor: User) -> sa.ColumnElement[bool]:
    mine = sa.or_(CaseParty.user_id == actor.id, CaseParty.organisation_id.in_(actor.organisations_with(Right.POST)))
    return sa.exists(sa.select(1).where(CaseParty.case_id == Case.id, mine))


def queue(actor: User, *, after: str | None, size: int) -> Page[CaseStep]:
    """The open steps of the person's organs, by due time."""
    order = ((CaseStep.due_at, False), (CaseStep.id, False))
    query = sa.select(CaseStep).join(CaseStep.case).where(_waits_for(actor)).options(*_WITH_CASE)
    return page(query, order, name="case_steps", after=after, size=size)


_WITH_CASE = (selectinload(CaseStep.case), selectinload(CaseStep.taker), selectinload(CaseStep.votes))


def _waits_for(actor: User) -> sa.ColumnElement[bool]:
    return sa.and_(CaseStep.state == StepState.OPEN, CaseStep.organ.in_(organs.of_person(actor)))


def waiting(actor: User) -> list[Task]:
    """The steps that wait for the person: of their organs, and as the other side of a case."""
    query = sa.select(CaseStep).join(CaseStep.case).options(*_WITH_CASE, selectinload(CaseStep.substitutes))
    answers = sa.and_(CaseStep.state == StepState.OPEN, CaseStep.organ == organs.RESPONDENT, _of_party(actor))
    query = query.where(sa.or_(_waits_for(actor), answers)).order_by(CaseStep.due_at, CaseStep.id).limit(MAX_TASKS)
    steps = [step for step in db.session.scalars(query) if _is_for(actor, step)]
    return [
        Task(
            kind_of(step.case).label, url_for("cases.show", public_id=step.case.public_id), step.case.title, step.due_at
        )
        for step in steps
    ]


def _is_for(actor: User, step: CaseStep) -> bool:
    return policy.can_conclude(actor, step) or policy.can_vote(actor, step)


def parties_of(case: Case, side: Side) -> Sequence[CaseParty]:
    """The parties of a side."""
    return [party for party in case.parties if party.side == side]


def people_of(parties: Iterable[CaseParty]) -> list[int]:
    """The ids of the people who act for these parties."""
    rows = list(parties)
    people = [party.user_id for party in rows if party.user_id]
    firms = [party.organisation_id for party in rows if party.organisation_id]
    acting = [person.id for number in firms for person in people_with_right(number, Right.POST)]
    return list(dict.fromkeys([*people, *acting]))


def title_of(step: CaseStep) -> str:
    """What a step is called."""
    declared_step = next((one for one in kind_of(step.case).steps if one.name == step.name), None)
    return str(declared_step.label) if declared_step else _("Step %(number)s", number=step.position)
