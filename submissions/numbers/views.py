"""The page of a challenge's numbers, and the same as CSV."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from challenges.models import Challenge
from challenges.queries import access
from challenges.views import render_page
from crowd import clock, csv_export
from crowd.web import guards
from submissions.numbers import charts
from submissions.numbers.policy import can_view_numbers
from submissions.numbers.queries import numbers_of

blueprint = Blueprint("numbers", __name__)


def _challenge(challenge_id: int) -> Challenge:
    return access(guards.actor(), challenge_id, to=can_view_numbers)


@blueprint.get("/challenges/<int:challenge_id>/numbers")
@guards.signed_in
def show(challenge_id: int) -> ResponseReturnValue:
    """Each series as a picture with its table."""
    challenge = _challenge(challenge_id)
    numbers = numbers_of(challenge, clock.now())
    shown = [(count, charts.picture(numbers, count)) for count in numbers.counts]
    return render_page("numbers/show.html", challenge, shown=shown)


@blueprint.get("/challenges/<int:challenge_id>/numbers.csv")
@guards.signed_in
def export(challenge_id: int) -> Response:
    """A line for each day or week, a column for each series."""
    challenge = _challenge(challenge_id)
    numbers = numbers_of(challenge, clock.now())
    header = [_("Day") if numbers.step == 1 else _("Week from"), *(str(one.series.label) for one in numbers.counts)]
    columns = [one.numbers for one in numbers.counts]
    rows = [[day.isoformat(), *values] for day, *values in zip(numbers.days, *columns, strict=True)]
    return csv_export.response(f"challenge-{challenge.id}-numbers.csv", header, rows)
