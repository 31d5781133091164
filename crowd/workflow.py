"""State transitions as data: each package's `workflow.py` declares `TRANSITIONS = {verb: ({from}, to)}`; see
`next_state`.

`SAID` holds the sentences that explain to a person why a verb does not start from the present state.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from flask_babel import lazy_gettext as _

from crowd.errors import Conflict

S = TypeVar("S", bound=StrEnum)
Moves = Mapping[str, tuple[frozenset[S] | set[S], S]]


@dataclass(frozen=True, slots=True)
class Said(Generic[S]):
    """Two translated sentences make an error message: the object's state, and the state from which the verb starts."""

    states: Mapping[S, Any]
    verbs: Mapping[str, Any]

    def refusal(self, state: S, verb: str) -> Conflict:
        """The error for a verb in a state, in the reader's language."""
        told = _("%(state)s %(rule)s", state=self.states[state], rule=self.verbs[verb])
        return Conflict(told, verb=verb, state=str(state))


def next_state(moves: Moves[S], said: Said[S], state: S, verb: str) -> S:
    """The state after `verb`. Raises Conflict where the verb does not start from `state`."""
    sources, target = moves[verb]
    if state not in sources:
        raise said.refusal(state, verb)
    return target


def operations_from(moves: Moves[S], state: S) -> Iterator[str]:
    """The verbs that may start from `state`, in the order of the table."""
    return (verb for verb, (sources, _to) in moves.items() if state in sources)
