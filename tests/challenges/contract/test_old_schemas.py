"""A contract that was written before a clause existed: its bytes stay, its page is shown, and it is changed as any."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa

from challenges.contract import projection, queries, services
from challenges.contract.document import SCHEMA
from challenges.deciding import Silence
from challenges.models import Challenge
from crowd.canonical import Document, canonical, digest, read
from crowd.config import ROOT
from crowd.contracts.models import ContractVersion
from crowd.db import db
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.contract_dates import ADD

FIRST = json.loads((ROOT / "docs" / "schemas" / "crowd.contract-1.json").read_text("utf-8"))


def reduced(value: Any, schema: Document) -> Any:
    """A value with only what a schema knows, and what it had no choice in."""
    if "$ref" in schema:
        schema = FIRST["$defs"][schema["$ref"].rpartition("/")[2]]
    if "const" in schema:
        return schema["const"]
    if schema.get("type") == "integer":
        return int(value)
    if isinstance(value, dict):
        known = schema.get("properties", value)
        return {
            key: reduced(held, known[key] if known is not value else {}) for key, held in value.items() if key in known
        }
    if isinstance(value, list):
        return [reduced(held, schema.get("items", {})) for held in value]
    return value


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    """One whose version in force, the second, is of schema 1."""
    row = factories.opened(cast, silence=Silence.CENTRE_OR_COUNCIL)
    before = queries.in_force(row)
    document = reduced(read(before.document), FIRST) | {"schema": "crowd.contract/1", "number": 2}
    jsonschema.validate(document, FIRST)
    written = canonical(document)
    retire = "UPDATE contract_version SET state = 'superseded', superseded_at = crowd_now() WHERE id = :id"
    db.session.execute(sa.text(retire), {"id": before.id})
    values = {"number": 2, "document": written, "digest": digest(written), "before": before.id}
    (added,) = db.session.execute(
        sa.text(ADD.replace("schema, :document", "'crowd.contract/1', :document")), values
    ).one()
    db.session.expire_all()
    projection.project(row, db.session.get_one(ContractVersion, added))
    return row


def test_it_is_read_as_it_was_carried_out(challenge: Challenge, browser: Browser) -> None:
    assert queries.in_force(challenge).schema == "crowd.contract/1"
    assert projection.findings() == []
    assert browser.get(f"/challenges/{challenge.id}/contract").status_code == 200
    assert "may decide" in browser.get(f"/challenges/{challenge.id}/contract").text, "nothing happens by itself"


def test_a_change_of_it_is_of_the_present_schema(cast: Cast, challenge: Challenge) -> None:
    old = queries.in_force(challenge)
    bytes_before = old.document
    brief = replace(queries.brief_in_force(challenge), tags=["acoustics"])
    planned = services.plan(challenge, brief)
    assert {one.path[:2] for one in planned.changes} == {("problem", "tags")}
    version = services.amend(cast.ada, challenge.id, brief=brief, reason="A field.", shown=planned.digest)
    assert (version.schema, version.change_class) == (SCHEMA, "clerical")
    assert (old.document, old.digest) == (bytes_before, digest(bytes_before))
    assert projection.findings() == []
