"""When a screening is due: working days are Monday to Friday in the platform's time zone; holidays are not known."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


def working_days_after(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of the day, so many working days later; what begins on a weekend begins on Monday."""
    found = _working(at.astimezone(zone))
    for _day in range(days):
        found = _working(found + timedelta(days=1))
    return found


def _working(at: datetime) -> datetime:
    while at.weekday() >= SATURDAY:
        at += timedelta(days=1)
    return at
