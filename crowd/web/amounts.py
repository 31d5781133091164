"""What is said of an amount that somebody has written: how it was understood, or why it is not read."""

from decimal import Decimal

from flask_babel import gettext as _

from crowd import money
from crowd.numbers import LONGEST, Reason, Unreadable
from crowd.web.reader import reader
from crowd.web.templating import format_money, number

_FIGURES = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")


def understood(amount: int, currency: str) -> str:
    """An amount of minor units as it was understood, `¥12,300.50`: in Chinese, one in CNY also in capital figures."""
    shown = format_money(amount, currency, exact=True)
    if currency != "CNY" or amount < 0 or not reader().name.startswith("zh"):
        return _("Understood as %(amount)s", amount=shown)
    return _("Understood as %(amount)s, in words %(words)s", amount=shown, words=in_capitals(amount))


def read(text: str, currency: str) -> dict[str, str]:
    """What the line beside a field says of a text: `{"understood"}`, `{"problem"}`, or nothing where it is empty."""
    try:
        return {"understood": understood(money.parse(text, currency).amount, currency)} if text.strip() else {}
    except Unreadable as error:
        return {"problem": refusal(error, currency)}


def refusal(error: Unreadable, currency: str) -> str:
    """Why an amount of `currency` is not read, in the reader's language."""
    if error.readings:
        one, other = error.readings
        return _(
            "This can be read as %(one)s or as %(other)s. Write it without marks between thousands, such as %(plain)s.",
            one=_reading(one, currency), other=_reading(other, currency), plain=_plain(one, currency),
        )  # fmt: skip
    if error.reason == Reason.CURRENCY:
        return _("The amount says %(said)s, but it is asked for in %(currency)s.", said=error.said, currency=currency)
    if error.reason == Reason.GROUPS:
        return _("The groups of digits do not fit together. Write 1234567 or 1,234,567.")
    if error.reason == Reason.SIGN:
        return _("Write the amount without plus, minus or brackets.")
    if error.reason == Reason.LARGE:
        return _("The amount is too large.")
    if error.reason == Reason.LONG:
        return _("An amount has at most %(number)s characters.", number=LONGEST)
    if money.CURRENCIES.get(currency) == 0:
        return _("Write a whole amount in digits, such as 300000. This currency has no decimals.")
    return _("Write the amount in digits with at most two decimals, such as 3000 or 3000.50.")


def _reading(value: Decimal, currency: str) -> str:
    """One of two readings; one that is finer than the currency goes shows all its decimals."""
    minor = value.scaleb(money.CURRENCIES[currency])
    if minor == minor.to_integral_value() and minor <= money.LARGEST:
        return format_money(int(minor), currency, exact=True)
    return f"{number(value)} {currency}"


def _plain(value: Decimal, currency: str) -> str:
    return f"{value.quantize(Decimal(1).scaleb(-money.CURRENCIES[currency])):f}"


def in_capitals(amount: int) -> str:
    """分 in the capital figures that Chinese cheques and contracts carry: 壹万贰仟叁佰元伍角整.

    After 正确填写票据和结算凭证的基本规定 (the People's Bank of China, 1997): one 零 for any row of zeros between
    figures, and 整 where no 分 follow.
    """
    yuan, cents = divmod(amount, 100)
    jiao, fen = divmod(cents, 10)
    words = _yuan(yuan) + "元" if yuan else ""
    if cents == 0:
        return (words or "零元") + "整"
    if jiao:
        words += _FIGURES[jiao] + "角"
    elif words:
        words += "零"
    return words + (_FIGURES[fen] + "分" if fen else "整")


def _yuan(value: int) -> str:
    words, gap = "", False
    digits = str(value)
    for index, figure in enumerate(digits):
        place = len(digits) - 1 - index
        if figure != "0":
            words += ("零" if gap else "") + _FIGURES[int(figure)] + _PLACES[place % 4]
            gap = False
        else:
            gap = True
        if place and place % 4 == 0:
            words += _section(digits, index, place)
    return words


def _section(digits: str, index: int, place: int) -> str:
    """The name of the section of four that ends here: 万 where it has figures; 亿 closes all that stands above it."""
    filled = int(digits[max(0, index - 3) : index + 1]) != 0
    return "亿" if place == 8 else "万" if filled else ""
