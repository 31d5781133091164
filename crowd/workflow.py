"""State transitions as data: each package's `workflow.py` declares `TRANSITIONS = {operation: ({from}, to)}`; see
`next_state`.

`WORDING` holds the sentences that explain to a person why an operation does not start from the present state.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from flask_babel import lazy_gettext as _

from crowd.errors import Conflict

S = TypeVar("S", bound=StrEnum)
Transitions = Mapping[str, tuple[frozenset[S] | set[S], S]]


@dataclass(frozen=True, slots=True)
class TransitionWording(Generic[S]):
    """Two translated sentences of an error message: the object's state, and where the operation starts."""

    states: Mapping[S, Any]
    operations: Mapping[str, object]

    def refusal(self, state: S, operation: str) -> Conflict:
        """The error for an operation in a state, in the reader's language."""
        told = _("%(state)s %(rule)s", state=self.states[state], rule=self.operations[operation])
        return Conflict(told, operation=operation, state=str(state))


def next_state(transitions: Transitions[S], wording: TransitionWording[S], state: S, operation: str) -> S:
    """The state after `operation`. Raises Conflict where the operation does not start from `state`."""
    sources, target = transitions[operation]
    if state not in sources:
        raise wording.refusal(state, operation)
    return target


def operations_from(transitions: Transitions[S], state: S) -> Iterator[str]:
    """The operations that may start from `state`, in the order of the table."""
    return (operation for operation, (sources, _to) in transitions.items() if state in sources)
