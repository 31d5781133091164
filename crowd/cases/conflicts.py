"""Who has a conflict of interest in a case: its parties, who belongs to one or did since it was filed, who declared
one, whom the rules of the kind name, and who is called into it: they act in the steps of that body, and in no other.
The rule about parties is that of the panels (`crowd.conflicts`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import sqlalchemy as sa

from crowd.accounts.belonging import Belonging, belongings
from crowd.accounts.models import User
from crowd.cases.models import Case, CaseMember, CaseParty
from crowd.conflicts import conflict_with
from crowd.feature import declared


def in_cases(belongs: Belonging) -> sa.ColumnElement[bool]:
    """The rule about parties as SQL, over cases."""
    people, organisations = {belongs.user_id, *belongs.people}, belongs.current | belongs.organisations
    left = [
        sa.and_(CaseParty.organisation_id == number, Case.filed_at <= until) for number, until in belongs.former.items()
    ]
    theirs = sa.or_(CaseParty.user_id.in_(people), CaseParty.organisation_id.in_(organisations), *left)
    return sa.exists(sa.select(1).where(CaseParty.case_id == Case.id, theirs))


def close_to_parties(user_ids: Collection[int], case: Case) -> set[int]:
    """The ids of those of these people who have a conflict of interest with a party of a case."""
    return {user_id for user_id, one in belongings(user_ids).items() if _concerns(one, case)}


def _concerns(belongs: Belonging, case: Case) -> bool:
    """Whether it is by its parties, or who is called into it: they act in the steps of that body, and in no other."""
    if any(one.user_id == belongs.user_id for one in case.members):
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
    belongs = belongings(asked) if asked else {}
    for user_id, rows in asked.items():
        close = _close(belongs[user_id], rows)
        found |= {(user_id, number) for number in close}
        if known is not None:
            known |= {(user_id, case.id): case.id in close for case in rows}
    return found


def _close(belongs: Belonging, cases: Collection[Case]) -> set[int]:
    """The ids of those of these cases in which a person has a conflict of interest: each kind is asked once."""
    found, subjects = set(), defaultdict(set)
    for case in cases:
        if _concerns(belongs, case) or any(one.user_id == belongs.user_id for one in case.members):
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
    return sa.or_(in_cases(belongings([user.id])[user.id]), called, *of_kinds)
