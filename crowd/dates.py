"""Dates and times of day as people write them: one parser for forms, statements and the API.

Accepted are `2026-11-29`, `2026/11/29`, `2026.11.29`, `20261129`, `2026年11月29日`, `29.11.2026`, `29 Nov 2026` and
`November 29, 2026`, with full-width digits and spaces of any kind. With points the day comes first, as in Germany;
with slashes or hyphens and the year last, Europeans mean the day first and Americans the month: where both can be,
the date is ambiguous and is refused with both readings. A year has four digits; banks write two, too.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from crowd import numbers
from crowd.numbers import UnreadableReason

FIRST, LAST = 1900, 2999  # years
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

_YEAR_FIRST = re.compile(
    r"(\d{4})(?:([-/.]) ?(\d{1,2})\2 ?(\d{1,2})| ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]?)", re.ASCII
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_POINTS = re.compile(r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4}|\d\d)", re.ASCII)
_EITHER = re.compile(r"(\d{1,2})([-/])(\d{1,2})\2(\d{4}|\d\d)", re.ASCII)
_DAY_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[ -]([a-z]{3,9})\.?,?[ -](\d{4}|\d\d)", re.ASCII)
_NAME_DAY = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.ASCII)
_TIME = re.compile(r"(\d{1,2})[:时点](\d\d)(?:[:分](\d\d)(?:\.(\d{1,6}))?)?[分秒]?", re.ASCII)


@dataclass(frozen=True, slots=True)
class DayOf:
    """The date of a moment: a sentence shows it as it is on its reader's clock."""

    at: datetime


class NoDate(ValueError):
    """A text that is no date; `readings` are the two that an ambiguous one could be."""

    def __init__(self, readings: tuple[date, ...] = ()) -> None:
        super().__init__(str(UnreadableReason.AMBIGUOUS if readings else UnreadableReason.NO_NUMBER))
        self.readings = readings


def read_day(text: str, *, day_first: bool | None = None, short_years: bool = False) -> date:
    """The day that a text names. Raises NoDate.

    `day_first`, where it is known, decides what would be ambiguous; `short_years` reads `26` as 2026.
    """
    try:
        typed = numbers.plain(text).lower()
    except numbers.Unreadable as error:
        raise NoDate from error
    for pattern, order in _FORMS:
        if match := pattern.fullmatch(typed):
            year, month, day = order(*(part for part in match.groups() if part is not None))
            return _date(_year(year, short_years), month, day)
    if match := _EITHER.fullmatch(typed):
        return _either(int(match[1]), int(match[3]), _year(match[4], short_years), day_first)
    raise NoDate


def read_time(text: str) -> time:
    """The time of day that a text names: `18:00`, `23:59:59`, `18时00分`. Raises NoDate."""
    match = _TIME.fullmatch(numbers.plain(text))
    if match is None:
        raise NoDate
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    try:
        return time(hour, minute, second, int((match[4] or "0").ljust(6, "0")))
    except ValueError as error:
        raise NoDate from error


def read_instant(text: str) -> datetime:
    """A day and a time of day, with `T`, a space or nothing between them; aware where an offset follows. Raises NoDate.

    `2026-12-14T18:00`, `2026年12月14日 18:00`, `14.12.2026 18:00:30`, `2026-12-14T18:00:00+08:00`.
    """
    try:
        typed = numbers.plain(text)
    except numbers.Unreadable as error:
        raise NoDate from error
    match = re.fullmatch(r"(.+?)(?:(?<=\d)T|,? |(?<=[日号]))(\d{1,2}[:时点].*?)(Z|[+-]\d\d:?\d\d)?", typed, re.ASCII)
    if match is None:
        raise NoDate
    local = datetime.combine(read_day(match[1]), read_time(match[2]))
    try:
        return local.replace(tzinfo=datetime.strptime(match[3], "%z").tzinfo) if match[3] else local
    except ValueError as error:
        raise NoDate from error


def _month(name: str) -> int:
    """1 to 12 for a month's English name or its beginning; 0 for any other word."""
    return next((number for number, full in enumerate(MONTHS, 1) if full.startswith(name) or name == full[:4]), 0)


def _date(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise NoDate from error
    if not FIRST <= year <= LAST:
        raise NoDate
    return found


def _year(written: str, short: bool) -> int:
    if len(written) == 2 and not short:
        raise NoDate
    return int(written) + (2000 if len(written) == 2 else 0)


def _either(one: int, other: int, year: int, day_first: bool | None) -> date:
    """The only date that two numbers before a year can be. Raises NoDate with both where there are two."""
    if day_first is not None:
        return _date(year, *((other, one) if day_first else (one, other)))
    found = set()
    for month, day in ((one, other), (other, one)):
        if month <= 12:
            found.add(_date(year, month, day))
    if len(found) == 2:
        raise NoDate(tuple(sorted(found)))
    if not found:
        raise NoDate
    return found.pop()


_FORMS: tuple[tuple[re.Pattern[str], Callable[..., tuple[str, int, int]]], ...] = (
    (_YEAR_FIRST, lambda *parts: (parts[0], int(parts[-2]), int(parts[-1]))),
    (_COMPACT, lambda year, month, day: (year, int(month), int(day))),
    (_POINTS, lambda day, month, year: (year, int(month), int(day))),
    (_DAY_NAME, lambda day, month, year: (year, _month(month), int(day))),
    (_NAME_DAY, lambda month, day, year: (year, _month(month), int(day))),
)
