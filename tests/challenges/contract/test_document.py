"""The document of a contract: it follows its published schema, and is read back as it was written."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import cast as typed

import jsonschema
import pytest

from challenges.contract import queries
from challenges.contract.document import brief_of, build, read_document, rules_in
from challenges.criteria import CriterionLine
from challenges.entry.clause import DocumentLine, QuestionLine
from challenges.models import Challenge
from challenges.rubric import CriterionKind
from challenges.rule_set import KeptVersions, named
from challenges.rules import from_settings
from challenges.types import Type
from crowd.canonical import canonical, read
from crowd.config import ROOT, limits
from tests import factories
from tests.cast import Cast

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "crowd.contract-3.json").read_text("utf-8"))


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
        type=Type.IDEATION,
        tier="standard",
        criteria=[
            CriterionLine(
                title="一",
                weight=40,
                description="说明",
                scale=Decimal(5),
                step=Decimal("0.5"),
                anchors=["低", "", "高"],
                comment_required=True,
                passing=Decimal("33.5"),
            ),
            CriterionLine(title="Rated", weight=40, kind=CriterionKind.RATING, labels=["差", "中", "好"]),
            CriterionLine(title="Safe", weight=20, kind=CriterionKind.YES_NO, passing=Decimal(100)),
        ],
        passing_score=Decimal("62.5"),
    )
    rules = from_settings(limits(), Type.IDEATION, "standard")
    rests_on = named(1, KeptVersions(), "standard")
    document = read(canonical(build(challenge, brief, rules, number=7, honoraria=5, support=[], named=rests_on)))
    jsonschema.validate(document, SCHEMA)
    assert replace(brief_of(document), full_text="全文") == brief, "of the full text there is a digest only"
    assert "全文" not in str(document)
    assert rules_in(document) == rules
    assert document["admission"] == {"confirmed": True}
    assert typed(int, document["number"]) == 7


def test_a_document_of_the_first_schema_is_read_as_it_was_carried_out(challenge: Challenge) -> None:
    """Points of whole numbers, whose mean may be anything."""
    document = json.loads(queries.in_force(challenge).document)
    older = ("title", "description", "weight", "scale")
    document["rubric"] = [{name: line[name] for name in older} | {"scale": 10} for line in document["rubric"]]
    del document["decision"]["passing"], document["tier"], document["admission"]
    document["schema"] = "crowd.contract/1"
    as_read = read_document(canonical(document))
    brief, rules = brief_of(as_read), rules_in(as_read)
    assert (brief.tier, rules.centre_confirms) == ("", 0)
    assert {(line.kind, line.scale, line.step, line.passing) for line in brief.criteria} == {
        (CriterionKind.POINTS, Decimal(10), Decimal(1), None)
    }
    assert brief.passing_score is None
