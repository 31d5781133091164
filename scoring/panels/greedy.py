"""Choosing a panel: a pure calculation. Greedy, and the same for the same input whatever its order.

Each proposal gets one reviewer per round, those with the fewest possible reviewers first. The best reviewer has the
most tags in common with the challenge, then the fewest open assignments; a seeded hash decides between equals.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

RULE = "greedy-1"  # stored with each panel, so that it can be replayed after the rule has changed


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reviewer who may be chosen; `open` is the number of their open assignments at present."""

    id: int
    tags: frozenset[str]
    open: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Why `reviewer` was chosen for `proposal`: tags in common, open assignments, how many were possible."""

    proposal: int
    reviewer: int
    shared: tuple[str, ...]
    open: int
    possible: int


@dataclass(frozen=True, slots=True)
class PanelPlan:
    """`missing` maps a proposal to the number of reviews without a reviewer."""

    choices: tuple[Choice, ...]
    missing: Mapping[int, int] = field(default_factory=dict)


def choose(
    wanted: Mapping[int, int],
    candidates: Sequence[Candidate],
    tags: frozenset[str],
    conflicts: Collection[tuple[int, int]],
    *,
    load: int,
    most_open: int,
    held: Mapping[int, int] | None = None,
    seed: int = 0,
) -> PanelPlan:
    """Assign to each proposal the number of reviewers that `wanted` says.

    `conflicts` holds (candidate, proposal) pairs with a conflict; `tags` are the challenge's. Nobody gets more than
    `load` proposals of this challenge (`held` counts those that they already have) nor more than `most_open` in all.
    """
    possible = {
        proposal: [c for c in candidates if (c.id, proposal) not in conflicts and c.open < most_open]
        for proposal in wanted
    }
    order = sorted(wanted, key=lambda proposal: (len(possible[proposal]), proposal))
    shared = {c.id: tuple(sorted(c.tags & tags)) for c in candidates}
    room = {c.id: min(load - (held or {}).get(c.id, 0), most_open - c.open) for c in candidates}
    given = dict.fromkeys(room, 0)
    chosen: dict[int, list[Choice]] = {proposal: [] for proposal in wanted}
    for number in range(max(wanted.values(), default=0)):
        for proposal in order:
            already = {choice.reviewer for choice in chosen[proposal]}
            free = [c for c in possible[proposal] if c.id not in already and given[c.id] < room[c.id]]
            if number >= wanted[proposal] or not free:
                continue
            best = _best(free, shared, given, f"{seed}:{proposal}")
            now_open = best.open + given[best.id]
            chosen[proposal].append(Choice(proposal, best.id, shared[best.id], now_open, len(possible[proposal])))
            given[best.id] += 1
    lacking = {proposal: wanted[proposal] - len(chosen[proposal]) for proposal in sorted(wanted)}
    choices = tuple(choice for proposal in order for choice in chosen[proposal])
    return PanelPlan(choices, {proposal: number for proposal, number in lacking.items() if number > 0})


def _best(
    free: Sequence[Candidate], shared: Mapping[int, Sequence[str]], given: Mapping[int, int], seed: str
) -> Candidate:
    """The most tags in common, then the fewest assignments; the hash decides only between equals."""

    def rank(candidate: Candidate) -> tuple[int, int]:
        return -len(shared[candidate.id]), candidate.open + given[candidate.id]

    top = min(map(rank, free))
    equals = [c for c in free if rank(c) == top]
    return min(equals, key=lambda c: hashlib.sha256(f"{seed}:{c.id}".encode()).digest())
