"""The form of days off."""

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired

from crowd.web.fields import REQUIRED
from crowd.web.forms import Form
from crowd.web.time_fields import DayField


class DaysOffForm(Form):
    """The first and the last day."""

    first_day = DayField(_l("First day"), [InputRequired(REQUIRED)])
    last_day = DayField(_l("Last day"), [InputRequired(REQUIRED)])
