"""Reads of the taxonomy that are not in a process's vocabulary: pages of a scheme, versions, free terms."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import with_expression

from crowd.config import limits
from crowd.db import db
from crowd.errors import NotFound
from crowd.taxonomy import uses
from crowd.taxonomy.exchange import TermRecord, fold
from crowd.taxonomy.models import FreeTerm, Term, TermAlias, TermLink, TermState, TermVersion
from crowd.taxonomy.questions import NAMES
from crowd.taxonomy.schemes import SCHEMES, Scheme
from crowd.web.paging import Page, page

ABSENT = _l("There is no such term.")


def get_scheme(scheme: str) -> Scheme:
    """A scheme by its name. Raises NotFound."""
    if scheme not in SCHEMES:
        raise NotFound(_l("There is no such list of terms."))
    return SCHEMES[scheme]


def get_linked(scheme: str, other: str) -> str:
    """The other scheme, where terms of the first may be linked to it. Raises NotFound."""
    if other not in get_scheme(scheme).links:
        raise NotFound(_l("These lists of terms are not linked."))
    return other


def get_term(term_id: int, *, lock: bool = False) -> Term:
    """A term by its id. Raises NotFound."""
    query = sa.select(Term).where(Term.id == term_id)
    row = db.session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(ABSENT)
    return row


def get_unmerged(term_id: int) -> Term:
    """A term that stands for itself. Raises NotFound."""
    row = get_term(term_id)
    if row.state == TermState.MERGED:
        raise NotFound(_l("This term was merged into another one."))
    return row


def find_term(scheme: str, code: str) -> Term | None:
    """A term by its code."""
    return db.session.scalar(sa.select(Term).where(Term.scheme == scheme, Term.code == code))


def get_by_code(scheme: str, code: str) -> Term:
    """A term by its code. Raises NotFound."""
    row = find_term(scheme, code)
    if row is None:
        raise NotFound(ABSENT)
    return row


def list_terms(scheme: str, words: str, *, after: str | None) -> Page[Term]:
    """A page of the terms of a scheme, in the order in which they were added; `words` are a part of any name."""
    query = sa.select(Term).where(Term.scheme == scheme)
    if words:
        named = sa.select(TermAlias.term_id).where(
            TermAlias.scheme == scheme, TermAlias.key.contains(fold(words), autoescape=True)
        )
        query = query.where(sa.or_(Term.id.in_(named), Term.code == words))
    return page(query, [(Term.id, False)], name=f"terms.{scheme}", after=after, size=limits().page_rows)


@dataclass(frozen=True, slots=True)
class SchemeCount:
    """How many terms of a scheme may be chosen, and how many there are."""

    offered: int = 0
    whole: int = 0


def counts() -> dict[str, SchemeCount]:
    """The numbers of terms by scheme."""
    offered = sa.func.count().filter(Term.state == TermState.ACTIVE)
    query = sa.select(Term.scheme, offered, sa.func.count()).group_by(Term.scheme)
    return {scheme: SchemeCount(active, whole) for scheme, active, whole in db.session.execute(query)}


def records(scheme: str, term_ids: Sequence[int] | None = None) -> list[TermRecord]:
    """The terms of a scheme, or some of them, as records; merged ones are left out: their names are another's."""
    query = sa.select(Term).where(Term.scheme == scheme, Term.state != TermState.MERGED).order_by(Term.id)
    rows = db.session.scalars(query if term_ids is None else query.where(Term.id.in_(term_ids))).all()
    ids = [row.id for row in rows]
    parent = sa.orm.aliased(Term)
    codes = dict(db.session.execute(sa.select(Term.id, parent.code).join(parent, Term.parent_id == parent.id)
                                    .where(Term.id.in_(ids))).all())  # fmt: skip
    names, links = _names(ids), _links(ids)
    return [
        TermRecord(
            row.code, dict(row.names), tuple(n for n in names.get(row.id, ()) if n not in row.names.values()),
            codes.get(row.id, ""), dict(row.attributes), tuple(links.get(row.id, ())), row.state.value,
        )
        for row in rows
    ]  # fmt: skip


def _names(ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = sa.select(TermAlias.term_id, TermAlias.name).where(TermAlias.term_id.in_(ids)).order_by(TermAlias.id)
    for term_id, name in db.session.execute(query):
        found.setdefault(term_id, []).append(name)
    return found


def _links(ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = sa.select(TermLink.source_id, Term.scheme, Term.code).join(Term, Term.id == TermLink.target_id)
    for source, scheme, code in db.session.execute(query.where(TermLink.source_id.in_(ids)).order_by(Term.id)):
        found.setdefault(source, []).append(f"{scheme}:{code}")
    return found


def record_of(term: Term) -> TermRecord:
    """One term as a record; a merged one has no other names left."""
    found = records(term.scheme, [term.id])
    return found[0] if found else TermRecord(term.code, dict(term.names), state=term.state.value)


def versions(term_id: int) -> Sequence[TermVersion]:
    """The versions of a term, the newest first."""
    query = sa.select(TermVersion).where(TermVersion.term_id == term_id).order_by(TermVersion.id.desc())
    return db.session.scalars(query.limit(limits().page_rows)).all()


def authors(versions: Sequence[TermVersion]) -> dict[int, str]:
    """The names of those who wrote these versions, by account; without people whose data was erased."""
    ids = {version.author_id for version in versions if version.author_id is not None}
    return NAMES()(ids) if ids else {}


def free_terms(*, after: str | None) -> Page[FreeTerm]:
    """A page of the free terms that nobody has joined or dismissed, the most used first."""
    total = uses.free_total().label("uses")
    query = sa.select(FreeTerm).where(FreeTerm.dismissed_at.is_(None)).options(with_expression(FreeTerm.uses, total))
    order = ((total, True), (FreeTerm.key, False))
    return page(query, order, name="free_terms", after=after, size=limits().page_rows)


def count_free() -> int:
    """How many free terms wait."""
    return (
        db.session.scalar(sa.select(sa.func.count()).select_from(FreeTerm).where(FreeTerm.dismissed_at.is_(None))) or 0
    )


def get_free(key: str) -> FreeTerm:
    """A free term that waits. Raises NotFound."""
    row = db.session.get(FreeTerm, key)
    if row is None or row.dismissed_at is not None:
        raise NotFound(_l("This free term was joined or dismissed already."))
    return row
