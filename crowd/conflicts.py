"""Who must not decide about whom: one rule, for the reviewers on panels and for the bodies that decide cases."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Decider:
    """Somebody who may be asked to decide, with their organisations since the matter began, and declared conflicts of
    interest.
    """

    id: int
    organisations: frozenset[int]
    conflicting_people: frozenset[int] = NOBODY
    conflicting_organisations: frozenset[int] = NOBODY


def conflict_with(
    decider: Decider, *, people: AbstractSet[int], organisations: AbstractSet[int], others: AbstractSet[int] = NOBODY
) -> str | None:
    """The kind of conflict with a party, the first that applies: it is themselves, they belong to its organisations or
    are one of the `others` who do, or they declared it.
    """
    if decider.id in people:
        return "self"
    if decider.id in others or decider.organisations & organisations:
        return "organisation"
    if decider.conflicting_people & (people | others) or decider.conflicting_organisations & organisations:
        return "declared"
    return None
