"""The page of a sanction."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from crowd.accounts.sanctions import queries
from crowd.web import guards

blueprint = Blueprint("sanctions", __name__)


@blueprint.get("/sanctions/<int:sanction_id>")
@guards.signed_in
def show(sanction_id: int) -> ResponseReturnValue:
    """What was decided and why, from when to when, and how to appeal."""
    row = queries.access(guards.actor(), sanction_id)
    return render_template("sanctions/show.html", **queries.page_of(guards.actor(), row))
