"""When an email is due: by choice, zone and quiet hours, also where a clock is changed."""

from datetime import UTC, datetime

import pytest

from crowd.notifications.models import Frequency
from crowd.notifications.timing import Quiet, due_at

NIGHT = Quiet(22, 7)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("frequency", "now", "zone", "quiet", "due"),
    [
        ("at_once", "2026-11-30T03:00", "Asia/Shanghai", None, None),
        ("at_once", "2026-11-30T03:00", "Asia/Shanghai", NIGHT, None),
        ("at_once", "2026-11-30T15:00", "Asia/Shanghai", NIGHT, "2026-11-30T23:00"),  # 23:00 there, until 7
        ("at_once", "2026-11-30T22:59", "Asia/Shanghai", NIGHT, "2026-11-30T23:00"),
        ("at_once", "2026-11-30T23:00", "Asia/Shanghai", NIGHT, None),  # 7 there: they have ended
        ("at_once", "2026-11-30T05:00", "Asia/Shanghai", Quiet(13, 14), "2026-11-30T06:00"),
        ("daily", "2026-11-30T03:00", "Asia/Shanghai", None, "2026-12-01T00:00"),
        ("daily", "2026-11-29T23:59", "Asia/Shanghai", None, "2026-11-30T00:00"),
        ("daily", "2026-11-30T00:00", "Asia/Shanghai", None, "2026-12-01T00:00"),  # not the one that is sent now
        ("daily", "2026-11-30T03:00", "America/New_York", None, "2026-11-30T13:00"),
        ("daily", "2026-11-30T03:00", "Asia/Shanghai", Quiet(22, 9), "2026-12-01T01:00"),
        ("daily", "2026-03-28T12:00", "Europe/Berlin", None, "2026-03-29T06:00"),  # the night of summer time
        ("daily", "2026-10-24T12:00", "Europe/Berlin", None, "2026-10-25T07:00"),
        ("weekly", "2026-11-30T03:00", "Asia/Shanghai", None, "2026-12-07T00:00"),  # a Monday after eight
        ("weekly", "2026-11-29T23:00", "Asia/Shanghai", None, "2026-11-30T00:00"),  # a Monday before eight
        ("weekly", "2026-12-02T03:00", "Pacific/Auckland", None, "2026-12-06T19:00"),
        ("weekly", "2026-12-02T03:00", "Asia/Kathmandu", NIGHT, "2026-12-07T02:15"),
    ],
)
def test_when_an_email_is_due(frequency: str, now: str, zone: str, quiet: Quiet | None, due: str | None) -> None:
    assert due_at(Frequency(frequency), at(now), zone, quiet) == (at(due) if due else None)


def test_what_is_never_mailed_is_never_due() -> None:
    with pytest.raises(ValueError, match="never"):
        due_at(Frequency.NEVER, at("2026-11-30T03:00"), "UTC")
