"""What counts against a person who decides about others: the organisations to which they belong or belonged, and the
conflicts of interest that they declared. `crowd.conflicts` is the rule.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from crowd.accounts.models import MembershipPeriod, Organisation
from crowd.accounts.questions import DECLARED_CONFLICTS
from crowd.conflicts import Decider, conflict_with
from crowd.db import db

EVER = datetime.min.replace(tzinfo=UTC)
_Body, _Twin = aliased(Organisation), aliased(Organisation)
_SAME_BODY = sa.and_(  # an organisation under its number in the register, registered here once more
    _Twin.id != _Body.id,
    _Twin.registration_number != "",
    _Twin.registration_number == _Body.registration_number,
    _Twin.register == _Body.register,
    _Twin.country == _Body.country,
)


def belonged_to(user_ids: Collection[int]) -> Mapping[int, Mapping[int, datetime | None]]:
    """The organisations to which each of these people ever belonged, with every other row of the same body, and until
    when: None where they still do.
    """
    period = MembershipPeriod
    query = sa.union_all(
        sa.select(period.user_id, period.organisation_id, period.ended_at).where(period.user_id.in_(user_ids)),
        sa.select(period.user_id, _Twin.id, period.ended_at)
        .join(_Body, _Body.id == period.organisation_id)
        .join(_Twin, _SAME_BODY)
        .where(period.user_id.in_(user_ids)),
    )
    found: defaultdict[int, dict[int, datetime | None]] = defaultdict(dict)
    for user_id, organisation_id, ended_at in db.session.execute(query):
        before = found[user_id].get(organisation_id, ended_at)
        found[user_id][organisation_id] = max(before, ended_at) if before and ended_at else None
    return found


@dataclass(frozen=True, slots=True)
class Belonging:
    """What counts against a person: the organisations to which they belong, or belonged until a time, and those parties
    with whom they declared a conflict.
    """

    user_id: int
    current: set[int] = field(default_factory=set)
    former: dict[int, datetime] = field(default_factory=dict)
    people: set[int] = field(default_factory=set)
    organisations: set[int] = field(default_factory=set)

    def since(self, began: datetime) -> Decider:
        """What of it counts in a matter that began at a time."""
        left = {number for number, until in self.former.items() if until >= began}
        people, organisations = frozenset(self.people), frozenset(self.organisations)
        return Decider(self.user_id, frozenset(self.current | left), people, organisations)


def belongings(user_ids: Collection[int]) -> Mapping[int, Belonging]:
    """What counts against each of these people, in two statements."""
    found = {user_id: Belonging(user_id) for user_id in user_ids}
    for user_id, organisations in belonged_to(user_ids).items():
        for number, until in organisations.items():
            if until is None:
                found[user_id].current.add(number)
            else:
                found[user_id].former[number] = until
    declarations = DECLARED_CONFLICTS().subquery()
    query = sa.select(declarations).where(next(iter(declarations.c)).in_(user_ids))
    for user_id, person_id, organisation_id in db.session.execute(query):
        (found[user_id].people if person_id else found[user_id].organisations).add(person_id or organisation_id)
    return found


def is_close(user_id: int, kind: str, row_id: int) -> bool:
    """Whether a person has a conflict of interest with another one or with an organisation (`kind` is "user" or
    "organisation") where they act outside a case: no filing says since when, so every former membership counts.
    """
    people, organisations = ({row_id}, set[int]()) if kind == "user" else (set[int](), {row_id})
    decider = belongings([user_id])[user_id].since(EVER)
    return conflict_with(decider, people=people, organisations=organisations) is not None
