"""The service centre's page of registrations that wait for it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd.accounts.models import PlatformRole
from crowd.config import limits
from crowd.web import confirmation, guards
from crowd.web.arguments import arguments
from crowd.web.forms import ReasonForm
from submissions.confirmation import policy, queries, services

blueprint = Blueprint("confirmations", __name__)


@blueprint.get("/registrations")
@guards.roles(PlatformRole.SERVICE_CENTRE)
def index() -> ResponseReturnValue:
    """Who has registered for a challenge whose contract asks the service centre to confirm."""
    return _page(None, ReasonForm(formdata=None))


def _page(refused: int | None, form: ReasonForm) -> ResponseReturnValue:
    page = queries.queue(after=arguments().after, size=limits().page_rows)
    mine = [row.id for row in page if policy.can_confirm(guards.actor(), row)]
    return render_template(
        "submissions/confirmations.html", page=page, mine=mine, refused=refused, form=form
    ), form.status


@blueprint.post("/registrations/<int:id>/confirm")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@guards.sealed
@confirmation.required
def confirm(id: int) -> ResponseReturnValue:
    """Confirm a registration."""
    services.confirm(guards.person(), id)
    flash(_("The registration is confirmed."), "success")
    return redirect(url_for(".index"), 303)


@blueprint.post("/registrations/<int:id>/refuse")
@guards.roles(PlatformRole.SERVICE_CENTRE)
@guards.sealed
@confirmation.required
def refuse(id: int) -> ResponseReturnValue:
    """Refuse a registration, with a reason."""
    form = ReasonForm()
    if form.passes(lambda: services.refuse(guards.person(), id, **form.values())):
        flash(_("The registration is refused."), "success")
        return redirect(url_for(".index"), 303)
    return _page(id, form)
