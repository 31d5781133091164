"""The term that somebody means by what they typed: its code, one of its names, or the names from the top down to it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crowd.taxonomy.exchange import fold
from crowd.taxonomy.schemes import SCHEMES
from crowd.taxonomy.vocabulary import Entry, current

MAX_TYPED = 200  # characters; longer text names no term
OFFERED = 8  # terms that are alike
MOST_ALIKE = 50
_PARTS = 4  # names in a row, such as country, province and city
_COMMAS = re.compile(r"[,，、;；|>]+")


@dataclass(frozen=True, slots=True)
class Lookup:
    """The term that was meant, or the terms that may have been."""

    term: Entry | None = None
    alike: Sequence[Entry] = ()


def lookup(scheme: str, typed: str) -> Lookup:
    """Find a term of a scheme. In a tree, names from the top down to it count together: `Shandong, Qingdao`."""
    known, typed = current(), typed.strip()[:MAX_TYPED]
    if not typed:
        return Lookup()
    if exact := known.get(scheme, typed) or known.find(scheme, typed):
        return Lookup(exact)
    if SCHEMES[scheme].tree:
        ends = list({one.id: one for one in _ends(scheme, fold(_COMMAS.sub(" ", typed)))}.values())
        if len(ends) == 1:
            return Lookup(ends[0])
        if ends:
            return Lookup(alike=ends[:OFFERED])
    return Lookup(alike=_alike(scheme, fold(typed))[:OFFERED])


def search(scheme: str, typed: str, *, limit: int = OFFERED) -> list[Entry]:
    """The terms that may be chosen with the text in one of their names or at the beginning of their code, the term that
    was meant first.
    """
    typed = typed.strip()[:MAX_TYPED]
    found = lookup(scheme, typed)
    by_code = [one for one in current().all(scheme) if typed and one.code.casefold().startswith(typed.casefold())]
    rows = [found.term] if found.term is not None else []
    whole = {one.id: one for one in (*rows, *found.alike, *_alike(scheme, fold(typed)), *by_code) if one.is_offered}
    return list(whole.values())[:limit]


def _alike(scheme: str, key: str) -> list[Entry]:
    """The terms that have the text in one of their names: those that begin with it first."""
    named = [(one, [fold(name) for name in one.spellings]) for one in current().all(scheme) if key]
    found = [
        (not any(name.startswith(key) for name in names), one)
        for one, names in named
        if any(key in name for name in names)
    ]
    return [one for _later, one in sorted(found, key=lambda pair: pair[0])][:MOST_ALIKE]


def _ends(scheme: str, text: str) -> Iterator[Entry]:
    """The lowest term of each way to read the text as names of terms that lie above one another."""
    known = current()
    for names in filter(None, _readings(text, known.loose(scheme), _PARTS)):
        lowest = max(names, key=lambda one: len(known.above(one)))
        line = known.above(lowest)
        if all(one in line for one in names):
            yield lowest


def _readings(text: str, names: Mapping[str, list[Entry]], parts: int) -> Iterator[tuple[Entry, ...]]:
    if not text:
        yield ()
    elif parts:
        for end in range(len(text), 0, -1):
            for entry in names.get(text[:end], ()):
                for rest in _readings(text[end:], names, parts - 1):
                    yield (entry, *rest)
