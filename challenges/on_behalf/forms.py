"""Form of a park's challenge for a firm."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField

from crowd.accounts.models import Organisation
from crowd.accounts.organisations.forms import optional_number
from crowd.web.forms import Form


class BeneficiaryForm(Form):
    """The member firm for which the park posts."""

    firm_id = SelectField(_l("Member firm"), coerce=optional_number)

    def offer(self, firms: Iterable[Organisation]) -> None:
        """Offer these firms, and none."""
        self.firm_id.choices = [
            SelectChoice("", _l("No firm: the park posts for itself")),
            *(SelectChoice(firm.id, firm.name) for firm in firms),
        ]
