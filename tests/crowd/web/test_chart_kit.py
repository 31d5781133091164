"""Charts: the drawing, the description for people who do not see it, and the data table."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import pairwise

import pytest
from flask import Flask
from flask_babel import Babel

from crowd.web import chart_kit, score_charts, svg
from crowd.web.chart_kit import Chart, ChartStep, Level, Span
from crowd.web.score_charts import Cell

SVG = "{http://www.w3.org/2000/svg}"
COLUMNS = ("When", "Points", "Lately")
STANDS = (("Settled", "quiet"), ("Open", "safe"))
CRITERIA = ("Effect", "Cost")

AHEAD = (Span("Review", "4 Nov", "10 Nov", "6 days", 3, 9),)


@pytest.fixture(autouse=True)
def reader() -> Iterator[None]:
    """A request of somebody who reads English."""
    app = Flask("charts")
    Babel(app, default_locale="en")
    with app.test_request_context():
        yield


def cell(mean: float, low: float, high: float) -> Cell:
    """A cell of scores out of ten."""
    return Cell(mean / 10, low / 10, high / 10, f"{mean}", f"{mean} ({low} to {high})")


def faces(chart: Chart) -> list[ET.Element]:
    """The picture as XML, which also proves that it is well-formed: the wide one, then the one for a phone."""
    named = str(chart.svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
    return list(ET.fromstring(f"<figure>{named}</figure>"))


def read(chart: Chart) -> ET.Element:
    """The picture for a wide page."""
    return faces(chart)[0]


def every_chart() -> list[Chart]:
    return [
        chart_kit.timeline(
            "Way",
            [ChartStep("Funded", "1 Nov", "done"), ChartStep("Open", "2 Nov", "now"), ChartStep("Paid", "25 Jan")],
        ),
        chart_kit.flow("Money", [("Escrow", 300, "¥3", "safe"), ("Fees", 10, "¥0.10", "quiet")]),
        chart_kit.history("Points", [Level(1, 50, 0, "1 Nov"), Level(4, 80, 50, "4 Nov")], 9, "today", COLUMNS),
        chart_kit.over_time("Entries", [("1 Nov", 0), ("2 Nov", 4)]),
        score_charts.heat("Scores", CRITERIA, [("Two hydrants", [cell(8.5, 8, 9), None])], "Proposal"),
        chart_kit.stacked("Stands", STANDS, [("Oct 2026", (0, 3)), ("Nov 2026", (2, 4))], "Month"),
        chart_kit.spans("Time", [Span("Proposals", "1 Nov", "4 Nov", "3 days", 0, 3, "now"), *AHEAD]),
    ]


@pytest.mark.parametrize("chart", range(7))
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


@pytest.mark.parametrize("chart", range(7))
def test_no_picture_carries_a_style_or_colour_of_its_own(chart: int) -> None:
    for element in (one for face in faces(every_chart()[chart]) for one in face.iter()):
        assert not {"style", "fill", "stroke"} & set(element.keys())


@pytest.mark.parametrize(
    "chart",
    [
        lambda: chart_kit.timeline("t", []), lambda: chart_kit.flow("t", []), lambda: chart_kit.over_time("t", []),
        lambda: chart_kit.history("t", [], 1, "today", COLUMNS), lambda: score_charts.heat("t", [], [], "Proposal"),
    ],
)  # fmt: skip
def test_nothing_to_show_is_still_a_picture(chart: object) -> None:
    made = chart()  # type: ignore[operator]
    assert made.rows == ()
    assert read(made).get("viewBox")


def test_a_phone_gets_the_whole_way_in_letters_of_full_size() -> None:
    """The picture of a wide page would shrink to half there, and its labels be cut."""
    label, at = "Appeal period ended", "Fri 10 Jul 2026, 11:00 China Time"
    wide, slim = faces(chart_kit.timeline("Way", [ChartStep("Closed", "", "done"), ChartStep(label, at, "done")]))
    assert (wide.get("class"), slim.get("class")) == ("c-broad", "c-slim")
    assert slim.get("viewBox", "").startswith(f"0 0 {svg.NARROW} ")
    assert [text.text for text in slim.iter(f"{SVG}text")][-2:] == [label, at]


def test_words_of_people_cannot_become_markup() -> None:
    made = chart_kit.flow('<b>"x"</b>', [("<script>alert(1)</script>", 1, "1 & 2", "ink")])
    assert "<script" not in made.svg
    assert "<b>" not in made.svg
    read(made)


def test_bars_are_as_long_as_their_values() -> None:
    made = chart_kit.flow("t", [("a", 10, "10", "ink"), ("b", 5, "5", "safe"), ("c", 0, "0", "quiet")])
    widths = [float(bar.get("width") or 0) for bar in read(made).iter(f"{SVG}rect") if "c-fill" in bar.get("class", "")]
    assert widths == [640, 320, 0]


def test_an_interval_stays_on_its_scale() -> None:
    made = score_charts.interval(9.9, 9.1, 10.6, (0, 10))
    ends = ET.fromstring(made).findall("line")[1]
    assert (ends.get("x1"), ends.get("x2")) == ("177.9", "195")
    assert 'aria-label="9.9, from 9.1 to 10.6"' in made


def test_a_scale_is_fitted_to_what_it_shows() -> None:
    assert score_charts.fitted([71.0, 83.5, 90.2]) == (70, 95)
    near, far = (
        ET.fromstring(score_charts.interval(80, 78, 82, scale)).findall("line")[1] for scale in ((70, 90), (0, 100))
    )
    length = [float(line.get("x2") or 0) - float(line.get("x1") or 0) for line in (near, far)]
    assert length == pytest.approx([38, 7.6])


def test_a_dot_is_not_stretched_to_the_width_of_its_cell() -> None:
    assert "none" not in (ET.fromstring(score_charts.interval(5, 4, 6, (0, 10))).get("preserveAspectRatio") or "")


def test_a_history_stands_level_between_its_points_on_true_time() -> None:
    made = chart_kit.history("t", [Level(0, 50, 0, "1 Jan"), Level(9, 100, 50, "10 Jan")], 10, "today", COLUMNS)
    line = next(path.get("d") or "" for path in read(made).iter(f"{SVG}path") if path.get("class") == "c-line")
    corners = [tuple(map(float, corner.split())) for corner in line[1:].split("L")]
    xs, ys = zip(*corners, strict=True)
    assert xs[0] == xs[1] == xs[2]  # up at once
    assert ys[2] == ys[3]  # and level until the next
    begin, end = xs[0], xs[-1]
    assert (xs[3] - begin) / (end - begin) == pytest.approx(0.9, abs=0.01)
    assert made.rows == (("1 Jan", "50", "50"), ("10 Jan", "100", "50"))
    assert "c-area" in made.svg


def test_what_changes_only_the_band_is_drawn_and_not_told() -> None:
    made = chart_kit.history("t", [Level(0, 50, 0, "1 Jan"), Level(5, 50, 50)], 10, "today", COLUMNS)
    assert made.rows == (("1 Jan", "50", "50"),)
    assert [text.text for text in read(made).iter(f"{SVG}text") if "c-wide" in text.get("class", "")][-1] == "today"


def test_the_better_a_cell_the_darker_and_its_bar_shows_how_far_apart_the_reviews_are() -> None:
    rows = [("1. A", [cell(9, 8, 10), cell(5, 5, 5)]), ("2. B", [cell(3, 1, 5), None])]
    made = score_charts.heat("t", CRITERIA, rows, "Proposal")
    assert made.columns == ("Proposal", "Effect", "Cost")
    assert made.rows == (("1. A", "9 (8 to 10)", "5 (5 to 5)"), ("2. B", "3 (1 to 5)", "–"))
    for face in faces(made):
        cells = [rect for rect in face.iter(f"{SVG}rect") if "c-fill" in rect.get("class", "")]
        assert [cell.get("fill-opacity") for cell in cells] == ["0.90", "0.50", "0.30"]
        wide = float(cells[0].get("width") or 0)
        bars = [line for line in face.iter(f"{SVG}line") if "c-seal" in line.get("class", "")]
        lengths = [float(bar.get("x2") or 0) - float(bar.get("x1") or 0) for bar in bars]
        assert lengths == pytest.approx([(wide - 6) * 0.2 + 2, 2, (wide - 6) * 0.4 + 2], abs=0.3)


def test_too_few_points_for_a_picture_are_a_sentence() -> None:
    assert chart_kit.over_time("t", [("1 Nov", 1), ("2 Nov", 0), ("3 Nov", 4)]).sentence == "1 Nov: 1; 3 Nov: 4"
    assert chart_kit.over_time("t", [("1 Nov", 1), ("2 Nov", 2), ("3 Nov", 4)]).sentence == ""
    assert chart_kit.flow("t", [("a", 10, "10", "ink"), ("b", 5, "5", "safe")]).sentence == "a: 10; b: 5"


def test_labels_below_an_axis_neither_touch_nor_run_out_of_the_picture() -> None:
    days = [f"{number} November 2026" for number in range(1, 31)]
    made = chart_kit.over_time("t", [(day, 1) for day in days])
    for kind, size in (("c-wide", 1.0), ("c-phone", svg.PHONE)):
        ends = []
        for text in read(made).iter(f"{SVG}text"):
            if kind in (text.get("class") or ""):
                x, width = float(text.get("x") or 0), svg.width_of(text.text or "") * size
                anchor = next(one for one in ("begin", "middle", "end") if f"c-{one}" in (text.get("class") or ""))
                left = x - {"begin": 0, "middle": width / 2, "end": width}[anchor]
                ends.append((left, left + width))
        assert len(ends) >= 2
        assert all(one[1] <= after[0] for one, after in pairwise(ends))
        assert ends[0][0] >= 0
        assert ends[-1][1] <= svg.WIDTH


def test_a_date_on_a_phone_keeps_its_zone() -> None:
    at = "Tue 29 Sep 2026, 03:30 Central European Summer Time"
    slim = faces(chart_kit.timeline("Way", [ChartStep("Begun", at, "done"), ChartStep("Final", "", "now")]))[1]
    lines = [text.text or "" for text in slim.iter(f"{SVG}text")]
    assert " ".join(lines[1:-1]) == at
    assert all("…" not in line for line in lines)


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
    assert svg.ticks(low, high) == pytest.approx(ticks)


def test_counts_have_whole_ticks() -> None:
    made = chart_kit.over_time("t", [("1 Nov", 1), ("2 Nov", 2)])
    shown = [text.text for text in read(made).iter(f"{SVG}text") if text.get("class") == "c-muted c-end"]
    assert shown == ["0", "1", "2"]


def test_many_days_show_few_labels_and_fewer_on_a_phone() -> None:
    made = chart_kit.over_time("t", [(f"{day} November", day) for day in range(1, 31)])
    texts = list(read(made).iter(f"{SVG}text"))
    wide, phone = ([text for text in texts if kind in text.get("class", "")] for kind in ("c-wide", "c-phone"))
    assert 2 <= len(phone) < len(wide) < 12
    assert wide[-1].text == phone[-1].text == "30 November"
    assert len(made.rows) == 30


def test_long_labels_are_cut_in_the_picture_and_whole_in_the_table() -> None:
    title = "用两个消火栓的声音定位地下铸铁管泄漏点并给出五米以内的位置以及每次开挖的费用估计和不确定度与复核办法"
    made = score_charts.heat("t", CRITERIA, [(title, [cell(8, 7, 9), None])], "Proposal")
    drawn = [text.text or "" for text in read(made).iter(f"{SVG}text")]
    assert all(title not in text for text in drawn)
    assert any(text.endswith("…") for text in drawn)
    assert made.rows[0][0] == title


def test_columns_stand_on_one_another_and_are_as_high_as_their_numbers() -> None:
    made = chart_kit.stacked("Stands", STANDS, [("Oct 2026", (0, 3)), ("Nov 2026", (2, 4))], "Month")
    assert made.columns == ("Month", "Settled", "Open")
    assert made.rows == (("Oct 2026", "0", "3"), ("Nov 2026", "2", "4"))
    for face in faces(made):
        said = [text.text for text in face.iter(f"{SVG}text")]
        assert {"Settled", "Open", "Oct 2026", "Nov 2026"} <= set(said)
        columns = [rect for rect in face.iter(f"{SVG}rect") if float(rect.get("height", 0)) > 11]
        settled, opened = (rect for rect in columns if rect.get("x") == columns[-1].get("x"))
        ends = float(opened.get("y", 0)) + float(opened.get("height", 0))
        assert 0 < float(settled.get("y", 0)) - ends <= 1.2, "one begins where the other ends"
        assert float(opened.get("height", 0)) == pytest.approx(2 * float(settled.get("height", 0)), abs=2)
    nothing = chart_kit.stacked("Stands", STANDS, [], "Month")
    assert "nothing yet" in str(nothing.svg)


def test_parts_of_a_time_lie_where_they_are_on_it() -> None:
    chart = chart_kit.spans("Time", [Span("Proposals", "1 Nov", "4 Nov", "3 days", 0, 3, "now"), *AHEAD])
    assert chart.rows == (
        ("Proposals", "1 Nov", "4 Nov", "3 days", "now"), ("Review", "4 Nov", "10 Nov", "6 days", "to come"),
    )  # fmt: skip
    for face, room in zip(faces(chart), (svg.WIDTH, svg.NARROW), strict=True):
        bars = [bar for bar in face.iter(f"{SVG}rect") if "c-fill" in bar.attrib["class"]]
        assert [float(bar.attrib["x"]) for bar in bars] == [0, pytest.approx(room / 3, abs=0.1)]
        assert sum(float(bar.attrib["width"]) for bar in bars) == pytest.approx(room, abs=0.1)
        assert ["c-seal" in bar.attrib["class"] for bar in bars] == [True, False]
