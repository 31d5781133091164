"""Two lists of cases, of which the short form tries each first one with one of the second, by turns."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pytest


def by_turns(first: Iterable[Any], second: Sequence[Any]) -> Iterator[Any]:
    """Each pair of the two; those whose turn it is not are `long`."""
    for turn, one in enumerate(first):
        for number, other in enumerate(second):
            yield pytest.param(one, other, marks=() if number == turn % len(second) else pytest.mark.long)


def all_but_first(cases: Iterable[Any], number: int = 1) -> Iterator[Any]:
    """Each case; those after the first `number` are `long`."""
    for turn, one in enumerate(cases):
        yield pytest.param(one, marks=() if turn < number else pytest.mark.long)
