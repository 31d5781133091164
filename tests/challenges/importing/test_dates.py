"""Dates as people typed them, in Eastern Time unless stated otherwise."""

from datetime import UTC, datetime

import pytest

from challenges.importing.dates import EASTERN, Edge, understand_date
from challenges.importing.errors import ImportErrorReason


def read(text, edge=Edge.START):
    instant = understand_date(text, "date", edge)
    at = instant.at and instant.at.astimezone(EASTERN).strftime("%Y-%m-%d %H:%M:%S")
    return at, [problem.reason.value for problem in instant.problems]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("06/23/2020 7:15 AM", "2020-06-23 07:15:00"),
        ("9/16/2019 12:00 PM", "2019-09-16 12:00:00"),
        ("10/24/2019 12:00 pm", "2019-10-24 12:00:00"),
        ("10/08/2019  11:00 AM", "2019-10-08 11:00:00"),
        ("11/30/2020 5:00 PM ", "2020-11-30 17:00:00"),
        ("01/21/2020 9 a.m.", "2020-01-21 09:00:00"),
        ("2020/08/28 12 p.m.", "2020-08-28 12:00:00"),
        ("2020/02/28 8 a. m.", "2020-02-28 08:00:00"),
        ("01/27/2020 8 AM", "2020-01-27 08:00:00"),
        ("01/29/2020 11:00AM", "2020-01-29 11:00:00"),
        ("10/08/2020 5:59:59 PM", "2020-10-08 17:59:59"),
        ("06/24/2021 12:00 AM ET", "2021-06-24 00:00:00"),
        ("2022/3/27 11:59 PM", "2022-03-27 23:59:00"),
        ("03/22/19 1:00 PM", "2019-03-22 13:00:00"),
        ("2021-09-30T17:00:00", "2021-09-30 17:00:00"),
        ("2021-09-30T21:00:00.000Z", "2021-09-30 17:00:00"),
        ("2021-09-30 17:00:00-0400", "2021-09-30 17:00:00"),
        ("March 3rd, 2021 at 5 PM EST", "2021-03-03 17:00:00"),
        ("Friday, 5 March 2021, 12 noon", "2021-03-05 12:00:00"),
        ("03/05/2021 2:00 PM (Pacific Time)", "2021-03-05 17:00:00"),
        ("12/30/2020 13:30", "2020-12-30 13:30:00"),
    ],
)
def test_a_date_is_understood(text, at):
    assert read(text) == (at, [])


def test_summer_and_winter_have_their_own_offset():
    assert understand_date("07/01/2021 12:00 PM", "date", Edge.END).at == datetime(2021, 7, 1, 16, tzinfo=UTC)
    assert understand_date("01/01/2021 12:00 PM", "date", Edge.END).at == datetime(2021, 1, 1, 17, tzinfo=UTC)


def test_a_day_without_a_time_begins_early_and_ends_late():
    assert read("03/22/2019") == ("2019-03-22 00:00:00", ["time_not_given"])
    assert read("03/22/2019 ", Edge.END) == ("2019-03-22 23:59:59", ["time_not_given"])


def test_an_end_at_midnight_is_taken_at_its_word_and_said():
    assert read("04/22/2019 12:00 AM", Edge.END) == ("2019-04-22 00:00:00", ["ends_at_midnight"])
    assert read("04/22/2019 12:00 AM", Edge.START) == ("2019-04-22 00:00:00", [])


@pytest.mark.parametrize(
    "text", ["01/21/2020 12 a.a.", "01/21/2020 9", "01/21/2020 25:00", "01/21/2020 14:00 AM", "01/21/2020 soon"]
)
def test_a_spoilt_time_leaves_the_day(text):
    assert read(text) == ("2020-01-21 00:00:00", ["time_not_understood"])


def test_an_unknown_zone_is_said():
    assert read("01/21/2020 5:00 PM XYZ") == ("2020-01-21 17:00:00", ["zone_not_understood"])


def test_the_day_before_the_month_is_understood_only_where_nothing_else_is_possible():
    assert read("25/12/2020 5:00 PM") == ("2020-12-25 17:00:00", ["day_first"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ImportErrorReason.DATE_NOT_GIVEN),
        ("   ", ImportErrorReason.DATE_NOT_GIVEN),
        ("TBD", ImportErrorReason.DATE_NOT_UNDERSTOOD),
        ("Summer 2020", ImportErrorReason.DATE_NOT_UNDERSTOOD),
        ("Marchy 3, 2020", ImportErrorReason.DATE_NOT_UNDERSTOOD),
        ("02/30/2020", ImportErrorReason.DATE_IMPOSSIBLE),
        ("00/00/0000 12:00 AM", ImportErrorReason.DATE_IMPOSSIBLE),
        ("06/23/0020", ImportErrorReason.DATE_IMPOSSIBLE),
        ("1" * 5000, ImportErrorReason.DATE_NOT_UNDERSTOOD),
        ("٠٦/٢٣/٢٠٢٠ 😀", ImportErrorReason.TIME_NOT_UNDERSTOOD),
    ],
)
def test_what_is_no_date_is_reported_with_its_text(text, reason):
    instant = understand_date(text, "submission-end", Edge.END)
    assert [problem.reason for problem in instant.problems] == [reason]
    assert instant.problems[0].field == "submission-end"
    assert text.startswith(instant.problems[0].source.rstrip("…"))
