"""The published schemas of rule sets: what is declared, and what every version follows."""

import json

import jsonschema
import pytest

from crowd.canonical import read
from crowd.config import ROOT
from crowd.feature import declared
from crowd.rule_sets import RuleSet
from crowd.rules import queries, services
from crowd.rules.document import json_schema, schema_name
from tests.cast import Cast
from tests.crowd.rules.adopting import adopted


def published(of: RuleSet) -> dict[str, object]:
    name = schema_name(of.name).replace("/", "-")
    found = json.loads((ROOT / "docs" / "schemas" / f"{name}.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_each_set_has_a_number_of_its_own() -> None:
    numbers = [of.number for of in declared().rule_sets.values()]
    assert len(set(numbers)) == len(numbers) >= 2


@pytest.mark.parametrize("name", ["fees", "challenges", "sanctions", "tiers"])
def test_the_schema_is_that_of_the_declaration_and_every_version_follows_it(cast: Cast, name: str) -> None:
    of = declared().rule_sets[name]
    schema = published(of)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema == json_schema(of)
    first = services.version_in_force(name)
    rule, value = next(iter(queries.in_force(name).values.items()))
    second = adopted(of, begins=True, **{rule: value + 1}).version
    for version in (first, second):
        jsonschema.validate(read(version.document), schema)
        assert version.schema == schema_name(name)
