"""Offices act in the daytime of working days: the mapped times of a scenario's actions, on whatever day it runs."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from crowd.demo import judging, office
from crowd.demo.office import CHINA, LUNAR, MAX_SHIFT, working, works
from crowd.demo.scenarios import first_year, payday
from crowd.demo.texts import read

DAY = timedelta(days=1)


def china(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CHINA)  # type: ignore[misc,arg-type]


def test_what_an_office_would_do_then_stays_where_it_is() -> None:
    for at in (china(2026, 11, 25, 9), china(2026, 11, 25, 11, 30), china(2026, 11, 27, 15)):
        assert working(at) == at


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (china(2026, 11, 29, 23), date(2026, 11, 27)),  # a Sunday night
        (china(2026, 11, 28, 11), date(2026, 11, 27)),  # a Saturday
        (china(2026, 11, 25, 3), date(2026, 11, 24)),  # before dawn
        (china(2026, 11, 30, 8, 59), date(2026, 11, 27)),  # a Monday, before opening
        (china(2026, 1, 1, 10), date(2025, 12, 31)),  # New Year
        (china(2026, 2, 16, 10), date(2026, 2, 13)),  # the eve of the Spring Festival
        (china(2026, 2, 20, 10), date(2026, 2, 13)),
        (china(2026, 4, 5, 10), date(2026, 4, 3)),  # Qingming
        (china(2026, 5, 4, 10), date(2026, 4, 30)),
        (china(2026, 6, 19, 10), date(2026, 6, 18)),  # Dragon Boat
        (china(2026, 9, 25, 10), date(2026, 9, 24)),  # Mid-Autumn
        (china(2026, 10, 7, 16), date(2026, 9, 30)),
    ],
)
def test_evenings_weekends_and_holidays_go_to_the_working_day_before(at: datetime, day: date) -> None:
    done = working(at).astimezone(CHINA)
    assert done.date() == day
    assert time(15) <= done.time() < time(17, 30)


def test_every_hour_of_ten_years_is_told_in_office_hours_in_its_order_and_not_far_away() -> None:
    hours = [datetime(min(LUNAR), 1, 15, tzinfo=UTC) + timedelta(hours=3 * each) for each in range(8 * 365 * 10)]
    told = [working(at) for at in hours]
    for at, done in zip(hours, told, strict=True):
        there = done.astimezone(CHINA)
        assert works(there.date())
        assert time(9) <= there.time() < time(17, 30)
        assert timedelta(0) <= at - done < MAX_SHIFT
    assert all(before < after for before, after in pairwise(told))


def test_years_beyond_the_table_still_know_weekends_and_the_holidays_of_the_sun() -> None:
    assert not works(date(max(LUNAR) + 5, 10, 3))
    assert works(date(max(LUNAR) + 5, 10, 15))


def test_the_day_on_which_it_is_told_changes_nothing_of_who_is_paid_with_whom() -> None:
    """A decision may lie days further back because of a holiday, and so may a payday; never past one another."""
    assert {_paid_on(datetime(2026, 1, 1, 2, tzinfo=UTC) + day * DAY) for day in range(1_100)} == {(1, 1, 2, 3, 4, 5)}


def _paid_on(end: datetime) -> tuple[int, ...]:
    """For each challenge with awards, in the order of their settlement: the number of the payday that pays it."""
    paydays = [working(end - days * DAY) for days in payday.PAYDAYS]
    settled = sorted(
        office.working(_closes(key, end - days * DAY) + timedelta(hours=2) + judging.DECIDES) + 7 * DAY
        for key, days in first_year.OPENED.items()
        if key not in first_year.WITHOUT
    )
    return tuple(1 + sum(day <= instant for day in paydays) for instant in settled)


def _closes(key: str, opens: datetime) -> datetime:
    return opens + read.challenge(key).days_open * DAY + timedelta(hours=8)
