"""Working days: Monday to Friday but holidays, at the same time of the day, in the platform's zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from crowd.config import Misconfigured
from crowd.environment import from_env
from crowd.working_days import after

CHINA = ZoneInfo("Asia/Shanghai")
HOLIDAYS = frozenset({date(2027, 2, 8), date(2027, 2, 9)})


@pytest.mark.parametrize(
    ("at", "days", "due"),
    [
        ("2026-11-30T09:00", 5, "2026-12-07T09:00"),  # Monday to Monday
        ("2026-12-04T17:30", 1, "2026-12-07T17:30"),  # over a weekend
        ("2026-12-05T10:00", 1, "2026-12-08T10:00"),  # what comes on a Saturday begins on Monday
        ("2026-12-06T10:00", 0, "2026-12-07T10:00"),
        ("2026-12-02T10:00", 0, "2026-12-02T10:00"),
        ("2027-02-05T10:00", 1, "2027-02-10T10:00"),  # over a weekend and two holidays
        ("2027-02-08T10:00", 1, "2027-02-11T10:00"),
    ],
)
def test_days_off_do_not_count(at: str, days: int, due: str) -> None:
    begins = datetime.fromisoformat(at).replace(tzinfo=CHINA)
    assert after(begins.astimezone(UTC), days, HOLIDAYS, CHINA) == datetime.fromisoformat(due).replace(tzinfo=CHINA)


def test_the_zone_says_which_day_it_is() -> None:
    at = datetime(2026, 12, 4, 20, tzinfo=UTC)  # a Friday in London, a Saturday in China
    assert after(at, 1, (), ZoneInfo("UTC")).day == 7
    assert after(at, 1, (), CHINA).day == 8


def test_holidays_are_dates_before_anything_starts() -> None:
    assert from_env({"CROWD_HOLIDAYS": "2027-02-08, 2027-02-09"}).holidays == (date(2027, 2, 8), date(2027, 2, 9))
    with pytest.raises(Misconfigured, match=r"CROWD_HOLIDAYS.*2027-02-30"):
        from_env({"CROWD_HOLIDAYS": "2027-02-30"})
