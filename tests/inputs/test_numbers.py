"""Whole numbers, percentages, dates and times as people write them: (what is written, what is read or None)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from crowd import dates
from crowd.dates import NoDate
from crowd.web import fields, time_fields, zones
from crowd.web.forms import Form

WHOLE = [
    ("10", 10), (" 10 ", 10), ("１０", 10), ("1,000", 1000), ("1.000", 1000), ("1 000", 1000), ("1\u00a0000", 1000),
    ("1'000", 1000), ("1’000", 1000), ("1,00,000", 100_000), ("007", 7), ("\u200b7", 7), ("7\u3000", 7),
    ("1.5", None), ("1,5", None), ("10.0", None), ("1,00", None), ("-1", None), ("+1", None), ("1e3", None),
    ("", None), ("٣", None), ("三", None), ("②", None), ("7 points", None), ("1_000", None), ("9" * 17, None),
    ("9" * 5000, None),
]  # fmt: skip
PERCENT = [
    ("33.33", 3333), ("33,33", 3333), ("３３．３３", 3333), ("33.3", 3330), ("50%", 5000), ("50 %", 5000),
    ("50％", 5000), ("12,5 %", 1250), ("100", 10_000), ("0.01", 1), (".5", 50), ("100.00", 10_000), ("7\u202f%", 700),
    ("33.333", None), ("33,333", None), ("100.01", None), ("0", None), ("-5", None), ("1/3", None), ("50%%", None),
    ("%", None), ("五十", None), ("50‰", None), ("1,00.0", None),
]  # fmt: skip
DAYS = [
    ("2026-11-29", "2026-11-29"), ("2026/11/29", "2026-11-29"), ("2026.11.29", "2026-11-29"),
    ("2026/1/9", "2026-01-09"), ("20261129", "2026-11-29"), ("2026年11月29日", "2026-11-29"),
    ("2026 年 11 月 29 日", "2026-11-29"), ("2026年1月9号", "2026-01-09"), ("２０２６年１１月２９日", "2026-11-29"),
    ("２０２６／１１／２９", "2026-11-29"), ("29.11.2026", "2026-11-29"), ("05.01.2027", "2027-01-05"),
    ("5. 1. 2027", "2027-01-05"), ("29/11/2026", "2026-11-29"), ("11/29/2026", "2026-11-29"),
    ("29-11-2026", "2026-11-29"), ("5/5/2026", "2026-05-05"), ("29 Nov 2026", "2026-11-29"),
    ("29 November 2026", "2026-11-29"), ("Nov 29, 2026", "2026-11-29"), ("November 29th, 2026", "2026-11-29"),
    ("Sept. 3, 2026", "2026-09-03"), ("29-Nov-2026", "2026-11-29"), (" 2026-11-29\u3000", "2026-11-29"),
    ("2028-02-29", "2028-02-29"), ("2026-02-29", None), ("31.04.2026", None), ("2026-13-01", None),
    ("13/13/2026", None), ("3/4/2026", None), ("04-03-2026", None), ("29.11.26", None), ("29/11/26", None),
    ("2026-11", None), ("11月29日", None), ("2026/11-29", None), ("29 Foo 2026", None), ("tomorrow", None),
    ("", None), ("0001-01-01", None), ("9999-01-01", None), ("2026-11-29x", None), ("2026-11-29" + "0" * 100, None),
    ("٢٠٢٦-11-29", None),
]  # fmt: skip
INSTANTS = [
    ("2026-12-14T18:00", "2026-12-14 10:00:00"), ("2026-12-14T23:59:59", "2026-12-14 15:59:59"),
    ("2026-12-14 18:00", "2026-12-14 10:00:00"), ("2026/12/14 18:00", "2026-12-14 10:00:00"),
    ("2026年12月14日 18:00", "2026-12-14 10:00:00"), ("2026年12月14日18：00", "2026-12-14 10:00:00"),
    ("2026年12月14日18时30分", "2026-12-14 10:30:00"), ("14.12.2026 18:00", "2026-12-14 10:00:00"),
    ("14 Dec 2026, 18:00", "2026-12-14 10:00:00"), ("２０２６-１２-１４ １８:００", "2026-12-14 10:00:00"),
    ("2026-12-14T18:00:00+02:00", "2026-12-14 16:00:00"), ("2026-12-14T18:00Z", "2026-12-14 18:00:00"),
    ("2026-12-14", None), ("18:00", None), ("3/4/2026 18:00", None), ("2026-12-14T24:00", None),
    ("2026-12-14T18:60", None), ("2026-12-14T18", None), ("2026-12-14 18:00 CST", None),
    ("2026-12-14T18:00+99:99", None), ("0001-01-01T00:00", None),
]  # fmt: skip


class Counted(Form):
    points = fields.WholeField("Points", most=100_000)
    share = fields.PercentField("Share")
    on = time_fields.DayField("On")
    time_zone = time_fields.ZoneField("Zone", default="Asia/Shanghai")
    at = time_fields.InstantField("At")


@pytest.fixture(scope="module", autouse=True)
def request_context(shared_app: Flask) -> Any:
    with shared_app.test_request_context("/", method="POST"):
        yield


def read(name: str, written: str, **more: str) -> Any:
    """The field after what was written into it; what is refused stays as it came."""
    field = Counted(MultiDict({"share": "50", name: written, **more}), meta={"csrf": False})
    field.validate()
    assert field[name]._value() == written
    return None if field[name].errors else field[name]


@pytest.mark.parametrize(("written", "expected"), WHOLE)
def test_whole_numbers(written: str, expected: int | None) -> None:
    field = read("points", written)
    assert (field.data if field else None) == expected


@pytest.mark.parametrize(("written", "expected"), PERCENT)
def test_percentages_are_hundredths_of_a_percent(written: str, expected: int | None) -> None:
    field = read("share", written)
    assert (field.points if field else None) == expected


@pytest.mark.parametrize(("written", "expected"), DAYS)
def test_days(written: str, expected: str | None) -> None:
    field = read("on", written)
    assert (field.data.isoformat() if field and field.data else None) == expected


@pytest.mark.parametrize(("written", "expected"), INSTANTS)
def test_instants_are_read_in_the_zone_beside_them(written: str, expected: str | None) -> None:
    field = read("at", written, time_zone="Asia/Shanghai")
    assert (f"{field.data:%Y-%m-%d %H:%M:%S}" if field and field.data else None) == expected


def test_a_date_that_can_be_two_is_refused_with_both() -> None:
    with pytest.raises(NoDate) as refused:
        dates.read_day("3/4/2026")
    assert refused.value.readings == (date(2026, 3, 4), date(2026, 4, 3))
    form = Counted(MultiDict({"at": "3/4/2026 18:00"}), meta={"csrf": False})
    assert not form.validate()
    assert "2026-03-04" in form.at.errors[0]
    assert "2026-04-03" in form.at.errors[0]


@given(st.dates(date(1900, 1, 1), date(2999, 12, 31)))
def test_a_day_is_read_back_in_every_way_of_writing_it(day: date) -> None:
    year, month, number = day.year, day.month, day.day
    for written in (
        day.isoformat(), f"{year}年{month}月{number}日", f"{number}.{month}.{year}", f"{year}/{month}/{number}",
        day.strftime("%d %b %Y"), day.strftime("%B %d, %Y"), day.strftime("%Y%m%d"),
    ):  # fmt: skip
        assert dates.read_day(written) == day


ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "UTC", "Etc/GMT+12", "America/New_York"])


@given(st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1)), ZONES)
def test_a_draft_that_is_saved_unchanged_keeps_its_instants_to_the_second(at: datetime, zone: str) -> None:
    """Except in the hour that comes twice, of which the first is meant."""
    instant = at.replace(microsecond=0, tzinfo=UTC)
    shown = Counted(formdata=None, data={"at": instant, "time_zone": zone}).at._value()
    again = Counted(MultiDict({"at": shown, "time_zone": zone}), meta={"csrf": False}).at.data
    assert again == instant or (instant - again).total_seconds() == 3600


@pytest.mark.parametrize("second", ["23:59:59", "00:00:01", "12:30:30", "18:00:59"])
def test_a_field_with_seconds_lets_the_browser_keep_them(second: str) -> None:
    at = datetime.fromisoformat(f"2026-12-14T{second}+00:00")
    form = Counted(formdata=None, data={"at": at, "time_zone": "UTC"})
    assert f'value="2026-12-14T{second}"' in str(form.at())
    assert 'step="1"' in str(form.at())
    whole = Counted(formdata=None, data={"at": at.replace(second=0), "time_zone": "UTC"})
    assert "step" not in str(whole.at())


def test_anywhere_on_earth_is_a_zone_to_choose() -> None:
    form = Counted(MultiDict({"at": "2026-12-14 23:59", "time_zone": "Etc/GMT+12"}), meta={"csrf": False})
    assert form.at.data == datetime(2026, 12, 15, 11, 59, tzinfo=UTC)
    assert not form.time_zone.errors
    offered = {choice.value: choice.label for choice in form.time_zone.choices}
    assert offered["Etc/GMT+12"].startswith("UTC−12:00 ")
    assert "AoE" in offered["Etc/GMT+12"]
    zh = dict(zones.zones_offered("zh_Hans_CN", date(2026, 12, 14)))["Etc/GMT+12"]
    assert zh != dict(zones.zones_offered("en", date(2026, 12, 14)))["Etc/GMT+12"]


def test_no_number_field_turns_with_the_mouse_wheel() -> None:
    """A browser's number field does, and an autosaving form stores it; a line of text does not."""
    form = Counted(formdata=None)
    assert all('type="text"' in str(form[name]()) for name in ("points", "share"))
