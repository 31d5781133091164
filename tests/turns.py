"""What the short form takes of many cases: a part, by turns, so that each value has its turn. The long form takes all.

The turns follow from the order of the cases: the same run takes the same part, and a failure can be repeated.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar
from zlib import crc32

import pytest

Case = TypeVar("Case")
LANGUAGE = ("language", "locale")  # what a parameter of a test is called that is one
PAGES = {"browser", "enter", "person", "platform"}  # what a test asks for that reads pages


def by_turns(first: Iterable[Any], second: Sequence[Any]) -> list[Any]:
    """Each pair of the two; those whose turn it is not are `long`."""
    return [
        pytest.param(one, other, marks=() if number == turn % len(second) else pytest.mark.long)
        for turn, one in enumerate(first)
        for number, other in enumerate(second)
    ]


def all_but_first(cases: Iterable[Any], number: int = 1) -> list[Any]:
    """Each case; those after the first `number` are `long`."""
    return [pytest.param(one, marks=() if turn < number else pytest.mark.long) for turn, one in enumerate(cases)]


def long_ones(*cases: object) -> list[Any]:
    """Cases that the long form alone takes; one with several arguments is a tuple."""
    return [pytest.param(*(one if isinstance(one, tuple) else (one,)), marks=pytest.mark.long) for one in cases]


def share(values: Iterable[Case], turn: int, of: int) -> list[Case]:
    """One in so many of the values; with the next turn, others. Over `of` turns each has been taken."""
    return list(values)[turn % of :: of]


def in_turn(metafunc: pytest.Metafunc, fixture: str, cases: Iterable[str], number: int = 1) -> None:
    """Try each test that asks for this fixture with all cases: the short form takes some, by its name."""
    if fixture not in metafunc.fixturenames:
        return
    names = list(cases)
    first = crc32(metafunc.function.__name__.encode())
    turn = {(first + place) % len(names) for place in range(number)}
    marks = [() if place in turn else pytest.mark.long for place in range(len(names))]
    values = [pytest.param(name, marks=mark) for name, mark in zip(names, marks, strict=True)]
    metafunc.parametrize(fixture, values, indirect=True)


def one_language_each(items: Iterable[pytest.Item]) -> None:
    """Let the short form go through pages in one language for each case: the first in one, the next in the other.

    Which language a test begins with follows from its name, so that those with one case have each language, too.
    """
    cases: dict[tuple[object, ...], list[pytest.Function]] = defaultdict(list)
    for item in items:
        if isinstance(item, pytest.Function) and (case := _but_for_the_language(item)):
            cases[case].append(item)
    turns: Counter[object] = Counter()
    for (place, name, *_), same in cases.items():
        turn = (crc32(str(name).encode()) + turns[place, name]) % len(same)
        turns[place, name] += 1
        for item in (*same[:turn], *same[turn + 1 :]):
            item.add_marker(pytest.mark.long)


def _but_for_the_language(item: pytest.Function) -> tuple[object, ...] | None:
    """The test and its other values, where it goes through pages in a language."""
    values = getattr(item, "callspec", None)
    if values is None or PAGES.isdisjoint(item.fixturenames) or item.get_closest_marker("long"):
        return None
    others = [(name, repr(value)) for name, value in values.params.items() if name not in LANGUAGE]
    return None if len(others) == len(values.params) else (item.path, item.originalname, *others)
