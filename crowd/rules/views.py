"""The public pages of the rules: what applies now, every version, how each was adopted, and its bytes."""

import base64

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from crowd.errors import NotFound
from crowd.feature import declared
from crowd.rules import queries
from crowd.rules.page import page_of, present_values
from crowd.web import guards
from crowd.web.arguments import arguments

blueprint = Blueprint("rules", __name__)


def _number() -> int | None:
    """The version that the URL names; None where it names none. Raises NotFound where that is no number."""
    text = arguments().text("version")
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotFound
    return int(text) if text else None


@blueprint.get("/rules")
@guards.public
def index() -> ResponseReturnValue:
    """All sets of rules as they apply now."""
    sets = list(declared().rule_sets.values())
    shown = [(one, queries.in_force(one.name), queries.find_waiting(one), present_values(one)) for one in sets]
    return render_template("rules/index.html", shown=shown)


@blueprint.get("/rules/<name>")
@guards.public
def show(name: str) -> ResponseReturnValue:
    """A version of a set (`?version=2`), without a number the one in force."""
    of, number = queries.get_set(name), _number()
    founded = number is not None or queries.find_in_force(of) is not None
    adoption = queries.get_adoption(name, number) if founded else None
    return render_template("rules/show.html", **page_of(guards.actor(), of, adoption))


@blueprint.get("/rules/<name>.json")
@guards.public
def document(name: str) -> Response:
    """The canonical bytes of a version, with their digest (RFC 9530)."""
    version = queries.get_adoption(name, _number()).version
    response = Response(version.document, mimetype="application/json")
    response.cache_control.no_transform = True
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(version.digest)).decode()}:"
    return response
