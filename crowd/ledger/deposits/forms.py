"""Forms of deposits and bank statements."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FormField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Optional, ValidationError

from crowd.access import id_in
from crowd.errors import Sentence
from crowd.ledger import owners
from crowd.ledger.deposits.bank_statement import BANK_FILE_KINDS, MAX_BYTES, MAX_COLUMNS, BankStatement, Layout
from crowd.ledger.deposits.encodings import ENCODINGS
from crowd.ledger.deposits.headings import ABSENT, LABELS
from crowd.money import CURRENCIES
from crowd.web.fields import REQUIRED, CurrencyField, MoneyField, line, required
from crowd.web.forms import Fieldset, Form
from crowd.web.time_fields import DayField
from crowd.web.uploads import UploadField


def _text(value: str | None) -> str:
    """A missing value is empty."""
    return value or ""


def _organisation(value: str | None) -> int | None:
    return id_in(value or "") or None


class OrganisationField(SelectField):
    """One of the organisations that have money here, or none; `data` is its id or None."""

    def __init__(self, label: object = None, **kwargs: object) -> None:
        super().__init__(label, [Optional()], coerce=_organisation, validate_choice=True, **kwargs)
        self.type = "SelectField"
        self.choices = [
            SelectChoice("", _l("Not known")),
            *(SelectChoice(str(i), name) for i, name in owners.organisations().items()),
        ]

    def pre_validate(self, form: object) -> None:
        """No choice is valid, too."""
        if self.data is not None and str(self.data) not in {choice.value for choice in self.choices}:
            raise ValidationError(self.gettext("Not a valid choice."))


class DepositForm(Form):
    """Money that has arrived at the bank."""

    bank_reference = line(_l("Bank reference"), "100", description=_l("As shown by the bank; each can be used once."))
    value_date = DayField(_l("Value date"), [InputRequired(REQUIRED)])
    payer = line(_l("Payer"), "200")
    currency = CurrencyField(_l("Currency"))
    amount = MoneyField(_l("Amount"), [required()])
    payment_reference = line(
        _l("Text of the payment"),
        "300",
        optional=True,
        filters=[_text],
        description=_l("The payment reference of a challenge is recognised in it."),
    )
    organisation_id = OrganisationField(_l("Organisation, if the text names no challenge"))
    another = BooleanField(_l("This is a separate payment from one of the same payer, day and amount"))


class AllocationForm(Form):
    """The organisation that the money belongs to."""

    payment_reference = line(_l("Payment reference of a challenge"), "100", optional=True, filters=[_text])
    organisation_id = OrganisationField(_l("Or the organisation"))


ABSENT_CHOICE = SelectChoice(str(ABSENT), _l("Not in the file"))


def _column(name: str, description: Sentence = "") -> SelectField:
    """The column of a file for a field; `data` is its position as text, empty where the file shows it."""
    numbered = [SelectChoice(str(place), str(place + 1)) for place in range(MAX_COLUMNS)]
    choices = [SelectChoice("", _l("As in the file")), ABSENT_CHOICE, *numbered]
    return SelectField(LABELS[name], choices=choices, default="", description=description)


class ColumnsForm(Fieldset):
    """The columns of a bank statement."""

    reference = _column("reference")
    date = _column("date")
    payer = _column("payer", _l("If no column holds the payer alone, choose the text that contains the payer."))
    amount = _column("amount", _l("Or the column of amounts received."))
    credit = _column("credit")
    debit = _column("debit")
    sign = _column("sign", _l("Without this column, only a minus sign marks money sent."))
    currency = _column("currency")
    text = _column("text")

    def show(self, head: Sequence[str], columns: Mapping[str, int]) -> None:
        """Offer the columns of a file by their headings, and choose those that were found."""
        choices = [
            ABSENT_CHOICE,
            *(SelectChoice(str(place), f"{place + 1}: {name}") for place, name in enumerate(head)),
        ]
        for name, field in self._fields.items():
            field.choices, field.data = choices, str(columns.get(name, ABSENT))


class StatementForm(Form):
    """A bank statement as CSV."""

    statement = UploadField(_l("Statement (CSV)"), kinds=BANK_FILE_KINDS, most=MAX_BYTES)
    encoding = SelectField(_l("Encoding of the file"), default="")
    day_order = SelectField(
        _l("Order of day and month"),
        choices=[
            SelectChoice("", _l("As in the file")),
            SelectChoice("day", _l("Day before month")),
            SelectChoice("month", _l("Month before day")),
        ],
        default="",
    )
    currency = SelectField(
        _l("Currency of lines without one"),
        choices=[SelectChoice("", _l("Not chosen")), *(SelectChoice(code, code) for code in CURRENCIES)],
        default="",
    )
    columns = FormField(ColumnsForm)

    def __init__(self, *args: Any, kept: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.encoding.choices = [
            SelectChoice("", _l("The most plausible one")),
            *(SelectChoice(name, name) for name in ENCODINGS),
        ]
        if kept is not None:
            del self.statement

    @property
    def layout(self) -> Layout:
        """The chosen layout of the file, as far as chosen."""
        columns = {name: int(place) for name, place in self.columns.data.items() if place}
        order = {"day": True, "month": False}.get(self.day_order.data)
        return Layout(self.encoding.data or "", order, columns, self.currency.data or "")

    def show(self, read: BankStatement) -> None:
        """Choose the layout of the preview, so that exactly this is booked."""
        self.encoding.data = read.layout.encoding
        self.day_order.data = {True: "day", False: "month", None: ""}[read.layout.day_first]
        self.currency.data = read.layout.currency if read.layout.currency in CURRENCIES else ""
        self.columns.form.show(read.head, read.layout.columns)
