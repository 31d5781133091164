"""Numbers as people write them: one parser for amounts, percentages, points and counts.

Digits and marks may be full width, spaces may be of any kind. Nothing passes through a float.

Which mark does what:

* a space or an apostrophe (`'`, `’`) always groups, in threes: `1 234 567`, `1'234.50`;
* groups are complete: threes (`1,234,567`, `1.234.567`) or lakhs (`12,34,567`); the first does not begin with a zero,
  and all are parted by the same mark;
* where a point and a comma stand in one number, the last one is the decimal mark: `1.500,00`, `1,500.00`;
* a decimal mark stands once, and no more digits follow it than the number can have: `12,50` is 12.50 where there are
  two decimals, and is refused where there are none;
* one comma before three digits groups (`1,234`), unless the number can have three decimals: then it is ambiguous;
* one point before three digits (`60.000`) is ambiguous, because the pages of the platform write decimals with a
  point; where the number has no decimals at all it groups.

What is ambiguous is refused together with both readings.
"""

import re
from decimal import Decimal, InvalidOperation
from enum import StrEnum

MAX_LENGTH = 100  # characters; nothing longer is looked at

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SAME = {"'": "’‘ʼ′´`", "-": "−‐‑‒–—﹣", ".": "。｡", "¥": "￥", "£": "￡", "%": "٪﹪"}
_INVISIBLE = [0xAD, 0x61C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF]
_PLAIN: dict[int, int | str | None] = {
    **_WIDE,
    **{ord(other): mark for mark, others in _SAME.items() for other in others},
    **dict.fromkeys(_INVISIBLE),
}
_DIGITS = re.compile(r"[0-9]+(?:[.,' ][0-9]+)*|[.,][0-9]+")
_THREES = re.compile(r"[1-9][0-9]{0,2}([.,' ])[0-9]{3}(?:\1[0-9]{3})*")
_LAKHS = re.compile(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}")
_NO_MINOR = re.compile(r"(?<=[0-9])[.,] ?-{1,2}$")  # the Swiss `12.-`, the German `12,--`
_SIGNED = re.compile(r"\( ?(?P<within>.+?) ?\)|(?P<before>[+-]) ?(?P<after>.+)|(?P<front>.*[^.,\s-]) ?(?P<behind>[+-])")


class UnreadableReason(StrEnum):
    """Why a text cannot be parsed."""

    LONG = "long"
    NO_NUMBER = "no number"
    GROUPS = "groups"
    DECIMALS = "decimals"
    AMBIGUOUS = "ambiguous"
    SIGN = "sign"
    CURRENCY = "currency"
    LARGE = "large"


class Unreadable(ValueError):
    """A text that cannot be parsed. `readings` are what an ambiguous one could mean; `said` is another
    currency's name.
    """

    def __init__(self, reason: UnreadableReason, readings: tuple[Decimal, ...] = (), said: str = "") -> None:
        super().__init__(str(reason))
        self.reason, self.readings, self.said = reason, readings, said


def plain(text: str) -> str:
    """`text` with ASCII digits and marks and with single spaces. Raises Unreadable where it is too long to be read."""
    if len(text) > MAX_LENGTH:
        raise Unreadable(UnreadableReason.LONG)
    return narrow(text)


def narrow(text: str) -> str:
    """`text`, of any length, with ASCII digits, letters and marks in place of other ones, and with single spaces."""
    return " ".join(text.translate(_PLAIN).split())


def signed(typed: str) -> tuple[str, str]:
    """What `plain` gave without its sign, and the sign: `-` (also after the number, or as brackets), `+`, or
    nothing.
    """
    match = _SIGNED.fullmatch(typed)
    if match is None:
        return typed, ""
    bare = match["within"] or match["after"] or match["front"]
    return bare, match["before"] or match["behind"] or "-"


def read(text: str, decimals: int, *, usual: bool = False) -> int:
    """A number that is not negative, times ten to the power of `decimals`, which is the most that may be written.

    `usual` says that commas group and points are decimal marks, as in English and Chinese: then nothing is ambiguous.
    Raises Unreadable. The rules are the module's.
    """
    typed, no_minor = _NO_MINOR.subn("", plain(text))
    if signed(typed)[1]:
        raise Unreadable(UnreadableReason.SIGN if _DIGITS.fullmatch(signed(typed)[0]) else UnreadableReason.NO_NUMBER)
    if not _DIGITS.fullmatch(typed):
        raise Unreadable(UnreadableReason.NO_NUMBER)
    marks = re.sub("[0-9]", "", typed)
    if not marks:
        return int(typed) * 10**decimals
    head, _mark, tail = typed.rpartition(marks[-1])
    groups = _in_groups(typed)
    parts = marks[-1] in ".," and marks.count(marks[-1]) == 1 and (not head or head.isdigit() or _in_groups(head))
    if no_minor:  # the decimals are known to be zero
        parts = False
    elif groups and parts:  # one mark before three digits
        groups, parts = _decide(marks, decimals, usual)
    if groups and parts:
        raise Unreadable(UnreadableReason.AMBIGUOUS, (Decimal(head + tail), Decimal(f"{head}.{tail}")))
    if groups:
        return int(re.sub("[^0-9]", "", typed)) * 10**decimals
    if not parts:
        raise Unreadable(UnreadableReason.GROUPS)
    if len(tail) > decimals:
        raise Unreadable(UnreadableReason.DECIMALS)
    return int(re.sub("[^0-9]", "", head) + tail.ljust(decimals, "0"))


def exact(given: object) -> Decimal:
    """A number as a program writes it: the value of an option. Raises ValueError for other text, and for NaN."""
    try:
        number = Decimal(str(given))
    except InvalidOperation as error:
        raise ValueError(given) from error
    if not number.is_finite():
        raise ValueError(given)
    return number


def _in_groups(typed: str) -> bool:
    return bool(_THREES.fullmatch(typed) or _LAKHS.fullmatch(typed))


def _decide(mark: str, decimals: int, usual: bool) -> tuple[bool, bool]:
    """Whether one mark before three digits may group, and whether it may be the decimal mark."""
    if usual:
        return mark == ",", mark == "."
    return True, decimals > 0 and (mark == "." or decimals >= 3)
