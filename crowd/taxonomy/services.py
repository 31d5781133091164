"""Every write to the taxonomy. Writers wait for one another: a name belongs to one term, and versions are a chain."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import insert

from crowd import clock
from crowd.audit import Actor, record
from crowd.db import atomic, db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.events import publish
from crowd.taxonomy import vocabulary
from crowd.taxonomy.events import TermsChanged
from crowd.taxonomy.exchange import HEADER, Sheet, TermRecord, fold, refuse, target
from crowd.taxonomy.exchange import rows as rows_of
from crowd.taxonomy.models import FreeTerm, Term, TermAlias, TermLink, TermState, TermVersion
from crowd.taxonomy.policy import can_edit
from crowd.taxonomy.queries import (
    find_term,
    get_by_code,
    get_free,
    get_linked,
    get_scheme,
    get_term,
    record_of,
    records,
)
from crowd.taxonomy.schemes import FIELD
from crowd.taxonomy.shipped import digest_after

WRITERS = 20_261_130  # the advisory lock under which terms are written
INDEXED = 300  # keys in one event


@atomic
def add(actor: Actor, scheme: str, wanted: TermRecord, *, note: str = "") -> Term:
    """Add a term. Raises NotFound for an unknown scheme, Forbidden, Invalid, Conflict where the code is taken."""
    _begin(actor, scheme)
    if find_term(scheme, wanted.code) is not None:
        raise Conflict(_("There is a term with the code “%(code)s” already.", code=wanted.code))
    row = _write(actor, scheme, None, wanted, note)
    _changed(scheme, [row.code])
    return row


@atomic
def edit(actor: Actor, term_id: int, wanted: TermRecord, *, note: str = "") -> Term:
    """Change names, parent, attributes and links of a term. Its code and state stay, and so do its former names.

    Raises NotFound, Forbidden, Invalid, Conflict for a merged term.
    """
    row = _locked(actor, term_id)
    before = record_of(row)
    kept = [name for name in before.names.values() if name not in wanted.spellings]
    wanted = replace(wanted, code=row.code, state=before.state, also=(*wanted.also, *kept))
    if wanted != before:
        _write(actor, row.scheme, row, wanted, note)
        _changed(row.scheme, [row.code])
    return row


@atomic
def retire(actor: Actor, term_id: int, *, note: str = "") -> Term:
    """Offer a term no longer; it stays wherever it is used. Raises NotFound, Forbidden, Conflict."""
    return _set_state(actor, term_id, TermState.RETIRED, note)


@atomic
def restore(actor: Actor, term_id: int) -> Term:
    """Offer a retired term again. Raises NotFound, Forbidden, Conflict."""
    return _set_state(actor, term_id, TermState.ACTIVE, "")


def _set_state(actor: Actor, term_id: int, state: TermState, note: str) -> Term:
    row = _locked(actor, term_id)
    if row.state == state:
        raise Conflict(_("Somebody has done this already."))
    _write(actor, row.scheme, row, replace(record_of(row), state=state.value), note)
    _changed(row.scheme, [row.code])
    return row


@atomic
def merge(actor: Actor, term_id: int, *, into: str) -> Term:
    """Let a term stand for another one (`into`: its code), which gets its names and links and what lies below it.

    Whatever uses the merged term is shown, found and counted as the other one. It cannot be undone.
    Raises NotFound, Forbidden, Conflict for a merged term, Invalid for a term that cannot be the other one.
    """
    row = _locked(actor, term_id)
    other = find_term(row.scheme, into.strip())
    if other is None or other.id == row.id or other.state != TermState.ACTIVE:
        raise Invalid(fields={"into": [_("Choose another term of this list by its code.")]})
    if row in _ancestors(other):
        raise Invalid(fields={"into": [_("This term is below the one that is merged.")]})
    gone, whole = record_of(row), record_of(other)
    db.session.execute(sa.delete(TermAlias).where(TermAlias.term_id == row.id))
    db.session.execute(sa.delete(TermLink).where(TermLink.source_id == row.id))
    _turn_links(row.id, other.id)
    db.session.execute(sa.update(Term).where(Term.parent_id == row.id).values(parent_id=other.id))
    row.state, row.merged_into_id = TermState.MERGED, other.id
    names = tuple(name for name in gone.spellings if name not in whole.spellings)
    links = tuple(link for link in gone.links if link not in whole.links)
    _write(actor, row.scheme, other, replace(whole, also=whole.also + names, links=whole.links + links), "")
    _keep_version(actor, row, replace(gone, also=(), links=(), state=f"merged:{other.code}"), "")
    record(actor, "term.merged", row, scheme=row.scheme, code=row.code, into=other.code)
    _changed(row.scheme, [row.code, other.code])
    return other


def _turn_links(old_id: int, new_id: int) -> None:
    """Links that lead to one term lead to another."""
    table = cast(sa.Table, TermLink.__table__)
    sources = sa.select(TermLink.source_id, sa.literal(new_id)).where(TermLink.target_id == old_id)
    moved = insert(table).from_select(["source_id", "target_id"], sources).on_conflict_do_nothing()
    db.session.execute(moved)
    db.session.execute(sa.delete(TermLink).where(TermLink.target_id == old_id))


@atomic
def link(actor: Actor, scheme: str, other: str, *, source: str, targets: Iterable[str]) -> Term:
    """Link a term (`source`: its code) to these terms of another scheme, by their codes, and to no others of it.

    Raises NotFound for schemes that are not linked or an unknown source, Forbidden, Invalid for an unknown target.
    """
    get_linked(scheme, other)
    row = _locked(actor, get_by_code(scheme, source).id)
    before = record_of(row)
    links = (*(one for one in before.links if target(one)[0] != other), *(f"{other}:{code}" for code in targets))
    if set(links) != set(before.links):
        _write(actor, scheme, row, replace(before, links=links), "")
        _changed(scheme, [row.code])
    return row


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
    _begin(actor, scheme)
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
        _write(actor, scheme, None, one, note)
    for one in changed:
        _write(actor, scheme, rows[one.code], one, note)
    _changed(scheme, [one.code for one in (*added, *changed)])


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


@atomic
def note_free(names: Iterable[str]) -> None:
    """Keep fields that are in no scheme for the operator, who may join them to a term."""
    known = vocabulary.current()
    rows = {fold(name): name for name in names if known.find(FIELD, name) is None and name.strip()}
    if rows:
        values = [{"key": key, "name": name} for key, name in sorted(rows.items())]
        db.session.execute(insert(cast(sa.Table, FreeTerm.__table__)).values(values).on_conflict_do_nothing())


@atomic
def join(actor: Actor, key: str, *, into: str) -> Term:
    """Make a free term another name of a field (`into`: its code, or any of its names).

    Raises NotFound, Forbidden, Invalid for an unknown field.
    """
    _begin(actor, FIELD)
    free = get_free(key)
    entry = vocabulary.current().get(FIELD, into.strip()) or vocabulary.current().find(FIELD, into)
    if entry is None:
        raise Invalid(fields={"into": [_("No field has this name or code.")]})
    row = get_term(entry.id)
    before = record_of(row)
    _write(actor, FIELD, row, replace(before, also=(*before.also, free.name)), "")
    db.session.delete(free)
    _changed(FIELD, [row.code, f"~{key}"])
    return row


@atomic
def dismiss(actor: Actor, key: str) -> FreeTerm:
    """Leave a free term as it is and out of the list. Raises NotFound, Forbidden."""
    _begin(actor, FIELD)
    free = get_free(key)
    free.dismissed_at = clock.now()
    record(actor, "term.dismissed", None, name=free.name)
    return free


def _begin(actor: Actor, scheme: str) -> None:
    get_scheme(scheme)
    if not can_edit(actor):
        raise Forbidden
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITERS)))


def _locked(actor: Actor, term_id: int) -> Term:
    """A term that may be changed, under the writers' lock."""
    _begin(actor, get_term(term_id).scheme)
    row = get_term(term_id, lock=True)
    if row.state == TermState.MERGED:
        raise Conflict(_("This term was merged into another one."))
    return row


