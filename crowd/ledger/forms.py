"""Forms of statements and payouts."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField

from crowd.ledger.deposits.bank_statement import BANK_FILE_KINDS, MAX_BYTES
from crowd.web.fields import CurrencyField, MoneyField, line, required
from crowd.web.forms import Form
from crowd.web.uploads import UploadField


class AccountForm(Form):
    """The bank account to which payouts go."""

    currency = CurrencyField(_l("Currency"))
    holder = line(_l("Account holder"), "120", description=_l("As registered with the bank."))
    bank = line(_l("Bank"), "120")
    number = line(_l("Account number"), "45", description=_l("Digits and capital letters; spaces do not matter."))
    bic = line(
        _l("BIC (SWIFT code)"),
        "20",
        optional=True,
        filters=[lambda value: value or ""],
        description=_l("For an account outside China. The bank needs it especially where the number is no IBAN."),
    )
    password = PasswordField(
        _l("Your password"),
        [required()],
        description=_l("We ask again so that nobody else can redirect your money to their account."),
        render_kw={"autocomplete": "current-password"},
    )


class WithdrawForm(Form):
    """The amount of a payout."""

    currency = CurrencyField()
    amount = MoneyField(_l("Amount"), [required()])


class CurrencyForm(Form):
    """The currency of a batch."""

    currency = CurrencyField(_l("Currency"))


class AnswersForm(Form):
    """A file of bank responses."""

    answers = UploadField(_l("Bank responses (CSV)"), kinds=BANK_FILE_KINDS, most=MAX_BYTES)
