"""A person's choices about notifications."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from crowd.notifications import kinds
from crowd.web.forms import Form


class PreferenceForm(Form):
    """The groups of notifications that are sent by email in addition to the inbox."""

    by_mail = SelectMultipleField(
        _l("Email me about"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
        description=_l(
            "Your inbox always receives everything. Emails about the security of your account and about roles "
            "are always sent."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_mail.choices = list(kinds.groups().items())
