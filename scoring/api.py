"""The signed-in person as JSON: /api/v1/me."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from crowd.web import guards

blueprint = Blueprint("scoring_api", __name__)


@blueprint.get("/api/v1/me")
@guards.signed_in
def me() -> ResponseReturnValue:
    """The signed-in person: id, name, platform roles, organisations with the role there, and language."""
    actor = guards.actor()
    organisations = [
        {"id": m.organisation_id, "name": m.organisation.name, "kind": m.organisation.kind, "role": m.role}
        for m in actor.memberships
    ]
    roles = [role.name for role in actor.roles]
    return jsonify(id=actor.id, name=actor.name, roles=roles, organisations=organisations, locale=actor.locale)
