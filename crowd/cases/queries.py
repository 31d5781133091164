"""Reads of cases: one for those who may see it, the person's own, and the queues of bodies."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_ngettext
from sqlalchemy.orm import selectinload

from crowd.accounts.models import User
from crowd.accounts.queries import people_with_right
from crowd.accounts.units import queries as units
from crowd.audit import Actor
from crowd.cases import bodies, conflicts, policy
from crowd.cases.days_off import queries as days_off
from crowd.cases.models import Case, CaseEntry, CaseParty, CaseStep, Side
from crowd.cases.workflow import CaseState, EntryAudience, VoteChoice
from crowd.db import db
from crowd.errors import Forbidden, NotFound, Sentence
from crowd.feature import OpenMatter, declared
from crowd.files import StoredFile
from crowd.notifications.kinds import path_to
from crowd.procedure import CaseKind, CaseSubject
from crowd.values import Value, term
from crowd.web.paging import Page, page
from crowd.web.tasks import MAX_TASKS

WHOLE = (
    selectinload(Case.parties),
    selectinload(Case.members),
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


def may_file(actor: Actor | None, kind: str, key: str) -> CaseSubject:
    """What a case would be about, for those who may file it. Raises NotFound, Forbidden (also where it is about the
    person themselves, or about what they answer for), Conflict.
    """
    subject = get_kind(kind).subject(actor, key)
    if isinstance(actor, User) and (
        actor.id in subject.people or any(actor.acts_for(one) for one in subject.organisations)
    ):
        raise Forbidden(_("This is about yourself, or about what you answer for."))
    return subject


def linked(subject_type: str) -> list[CaseKind]:
    """The kinds to which the pages of such subjects link."""
    return [kind for kind in declared().case_kinds.values() if kind.subject_type == subject_type and kind.link]


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


def count_filed(actor: User, since: datetime) -> int:
    """How many cases the person has filed since a time."""
    query = sa.select(sa.func.count()).where(Case.filed_by == actor.id, Case.filed_at >= since)
    return db.session.scalar(query) or 0


def count_in_vain(actor: User, subject_id: int, subject_type: str, since: datetime) -> int:
    """How many cases about a subject that the person has filed since a time were withdrawn or refused."""
    about = (Case.subject_type == subject_type, Case.subject_id == subject_id)
    ended = Case.state.in_((CaseState.WITHDRAWN, CaseState.REFUSED))
    query = sa.select(sa.func.count()).where(Case.filed_by == actor.id, Case.filed_at >= since, *about, ended)
    return db.session.scalar(query) or 0


def find_pending(kind: str, subject_id: int, filed_by: int | None = None) -> Case | None:
    """A pending case of a kind about a subject: the person's own, or anybody's."""
    query = sa.select(Case).where(Case.kind == kind, Case.subject_id == subject_id, Case.state == CaseState.PENDING)
    query = query.where(Case.filed_by == filed_by) if filed_by else query
    return db.session.scalar(query.order_by(Case.id).limit(1))


def is_pending_about(kind: str, organisation_id: int) -> bool:
    """Whether a case of a kind is pending that is about an organisation."""
    about = (CaseParty.side == Side.RESPONDENT, CaseParty.organisation_id == organisation_id)
    query = sa.select(Case.id).join(Case.parties).where(Case.kind == kind, Case.state == CaseState.PENDING, *about)
    return db.session.scalar(query.limit(1)) is not None


def is_granted_about(kind: str, subject_id: int) -> bool:
    """Whether a case of a kind about a subject was granted."""
    query = sa.select(Case.id).where(Case.kind == kind, Case.subject_id == subject_id, Case.state == CaseState.GRANTED)
    return db.session.scalar(query.limit(1)) is not None


def about_case(actor: User, case: Case) -> Sequence[Case]:
    """Cases about a case, the newest first, as far as the reader may open them."""
    query = sa.select(Case).where(Case.subject_type == Case.__tablename__, Case.subject_id == case.id).options(*WHOLE)
    rows = db.session.scalars(query.order_by(Case.id.desc()).limit(MAX_TASKS)).all()
    conflicts.among([actor], rows)  # of all in one turn
    return [row for row in rows if policy.can_view(actor, row)]


def voters(step: CaseStep) -> list[int]:
    """The ids of all who may vote in a step: members and substitutes without a conflict."""
    if step.body == bodies.RESPONDENT or step.body in bodies.CALLED:
        return []
    named = {one.user_id for one in step.substitutes}
    substitutes = named.intersection(bodies.members(bodies.EXPERTS)) if named else named
    people = dict.fromkeys([*bodies.members_of(step), *substitutes])
    rows = db.session.scalars(sa.select(User).where(User.id.in_(list(people)), User.active)).all()
    return _impartial(rows, step.case)


def _impartial(people: Sequence[User], case: Case) -> list[int]:
    """The ids of those of these people who have no conflict of interest."""
    close = {user_id for user_id, _case in conflicts.among(people, [case])}
    return [row.id for row in people if row.id not in close]


def assignable(step: CaseStep) -> list[int]:
    """The ids of the people of a body to whom a step can be assigned, but who has taken it: nobody who is away or
    has a conflict with its parties. Whether the rules of its kind name somebody is asked of who is chosen.
    """
    if step.body == bodies.RESPONDENT:
        return []
    people = bodies.members_of(step)
    left_out = {step.taken_by, *days_off.away(people), *conflicts.close_to_parties(people, step.case)}
    return [one for one in people if one not in left_out]


def to_come(step: CaseStep) -> list[int]:
    """The ids of those who may vote in a step and have not."""
    voted = {one.member_id for one in step.votes}
    return [one for one in voters(step) if one not in voted]


def count_voters(step: CaseStep) -> int:
    """How many count for the quorum of a vote: who has voted, whatever they are now, and who still may."""
    return sum(one.choice != VoteChoice.RECUSED for one in step.votes) + len(to_come(step))


def needs_substitute(step: CaseStep) -> bool:
    """Whether too few can vote in an open step by its date."""
    return step.is_vote and step.is_open and count_present(step) < step.quorum


def count_present(step: CaseStep) -> int:
    """As `count_voters`, without those who are away until the date of the step: they may come back and vote, but the
    vote need not wait for them.
    """
    voted = sum(one.choice != VoteChoice.RECUSED for one in step.votes)
    coming = to_come(step)
    return voted + len(set(coming) - days_off.away_until(coming, step.due_at))


def possible_substitutes(step: CaseStep) -> list[int]:
    """The ids of the experts who can vote in a step in the place of members: no members, not away, and without a
    conflict.
    """
    taken = {*bodies.members(step.body), *(one.user_id for one in step.substitutes)}
    people = db.session.scalars(sa.select(User).where(User.id.in_(bodies.members(bodies.EXPERTS))).order_by(User.id))
    free = [row for row in people if row.id not in taken]
    away = days_off.away([row.id for row in free])
    return _impartial([row for row in free if row.id not in away], step.case)


def office(case: Case) -> list[int]:
    """The ids of those who name substitutes in a case: the service centre without a conflict."""
    people = db.session.scalars(sa.select(User).where(User.id.in_(bodies.members(bodies.OFFICE))).order_by(User.id))
    return _impartial(people.all(), case)


def people_for(step: CaseStep) -> list[int]:
    """The ids of those who are to act in a step: who has taken it, else the staff of its unit, else all."""
    if step.body == bodies.RESPONDENT:
        return people_of(parties_of(step.case, Side.RESPONDENT))
    if step.body in bodies.CALLED:
        return [one.user_id for one in step.case.members if one.body == step.body]
    if step.taken_by:
        return [step.taken_by]
    people, work = voters(step), work_on([step]).get(step.id)
    if work is None or work.unit is None:
        return people
    staff = units.staff().get(work.unit.id, [])
    return [one for one in people if one in staff] or people


def work_on(steps: Iterable[CaseStep]) -> dict[int, units.Work]:
    """The unit of each of these steps that are the service centre's, and the last hand-over."""
    ids = [step.id for step in steps if step.body == bodies.OFFICE]
    query = sa.select(CaseStep.id, unit_of_step()).join(CaseStep.case).where(CaseStep.id.in_(ids))
    return units.work_on(CaseStep, query) if ids else {}


