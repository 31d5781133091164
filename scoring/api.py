"""The signed-in person as JSON: /api/v1/me."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from marshmallow import fields

from crowd.web import guards
from crowd.web.api import ResponseSchema, about, describes

blueprint = Blueprint("scoring_api", __name__)


class RoleSchema(ResponseSchema):
    """A role on the platform."""

    name = fields.String()


class MembershipSchema(ResponseSchema):
    """An organisation of a person, and their role there."""

    id = fields.Integer(attribute="organisation_id")
    name = fields.String(attribute="organisation.name")
    kind = fields.String(attribute="organisation.kind")
    role = fields.String()


class PersonSchema(ResponseSchema):
    """The signed-in person."""

    heading = _l("Fields of the person")

    id = fields.Integer(metadata=about(_l("number of the account")))
    name = fields.String(metadata=about(_l("name")))
    roles = fields.Pluck(RoleSchema, "name", many=True, metadata=about(_l("roles on the platform")))
    organisations = fields.List(
        fields.Nested(MembershipSchema),
        attribute="memberships",
        metadata=about(_l("each with id, name, kind, and the person’s role there")),
    )
    locale = fields.String(metadata=about(_l("chosen language")))


PERSON = PersonSchema()


@blueprint.get("/api/v1/me")
@guards.signed_in
@describes(_l("Who is signed in, by the cookie of the browser. There are no keys for programs."), PERSON)
def me() -> ResponseReturnValue:
    """The signed-in person: id, name, platform roles, organisations with the role there, and language."""
    return jsonify(PERSON.dump(guards.actor()))
