"""Form of a park's challenge for a firm."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField

from crowd.accounts.models import Organisation
from crowd.web.forms import Form


def _number(value: object) -> int | None:
    return int(str(value)) if value else None


class FirmForm(Form):
    """The member firm for which the park posts."""

    firm_id = SelectField(_l("Member firm"), coerce=_number)

    def offer(self, firms: Iterable[Organisation]) -> None:
        """Offer these firms, and none."""
        self.firm_id.choices = [
            SelectChoice("", _l("No firm: the park posts for itself")),
            *(SelectChoice(firm.id, firm.name) for firm in firms),
        ]
