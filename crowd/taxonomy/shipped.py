"""The terms that Crowd ships (`terms/*.csv`), and loading those that a database does not have yet.

A migration loads them as the owner of the tables; what an operator has changed since stays. The field `links` of a
shipped technology is empty: the source prints the lists, and its links only as a picture.
"""

import hashlib
import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from crowd.taxonomy.exchange import TermRecord, fold, read, target
from crowd.taxonomy.schemes import SCHEMES

# The columns as they were in the migration that loads, whatever the models say by now
Term = sa.table(
    "term", sa.column("id"), sa.column("scheme"), sa.column("code"), sa.column("names", JSONB),
    sa.column("attributes", JSONB), sa.column("parent_id"),
)  # fmt: skip
TermAlias = sa.table("term_alias", sa.column("scheme"), sa.column("key"), sa.column("name"), sa.column("term_id"))
TermLink = sa.table("term_link", sa.column("source_id"), sa.column("target_id"))
TermVersion = sa.table(
    "term_version", sa.column("id"), sa.column("term_id"), sa.column("record", JSONB), sa.column("note"),
    sa.column("digest"),
)  # fmt: skip


Ids = dict[tuple[str, str], int]
Fresh = list[tuple[str, TermRecord]]


@cache
def records(scheme: str) -> tuple[TermRecord, ...]:
    """The shipped terms of a scheme. Raises ValueError for a file with a fault."""
    text = (files("crowd") / "taxonomy" / "terms" / f"{scheme}.csv").read_text(encoding="utf-8")
    sheet = read(text, scheme)
    if sheet.faults:
        raise ValueError(f"{scheme}.csv: {[(fault.line, str(fault.text)) for fault in sheet.faults]}")
    return tuple(sheet.records)


def digest_after(before: str, record: dict[str, object]) -> str:
    """The digest of a version: SHA-256 of the one before it and of its record."""
    written = json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{written}".encode()).hexdigest()


def load(connection: sa.Connection) -> int:
    """Insert the shipped terms that are not there yet; returns how many."""
    known = {(row.scheme, row.code) for row in connection.execute(sa.select(Term.c.scheme, Term.c.code))}
    fresh = [(scheme, one) for scheme in SCHEMES for one in records(scheme) if (scheme, one.code) not in known]
    if not fresh:
        return 0
    insert = [{"scheme": scheme, "code": one.code, "names": one.names, "attributes": one.attributes}
              for scheme, one in fresh]  # fmt: skip
    connection.execute(sa.insert(Term), insert)
    ids = {
        (row.scheme, row.code): row.id for row in connection.execute(sa.select(Term.c.id, Term.c.scheme, Term.c.code))
    }
    parents = [{"a": ids[scheme, one.code], "b": ids[scheme, one.parent]} for scheme, one in fresh if one.parent]
    if parents:
        moved = sa.update(Term).where(Term.c.id == sa.bindparam("a")).values(parent_id=sa.bindparam("b"))
        connection.execute(moved, parents)
    _aliases(connection, fresh, ids)
    links = [(ids[scheme, one.code], ids[target(link)]) for scheme, one in fresh for link in one.links]
    if links:
        connection.execute(sa.insert(TermLink), [{"source_id": one, "target_id": other} for one, other in links])
    connection.execute(sa.insert(TermVersion), list(_versions(connection, fresh, ids)))
    return len(fresh)


def _aliases(connection: sa.Connection, fresh: Fresh, ids: Ids) -> None:
    """Every name that is free: one that an operator has given to another term stays there."""
    taken = {(row.scheme, row.key) for row in connection.execute(sa.select(TermAlias.c.scheme, TermAlias.c.key))}
    found: dict[tuple[str, str], dict[str, object]] = {}
    for scheme, one in fresh:
        for name in one.spellings:
            row = {"scheme": scheme, "key": fold(name), "name": name, "term_id": ids[scheme, one.code]}
            if (scheme, fold(name)) not in taken:
                found.setdefault((scheme, fold(name)), row)
    connection.execute(sa.insert(TermAlias), list(found.values()))


def _versions(connection: sa.Connection, fresh: Fresh, ids: Ids) -> Iterator[dict[str, object]]:
    newest = sa.select(TermVersion.c.digest).order_by(TermVersion.c.id.desc()).limit(1)
    digest = connection.execute(newest).scalar() or ""
    for scheme, one in fresh:
        record = one.as_json()
        digest = digest_after(digest, record | {"scheme": scheme})
        yield {"term_id": ids[scheme, one.code], "record": record, "note": "", "digest": digest}
