"""The document of a version of a rule set, schema `crowd.rules.NAME/1` (docs/schemas)."""

from collections.abc import Mapping
from datetime import UTC, datetime

from crowd.canonical import Document
from crowd.rule_sets import RuleSet, Values

KIND = "rules"
INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"


def schema_name(name: str) -> str:
    """The name of a set's schema. A set that gets another rule needs the next number."""
    return f"crowd.{KIND}.{name}/1"


def build(of: RuleSet, number: int, values: Values, applies_at: datetime | None) -> Document:
    """The document of a version; the first has no date, it applied from the beginning."""
    return {
        "schema": schema_name(of.name),
        "kind": KIND,
        "set": of.name,
        "number": number,
        "applies_from": applies_at.astimezone(UTC).strftime(INSTANT) if applies_at else None,
        "values": {name: values[name] for name in of.rules},
    }


def values_in(document: Mapping[str, object]) -> dict[str, int]:
    """The values of a version."""
    found = document["values"]
    assert isinstance(found, dict)
    return found


def json_schema(of: RuleSet) -> Document:
    """The JSON schema of a set's documents, as it is published."""
    properties: dict[str, object] = {
        "schema": {"const": schema_name(of.name)},
        "kind": {"const": KIND},
        "set": {"const": of.name},
        "number": {"type": "integer", "minimum": 1},
        "applies_from": {
            "type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$",
            "description": "From when it applies, in UTC. Null: from the beginning of the platform.",
        },
        "values": {
            "type": "object", "additionalProperties": False, "required": list(of.rules),
            "properties": {
                name: {"type": "integer", "minimum": rule.least, "maximum": rule.most, "description": str(rule.unit)}
                for name, rule in of.rules.items()
            },
        },
    }  # fmt: skip
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": schema_name(of.name),
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }
