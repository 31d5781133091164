"""The fee schedule for everybody, and the page on which the council publishes a version of it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crowd import clock
from crowd.ledger.fees import charts, queries, services
from crowd.ledger.fees.forms import VersionForm
from crowd.ledger.fees.policy import can_publish
from crowd.ledger.views import blueprint
from crowd.web import confirmation, guards, once
from crowd.web.confirmation import Reason
from crowd.web.templating import day, percent


@blueprint.get("/fees")
@guards.public
def fees() -> ResponseReturnValue:
    """The versions of the fee schedule, newest first, and what the one in force comes to in an example."""
    versions = queries.schedule(clock.now())
    current = next((version.rate for version in versions if version.in_force), None)
    return render_template(
        "ledger/fees.html",
        versions=versions,
        current=current,
        example=charts.example(current.basis_points) if current else None,
        may_publish=can_publish(guards.actor()),
    )


@blueprint.route("/fees/new", methods=["GET", "POST"])
@guards.roles("council")
@once.acts
@confirmation.not_required(Reason.ASKED_BY_VIEW)
def new_fees() -> ResponseReturnValue:
    """Publish a valid version, after a confirmation that repeats its rate and date."""
    form = VersionForm(after=queries.last_version())
    fits = form.passes(lambda: services.check(guards.person(), **form.publication()))
    asked = fits and not confirmation.is_confirmed(form.stamp())
    if fits and not asked and form.passes(lambda: services.publish(guards.person(), **form.publication())):
        row = form.outcome
        rate, since = percent(row.basis_points / 10_000), day(row.effective_from)
        flash(
            _("Version %(version)s is published: %(rate)s from %(day)s on.", version=row.version, rate=rate, day=since),
            "success",
        )
        return redirect(url_for("ledger.fees"), 303)
    page = render_template("ledger/new_fees.html", form=form, schedule=queries.schedule(clock.now()), asked=asked)
    return page, form.status
