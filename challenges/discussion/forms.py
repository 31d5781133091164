"""What people write about a challenge."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField

from crowd.web.fields import area
from crowd.web.forms import Form


class QuestionForm(Form):
    """A question."""

    text = area(_l("Your question"), "max_reason_length", rows=4)


class AnswerForm(Form):
    """The sponsor's answer."""

    answer = area(_l("Answer"), "max_reason_length", rows=4)
    clarification = BooleanField(
        _l("This clarifies the problem"),
        description=_l("Question and answer become part of the contract, as a new version."),
    )


class UpdateForm(Form):
    """The sponsor's news."""

    update = area(_l("Update"), "max_reason_length", rows=4)
