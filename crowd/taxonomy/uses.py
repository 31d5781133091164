"""How often terms are used, and where: the packages that use them declare it (`term_uses` of a manifest)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext

from crowd.db import db
from crowd.feature import TermUse, declared
from crowd.taxonomy.models import FreeTerm, Term, TermLink, TermState
from crowd.taxonomy.vocabulary import Entry, current

Counts = dict[str, int]  # by the name of the use


@dataclass(frozen=True, slots=True)
class Use:
    """One line: `text` says how many and of what, `url` shows them (empty where no page does)."""

    text: str
    url: str = ""


def of_terms(entries: Sequence[Entry]) -> dict[int, list[Use]]:
    """By id, where each of these terms is used; in one statement, however many they are."""
    wanted = {
        (one.id, name): query
        for one in entries
        for name, use in declared().term_uses.items()
        if (query := use.of_term(one)) is not None
    }
    numbers = _numbers(wanted)
    known = {one.id: one for one in entries}
    found: dict[int, list[Use]] = {one.id: [] for one in entries}
    for (term_id, name), number in zip(wanted, numbers, strict=True):
        if number:
            use = declared().term_uses[name]
            found[term_id].append(Use(use.text(number), use.url(known[term_id]) if use.url else ""))
    return found


def _numbers(wanted: Mapping[tuple[int, str], sa.Select[int]]) -> Sequence[int]:
    if not wanted:
        return ()
    columns = (query.scalar_subquery().label(f"n{at}") for at, query in enumerate(wanted.values()))
    return tuple(db.session.execute(sa.select(*columns)).one())


def free_total() -> sa.ColumnElement[int]:
    """How often a free term is used, as SQL over `FreeTerm`."""
    return sum((one for _name, _use, one in _of_free()), start=sa.literal(0, sa.BigInteger))


def of_free(rows: Iterable[FreeTerm]) -> dict[str, list[Use]]:
    """By key, where each of these free terms is used; in one statement."""
    uses, names = list(_of_free()), {row.key: row.name for row in rows}
    query = sa.select(FreeTerm.key, *(one.label(name) for name, _use, one in uses))
    found = {}
    for key, *numbers in db.session.execute(query.where(FreeTerm.key.in_(names))):
        pairs = zip(uses, numbers, strict=True)
        found[key] = [
            Use(use.text(number), use.free_url(names[key]) if use.free_url else "")
            for (_name, use, _one), number in pairs
            if number
        ]
    return found


def _of_free() -> Iterator[tuple[str, TermUse, sa.ColumnElement[int]]]:
    for name, use in declared().term_uses.items():
        if use.of_free is not None:
            yield name, use, use.of_free(FreeTerm.key, FreeTerm.spellings).scalar_subquery()


# --- what the taxonomy itself does with a term ---


def linked(entry: Entry) -> sa.Select[int]:
    """How many terms are linked to it, in either direction."""
    ids = current().ids_of(entry)
    return sa.select(sa.func.count()).select_from(TermLink).where(
        sa.or_(TermLink.source_id.in_(ids), TermLink.target_id.in_(ids))
    )  # fmt: skip


def below(entry: Entry) -> sa.Select[int]:
    """How many terms are right below it."""
    ids = current().ids_of(entry)
    return sa.select(sa.func.count()).select_from(Term).where(
        Term.parent_id.in_(ids), Term.state != TermState.MERGED
    )  # fmt: skip


USES = {
    "links": TermUse(
        text=lambda number: ngettext("linked to %(num)d term", "linked to %(num)d terms", number), of_term=linked
    ),
    "below": TermUse(
        text=lambda number: ngettext("%(num)d term below it", "%(num)d terms below it", number), of_term=below
    ),
}


def sentence(uses: Sequence[Use]) -> str:
    """The uses of a term in one line."""
    return " · ".join(use.text for use in uses) or _("not used")
