"""Who has a conflict of interest in a case: its parties, who belongs to one or did since it was filed, who declared
one or recused themselves in a case about the same subject, whom the rules of the kind name, and who is called into it:
they act in the steps of that body, and in no other.
The rule about parties is that of the panels (`crowd.conflicts`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import sqlalchemy as sa

from crowd.accounts.belonging import Belonging, belongings
from crowd.accounts.models import User
from crowd.cases.models import Case, CaseMember, CaseParty, CaseStep, CaseVote
from crowd.cases.workflow import VoteChoice
from crowd.conflicts import conflict_with
from crowd.db import db
from crowd.feature import declared

Subjects = set[tuple[str, int]]  # type and id


def in_cases(belongs: Belonging, recused: Subjects) -> sa.ColumnElement[bool]:
    """The rules about parties and recusals as SQL, over cases."""
    people, organisations = {belongs.user_id, *belongs.people}, belongs.current | belongs.organisations
    left = [
        sa.and_(CaseParty.organisation_id == number, Case.filed_at <= until) for number, until in belongs.former.items()
    ]
    theirs = sa.or_(CaseParty.user_id.in_(people), CaseParty.organisation_id.in_(organisations), *left)
    parties = sa.exists(sa.select(1).where(CaseParty.case_id == Case.id, theirs))
    subjects = sa.tuple_(Case.subject_type, Case.subject_id).in_(sorted(recused))
    return sa.or_(parties, subjects) if recused else parties


def recusals(user_ids: Collection[int]) -> Mapping[int, Subjects]:
    """The subjects of the cases in which each of these people recused themselves."""
    found: dict[int, Subjects] = {user_id: set() for user_id in user_ids}
    query = sa.select(CaseVote.member_id, Case.subject_type, Case.subject_id).join(Case.steps).join(CaseStep.votes)
    theirs = (CaseVote.member_id.in_(user_ids), CaseVote.choice == VoteChoice.RECUSED)
    for user_id, subject_type, subject_id in db.session.execute(query.where(*theirs)):
        found[user_id].add((subject_type, subject_id))
    return found


def close_to_parties(user_ids: Collection[int], case: Case) -> set[int]:
    """The ids of those of these people who have a conflict of interest with a case itself: with its parties or its
    subject.
    """
    recused = recusals(user_ids)
    return {user_id for user_id, one in belongings(user_ids).items() if _concerns(one, recused[user_id], case)}


def _concerns(belongs: Belonging, recused: Subjects, case: Case) -> bool:
    """Whether it is by its parties, by its subject, or by who is called into it: they act in the steps of that body,
    and in no other.
    """
    if any(one.user_id == belongs.user_id for one in case.members):
        return True
    if (case.subject_type, case.subject_id) in recused:
        return True
    people = {party.user_id for party in case.parties if party.user_id}
    firms = {party.organisation_id for party in case.parties if party.organisation_id}
    return conflict_with(belongs.since(case.filed_at), people=people, organisations=firms) is not None


def is_conflicted(user: User, case: Case) -> bool:
    """Whether a person has a conflict of interest in a case."""
    return bool(among([user], [case]))


def among(users: Iterable[User], cases: Collection[Case]) -> set[tuple[int, int]]:
    """The pairs (person, case) of these with a conflict of interest."""
    known, found, asked = _known.get(), set(), defaultdict(list)
    for user_id in {user.id for user in users}:
        for case in cases:
            if known is None or (user_id, case.id) not in known:
                asked[user_id].append(case)
            elif known[user_id, case.id]:
                found.add((user_id, case.id))
    belongs, recused = (belongings(asked), recusals(asked)) if asked else ({}, {})
    for user_id, rows in asked.items():
        close = _close(belongs[user_id], recused[user_id], rows)
        found |= {(user_id, number) for number in close}
        if known is not None:
            known |= {(user_id, case.id): case.id in close for case in rows}
    return found


def _close(belongs: Belonging, recused: Subjects, cases: Collection[Case]) -> set[int]:
    """The ids of those of these cases in which a person has a conflict of interest: each kind is asked once."""
    found, subjects = set(), defaultdict(set)
    for case in cases:
        if _concerns(belongs, recused, case):
            found.add(case.id)
        else:
            subjects[case.kind].add(case.subject_id)
    close = {kind: declared().case_kinds[kind].conflicts(belongs.user_id, ids) for kind, ids in subjects.items()}
    return found | {case.id for case in cases if case.subject_id in close.get(case.kind, ())}


_known: ContextVar[dict[tuple[int, int], bool] | None] = ContextVar("known_conflicts", default=None)


@contextmanager
def asked_once() -> Iterator[None]:
    """Within it, whether a person has a conflict of interest in a case is computed once: nothing changes while a page
    is read.
    """
    before = _known.set({})
    try:
        yield
    finally:
        _known.reset(before)


def in_conflict(user: User, subjects: Iterable[tuple[str, int]]) -> sa.ColumnElement[bool]:
    """Over cases: those in which a person has a conflict of interest, of those about these subjects (kind and id)."""
    by_kind = defaultdict(set)
    for kind, subject_id in subjects:
        by_kind[kind].add(subject_id)
    found = {kind: declared().case_kinds[kind].conflicts(user.id, ids) for kind, ids in by_kind.items()}
    of_kinds = [sa.and_(Case.kind == kind, Case.subject_id.in_(ids)) for kind, ids in found.items() if ids]
    called = sa.exists(sa.select(1).where(CaseMember.case_id == Case.id, CaseMember.user_id == user.id))
    return sa.or_(in_cases(belongings([user.id])[user.id], recusals([user.id])[user.id]), called, *of_kinds)
