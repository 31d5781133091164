"""The form of the fee schedule."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from crowd.web.fields import REQUIRED, PercentField, WholeField, area
from crowd.web.forms import Form
from crowd.web.time_fields import DayField


class VersionForm(Form):
    """A new version of the schedule. `after` is the newest version when the page was shown."""

    rate = PercentField(_l("Rate"), least=0, description=_l("Of what is awarded, in percent."))
    effective_on = DayField(
        _l("In force from"), [InputRequired(REQUIRED)], description=_l("The beginning of this day, tomorrow or later.")
    )
    note = area(_l("Reason"), "max_reason_length", rows=3, description=_l("Shown to everybody beside the version."))
    after = WholeField(widget=HiddenInput())

    def stamp(self) -> str:
        """The stamp of the confirmation: another rate or date is asked about again."""
        return f"{self.rate.points}@{self.effective_on.data}"

    def publication(self) -> dict[str, Any]:
        """The arguments of the service."""
        return {
            "points": self.rate.points,
            "effective_on": self.effective_on.data,
            "note": self.note.data,
            "after": self.after.data,
        }
