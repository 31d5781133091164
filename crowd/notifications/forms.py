"""A person's choices about notifications."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectChoice, SelectField
from wtforms.validators import ValidationError

from crowd.feature import built_once
from crowd.notifications import kinds
from crowd.notifications.labels import FREQUENCIES
from crowd.notifications.models import Frequency
from crowd.notifications.timing import Quiet
from crowd.web.forms import Form

GROUP = "every_"  # before the name of a group, the name of its field
HOURS = [SelectChoice("", _l("none")), *(SelectChoice(str(hour), f"{hour:02}:00") for hour in range(24))]


class PreferenceForm(Form):
    """How often each group of notifications is sent by email in addition to the inbox, and the quiet hours."""

    quiet_begins = SelectField(_l("Quiet hours start"), choices=HOURS, default="")
    quiet_ends = SelectField(_l("Quiet hours end"), choices=HOURS, default="")

    def validate_quiet_ends(self, field: SelectField) -> None:
        """Both hours or none."""
        if bool(field.data) != bool(self.quiet_begins.data):
            raise ValidationError(_l("Choose both hours, or none."))

    def quiet(self) -> tuple[int, int] | None:
        """The quiet hours, None where there are none."""
        if not self.quiet_begins.data:
            return None
        return int(self.quiet_begins.data), int(self.quiet_ends.data)

    def frequencies(self) -> dict[str, str]:
        """The choice for each group."""
        return {group: self[GROUP + group].data for group in kinds.groups()}

    def groups(self) -> list[Field]:
        """The fields of the groups, in their order."""
        return [self[GROUP + group] for group in kinds.groups()]


@built_once
def _form() -> type[PreferenceForm]:
    """The form with a field for each group that the packages declare."""
    choices = [SelectChoice(frequency.value, label.text) for frequency, label in FREQUENCIES.items()]
    fields = {GROUP + group: SelectField(label, choices=choices) for group, label in kinds.groups().items()}
    return type("GroupsForm", (PreferenceForm,), fields)


def preference_form(frequencies: Mapping[str, Frequency], quiet: Quiet | None) -> PreferenceForm:
    """The form, filled with what a person has chosen."""
    known: dict[str, str] = {GROUP + group: frequency.value for group, frequency in frequencies.items()}
    if quiet is not None:
        known |= {"quiet_begins": str(quiet.begins), "quiet_ends": str(quiet.ends)}
    return _form()(data=known)
