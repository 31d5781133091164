"""What differs between two documents: one `Change` for each place, from which the later one can be made again."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass

from crowd.canonical import Document

Path = tuple[str | int, ...]  # keys and positions from the document's root: ("prizes", "tiers", 0, "amount")


@dataclass(frozen=True, slots=True)
class Absent:
    """The value of a place that a document does not have."""


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Change:
    """One place that differs; `before` or `after` is ABSENT where it was added or left out."""

    path: Path
    before: object
    after: object


def compare(before: Document, after: Document) -> list[Change]:
    """The places that differ, in the order of the documents' keys. A list is compared position by position."""
    return list(_differences((), dict(before), dict(after)))


def _differences(path: Path, before: object, after: object) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from _differences((*path, key), before.get(key, ABSENT), after.get(key, ABSENT))
    elif isinstance(before, list) and isinstance(after, list):
        for place in range(max(len(before), len(after))):
            yield from _differences((*path, place), _at(before, place), _at(after, place))
    elif type(before) is not type(after) or before != after:
        yield Change(path, before, after)


def _at(values: list[object], place: int) -> object:
    return values[place] if place < len(values) else ABSENT


def apply(document: Document, changes: Iterable[Change]) -> Document:
    """The later document: `apply(before, compare(before, after)) == after`."""
    whole = deepcopy(dict(document))
    removed = []
    for change in changes:
        if change.after is ABSENT:
            removed.append(change.path)
        else:
            _set(whole, change.path, deepcopy(change.after))
    for path in sorted(removed, key=_position, reverse=True):  # the last of a list first, so that positions stay
        held = _holder(whole, path)
        if isinstance(held, list):
            held.pop()
        else:
            del held[path[-1]]
    return whole


def _position(path: Path) -> tuple[tuple[bool, str, int], ...]:
    return tuple((isinstance(key, int), str(key), key if isinstance(key, int) else 0) for key in path)


def _set(document: object, path: Path, value: object) -> None:
    held, key = _holder(document, path), path[-1]
    if isinstance(held, dict):
        held[key] = value
    elif key == len(held):
        held.append(value)
    else:
        held[int(key)] = value


def _holder(document: object, path: Path) -> dict[str | int, object] | list[object]:
    """The object or list in which the last part of the path stands."""
    for key in path[:-1]:
        document = document[int(key)] if isinstance(document, list) else _of(document)[key]
    return document if isinstance(document, list) else _of(document)


def _of(document: object) -> dict[str | int, object]:
    assert isinstance(document, dict)
    return document
