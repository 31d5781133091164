"""Who must not judge what: a pure calculation. The first kind that fits is the one that is named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

KINDS = ("sponsor", "self", "organisation", "tie")
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Party:
    """The people behind a proposal (author, share holders) and all the organisations that they belong to."""

    proposal: int
    people: frozenset[int]
    organisations: frozenset[int]


@dataclass(frozen=True, slots=True)
class Judge:
    """Somebody who might review, with his organisations and the ties that he declared."""

    id: int
    organisations: frozenset[int]
    tied_people: frozenset[int] = frozenset()
    tied_organisations: frozenset[int] = frozenset()


def find(judges: Iterable[Judge], parties: Iterable[Party], sponsor: int) -> dict[Pair, str]:
    """Every (judge, proposal) that must not meet, with the kind of conflict; `sponsor` is an organisation's id."""
    rows = list(parties)
    found: dict[Pair, str] = {}
    for judge in judges:
        for party in rows:
            kind = _kind(judge, party, sponsor)
            if kind:
                found[judge.id, party.proposal] = kind
    return found


def _kind(judge: Judge, party: Party, sponsor: int) -> str | None:
    if sponsor in judge.organisations:
        return "sponsor"
    if judge.id in party.people:
        return "self"
    if judge.organisations & party.organisations:
        return "organisation"
    if judge.tied_people & party.people or judge.tied_organisations & (party.organisations | {sponsor}):
        return "tie"
    return None


def count(found: Mapping[Pair, str]) -> dict[str, int]:
    """How many pairs each kind leaves out; each kind is a key."""
    return {kind: sum(1 for value in found.values() if value == kind) for kind in KINDS}
