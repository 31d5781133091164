"""Office hours: a scenario uses its own times, and this says when staff, sponsors and council act.

Actions in an evening, a night, a weekend or a holiday are done in the last hours of the working day before.
The order of actions does not change, on whatever day the scenario runs: of two times the later one stays the later.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
OPENS = timedelta(hours=9)
QUIET = timedelta(hours=15)  # from here on the day also contains the actions of the hours after it
LEAVES = timedelta(hours=17, minutes=25)  # the last action begins; at half past five it is done
DAY = timedelta(days=1)
MAX_SHIFT = timedelta(days=11)  # no action is shifted by more, whatever holidays are combined
# (month, day) of the first day and the number of days, by the solar year
FIXED = (((1, 1), 1), ((4, 4), 3), ((5, 1), 5), ((10, 1), 7))
# By the lunar calendar, year by year: New Year's Day of the Spring Festival, Dragon Boat, Mid-Autumn
LUNAR = {
    2024: ((2, 10), (6, 10), (9, 17)),
    2025: ((1, 29), (5, 31), (10, 6)),
    2026: ((2, 17), (6, 19), (9, 25)),
    2027: ((2, 6), (6, 9), (9, 15)),
    2028: ((1, 26), (5, 28), (10, 3)),
    2029: ((2, 13), (6, 16), (9, 22)),
    2030: ((2, 3), (6, 5), (9, 12)),
    2031: ((1, 23), (6, 24), (10, 1)),
    2032: ((2, 11), (6, 12), (9, 19)),
    2033: ((1, 31), (6, 1), (9, 8)),
    2034: ((2, 19), (6, 20), (9, 27)),
    2035: ((2, 8), (6, 10), (9, 16)),
}
EVE, WEEK = 1, 7  # the Spring Festival is free from its eve, and for a week


def working(at: datetime) -> datetime:
    """The time at which an office does what the scenario has at `at`: never later, and at most MAX_SHIFT before.

    Aware, in the zone of `at`. Times between QUIET and the next opening are mapped to the hours up to LEAVES.
    """
    local = at.astimezone(CHINA)
    day = _last_opening(local)
    opened = datetime.combine(day, datetime.min.time(), CHINA) + OPENS
    quiet = opened + (QUIET - OPENS)
    if local <= quiet:
        return at
    following = day + DAY
    while not works(following):
        following += DAY
    gap = datetime.combine(following, datetime.min.time(), CHINA) + OPENS - quiet
    return (quiet + (local - quiet) * ((LEAVES - QUIET) / gap)).astimezone(at.tzinfo)


def works(day: date) -> bool:
    """Whether offices in China are open on that day: no weekend and no public holiday."""
    return day.weekday() < 5 and not _holiday(day)


def _last_opening(local: datetime) -> date:
    day = local.date()
    if local - datetime.combine(day, datetime.min.time(), CHINA) < OPENS:
        day -= DAY
    while not works(day):
        day -= DAY
    return day


def _holiday(day: date) -> bool:
    runs = [(date(day.year, *first), days) for first, days in FIXED]
    if day.year in LUNAR:
        spring, dragon, moon = (date(day.year, *first) for first in LUNAR[day.year])
        runs += [(spring - EVE * DAY, EVE + WEEK), (dragon, 1), (moon, 1)]
    return any(first <= day < first + length * DAY for first, length in runs)
