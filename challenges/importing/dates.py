"""Dates as people typed them into Challenge.gov: US order, Eastern Time unless said otherwise."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from challenges.importing.errors import ImportErrorReason, Problem, problem

EASTERN = ZoneInfo("America/New_York")
EARLIEST, LATEST = 1990, 2100  # years; a date outside is a typing error
MAX_LENGTH = 100  # characters

ZONES: dict[str, tzinfo] = {
    **dict.fromkeys(("et", "est", "edt", "eastern", "eastern time"), EASTERN),
    **dict.fromkeys(("ct", "cst", "cdt", "central", "central time"), ZoneInfo("America/Chicago")),
    **dict.fromkeys(("mt", "mst", "mdt", "mountain", "mountain time"), ZoneInfo("America/Denver")),
    **dict.fromkeys(("pt", "pst", "pdt", "pacific", "pacific time"), ZoneInfo("America/Los_Angeles")),
    **dict.fromkeys(("akst", "akdt", "alaska time"), ZoneInfo("America/Anchorage")),
    **dict.fromkeys(("hst", "hawaii time"), ZoneInfo("Pacific/Honolulu")),
    **dict.fromkeys(("z", "utc", "gmt"), UTC),
}
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+", re.I)
_NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?!\d)")
_YEAR_FIRST = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?!\d)")
_MONTH_NAME = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?!\d)", re.I)
_DAY_MONTH_NAME = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s+([a-z]{3,9})\.?,?\s+(\d{4})(?!\d)", re.I)
_TIME = re.compile(
    r"(\d{1,2})(?::(\d{2}))?(?::(\d{2})(?:\.\d{1,9})?)?\s*(a\.?\s?m\b\.?|p\.?\s?m\b\.?|noon\b|midnight\b)?", re.I
)
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])(\d{1,2}):?(\d{2})?", re.I)
_SURE_ZONE = re.compile(r"(?:\b(?:utc|gmt)\b|[+-]\d{1,2}:?\d{2}|\d\s*z)\W*$", re.I)


class Edge(StrEnum):
    """Which end of the day is used where no time is given."""

    START = "start"
    END = "end"


EDGES = {Edge.START: time(0), Edge.END: time(23, 59, 59)}


@dataclass(frozen=True, slots=True)
class Instant:
    """`at` aware in UTC, or None; `problems` says what was assumed or not understood."""

    at: datetime | None
    problems: tuple[Problem, ...] = ()


def understand_date(text: str, field: str, edge: Edge, *, american: bool = True) -> Instant:
    """The time that `text` names, in Eastern Time unless it names a zone. Never raises.

    What an author who is not `american` (a record in Chinese) could mean differently is not guessed: an ambiguous order
    of day and month, a missing zone, and letters that are zones elsewhere (CST). Nor is `05.01.2027`, which is not an
    American way to write a date, for any author.

    A date without a time means the first second of its day for `Edge.START` and the last for `Edge.END`.
    """
    typed = " ".join(text.split())
    if not typed:
        return Instant(None, (problem(field, ImportErrorReason.DATE_NOT_GIVEN),))
    if len(typed) > MAX_LENGTH:
        return Instant(None, (problem(field, ImportErrorReason.DATE_NOT_UNDERSTOOD, text),))
    if _is_ambiguous(_WEEKDAY.sub("", typed), american):
        return Instant(None, (problem(field, ImportErrorReason.DATE_AMBIGUOUS, text),))
    found = _day(_WEEKDAY.sub("", typed))
    if found is None:
        return Instant(None, (problem(field, ImportErrorReason.DATE_NOT_UNDERSTOOD, text),))
    day, rest, day_first = found
    if day is None:
        return Instant(None, (problem(field, ImportErrorReason.DATE_IMPOSSIBLE, text),))
    if not american and not _SURE_ZONE.search(rest):
        return Instant(None, (problem(field, ImportErrorReason.ZONE_NOT_SAID, text),))
    at, reasons = _with_time(day, rest, edge)
    if day_first:
        reasons.append(ImportErrorReason.DAY_FIRST)
    return Instant(at, tuple(problem(field, reason, text) for reason in reasons))


def _is_ambiguous(typed: str, american: bool) -> bool:
    """Whether day and month can only be distinguished by knowing the author."""
    match = _NUMERIC.match(typed)
    if match is None or (american and "." not in match[0]):
        return False
    first, second = int(match[1]), int(match[2])
    return first <= 12 and second <= 12 and first != second


def _day(typed: str) -> tuple[date | None, str, bool] | None:
    """The day, what follows it, and whether the day came before the month; None where no date is there."""
    if match := _YEAR_FIRST.match(typed):
        year, month, day = (int(part) for part in match.groups())
    elif match := _NUMERIC.match(typed):
        month, day, year = (int(part) for part in match.groups())
        year += 2000 if len(match[3]) == 2 else 0
    elif (match := _MONTH_NAME.match(typed)) and (month := _month(match[1])):
        day, year = int(match[2]), int(match[3])
    elif (match := _DAY_MONTH_NAME.match(typed)) and (month := _month(match[2])):
        day, year = int(match[1]), int(match[3])
    else:
        return None
    day_first = month > 12 >= day
    if day_first:
        month, day = day, month
    rest = typed[match.end() :]
    try:
        found = date(year, month, day)
    except ValueError:
        return None, rest, False
    return (found if EARLIEST <= year <= LATEST else None), rest, day_first


def _month(name: str) -> int:
    """1 to 12 for a month's name or its beginning; 0 for any other word."""
    return next((number for number, full in enumerate(MONTHS, 1) if full.startswith(name.lower())), 0)


