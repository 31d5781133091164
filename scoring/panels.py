"""Choosing a panel: a pure calculation. Greedy, and the same for the same input whatever its order.

Each proposal gets one reviewer a round, those with the fewest possible reviewers first. The best reviewer has the most
tags in common with the challenge, then the fewest open assignments; what is still equal falls by a seeded hash.
"""

import hashlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reviewer who may be chosen; `open` is the number of his open assignments at this instant."""

    id: int
    tags: frozenset[str]
    open: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Why `reviewer` was chosen for `proposal`: tags in common, open assignments, how many others were possible."""

    proposal: int
    reviewer: int
    shared: tuple[str, ...]
    open: int
    possible: int


@dataclass(frozen=True, slots=True)
class Plan:
    """`missing` maps a proposal to the number of reviews that nobody could be found for."""

    choices: tuple[Choice, ...]
    missing: Mapping[int, int] = field(default_factory=dict)


def choose(
    proposals: Sequence[int],
    candidates: Sequence[Candidate],
    tags: AbstractSet[str],
    conflicts: AbstractSet[tuple[int, int]],
    *,
    reviews: int,
    load: int,
    most_open: int,
    seed: int = 0,
) -> Plan:
    """Assign `reviews` candidates to each proposal, none more than `load` of them nor beyond `most_open` in all.

    `conflicts` holds (candidate, proposal) pairs that must not meet; `tags` are the challenge's, in lower case.
    """
    possible = {
        proposal: [c for c in candidates if (c.id, proposal) not in conflicts and c.open < most_open]
        for proposal in proposals
    }
    order = sorted(proposals, key=lambda proposal: (len(possible[proposal]), proposal))
    taken: dict[int, int] = {candidate.id: 0 for candidate in candidates}
    choices: list[Choice] = []
    chosen: set[tuple[int, int]] = set()
    for _ in range(reviews):
        for proposal in order:
            free = [
                c
                for c in possible[proposal]
                if (c.id, proposal) not in chosen and taken[c.id] < load and c.open + taken[c.id] < most_open
            ]
            if not free:
                continue
            best = min(free, key=lambda c: _preference(c, tags, taken[c.id], proposal, seed))
            choices.append(_choice(best, proposal, tags, taken[best.id], len(possible[proposal])))
            chosen.add((best.id, proposal))
            taken[best.id] += 1
    found = {proposal: sum(1 for choice in choices if choice.proposal == proposal) for proposal in proposals}
    return Plan(tuple(choices), {proposal: reviews - n for proposal, n in found.items() if n < reviews})


def _preference(
    candidate: Candidate, tags: AbstractSet[str], taken: int, proposal: int, seed: int
) -> tuple[int, int, bytes]:
    tie = hashlib.sha256(f"{seed}:{candidate.id}:{proposal}".encode()).digest()
    return -len(candidate.tags & tags), candidate.open + taken, tie


def _choice(candidate: Candidate, proposal: int, tags: AbstractSet[str], taken: int, possible: int) -> Choice:
    shared = tuple(sorted(candidate.tags & tags))
    return Choice(proposal, candidate.id, shared, candidate.open + taken, possible)
