"""States move by data: each room's `workflow.py` declares `MOVES = {verb: ({from}, to)}` and `step` obeys it."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

from crowd.errors import Conflict

S = TypeVar("S", bound=StrEnum)
Moves = Mapping[str, tuple[frozenset[S] | set[S], S]]


def step(moves: Moves[S], state: S, verb: str) -> S:
    """The state after `verb`. Raises Conflict where the verb does not start from `state`."""
    sources, target = moves[verb]
    if state not in sources:
        raise Conflict(f"{verb}: not from {state}", verb=verb, state=str(state))
    return target


def verbs_from(moves: Moves[S], state: S) -> Iterator[str]:
    """The verbs that may start from `state`, in the order of the table."""
    return (verb for verb, (sources, _) in moves.items() if state in sources)