def _with_time(day: date, rest: str, edge: Edge) -> tuple[datetime, list[ImportErrorReason]]:
    """The time of `day` at the time and in the zone that `rest` names."""
    reasons: list[ImportErrorReason] = []
    clock = EDGES[edge]
    rest = re.sub(r"^(?:[\s,;@]|at\b)+", "", rest, flags=re.I)
    if re.match(r"T\d", rest):
        rest = rest[1:]
    match = _TIME.match(rest)
    if match:
        understood = _time(*match.groups())
        rest = rest[match.end() :]
        if understood is None:
            reasons.append(ImportErrorReason.TIME_NOT_UNDERSTOOD)
        else:
            clock = understood
    zone = _zone(rest)
    if zone is None and (match is None or match[4] is None):
        # Unknown letters after bare figures ("9 a.a.") invalidate the time; after "9 a.m." they are an unknown zone.
        reasons, clock = [ImportErrorReason.TIME_NOT_UNDERSTOOD], EDGES[edge]
    elif zone is None:
        reasons.append(ImportErrorReason.ZONE_NOT_UNDERSTOOD)
    elif match is None:
        reasons.append(ImportErrorReason.TIME_NOT_GIVEN)
    elif edge is Edge.END and clock == time(0):
        reasons.append(ImportErrorReason.ENDS_AT_MIDNIGHT)
    local = datetime.combine(day, clock, tzinfo=zone or EASTERN)
    return local.astimezone(UTC), reasons


def _time(hour: str, minute: str | None, second: str | None, half: str | None) -> time | None:
    """A time of day; None where it is invalid, or where a bare number is ambiguous."""
    hours, minutes, seconds = int(hour), int(minute or 0), int(second or 0)
    mark = (half or "").lower()[:1]
    if not half and minute is None:
        return None
    if mark == "n":
        return time(12) if (hours, minutes) == (12, 0) else None
    if mark == "m":
        return time(0) if (hours, minutes) == (12, 0) else None
    if mark and hours == 12:
        hours = 0 if mark == "a" else 12
    elif mark == "p" and 1 <= hours < 12:
        hours += 12
    elif mark == "a" and hours > 12:
        return None
    try:
        return time(hours, minutes, seconds)
    except ValueError:
        return None


def _zone(rest: str) -> tzinfo | None:
    """The zone named by the rest of the text: Eastern Time for nothing, None for an unknown zone."""
    name = re.sub(r"[().,]", "", rest).strip().lower()
    if not name:
        return EASTERN
    if name in ZONES:
        return ZONES[name]
    match = _OFFSET.fullmatch(name)
    if match and int(match[2]) <= 14 and int(match[3] or 0) < 60:
        offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return timezone(offset if match[1] == "+" else -offset)
    return None