def _write(actor: Actor, scheme: str, row: Term | None, wanted: TermRecord, note: str) -> Term:
    """Store a record as a term, with a version of it."""
    refuse(wanted, scheme)
    added = row is None
    row = row or Term(scheme=scheme, code=wanted.code)
    row.parent_id = _parent(scheme, row, wanted.parent)
    row.names, row.attributes, row.state = dict(wanted.names), dict(wanted.attributes), TermState(wanted.state)
    db.session.add(row)
    db.session.flush()
    _write_names(row, wanted)
    _write_links(row, wanted.links)
    _keep_version(actor, row, wanted, note)
    record(actor, "term.added" if added else "term.changed", row, scheme=scheme, code=row.code, name=wanted.names["en"])
    return row


def _parent(scheme: str, row: Term, code: str) -> int | None:
    if not code:
        return None
    parent = find_term(scheme, code)
    if parent is None or parent.state == TermState.MERGED:
        raise Invalid(fields={"parent": [_("No term has the code “%(code)s”.", code=code)]})
    if row.id and row in _ancestors(parent):
        raise Invalid(fields={"parent": [_("“%(code)s” is below this term.", code=code)]})
    return parent.id


def _ancestors(term: Term) -> list[Term]:
    """The term and all above it."""
    found = [term]
    while found[-1].parent_id is not None and len(found) < 50:
        found.append(get_term(found[-1].parent_id))
    return found


