"""Every write to the taxonomy; `importing.py` writes whole files."""

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import insert

from crowd import clock
from crowd.audit import Actor, record
from crowd.db import atomic, db
from crowd.errors import Conflict, Invalid
from crowd.taxonomy import vocabulary
from crowd.taxonomy.exchange import TermRecord, fold, target
from crowd.taxonomy.models import FreeTerm, Term, TermAlias, TermLink, TermState
from crowd.taxonomy.queries import find_term, get_by_code, get_free, get_linked, get_term, record_of
from crowd.taxonomy.schemes import FIELD
from crowd.taxonomy.writing import ancestors, announce, begin, keep_version, locked, write


@atomic
def add(actor: Actor, scheme: str, wanted: TermRecord, *, note: str = "") -> Term:
    """Add a term. Raises NotFound for an unknown scheme, Forbidden, Invalid, Conflict where the code is taken."""
    begin(actor, scheme)
    if find_term(scheme, wanted.code) is not None:
        raise Conflict(_("There is a term with the code “%(code)s” already.", code=wanted.code))
    row = write(actor, scheme, None, wanted, note)
    announce(scheme, [row.code])
    return row


@atomic
def edit(actor: Actor, term_id: int, wanted: TermRecord, *, note: str = "") -> Term:
    """Change names, parent, attributes and links of a term. Its code and state stay, and so do its former names.

    Raises NotFound, Forbidden, Invalid, Conflict for a merged term.
    """
    row = locked(actor, term_id)
    before = record_of(row)
    kept = [name for name in before.names.values() if name not in wanted.spellings]
    wanted = replace(wanted, code=row.code, state=before.state, also=(*wanted.also, *kept))
    if wanted != before:
        write(actor, row.scheme, row, wanted, note)
        announce(row.scheme, [row.code])
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
    row = locked(actor, term_id)
    if row.state == state:
        raise Conflict(_("Somebody has done this already."))
    write(actor, row.scheme, row, replace(record_of(row), state=state.value), note)
    announce(row.scheme, [row.code])
    return row


@atomic
def merge(actor: Actor, term_id: int, *, into: str) -> Term:
    """Let a term stand for another one (`into`: its code), which gets its names and links and what lies below it.

    Whatever uses the merged term is shown, found and counted as the other one. It cannot be undone.
    Raises NotFound, Forbidden, Conflict for a merged term, Invalid for a term that cannot be the other one.
    """
    row = locked(actor, term_id)
    other = find_term(row.scheme, into.strip())
    if other is None or other.id == row.id or other.state != TermState.ACTIVE:
        raise Invalid(fields={"into": [_("Choose another term of this list by its code.")]})
    if row in ancestors(other):
        raise Invalid(fields={"into": [_("This term is below the one that is merged.")]})
    gone, whole = record_of(row), record_of(other)
    db.session.execute(sa.delete(TermAlias).where(TermAlias.term_id == row.id))
    db.session.execute(sa.delete(TermLink).where(TermLink.source_id == row.id))
    _turn_links(row.id, other.id)
    db.session.execute(sa.update(Term).where(Term.parent_id == row.id).values(parent_id=other.id))
    row.state, row.merged_into_id = TermState.MERGED, other.id
    names = tuple(name for name in gone.spellings if name not in whole.spellings)
    links = tuple(link for link in gone.links if link not in whole.links)
    write(actor, row.scheme, other, replace(whole, also=whole.also + names, links=whole.links + links), "")
    keep_version(actor, row, replace(gone, also=(), links=(), state=f"merged:{other.code}"), "")
    record(actor, "term.merged", row, scheme=row.scheme, code=row.code, into=other.code)
    announce(row.scheme, [row.code, other.code])
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
    row = locked(actor, get_by_code(scheme, source).id)
    before = record_of(row)
    links = (*(one for one in before.links if target(one)[0] != other), *(f"{other}:{code}" for code in targets))
    if set(links) != set(before.links):
        write(actor, scheme, row, replace(before, links=links), "")
        announce(scheme, [row.code])
    return row


@atomic
def note_free(names: Iterable[str]) -> None:
    """Keep fields that are in no scheme for the operator, who may join them to a term."""
    known = vocabulary.current()
    rows = {fold(name): name for name in names if known.find(FIELD, name) is None and name.strip()}
    if rows:
        table = cast(sa.Table, FreeTerm.__table__)
        values = [{"key": key, "name": name, "spellings": [name]} for key, name in sorted(rows.items())]
        statement = insert(table).values(values)
        added = table.c.spellings.op("||")(statement.excluded.spellings)
        fresh = ~table.c.spellings.contains(statement.excluded.spellings)
        db.session.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_={"spellings": added}, where=fresh)
        )


@atomic
def join(actor: Actor, key: str, *, into: str) -> Term:
    """Make a free term another name of a field (`into`: its code, or any of its names).

    Raises NotFound, Forbidden, Invalid for an unknown field.
    """
    begin(actor, FIELD)
    free = get_free(key)
    entry = vocabulary.current().get(FIELD, into.strip()) or vocabulary.current().find(FIELD, into)
    if entry is None:
        raise Invalid(fields={"into": [_("No field has this name or code.")]})
    row = get_term(entry.id)
    before = record_of(row)
    write(actor, FIELD, row, replace(before, also=(*before.also, free.name)), "")
    db.session.delete(free)
    announce(FIELD, [row.code, f"~{key}"])
    return row


@atomic
def dismiss(actor: Actor, key: str) -> FreeTerm:
    """Leave a free term as it is and out of the list. Raises NotFound, Forbidden."""
    begin(actor, FIELD)
    free = get_free(key)
    free.dismissed_at = clock.now()
    record(actor, "term.dismissed", None, name=free.name)
    return free
