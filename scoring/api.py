"""The signed-in person as JSON: /api/v1/me."""

from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from crowd.web import guards
from crowd.web.api import ResponseField, Schema, describes

blueprint = Blueprint("scoring_api", __name__)


def _organisations(person: Any) -> list[dict[str, object]]:
    return [
        {"id": m.organisation_id, "name": m.organisation.name, "kind": m.organisation.kind, "role": m.role}
        for m in person.memberships
    ]


ME = Schema(
    _l("Fields of the person"),
    (
        ResponseField("id", _l("number of the account"), lambda person: person.id),
        ResponseField("name", _l("name"), lambda person: person.name),
        ResponseField("roles", _l("roles on the platform"), lambda person: [role.name for role in person.roles]),
        ResponseField("organisations", _l("each with id, name, kind, and the person’s role there"), _organisations),
        ResponseField("locale", _l("chosen language"), lambda person: person.locale),
    ),
)


@blueprint.get("/api/v1/me")
@guards.signed_in
@describes(_l("Who is signed in, by the cookie of the browser. There are no keys for programs."), ME)
def me() -> ResponseReturnValue:
    """The signed-in person: id, name, platform roles, organisations with the role there, and language."""
    return jsonify(ME.dump(guards.actor()))