def unit_of_step() -> units.UnitId:
    """The unit to which a step belongs: to which it was handed over, else that of the case's region."""
    return units.unit_clause(CaseStep, CaseStep.id, Case.region_id)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier case about the same people; `opens` where the reader may open it. Otherwise they see its kind, outcome
    and date, and nothing of who filed it.
    """

    case: Case
    opens: bool


def earlier(actor: User, case: Case) -> list[Earlier]:
    """Cases about the same people and organisations that were granted and not lifted on appeal, the newest first:
    warnings count when it happens again, whoever decides then.
    """
    if not parties_of(case, Side.RESPONDENT):
        return []
    same = [CaseParty.side == Side.RESPONDENT, CaseParty.case_id == Case.id, _of_same(case)]
    upheld = [Case.id != case.id, Case.state.in_((CaseState.GRANTED, CaseState.PARTLY_GRANTED))]
    query = sa.select(Case).where(*upheld, sa.exists(sa.select(1).where(*same))).options(*WHOLE)
    rows = db.session.scalars(query.order_by(Case.id.desc()).limit(MAX_TASKS)).all()
    lifted = _lifted(rows)
    conflicts.among([actor], rows)  # of all in one turn
    return [Earlier(row, policy.can_view(actor, row)) for row in rows if row.id not in lifted]


def _lifted(cases: Iterable[Case]) -> set[int]:
    """The ids of those of these cases that were lifted on appeal: each kind is asked once."""
    ids = defaultdict(set)
    for case in cases:
        ids[case.kind].add(case.id)
    return {number for kind, numbers in ids.items() for number in declared().case_kinds[kind].lifted(numbers)}


def _of_same(case: Case) -> sa.ColumnElement[bool]:
    parties = parties_of(case, Side.RESPONDENT)
    people = [party.user_id for party in parties if party.user_id]
    firms = [party.organisation_id for party in parties if party.organisation_id]
    return sa.or_(CaseParty.user_id.in_(people), CaseParty.organisation_id.in_(firms))


# ---- entries


def count_entries(case: Case) -> int:
    """How many entries a case has."""
    return db.session.scalar(sa.select(sa.func.count()).where(CaseEntry.case_id == case.id)) or 0


@dataclass(frozen=True, slots=True)
class EntryShown:
    """An entry as its reader sees it; `instead` is what stands in its place where personal data was taken out of it, as
    the words of who did.
    """

    entry: CaseEntry
    instead: CaseEntry | None

    @property
    def text(self) -> str:
        """The text that is shown."""
        return (self.instead or self.entry).text

    @property
    def file(self) -> StoredFile | None:
        """The file that is shown."""
        return (self.instead or self.entry).file


def entries(actor: Actor | None, case: Case) -> list[EntryShown]:
    """The entries that the person may read, the oldest first: a party also reads what they have added for the bodies.
    Of one that was blackened it is the version without the personal data. Who is called and does not learn who has
    filed the case reads no file of theirs: it would name them.
    """
    rows = db.session.scalars(sa.select(CaseEntry).where(CaseEntry.case_id == case.id).order_by(CaseEntry.id)).all()
    official, own = policy.is_official(actor, case), actor.id if actor and policy.sides(actor, case) else None
    instead = {row.blackens: row for row in rows if row.blackens}
    if policy.called_as(actor, case) and policy.hides_filer(actor, case):
        rows = [row for row in rows if row.file_id is None or row.author_id != case.filed_by]
    return [
        EntryShown(row, instead.get(row.id))
        for row in rows
        if row.blackens is None
        if official or row.audience != EntryAudience.BODIES or (own is not None and row.author_id == own)
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
    query = sa.select(Case).where(of_party(actor)).options(selectinload(Case.steps), selectinload(Case.parties))
    return page(query, ((Case.id, True),), name="cases", after=after, size=size)


def of_party(actor: User) -> sa.ColumnElement[bool]:
    """Over cases: those to which the person is a party, by themselves or for an organisation."""
    theirs = (
        sa.and_(CaseParty.side == side, CaseParty.organisation_id.in_(actor.organisations_with(right)))
        for side, right in policy.ACTS_FOR.items()
    )
    return sa.exists(sa.select(1).where(CaseParty.case_id == Case.id, sa.or_(CaseParty.user_id == actor.id, *theirs)))


def open_matters(kind: str, row_id: int) -> Iterator[OpenMatter]:
    """The pending cases of which a person or an organisation is a party."""
    column = CaseParty.user_id if kind == "user" else CaseParty.organisation_id
    theirs = sa.exists(sa.select(1).where(CaseParty.case_id == Case.id, column == row_id))
    query = sa.select(Case).where(Case.state == CaseState.PENDING, theirs).options(selectinload(Case.parties))
    if rows := db.session.scalars(query.order_by(Case.id)).all():
        text = lazy_ngettext("%(num)d case is pending.", "%(num)d cases are pending.", len(rows))
        yield OpenMatter(text, tuple((row.title, path_to("cases.show", public_id=row.public_id)) for row in rows))


def parties_of(case: Case, side: Side) -> Sequence[CaseParty]:
    """The parties of a side."""
    return [party for party in case.parties if party.side == side]


def applicants(case: Case) -> list[str]:
    """The names of the organisations for which a case was filed; of kinds that hide who files nobody's."""
    shown = [] if kind_of(case).hides_filer else parties_of(case, Side.FILER)
    return [party.organisation.name for party in shown if party.organisation is not None]


def people_of(parties: Iterable[CaseParty]) -> list[int]:
    """The ids of the people who act for these parties."""
    rows = list(parties)
    people = [party.user_id for party in rows if party.user_id]
    firms = [(party.organisation_id, policy.ACTS_FOR[party.side]) for party in rows if party.organisation_id]
    acting = [person.id for number, right in firms for person in people_with_right(number, right)]
    return list(dict.fromkeys([*people, *acting]))


def step_name(step: CaseStep) -> Value:
    """What a step is called, as a recorded value."""
    return term(f"{step.case.kind}.{step.name}", "case_step_name")


def hint_of(step: CaseStep) -> Sentence:
    """What whoever acts in a step is told."""
    return next((one.hint for one in kind_of(step.case).steps if one.name == step.name), "")


def title_of(step: CaseStep) -> str:
    """What a step is called."""
    declared_step = next((one for one in kind_of(step.case).steps if one.name == step.name), None)
    return str(declared_step.label) if declared_step else _("Step %(number)s", number=step.position)
