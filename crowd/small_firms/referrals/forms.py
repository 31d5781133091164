"""Forms of referrals."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice

from crowd.small_firms.referrals.labels import OPERATIONS, TARGETS
from crowd.small_firms.referrals.models import Referral
from crowd.small_firms.referrals.workflow import TRANSITIONS
from crowd.web.fields import area, line
from crowd.web.forms import Form
from crowd.workflow import operations_from


class ReferralForm(Form):
    """For what a firm is referred, and to whom."""

    target = RadioField(_l("For"), choices=[SelectChoice(key.value, label.text) for key, label in TARGETS.items()])
    institution = line(_l("Institution"), "200")
    note = area(_l("Note for the firm"), "max_reason_length", optional=True, rows=3)


class NoteForm(Form):
    """What became of it; a page has one for each referral."""

    operation = RadioField(_l("What has happened"))
    said = area(_l("What the institution said"), "max_reason_length", rows=2)

    def __init__(self, row: Referral, **kwargs: object) -> None:
        super().__init__(prefix=f"referral-{row.id}-", **kwargs)
        self.row_id = row.id
        names = operations_from(TRANSITIONS, row.state)
        self.operation.choices = [SelectChoice(name, OPERATIONS[name]) for name in names]
