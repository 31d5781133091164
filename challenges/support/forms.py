"""Forms of support and vouchers."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice, SelectField

from challenges.support.labels import GRANTED_TO
from crowd.config import limits
from crowd.web.fields import WholeField, area, line, required
from crowd.web.forms import Form


def usual_days() -> int:
    """For how many days a voucher is valid where the sponsor says nothing else."""
    return limits().voucher_days


class SupportForm(Form):
    """What an organisation grants."""

    title = line(_l("What is granted"), "160")
    quantity = WholeField(_l("How much"), [required()], least=1)
    unit = line(_l("Unit"), "40", description=_l("hours, tests, square metres, ..."))
    grantor = line(
        _l("Who grants it"), "120", optional=True,
        description=_l("The exact name of an organisation that is registered here, or its registration number. Empty:"
                       " your own."),
    )  # fmt: skip
    granted_to = SelectField(
        _l("Who gets it"), choices=[SelectChoice(one.value, label.text) for one, label in GRANTED_TO.items()]
    )
    valid_days = WholeField(_l("Voucher valid for, in days"), [required()], least=1, default=usual_days)
    conditions = area(_l("Conditions"), "max_reason_length", optional=True, rows=3)


class RedeemForm(Form):
    """What the party asks of the grantor."""

    wish = area(_l("What you need, and when"), "max_reason_length", rows=3)
