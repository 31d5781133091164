"""The names of how often a person is mailed."""

from flask_babel import lazy_gettext as _l

from crowd.feature import Label
from crowd.notifications.models import Frequency

FREQUENCIES = {
    Frequency.AT_ONCE: Label(_l("at once")),
    Frequency.DAILY: Label(_l("once a day")),
    Frequency.WEEKLY: Label(_l("once a week")),
    Frequency.NEVER: Label(_l("never")),
}
