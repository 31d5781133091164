"""The rules as JSON, for everybody: the sets with what applies now, and the versions of each."""

from flask import Blueprint, jsonify, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from marshmallow import fields

from crowd.canonical import read
from crowd.contracts.workflow import VersionState
from crowd.feature import declared
from crowd.rules import queries
from crowd.rules.document import values_in
from crowd.rules.models import RuleAdoption
from crowd.web import guards
from crowd.web.api import ResponseSchema, about, describes

blueprint = Blueprint("rules_api", __name__)
ADOPTED = "adopted"  # a version that waits for its day: what is proposed is a case
STATES = [ADOPTED, str(VersionState.IN_FORCE), str(VersionState.SUPERSEDED)]
VALUES = about(_l("its values: basis points are hundredths of a percent"))


def _at(text: object, attribute: str | None = None) -> fields.DateTime:
    return fields.DateTime(allow_none=True, attribute=attribute, metadata=about(text))


class RuleSetSchema(ResponseSchema):
    """A set of rules."""

    heading = _l("Fields of each set of rules")

    name = fields.String(data_key="set", attribute="name", metadata=about(_l("its word in addresses")))
    number = fields.Integer(metadata=about(_l("number of the version that applies")))
    sha256 = fields.String(attribute="digest", metadata=about(_l("SHA-256 of the version that applies")))
    values = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata=VALUES)
    url = fields.Function(
        lambda rules: url_for("rules.show", name=rules.name, _external=True),
        metadata=about(_l("its page"), type="string", format="uri"),
    )


class RuleVersionSchema(ResponseSchema):
    """A version of a set of rules."""

    heading = _l("Fields of each version of rules")

    number = fields.Integer(attribute="version.number", metadata=about(_l("its number")))
    state = fields.Function(
        lambda row: ADOPTED if row.version.state == VersionState.PROPOSED else row.version.state,
        metadata={**about(_l("adopted (it does not apply yet), in_force, or superseded")), "enum": STATES},
    )
    sha256 = fields.String(attribute="version.digest", metadata=about(_l("SHA-256 of its document")))
    applies_from = _at(_l("from when it applies"), "applies_at")
    in_force_from = _at(_l("since when it was in force, or null"), "version.in_force_at")
    in_force_until = _at(_l("when a later version replaced it, or null"), "version.superseded_at")
    values_ = fields.Function(
        lambda row: values_in(read(row.version.document)), data_key="values", metadata={**VALUES, "type": "object"}
    )
    document = fields.Function(
        lambda row: url_for("rules.document", name=_name(row), version=row.version.number, _external=True),
        metadata=about(_l("its canonical JSON"), type="string", format="uri"),
    )


def _name(row: RuleAdoption) -> str:
    return queries.set_of(row.version.contract.subject_id).name


class RuleSetsSchema(ResponseSchema):
    """All sets."""

    rules = fields.List(fields.Nested(RuleSetSchema))


class RuleVersionsSchema(ResponseSchema):
    """All versions of a set."""

    versions = fields.List(fields.Nested(RuleVersionSchema))


SETS, VERSIONS = RuleSetsSchema(), RuleVersionsSchema()


@blueprint.get("/api/v1/rules")
@guards.public
@describes(_l("All sets of rules, as they apply now."), SETS, rows=RuleSetSchema, example="/api/v1/rules")
def index() -> ResponseReturnValue:
    """All sets of rules."""
    return jsonify(SETS.dump({"rules": [queries.in_force(name) for name in declared().rule_sets]}))


@blueprint.get("/api/v1/rules/<name>")
@guards.public
@describes(
    _l("The versions of a set of rules, the newest first, with one that is adopted and does not apply yet."),
    VERSIONS,
    rows=RuleVersionSchema,
    example="/api/v1/rules/fees",
)
def versions(name: str) -> ResponseReturnValue:
    """The versions of a set."""
    return jsonify(VERSIONS.dump({"versions": queries.adoptions(queries.get_set(name))}))
