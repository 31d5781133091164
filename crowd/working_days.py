"""The operator's calendar: working days, which are not on a weekend and not among its holidays (a setting)."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


def is_working(day: date, holidays: Collection[date]) -> bool:
    """Whether the operator works on a day."""
    return day.weekday() < SATURDAY and day not in holidays


def after(start: datetime, days: int, holidays: Collection[date], zone: ZoneInfo) -> datetime:
    """The same time of the day in the operator's zone, so many working days later; what begins on a day off begins on
    the next working day.
    """
    found = _working(start.astimezone(zone), holidays)
    for _day in range(days):
        found = _working(found + timedelta(days=1), holidays)
    return found


def _working(at: datetime, holidays: Collection[date]) -> datetime:
    while not is_working(at.date(), holidays):
        at += timedelta(days=1)
    return at
