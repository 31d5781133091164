"""The operator's calendar: working days, which are not on a weekend and not among its holidays (a setting)."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


def is_working(day: date, holidays: Collection[date]) -> bool:
    """Whether the operator works on a day."""
    return day.weekday() < SATURDAY and day not in holidays


def after(start: datetime, days: int, holidays: Collection[date], zone: ZoneInfo) -> datetime:
    """The end of the last of so many working days after `start`, in the operator's zone: midnight that follows it."""
    day = start.astimezone(zone).date()
    left = days
    while left > 0:
        day += timedelta(days=1)
        left -= is_working(day, holidays)
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
