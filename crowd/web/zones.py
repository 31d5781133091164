"""Time zones to choose from, by offset and place."""

from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import dates
from flask_babel import force_locale
from flask_babel import gettext as _

from crowd.clock import time_zones

ANYWHERE = "Etc/GMT+12"  # the zone in which a day ends last: a deadline "anywhere on earth" (AoE)
NATIONAL = ("US", "Canada", "Brazil", "Chile", "Mexico")  # older names of zones that also have a name by place


@cache
def zone_names() -> tuple[str, ...]:
    """The zones that have a place, sorted, after UTC and "anywhere on earth"."""
    return (
        "UTC",
        ANYWHERE,
        *sorted(z for z in time_zones() if "/" in z and not z.startswith(("Etc/", "SystemV/"))),
    )


@lru_cache(8)
def zones_offered(locale: str, day: date) -> tuple[tuple[str, str], ...]:
    """(name, words) of the zones to choose from on a day: from west to east, each location once."""
    found: dict[tuple[timedelta, str], str] = {}
    for name in sorted(zone_names(), key=_aside):
        found.setdefault(zone_label(name, locale, day), name)
    return tuple((name, shown) for (_offset, shown), name in sorted(found.items()))


def _aside(name: str) -> tuple[bool, bool, str]:
    """The order among names of one place: the one with the same name first."""
    place = dates.get_timezone_location(ZoneInfo(name), locale="en", return_city=True)
    return not name.endswith(f"/{place.replace(' ', '_')}"), name.split("/")[0] in NATIONAL, name


def zone_label(name: str, locale: str, day: date) -> tuple[timedelta, str]:
    """The offset of a zone on a day, and `UTC+08:00 Shanghai` in a language."""
    zone = ZoneInfo(name)
    offset = datetime(day.year, day.month, day.day, 12, tzinfo=zone).utcoffset() or timedelta(0)
    if name == "UTC":
        return offset, "UTC"
    west, minutes = offset < timedelta(0), int(abs(offset).total_seconds()) // 60
    place = dates.get_timezone_location(zone, locale=locale, return_city=True)
    if name == ANYWHERE:
        with force_locale(locale):
            place = _("Anywhere on Earth (AoE)")
    return offset, f"UTC{'−' if west else '+'}{minutes // 60:02}:{minutes % 60:02} {place}"
