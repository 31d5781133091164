"""The button by which a registered person accepts the contract as it is now."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd.web import confirmation, guards
from crowd.web.arguments import posted
from submissions.acceptance import services

blueprint = Blueprint("acceptance", __name__)


@blueprint.post("/challenges/<int:id>/contract/accept")
@guards.signed_in
@guards.sealed
@confirmation.required
def accept(id: int) -> ResponseReturnValue:
    """Accept the version that was shown."""
    version = services.accept(guards.person(), id, contract=posted().number("contract") or 0)
    flash(_("You have accepted version %(number)s of the contract.", number=version.number), "success")
    return redirect(url_for("contracts.show", challenge_id=id), 303)
