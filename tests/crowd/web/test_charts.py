"""Pictures: what they draw, what they say to those who do not see them, and the table behind them."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel

from crowd.web import charts
from crowd.web.charts import Chart, Point, Step

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def reader() -> Iterator[None]:
    """A request of somebody who reads English."""
    app = Flask("charts")
    Babel(app, default_locale="en")
    with app.test_request_context():
        yield


def faces(chart: Chart) -> list[ET.Element]:
    """The picture as XML, which also proves that it is well-formed: the wide one, then the one for a phone."""
    named = str(chart.svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
    return list(ET.fromstring(f"<figure>{named}</figure>"))


def read(chart: Chart) -> ET.Element:
    """The picture for a wide page."""
    return faces(chart)[0]


def every_chart() -> list[Chart]:
    return [
        charts.timeline("Way", [Step("Funded", "1 Nov", "done"), Step("Open", "2 Nov", "now"), Step("Paid", "25 Jan")]),
        charts.bars("Tags", [("Acoustics", 5, "5"), ("Pumps", 0, "0")]),
        charts.flow("Money", [("Escrow", 300, "¥3", "safe"), ("Fees", 10, "¥0.10", "quiet")]),
        charts.line("Reputation", [Point("1 Nov", 1500, 1450, 1550), Point("2 Nov", 1520, 1480, 1560)]),
        charts.over_time("Entries", [("1 Nov", 0), ("2 Nov", 4)]),
        charts.interval_rows("Scores", [("Two hydrants", 8.7, 8.1, 9.3)]),
    ]


@pytest.mark.parametrize("chart", range(6))
def test_every_picture_names_itself_and_has_a_table(chart: int) -> None:
    made = every_chart()[chart]
    for root in faces(made):
        title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert root.get("role") == "img"
        assert title is not None
        assert desc is not None
        assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
        assert title.text == made.title
        assert desc.text
    assert made.rows
    assert all(len(row) == len(made.columns) for row in made.rows)


@pytest.mark.parametrize("chart", range(6))
def test_no_picture_carries_a_style_or_colour_of_its_own(chart: int) -> None:
    for element in (one for face in faces(every_chart()[chart]) for one in face.iter()):
        assert not {"style", "fill", "stroke"} & set(element.keys())


@pytest.mark.parametrize(
    "chart",
    [
        lambda: charts.timeline("t", []), lambda: charts.bars("t", []), lambda: charts.flow("t", []),
        lambda: charts.line("t", []), lambda: charts.over_time("t", []), lambda: charts.interval_rows("t", []),
    ],
)  # fmt: skip
def test_nothing_to_show_is_still_a_picture(chart: object) -> None:
    made = chart()  # type: ignore[operator]
    assert made.rows == ()
    assert read(made).get("viewBox")


def test_a_phone_gets_the_whole_way_in_letters_of_full_size() -> None:
    """The picture of a wide page would shrink to half there, and its labels be cut."""
    label, at = "Time to appeal ended", "Fri 10 Jul 2026, 11:00 China Time"
    wide, slim = faces(charts.timeline("Way", [Step("Closed", "", "done"), Step(label, at, "done")]))
    assert (wide.get("class"), slim.get("class")) == ("c-broad", "c-slim")
    assert slim.get("viewBox", "").startswith(f"0 0 {charts.NARROW} ")
    assert [text.text for text in slim.iter(f"{SVG}text")][-2:] == [label, at]


def test_words_of_people_cannot_become_markup() -> None:
    made = charts.bars('<b>"x"</b>', [("<script>alert(1)</script>", 1, "1 & 2")])
    assert "<script" not in made.svg
    assert "<b>" not in made.svg
    read(made)


def test_bars_are_as_long_as_their_values() -> None:
    made = charts.bars("t", [("a", 10, "10"), ("b", 5, "5"), ("c", 0, "0")])
    widths = [float(bar.get("width") or 0) for bar in read(made).iter(f"{SVG}rect") if "c-fill" in bar.get("class", "")]
    assert widths == [640, 320, 0]


def test_an_interval_stays_on_its_scale() -> None:
    made = charts.interval(9.9, 9.1, 10.6, top=10)
    ends = ET.fromstring(made).findall("line")[1]
    assert (ends.get("x1"), ends.get("x2")) == ("182", "200")
    assert 'aria-label="9.9, from 9.1 to 10.6"' in made


def test_a_band_is_drawn_only_where_there_is_one() -> None:
    assert "c-area" in charts.line("t", [Point("a", 1, 0, 2), Point("b", 2, 1, 3)]).svg
    plain = charts.line("t", [Point("a", 1), Point("b", 2)])
    assert "c-area" not in plain.svg
    assert plain.columns == ("When", "Value")


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 4, [0, 1, 2, 3, 4]),
        (1342, 1656, [1300, 1400, 1500, 1600, 1700]),
        (5, 5, [5, 5.25, 5.5, 5.75, 6]),
        (0, 0.01, [0, 0.0025, 0.005, 0.0075, 0.01]),
    ],
)
def test_ticks_are_round_and_hold_both_ends(low: float, high: float, ticks: list[float]) -> None:
    assert charts._ticks(low, high) == pytest.approx(ticks)


def test_counts_have_whole_ticks() -> None:
    made = charts.over_time("t", [("1 Nov", 1), ("2 Nov", 2)])
    shown = [text.text for text in read(made).iter(f"{SVG}text") if "c-end" in text.get("class", "")]
    assert shown == ["0", "1", "2"]


def test_many_days_show_few_labels_and_fewer_on_a_phone() -> None:
    made = charts.over_time("t", [(f"{day} November", day) for day in range(1, 31)])
    labels = [text for text in read(made).iter(f"{SVG}text") if "c-middle" in text.get("class", "")]
    on_phone = [text for text in labels if "c-wide" not in text.get("class", "")]
    assert 2 <= len(on_phone) < len([text for text in labels if "c-phone" not in text.get("class", "")]) < 12
    assert labels[-1].text == "30 November"
    assert len(made.rows) == 30


def test_long_labels_are_cut_in_the_picture_and_whole_in_the_table() -> None:
    title = "用两个消火栓的声音定位地下铸铁管泄漏点并给出五米以内的位置以及每次开挖的费用估计和不确定度与复核办法"
    made = charts.interval_rows("t", [(title, 8.0, 7.0, 9.0)])
    drawn = [text.text or "" for text in read(made).iter(f"{SVG}text")]
    assert all(title not in text for text in drawn)
    assert any(text.endswith("…") for text in drawn)
    assert made.rows[0][0] == title
