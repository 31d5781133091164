"""The button that follows something, and the page of what a person follows."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd.following import queries, services
from crowd.web import confirmation, guards, link_access
from crowd.web.confirmation import Reason

blueprint = Blueprint("following", __name__)


@blueprint.get("/account/following")
@guards.signed_in
def index() -> ResponseReturnValue:
    """What the person follows."""
    return render_template("following/index.html", followed=queries.list_followed(guards.person()))


@blueprint.post("/follow/<subject_type>/<int:subject_id>")
@guards.signed_in
@confirmation.not_required(Reason.REVERSIBLE)
def follow(subject_type: str, subject_id: int) -> ResponseReturnValue:
    """Follow something."""
    services.follow(guards.person(), subject_type, subject_id)
    flash(_("Following."), "followed")
    return _back()


@blueprint.post("/unfollow/<subject_type>/<int:subject_id>")
@guards.signed_in
@confirmation.not_required(Reason.REVERSIBLE)
def unfollow(subject_type: str, subject_id: int) -> ResponseReturnValue:
    """Stop following something."""
    services.unfollow(guards.person(), subject_type, subject_id)
    flash(_("You no longer follow this."), "success")
    return _back()


def _back() -> ResponseReturnValue:
    """To the page that had the button."""
    return redirect(link_access.came_from(guards.actor()) or url_for("following.index"), 303)


@blueprint.app_template_global("follows")
def _follows(subject_type: str, subject_id: int) -> bool | None:
    """Whether the reader follows this; None for a visitor."""
    actor = guards.actor()
    return None if actor is None else queries.follows(actor, subject_type, subject_id)
