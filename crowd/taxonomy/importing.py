"""Importing a file with terms: what it would change, and changing it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from crowd.audit import Actor
from crowd.db import atomic, db
from crowd.errors import Invalid
from crowd.taxonomy import vocabulary
from crowd.taxonomy.exchange import HEADER, Sheet, TermRecord, fold
from crowd.taxonomy.exchange import rows as rows_of
from crowd.taxonomy.models import Term, TermAlias
from crowd.taxonomy.queries import records
from crowd.taxonomy.writing import announce, begin, write


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that an import changes: the code of the term, the column, what it said and what it says."""

    code: str
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, or would do: the codes of terms that are new, what differs, and how many are the same."""

    added: Sequence[str]
    changed: Sequence[str]
    same: int
    differences: Sequence[Difference]


@atomic
def import_terms(actor: Actor, scheme: str, sheet: Sheet, *, note: str = "", dry: bool = False) -> ImportResult:
    """Add or change the terms of a file, by their codes; terms that are not in it stay, and former names as aliases.

    `dry` does the same and takes it back. Raises NotFound, Forbidden, Invalid, which says what was refused and why:
    then nothing is written.
    """
    begin(actor, scheme)
    before = {one.code: one for one in records(scheme)}
    wanted = [sheet.complete(one, before[one.code]) if one.code in before else one for one in sheet.records]
    wanted = _with_former_names(wanted, before)
    added = [one for one in wanted if one.code not in before]
    changed = [one for one in wanted if one.code in before and _is_other(one, before[one.code])]
    attempt = db.session.begin_nested()
    try:
        _write_all(actor, scheme, added, changed, note)
    finally:
        if dry:
            attempt.rollback()
            vocabulary.forget()
    return ImportResult(
        added=[one.code for one in added],
        changed=[one.code for one in changed],
        same=len(wanted) - len(added) - len(changed),
        differences=[one for record in changed for one in _differences(before[record.code], record)],
    )


def _with_former_names(wanted: Sequence[TermRecord], before: Mapping[str, TermRecord]) -> list[TermRecord]:
    """The records with the names that their terms had before, unless the file gives these to another term."""
    given = {fold(name): one.code for one in wanted for name in one.spellings}
    found = []
    for one in wanted:
        former = before[one.code].names.values() if one.code in before else ()
        kept = [name for name in former if given.get(fold(name), one.code) == one.code and name not in one.spellings]
        found.append(replace(one, also=(*one.also, *kept)))
    return found


def _write_all(
    actor: Actor, scheme: str, added: Sequence[TermRecord], changed: Sequence[TermRecord], note: str
) -> None:
    """The end state counts, not the order: two terms may swap their names, or parent and child their places."""
    rows = {row.code: row for row in db.session.scalars(sa.select(Term).where(Term.scheme == scheme))}
    if merged := [one.code for one in added if one.code in rows]:
        raise Invalid(_("These codes belong to merged terms: %(codes)s", codes=", ".join(merged[:10])))
    ids = [rows[one.code].id for one in changed]
    db.session.execute(sa.delete(TermAlias).where(TermAlias.term_id.in_(ids)))
    db.session.execute(sa.update(Term).where(Term.id.in_(ids)).values(parent_id=None))
    for one in _parents_first(added):
        write(actor, scheme, None, one, note)
    for one in changed:
        write(actor, scheme, rows[one.code], one, note)
    announce(scheme, [one.code for one in (*added, *changed)])


def _differences(before: TermRecord, after: TermRecord) -> Iterator[Difference]:
    (old,), (new,) = rows_of([before]), rows_of([after])
    for column, was, said in zip(HEADER, old, new, strict=True):
        if was != said:
            yield Difference(before.code, column, was, said)


def _is_other(one: TermRecord, before: TermRecord) -> bool:
    sets = ("also", "links")
    plain = [replace(each, also=(), links=()) for each in (one, before)]
    return plain[0] != plain[1] or any(set(getattr(one, name)) != set(getattr(before, name)) for name in sets)


def _parents_first(wanted: Sequence[TermRecord]) -> list[TermRecord]:
    """In an order in which a term comes after the one that it is below."""
    waiting, found = {one.code: one for one in wanted}, []
    while waiting:
        free = [one for one in waiting.values() if one.parent not in waiting]
        if not free:
            raise Invalid(_("These terms are below one another: %(codes)s", codes=", ".join(list(waiting)[:10])))
        found += free
        waiting = {code: one for code, one in waiting.items() if one not in free}
    return found
