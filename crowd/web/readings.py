"""The text shown about an amount or a date that a person has typed: how it was understood, or why it cannot be."""

from decimal import Decimal

from flask_babel import gettext as _

from crowd import capitals, money
from crowd.dates import NoDate
from crowd.numbers import MAX_LENGTH, Unreadable, UnreadableReason
from crowd.web.request_locale import reader
from crowd.web.templating import format_money


def understood(amount: int, currency: str) -> str:
    """An amount of minor units as it was understood, `¥12,300.50`: in Chinese, one in CNY also in capital figures."""
    shown = format_money(amount, currency, exact=True)
    if currency != "CNY" or amount < 0 or not reader().language.capital_figures:
        return _("Understood as %(amount)s", amount=shown)
    return _("Understood as %(amount)s, in words %(words)s", amount=shown, words=capitals.write(amount))


def read(text: str, currency: str) -> dict[str, str]:
    """The line beside a field about a text: `{"understood"}`, `{"problem"}`, or nothing where it is empty."""
    try:
        return {"understood": understood(money.parse(text, currency).amount, currency)} if text.strip() else {}
    except Unreadable as error:
        return {"problem": refusal(error, currency)}


def refusal(error: Unreadable, currency: str) -> str:
    """Why an amount of `currency` cannot be parsed, in the reader's language."""
    if error.readings:
        one, other = error.readings
        return _(
            "This can be read as %(one)s or as %(other)s. Write it without marks between thousands, such as %(plain)s.",
            one=_reading(one, currency),
            other=_reading(other, currency),
            plain=_plain(one, currency),
        )
    if error.reason == UnreadableReason.CURRENCY:
        return _("The amount is in %(said)s, but it is expected in %(currency)s.", said=error.said, currency=currency)
    if error.reason == UnreadableReason.GROUPS:
        return _("The groups of digits do not fit together. Write 1234567 or 1,234,567.")
    if error.reason == UnreadableReason.SIGN:
        return _("Write the amount without plus, minus or brackets.")
    if error.reason == UnreadableReason.LARGE:
        return _("The amount is too large.")
    if error.reason == UnreadableReason.LONG:
        return _("An amount has at most %(number)s characters.", number=MAX_LENGTH)
    if money.CURRENCIES.get(currency) == 0:
        return _("Write a whole amount in digits, such as 300000. This currency has no decimals.")
    return _("Write the amount in digits with at most two decimals, such as 3000 or 3000.50.")


def no_date(error: NoDate, otherwise: str) -> str:
    """Why a text is not a date: which two it could be, or `otherwise`, which says how to write one."""
    if not error.readings:
        return otherwise
    one, other = (day.isoformat() for day in error.readings)
    return _("This can be read as %(one)s or as %(other)s. Write it as one of them.", one=one, other=other)


def _reading(value: Decimal, currency: str) -> str:
    """One of two readings; one with more decimals than the currency shows all of them."""
    minor = value.scaleb(money.CURRENCIES[currency])
    if minor == minor.to_integral_value() and minor <= money.MAX_AMOUNT:
        return format_money(int(minor), currency, exact=True)
    return f"{value:f} {currency}"


def _plain(value: Decimal, currency: str) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-money.CURRENCIES[currency])):f}"
