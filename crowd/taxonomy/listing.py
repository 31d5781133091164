"""Pages of terms that a process has in its memory: a part of a list, and where the next part begins."""

from collections.abc import Sequence

from crowd.taxonomy.schemes import SCHEMES
from crowd.taxonomy.vocabulary import Entry, current
from crowd.web.organisations import name_key
from crowd.web.paging import Cursor, Page
from crowd.web.request_locale import reader


def page_of(entries: Sequence[Entry], *, name: str, after: str | None, size: int) -> Page[Entry]:
    """One page of these terms; `name` is the list's own. A term that is gone begins the list again."""
    cursor = Cursor(f"terms {name}")
    last = cursor.read(after)[0] if after else None
    start = next((at for at, one in enumerate(entries, 1) if one.id == last), 0)
    rows = entries[start : start + size]
    more = len(entries) > start + size
    return Page(rows, cursor.write([rows[-1].id]) if more else None, first=not start)


def in_order(scheme: str, *, first: str = "") -> list[Entry]:
    """The terms of a scheme; those of a tree by name in the reader's language, each before those below it. `first` is
    the code of the term with which it begins.
    """
    terms = current().all(scheme)
    if not SCHEMES[scheme].tree:
        return list(terms)
    by_name = sorted(terms, key=lambda one: (one.code != first, name_key(one.name(reader().name))))
    below: dict[int | None, list[Entry]] = {}
    for one in by_name:
        line = current().above(one)
        below.setdefault(line[1].id if len(line) > 1 else None, []).append(one)
    found, waiting = [], below.get(None, [])[::-1]
    while waiting:
        found.append(waiting.pop())
        waiting += below.get(found[-1].id, [])[::-1]
    return found
