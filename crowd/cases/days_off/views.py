"""The page of a person's days off."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd.cases import policy
from crowd.cases.days_off import queries, services
from crowd.cases.days_off.forms import DaysOffForm
from crowd.cases.views import blueprint
from crowd.errors import Forbidden
from crowd.web import confirmation, guards, once
from crowd.web.confirmation import Reason


@blueprint.route("/cases/days-off", methods=["GET", "POST"])
@guards.signed_in
@once.acts
@confirmation.not_required(Reason.REVERSIBLE)
def days_off() -> ResponseReturnValue:
    """The days on which the person is away; add some."""
    actor, form = guards.person(), DaysOffForm()
    if not policy.can_be_away(actor):
        raise Forbidden
    if form.passes(lambda: services.add(actor, **form.values())):
        flash(_("Your days off are entered; your colleagues see them in the queue."), "success")
        return redirect(url_for(".days_off"), 303)
    return render_template("cases/days_off.html", rows=queries.own(actor.id), form=form), form.status


@blueprint.post("/cases/days-off/<int:days_off_id>/remove")
@guards.signed_in
@confirmation.not_required(Reason.REVERSIBLE)
def remove_days_off(days_off_id: int) -> ResponseReturnValue:
    """Remove days off."""
    services.remove(guards.person(), days_off_id)
    flash(_("These days are removed."), "success")
    return redirect(url_for(".days_off"), 303)
