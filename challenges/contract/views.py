"""Pages of a challenge's contract: its clauses, its canonical bytes, and what each version changed."""

import base64

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from challenges.contract import clauses, queries
from challenges.contract.document import KIND
from challenges.views import render_page
from crowd.contracts import queries as contracts
from crowd.contracts.canonical import read
from crowd.contracts.models import ContractVersion
from crowd.errors import NotFound
from crowd.web import guards
from crowd.web.arguments import arguments

blueprint = Blueprint("contracts", __name__)


@blueprint.get("/challenges/<int:challenge_id>/contract")
@guards.public
def show(challenge_id: int) -> ResponseReturnValue:
    """The clauses of a version (`?version=2`), of the one in force without a number."""
    challenge, version = queries.access(guards.actor(), challenge_id, arguments().number("version"))
    return render_page(
        "challenges/contract.html",
        challenge,
        version_shown=version,
        versions=contracts.list_versions(KIND, challenge_id),
        sections=clauses.sections(read(version.document)),
    )


@blueprint.get("/challenges/<int:challenge_id>/contract/changes")
@guards.public
def changes(challenge_id: int) -> ResponseReturnValue:
    """What a version changed, clause by clause."""
    challenge, version = queries.access(guards.actor(), challenge_id, arguments().number("version"))
    before = contracts.previous(version)
    if before is None:
        raise NotFound
    differences = clauses.differences(read(before.document), read(version.document))
    return render_page(
        "challenges/contract_changes.html", challenge, version_shown=version, before=before, differences=differences
    )


@blueprint.get("/challenges/<int:challenge_id>/contract.json")
@guards.public
def document(challenge_id: int) -> Response:
    """The canonical bytes of a version: the same for everybody who may read it, with their digest (RFC 9530)."""
    _challenge, version = queries.access(guards.actor(), challenge_id, arguments().number("version"))
    return _bytes(version)


def _bytes(version: ContractVersion) -> Response:
    response = Response(version.document, mimetype="application/json")
    response.cache_control.no_transform = True
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(version.digest)).decode()}:"
    return response
