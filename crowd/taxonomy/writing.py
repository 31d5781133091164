"""How a term is written: its row, its names, its links and a version.

Writers wait for one another, because a name belongs to one term, and versions are a chain.
"""

from collections.abc import Iterable, Sequence
from typing import cast

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.dialects.postgresql import insert

from crowd.audit import Actor, record
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.events import publish
from crowd.taxonomy import vocabulary
from crowd.taxonomy.events import TermsChanged
from crowd.taxonomy.exchange import TermRecord, fold, refuse, target
from crowd.taxonomy.models import Term, TermAlias, TermLink, TermState, TermVersion
from crowd.taxonomy.policy import can_edit
from crowd.taxonomy.queries import find_term, get_scheme, get_term
from crowd.taxonomy.shipped import digest_after

WRITERS = 20_261_130  # the advisory lock under which terms are written
INDEXED = 300  # keys in one event


def begin(actor: Actor, scheme: str) -> None:
    """Check the right, and wait for other writers. Raises NotFound for an unknown scheme, Forbidden."""
    get_scheme(scheme)
    if not can_edit(actor):
        raise Forbidden
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITERS)))


def locked(actor: Actor, term_id: int) -> Term:
    """A term that may be changed, under the writers' lock. Raises NotFound, Forbidden, Conflict for a merged one."""
    begin(actor, get_term(term_id).scheme)
    row = get_term(term_id, lock=True)
    if row.state == TermState.MERGED:
        raise Conflict(_("This term was merged into another one."))
    return row


def write(actor: Actor, scheme: str, row: Term | None, wanted: TermRecord, note: str) -> Term:
    """Store a record as a term, a new one without `row`, with a version of it. Raises Invalid."""
    refuse(wanted, scheme)
    added = row is None
    row = row or Term(scheme=scheme, code=wanted.code)
    row.parent_id = _parent(scheme, row, wanted.parent)
    row.names, row.attributes, row.state = dict(wanted.names), dict(wanted.attributes), TermState(wanted.state)
    db.session.add(row)
    db.session.flush()
    _write_names(row, wanted)
    _write_links(row, wanted.links)
    keep_version(actor, row, wanted, note)
    record(actor, "term.added" if added else "term.changed", row, scheme=scheme, code=row.code, name=wanted.names["en"])
    return row


def _parent(scheme: str, row: Term, code: str) -> int | None:
    if not code:
        return None
    parent = find_term(scheme, code)
    if parent is None or parent.state == TermState.MERGED:
        raise Invalid(fields={"parent": [_("No term has the code “%(code)s”.", code=code)]})
    if row.id and row in ancestors(parent):
        raise Invalid(fields={"parent": [_("“%(code)s” is below this term.", code=code)]})
    return parent.id


def ancestors(term: Term) -> list[Term]:
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


def keep_version(actor: Actor, row: Term, wanted: TermRecord, note: str) -> None:
    """Add a version to the chain."""
    newest = sa.select(TermVersion.digest).order_by(TermVersion.id.desc()).limit(1)
    written = wanted.as_json()
    digest = digest_after(db.session.scalar(newest) or "", written | {"scheme": row.scheme})
    db.session.add(TermVersion(term_id=row.id, author_id=actor.id, record=written, note=note, digest=digest))
    db.session.flush()


def announce(scheme: str, keys: Sequence[str]) -> None:
    """Tell what stores or indexes terms, and let this process read them again."""
    vocabulary.forget()
    for start in range(0, len(keys), INDEXED):
        publish(TermsChanged(scheme, list(keys[start : start + INDEXED])))
