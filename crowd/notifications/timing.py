"""When an email about a notification is due, by a person's choice, time zone and quiet hours. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crowd.notifications.models import Frequency

DIGEST_HOUR = 8  # of the person's day
MONDAY = 0
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours of a day, 0 to 23, from the beginning of one to the beginning of the other, over midnight too."""

    begins: int
    ends: int

    def __contains__(self, hour: int) -> bool:
        if self.begins < self.ends:
            return self.begins <= hour < self.ends
        return hour >= self.begins or hour < self.ends


def due_at(frequency: Frequency, now: datetime, time_zone: str, quiet: Quiet | None = None) -> datetime | None:
    """When an email about something that happens `now` is due; None where that is at once.

    Daily and weekly ones are due at eight in the morning, the weekly ones on Monday; those that fall into quiet hours
    when these end. Raises ValueError for `never`.
    """
    if frequency == Frequency.NEVER:
        raise ValueError("such an email is never due")
    local = now.astimezone(ZoneInfo(time_zone))
    if frequency == Frequency.AT_ONCE:
        return _end_of(quiet, local) if quiet and local.hour in quiet else None
    day = local.date()
    while True:
        due = _at(day, DIGEST_HOUR, local)
        if (frequency == Frequency.DAILY or day.weekday() == MONDAY) and due > now:
            return _end_of(quiet, due) if quiet and due.hour in quiet else due
        day += DAY


def _end_of(quiet: Quiet, local: datetime) -> datetime:
    """The next end of the quiet hours."""
    today = _at(local.date(), quiet.ends, local)
    return today if today > local else _at(local.date() + DAY, quiet.ends, local)


def _at(day: date, hour: int, local: datetime) -> datetime:
    return datetime.combine(day, time(hour), local.tzinfo)
