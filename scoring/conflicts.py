"""Who must not judge what: a pure calculation. It names the first kind of conflict that applies."""

from collections.abc import Collection, Iterable, Mapping

from crowd.conflicts import Decider as Reviewer
from crowd.conflicts import conflict_with
from submissions.parties import Parties

KINDS = ("sponsor", "self", "organisation", "rival", "declared")
Pair = tuple[int, int]


def find(
    judges: Iterable[Reviewer],
    parties: Iterable[Parties],
    sponsors: Collection[int],
    participants: Collection[int] = (),
) -> dict[Pair, str]:
    """Every (judge, proposal) with a conflict, and its kind; `sponsors` are ids of organisations.

    The `participants`, parties of any proposal of the challenge, do not judge its rivals either.
    """
    rows = list(parties)
    found: dict[Pair, str] = {}
    for judge in judges:
        for party in rows:
            kind = _kind(judge, party, frozenset(sponsors)) or ("rival" if judge.id in participants else None)
            if kind:
                found[judge.id, party.proposal] = kind
    return found


def _kind(judge: Reviewer, party: Parties, sponsors: frozenset[int]) -> str | None:
    if sponsors & judge.organisations:
        return "sponsor"
    kind = conflict_with(judge, people=party.contributors, others=party.people, organisations=party.organisations)
    declared = judge.conflicting_organisations & sponsors
    return kind or ("declared" if declared else None)


def count(found: Mapping[Pair, str]) -> dict[str, int]:
    """How many pairs each kind excludes; each kind is a key."""
    return {kind: sum(1 for value in found.values() if value == kind) for kind in KINDS}
