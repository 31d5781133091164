"""iCalendar (RFC 5545), as Google, Apple and Outlook read it.

Every time is an instant in UTC, so a calendar needs no description of a time zone and shows each reader their own. A
deadline is an instant: it has a beginning, no duration, and blocks no time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Response, current_app
from icalendar import Calendar, Event

from crowd.web.request_locale import platform_name, reader

REFRESH = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Deadline:
    """One date: `key` is stable and unique on the platform; `planned` may still change, `cancelled` no longer holds."""

    key: str
    at: datetime
    summary: str
    path: str
    changed_at: datetime
    description: str = ""
    planned: bool = False
    cancelled: bool = False


def calendar(name: str, deadlines: Iterable[Deadline]) -> bytes:
    """The calendar as a file, in the reader's language."""
    made = Calendar()
    made.add("version", "2.0")
    made.add("prodid", "-//Crowd//Crowd//EN")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", str(reader().zone))
    made.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    made.add("x-published-ttl", "PT6H")
    for deadline in deadlines:
        made.add_component(_event(deadline))
    return bytes(made.to_ical())


def _event(deadline: Deadline) -> Event:
    made, address = Event(), current_app.config["CROWD"].address
    made.add("uid", f"{deadline.key}@{current_app.config['CROWD'].host_name}")
    made.add("dtstamp", deadline.changed_at.astimezone(UTC))
    made.add("last-modified", deadline.changed_at.astimezone(UTC))
    made.add("dtstart", deadline.at.astimezone(UTC))
    made.add("summary", deadline.summary)
    if deadline.description:
        made.add("description", deadline.description)
    made.add("url", address + deadline.path)
    made.add("transp", "TRANSPARENT")
    made.add("status", "CANCELLED" if deadline.cancelled else "TENTATIVE" if deadline.planned else "CONFIRMED")
    made.add("categories", [platform_name()])
    return made


def response(name: str, deadlines: Iterable[Deadline], file_name: str, *, private: bool = False) -> Response:
    """The answer of an endpoint with this calendar; a private one is kept by no shared cache."""
    made = Response(calendar(name, deadlines), mimetype="text/calendar")
    made.headers["Content-Disposition"] = f'inline; filename="{file_name}.ics"'
    made.headers["Cache-Control"] = "private, no-store" if private else "public, max-age=300"
    made.headers["X-Robots-Tag"] = "noindex"
    made.vary.add("Accept-Language")
    return made
