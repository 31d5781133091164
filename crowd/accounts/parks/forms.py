"""Forms of parks."""

from flask_babel import lazy_gettext as _l

from crowd.web.fields import line
from crowd.web.forms import Form


class FirmForm(Form):
    """The firm that a park invites."""

    firm = line(
        _l("Organisation"),
        "120",
        description=_l(
            "The exact name of an organisation that is registered here, or its registration number. The firm decides "
            "whether it accepts."
        ),
    )
