"""Fields of dates, times and time zones: `crowd.dates` reads them, a zone field beside them says where they hold."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import get_timezone
from flask_babel import gettext as _
from wtforms import SelectChoice, SelectField
from wtforms.widgets import DateInput, DateTimeLocalInput

from crowd import dates
from crowd.dates import NoDate
from crowd.errors import Sentence
from crowd.web import readings
from crowd.web.fields import ParsedField
from crowd.web.request_locale import reader
from crowd.web.zones import zone_label, zone_names, zones_offered


class InstantField(ParsedField):
    """A local date and time, read in a zone; `data` is the aware time in UTC, or None.

    The zone is that of the field named by `zone` (in this form or the one around it) where there is one, else the
    reader's. `crowd.dates` defines what is accepted; the API may give an offset: `2026-12-14T18:00:00+08:00`. A local
    time that a change of clocks skips or repeats is rejected.
    """

    widget = DateTimeLocalInput()

    def __init__(
        self, label: Sentence = None, validators: Sequence[Any] = (), *, zone: str = "time_zone", **kwargs: Any
    ):
        super().__init__(label, list(validators), **kwargs)
        self.named = zone

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the text is read and shown."""
        other = self._beside(self.named)
        if other is not None and other.data in zone_names():
            return ZoneInfo(other.data)
        return ZoneInfo(str(get_timezone() or "UTC"))

    def _read(self, typed: str) -> None:
        try:
            given = dates.read_instant(typed)
            instant = (given if given.tzinfo else given.replace(tzinfo=self.zone)).astimezone(UTC)
        except NoDate as error:
            self.process_errors = [readings.no_date(error, _("Write the date and the time, such as 2026-12-14 18:00."))]
            return
        if given.tzinfo is None and instant.astimezone(self.zone).replace(tzinfo=None) != given:
            self.process_errors = [_("The clocks skip this hour in %(zone)s; choose another.", zone=str(self.zone))]
            return
        if given.tzinfo is None and given.replace(tzinfo=self.zone, fold=1).astimezone(UTC) != instant:
            told = _("This hour comes twice on that day in %(zone)s; choose another.", zone=str(self.zone))
            self.process_errors = [told]
            return
        self.data = instant

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if not self.data:
            return ""
        local = self.data.astimezone(self.zone).replace(tzinfo=None)
        return str(local.isoformat(timespec="seconds" if local.second else "minutes"))

    def __call__(self, **kwargs: Any) -> Any:
        """The browser's field; a value with seconds steps by seconds, or the browser would reject it."""
        return super().__call__(**({"step": 1} if re.search(r":\d\d:\d\d", self._value()) else {}), **kwargs)


class DayField(ParsedField):
    """A date; the browser's own field, or what a person writes where there is none. `data` is a date or None."""

    widget = DateInput()

    def _read(self, typed: str) -> None:
        try:
            self.data = dates.read_day(typed)
        except NoDate as error:
            self.process_errors = [readings.no_date(error, _("Write the date, such as 2026-12-14."))]

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if self.data else ""


class ZoneField(SelectField):
    """A time zone by its place, `Asia/Shanghai`, offered as `UTC+08:00 Shanghai` in the reader's language."""

    def __init__(self, label: Sentence = None, **kwargs: Any) -> None:
        offered = zones_offered(reader().name, datetime.now(UTC).date())
        super().__init__(label, choices=[SelectChoice(name, shown) for name, shown in offered], **kwargs)
        self.type = "SelectField"

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Also offer the zone that is stored under an older name of its place."""
        super().process(*args, **kwargs)
        if self.data in zone_names() and all(self.data != choice.value for choice in self.choices):
            shown = zone_label(str(self.data), reader().name, datetime.now(UTC).date())[1]
            self.choices.append(SelectChoice(self.data, shown))