def _write_names(row: Term, wanted: TermRecord) -> None:
    """Each name finds this term alone. Raises Invalid for one that finds another."""
    keys = {fold(name): name for name in reversed(wanted.spellings)}
    taken = sa.select(TermAlias, Term.code).join(Term, Term.id == TermAlias.term_id)
    taken = taken.where(TermAlias.scheme == row.scheme, TermAlias.key.in_(keys), TermAlias.term_id != row.id)
    if others := [
        _("“%(name)s” is a name of %(code)s.", name=a.name, code=code) for a, code in db.session.execute(taken)
    ]:
        raise Invalid(fields={"also": others})
    db.session.execute(sa.delete(TermAlias).where(TermAlias.term_id == row.id, TermAlias.key.not_in(keys)))
    values = [{"scheme": row.scheme, "key": k, "name": name, "term_id": row.id} for k, name in reversed(keys.items())]
    statement = insert(cast(sa.Table, TermAlias.__table__)).values(values)
    db.session.execute(
        statement.on_conflict_do_update(index_elements=["scheme", "key"], set_={"name": statement.excluded.name})
    )


def _write_links(row: Term, links: Iterable[str]) -> None:
    """The links of a term. Raises Invalid for a code that is none."""
    ids: dict[str, int] = {}
    for one in links:
        other = find_term(*target(one))
        if other is None:
            raise Invalid(fields={"links": [_("No term has the code “%(code)s”.", code=one)]})
        ids[one] = _standing(other).id
    db.session.execute(sa.delete(TermLink).where(TermLink.source_id == row.id))
    db.session.add_all(TermLink(source_id=row.id, target_id=other) for other in sorted(set(ids.values())))
    db.session.flush()


def _standing(term: Term) -> Term:
    """The term for which a merged one stands."""
    while term.merged_into_id is not None:
        term = get_term(term.merged_into_id)
    return term


def _keep_version(actor: Actor, row: Term, wanted: TermRecord, note: str) -> None:
    newest = sa.select(TermVersion.digest).order_by(TermVersion.id.desc()).limit(1)
    written = wanted.as_json()
    digest = digest_after(db.session.scalar(newest) or "", written | {"scheme": row.scheme})
    db.session.add(TermVersion(term_id=row.id, author_id=actor.id, record=written, note=note, digest=digest))
    db.session.flush()


def _changed(scheme: str, keys: Sequence[str]) -> None:
    """Tell what stores or indexes terms, and let this process read them again."""
    vocabulary.forget()
    for start in range(0, len(keys), INDEXED):
        publish(TermsChanged(scheme, list(keys[start : start + INDEXED])))
