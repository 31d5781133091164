"""The terms in the memory of a process: what pages show, what searches and panels compare.

A process reads all terms once (about a thousand) and looks for changes at most every `fragment_seconds`: one statement
for the digest of the newest version. What a process has changed itself it sees at once (`forget`).
"""

import re
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import sqlalchemy as sa
from flask import current_app, g

from crowd.db import db
from crowd.languages import ENGLISH
from crowd.taxonomy import shipped as shipped_terms
from crowd.taxonomy.exchange import fold, target
from crowd.taxonomy.models import Term, TermAlias, TermLink, TermState, TermVersion
from crowd.taxonomy.schemes import FIELD, SCHEMES


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A term. `spellings` are all names that find it; `links` are ids of terms of other schemes."""

    id: int
    scheme: str
    code: str
    names: Mapping[str, str]
    parent_id: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    state: str = TermState.ACTIVE
    merged_into_id: int | None = None
    spellings: tuple[str, ...] = ()
    links: tuple[int, ...] = ()

    def name(self, locale: str) -> str:
        """Its name in a language; the English one where there is none."""
        return self.names.get(locale) or self.names[ENGLISH.locale]

    @property
    def is_offered(self) -> bool:
        """Whether it may be chosen."""
        return self.state == TermState.ACTIVE


class Vocabulary:
    """All terms at one time. A merged term is replaced by the one for which it stands, wherever one is looked up."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_id = {entry.id: entry for entry in entries}
        self._loose: dict[str, dict[str, list[Entry]]] = {}

    def find(self, scheme: str, name: str) -> Entry | None:
        """The term of a scheme that has this name, in any language and spelling."""
        return self._by_key.get((scheme, fold(name)))

    def get(self, scheme: str, code: str) -> Entry | None:
        """The term with a code."""
        return self._by_code.get((scheme, code))

    def codes(self, scheme: str, code: str) -> list[str]:
        """The codes that mean the same term: its own, and those of terms that were merged into it."""
        entry = self.get(scheme, code)
        return self._codes[entry.id] if entry else [code]

    def by_id(self, term_id: int | None) -> Entry | None:
        """The term with an id."""
        return self._standing(self._by_id[term_id]) if term_id in self._by_id else None

    def all(self, scheme: str) -> Sequence[Entry]:
        """The terms of a scheme that may be chosen, in the order in which they were added."""
        return self._by_scheme.get(scheme, ())

    def linked(self, entry: Entry, scheme: str) -> list[Entry]:
        """The terms of another scheme to which it is linked, in either direction."""
        ids = (*entry.links, *self._sources.get(entry.id, ()))
        found = {one.id: one for one in map(self.by_id, ids) if one is not None and one.scheme == scheme}
        return list(found.values())

    def above(self, entry: Entry) -> list[Entry]:
        """The term and those above it, the nearest first."""
        found = [entry]
        while (parent := self.by_id(found[-1].parent_id)) is not None and parent not in found:
            found.append(parent)
        return found

    def below(self, entry: Entry) -> list[Entry]:
        """The term and all below it."""
        found = [entry]
        for one in found:
            found += [child for child in self._children.get(one.id, ()) if child not in found]
        return found

    def ids_below(self, entry: Entry) -> list[int]:
        """The ids that mean the term or one below it, also those of merged terms."""
        meant = {one.id for one in self.below(entry)}
        return [term_id for term_id, one in self._by_id.items() if self._standing(one).id in meant]

    def ids_of(self, entry: Entry) -> list[int]:
        """The ids that mean the term: its own, and those of terms that were merged into it."""
        return [entry.id, *self._merged.get(entry.id, ())]

    def codes_of(self, entry: Entry) -> list[str]:
        """The codes that mean the term, in the same way."""
        return [self._by_id[term_id].code for term_id in self.ids_of(entry)]

    def loose(self, scheme: str) -> Mapping[str, list[Entry]]:
        """The terms of a scheme by the keys of their names, also of names that several have: without what stands in
        brackets behind them, and Chinese ones without what kind of region it is.
        """
        if scheme not in self._loose:
            found: dict[str, list[Entry]] = defaultdict(list)
            for entry in self.all(scheme):
                for key in {fold(form) for name in entry.spellings for form in _forms(name)}:
                    found[key].append(entry)
            self._loose[scheme] = dict(found)
        return self._loose[scheme]

    def children(self, entry: Entry) -> Sequence[Entry]:
        """The terms right below it."""
        return self._children.get(entry.id, ())

    # --- fields of work, which are stored as they are written ---

    def field_key(self, written: str) -> str:
        """What all names of a field have in common; fields are compared by it."""
        entry = self.find(FIELD, written)
        return entry.code if entry else f"~{fold(written)}"

    def field_name(self, written: str, locale: str) -> str:
        """The name of a field in a language; as it is written where it is in no scheme."""
        entry = self.find(FIELD, written)
        return entry.name(locale) if entry else written

    def field_names(self, written: Iterable[str], locale: str) -> list[str]:
        """The names of fields in a language, each field once."""
        once = {self.field_key(name): self.field_name(name, locale) for name in reversed(list(written))}
        return list(once.values())[::-1]

    def spellings(self, written: str) -> tuple[str, ...]:
        """All known names of a field, or the one that is written."""
        entry = self.find(FIELD, written)
        return entry.spellings if entry else (written,)

    def kept(self, written: Iterable[str]) -> list[str]:
        """Fields of people as they are stored: those of the scheme by their English names."""
        return self.field_names(written, ENGLISH.locale)

    def related(self, written: Iterable[str], scheme: str) -> list[Entry]:
        """The terms of another scheme to which some fields are linked, each once."""
        known = [entry for entry in (self.find(FIELD, name) for name in written) if entry]
        return list({one.id: one for entry in known for one in self.linked(entry, scheme)}.values())

    def _standing(self, entry: Entry) -> Entry:
        """The term for which a merged one stands."""
        seen = {entry.id}
        while entry.merged_into_id is not None and entry.merged_into_id not in seen:
            entry = self._by_id[entry.merged_into_id]
            seen.add(entry.id)
        return entry

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], Entry]:
        return {(e.scheme, fold(name)): self._standing(e) for e in self._by_id.values() for name in e.spellings}

    @cached_property
    def _by_code(self) -> dict[tuple[str, str], Entry]:
        return {(entry.scheme, entry.code): self._standing(entry) for entry in self._by_id.values()}

    @cached_property
    def _codes(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = defaultdict(list)
        for entry in self._by_id.values():
            found[self._standing(entry).id].append(entry.code)
        return found

    @cached_property
    def _by_scheme(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {scheme: [] for scheme in SCHEMES}
        for entry in self._by_id.values():
            if entry.is_offered:
                found.setdefault(entry.scheme, []).append(entry)
        return found

    @cached_property
    def _children(self) -> dict[int, list[Entry]]:
        found: dict[int, list[Entry]] = defaultdict(list)
        for entry in self._by_id.values():
            parent = self.by_id(entry.parent_id)
            if parent is not None and entry.state != TermState.MERGED:
                found[parent.id].append(entry)
        return found

    @cached_property
    def _merged(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for entry in self._by_id.values():
            if entry.merged_into_id is not None:
                found[self._standing(entry).id].append(entry.id)
        return found

    @cached_property
    def _sources(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for entry in self._by_id.values():
            for linked in entry.links:
                found[linked].append(entry.id)
        return found


_IN_BRACKETS = re.compile(r"\s*[(（][^()（）]*[)）]$")
_KIND = re.compile(r"(?<=..)(?:特别行政区|自治区|自治州|地区|省|市)$")


def _forms(name: str) -> set[str]:
    """A name, and what is left of it in common use."""
    plain = _IN_BRACKETS.sub("", name)
    return {name, plain, _KIND.sub("", plain)} - {""}


@dataclass(slots=True)
class _Kept:
    digest: str
    looked_at: float  # seconds of the process's own clock
    vocabulary: Vocabulary


def current() -> Vocabulary:
    """The terms as they are now, for as long as this application context lasts."""
    if "vocabulary" not in g:
        g.vocabulary = _fresh()
    found: Vocabulary = g.vocabulary
    return found


def forget() -> None:
    """Read again: this process has changed a term."""
    g.pop("vocabulary", None)
    current_app.extensions.pop("crowd.vocabulary", None)


def _fresh() -> Vocabulary:
    kept: _Kept | None = current_app.extensions.get("crowd.vocabulary")
    now = time.monotonic()
    if kept is not None and now - kept.looked_at < current_app.config["CROWD"].fragment_seconds:
        return kept.vocabulary
    digest = db.session.execute(_DIGEST).scalar() or ""
    if kept is None or kept.digest != digest:
        kept = _Kept(digest, now, Vocabulary(_entries()))
    kept.looked_at = now
    current_app.extensions["crowd.vocabulary"] = kept
    return kept.vocabulary


_DIGEST = sa.select(TermVersion.digest).order_by(TermVersion.id.desc()).limit(1)


def _entries() -> list[Entry]:
    spellings, links = defaultdict(list), defaultdict(list)
    for alias in db.session.execute(sa.select(TermAlias.term_id, TermAlias.name).order_by(TermAlias.id)):
        spellings[alias.term_id].append(alias.name)
    for link in db.session.execute(sa.select(TermLink.source_id, TermLink.target_id).order_by(TermLink.target_id)):
        links[link.source_id].append(link.target_id)
    columns = (Term.id, Term.scheme, Term.code, Term.names, Term.parent_id, Term.attributes, Term.state,
               Term.merged_into_id)  # fmt: skip
    return [
        Entry(*row, spellings=tuple(spellings[row.id]), links=tuple(links[row.id]))
        for row in db.session.execute(sa.select(*columns).order_by(Term.id))
    ]


@cache
def shipped() -> Vocabulary:
    """The terms that Crowd ships, without a database; their ids are none of a database's."""
    numbered = [(scheme, one) for scheme in SCHEMES for one in shipped_terms.records(scheme)]
    ids = {(scheme, one.code): number for number, (scheme, one) in enumerate(numbered, 1)}
    return Vocabulary(
        Entry(
            ids[scheme, one.code], scheme, one.code, one.names, ids.get((scheme, one.parent)), one.attributes,
            spellings=one.spellings, links=tuple(ids[target(link)] for link in one.links),
        )
        for scheme, one in numbered
    )  # fmt: skip
