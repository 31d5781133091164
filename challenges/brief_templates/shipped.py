"""The templates that Crowd ships (`shipped/*.toml`), and loading those that a database does not have yet.

A migration loads them as the owner of the tables; what an operator has changed since stays.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from challenges.brief_templates.document import KIND, SCHEMA, TemplateText, build
from challenges.brief_templates.models import TemplateKind
from challenges.criteria import CriterionLine
from crowd.canonical import canonical, digest

FOLDER = Path(__file__).parent / "shipped"
ADD = """
WITH template AS (INSERT INTO brief_template (kind, code) VALUES (:kind, :code) RETURNING id)
INSERT INTO contract (kind, subject_id) SELECT :contract, id FROM template RETURNING id, subject_id
"""
VERSION = """
INSERT INTO contract_version
    (contract_id, number, schema, document, digest, change_class, reason, state, created_by, created_at, in_force_at)
VALUES (:contract, 1, :schema, :document, :digest, 'first', '', 'in_force', NULL, crowd_now(), crowd_now())
"""


@cache
def shipped() -> dict[str, tuple[TemplateKind, dict[str, TemplateText]]]:
    """The kind and the texts of each shipped template, by its code."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.toml"))}


def _read(path: Path) -> tuple[TemplateKind, dict[str, TemplateText]]:
    written = tomllib.loads(path.read_text(encoding="utf-8"))
    kind = TemplateKind(written.pop("kind"))
    return kind, {
        locale: TemplateText(
            name=one["name"],
            text=one.get("text", "").strip(),
            criteria=[CriterionLine(**line) for line in one.get("criteria", ())],
        )
        for locale, one in written.items()
    }


def load(connection: sa.Connection) -> list[str]:
    """Insert the shipped templates that are not there yet; returns their codes."""
    known = set(connection.scalars(sa.text("SELECT code FROM brief_template")))
    return list(_load(connection, known))


def _load(connection: sa.Connection, known: set[str]) -> Iterator[str]:
    for code, (kind, texts) in shipped().items():
        if code in known:
            continue
        names = {"kind": kind.value, "code": code, "contract": KIND}
        contract, template = connection.execute(sa.text(ADD), names).one()
        document = canonical(build(template, kind, texts, number=1))
        version = {"contract": contract, "schema": SCHEMA, "document": document, "digest": digest(document)}
        connection.execute(sa.text(VERSION), version)
        yield code
