"""Forms of a challenge's funding and of finance's desk."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import SelectField
from wtforms.validators import InputRequired, Optional, ValidationError

from crowd.ledger import owners
from crowd.web.fields import REQUIRED, CurrencyField, DayField, MoneyField, area, line, required
from crowd.web.forms import Form

CHOOSE = _l("Choose a file.")


def _text(value: str | None) -> str:
    """What was not sent is empty."""
    return value or ""


def _organisation(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdecimal() else None


class OrganisationField(SelectField):
    """One of the organisations that have money here, or none; `data` is its id or None."""

    def __init__(self, label: object = None, **kwargs: object) -> None:
        super().__init__(label, [Optional()], coerce=_organisation, validate_choice=True, **kwargs)
        self.type = "SelectField"
        self.choices = [("", _l("Not known")), *((str(i), name) for i, name in owners.organisations())]

    def pre_validate(self, form: object) -> None:
        """Nothing chosen is right too."""
        if self.data is not None and str(self.data) not in {value for value, _name in self.choices}:
            raise ValidationError(self.gettext("Not a valid choice."))


class SlipForm(Form):
    """The sponsor's proof of a transfer."""

    slip = FileField(_l("Transfer slip"), [FileRequired(CHOOSE)], description=_l("PDF, PNG or JPG."))


class DepositForm(Form):
    """Money that has come to the bank."""

    bank_reference = line(_l("Bank reference"), "100", description=_l("As the bank writes it; each can be used once."))
    value_date = DayField(_l("Value date"), [InputRequired(REQUIRED)])
    payer = line(_l("Payer"), "200")
    currency = CurrencyField(_l("Currency"))
    amount = MoneyField(_l("Amount"), [required()])
    payment_reference = line(
        _l("Text of the payment"),
        "300",
        optional=True,
        filters=[_text],
        description=_l("A challenge's reference in it is found."),
    )
    organisation_id = OrganisationField(_l("Organisation, if the text names no challenge"))


class AttributeForm(Form):
    """Whose the money is."""

    payment_reference = line(_l("Payment reference of a challenge"), "100", optional=True, filters=[_text])
    organisation_id = OrganisationField(_l("Or the organisation"))


class ReasonForm(Form):
    """Why something is dropped, sent back or undone."""

    reason = area(_l("Reason"), "reason_length", rows=3)


class StatementForm(Form):
    """A bank's statement as CSV."""

    statement = FileField(_l("Statement (CSV)"), [FileRequired(CHOOSE)])
