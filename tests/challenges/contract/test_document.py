"""The document of a contract: it follows its published schema, and is read back as it was written."""

import json
from dataclasses import replace
from typing import cast as typed

import jsonschema
import pytest

from challenges.contract import queries
from challenges.contract.document import brief_of, build, rules_in
from challenges.criteria import CriterionLine
from challenges.entry.clause import DocumentLine, QuestionLine
from challenges.models import Challenge
from challenges.rules import rules_of
from crowd.config import ROOT
from crowd.contracts.canonical import canonical, read
from tests import factories
from tests.cast import Cast

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "crowd.contract-2.json").read_text("utf-8"))


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    return factories.opened(cast)


def test_what_opens_follows_the_schema(challenge: Challenge) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(read(queries.in_force(challenge).document), SCHEMA)


def test_every_clause_of_the_schema_is_written(challenge: Challenge) -> None:
    document = read(queries.in_force(challenge).document)
    for name, part in SCHEMA["properties"].items():
        if "properties" in part:
            assert document[name].keys() == part["properties"].keys()
    assert document.keys() == SCHEMA["properties"].keys()


def test_a_document_is_read_as_the_brief_and_the_rules_that_made_it(challenge: Challenge) -> None:
    brief = replace(
        queries.brief_in_force(challenge),
        title="管网漏损 — “声学”",
        stage="",
        visibility="invited",
        criteria=[CriterionLine(title="一", weight=100, description="说明", scale=5)],
        entrants="organisations",
        kinds=["agency:generic", "institute"],
        ownership=["private"],
        regions=["370000"],
        verified_only=True,
        questions=[QuestionLine(text="为什么？", required=False)],
        documents=[DocumentLine(name="执照")],
        nda="保密。",
        full_text="全文",
        full_text_for="nda",
    )
    document = read(canonical(build(challenge, brief, rules_of(challenge), number=7, honoraria=5, support=[])))
    assert replace(brief_of(document), full_text="全文") == brief, "of the full text there is a digest only"
    assert "全文" not in str(document)
    assert rules_in(document) == rules_of(challenge)
    assert typed(int, document["number"]) == 7
