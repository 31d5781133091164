"""Charts of scores: one with its interval on a scale, and a heat map of proposals by criteria."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

from crowd.web import svg
from crowd.web.chart_kit import Chart
from crowd.web.templating import labelled


@dataclass(frozen=True, slots=True)
class Cell:
    """The mean of some scores, the lowest and the highest of them, each from 0 to 1; and how they are written: the
    mean alone, and all three.
    """

    mean: float
    low: float
    high: float
    mean_text: str
    text: str


def interval(score: float, low: float, high: float, scale: tuple[float, float]) -> Markup:
    """A score with its interval on a full scale: a small chart for a cell of a table."""
    description = _("%(score)s, from %(low)s to %(high)s", score=_one(score), low=_one(low), high=_one(high))
    body = Markup("").join(_interval(score, low, high, scale, 5, 190, 11))
    # A dot stays a dot, however wide its cell is: the chart is not stretched, and begins at the left of the cell.
    begin = Markup('<svg class="spark" viewBox="0 0 200 22" preserveAspectRatio="xMinYMid" role="img" aria-label="{}">')
    return begin.format(description) + body + Markup("</svg>")


def fitted(values: Sequence[float]) -> tuple[float, float]:
    """The ends of a scale that just covers all values, at round numbers. Raises ValueError without any."""
    ends = svg.ticks(min(values), max(values))
    return ends[0], ends[-1]


def heat(title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Cell | None]]], unit: str) -> Chart:
    """A grid of cells, darker with a higher mean; a bar in each goes from the lowest score to the highest.

    `columns` are what is measured, `unit` is the heading of the rows.
    """
    faces = [_field(columns, rows, room, label) for room, label in ((svg.WIDTH, 250), (svg.NARROW, 110))]
    description = "; ".join(labelled(label, _shown(cells)) for label, cells in rows) or _("nothing yet")
    table = tuple((label, *(cell.text if cell else "–" for cell in cells)) for label, cells in rows)
    return Chart(svg.faces(title, description, *faces), (unit, *columns), table, title)


def _shown(cells: Sequence[Cell | None]) -> str:
    return ", ".join(cell.mean_text if cell else "–" for cell in cells)


def _field(
    columns: Sequence[str], rows: Sequence[tuple[str, Sequence[Cell | None]]], room: int, left: int
) -> tuple[float, list[Markup]]:
    """The cells in a drawing `room` units wide, with labels `left` units wide, below the names of the columns."""
    wide, high = (room - left) / max(len(columns), 1), 22
    named = [svg.lines(name, wide - 8)[:2] for name in columns]
    first = 8 + 15 * max(map(len, named), default=0)
    parts = [
        svg.text("c-muted", left + i * wide + 2, 12 + 15 * number, line)
        for i, lines in enumerate(named)
        for number, line in enumerate(lines)
    ]
    for number, (label, cells) in enumerate(rows):
        y = first + number * high
        parts.append(svg.text("c-text", 0, y + 15, svg.fit(label, left - 12)))
        for i, cell in enumerate(cells):
            x = left + i * wide
            if cell is not None:
                parts.append(svg.rect("c-fill c-ink", x + 1, y + 1, wide - 2, high - 2, cell.mean))
                # Equal scores also get a bar, so that it is visible.
                begin, end = (x + 4 + (wide - 8) * share for share in (cell.low, cell.high))
                parts.append(svg.line("c-stroke c-seal", begin - 1, y + high - 6, end + 1, y + high - 6))
    return first + high * len(rows) + 4, parts


def _interval(
    score: float, low: float, high: float, scale: tuple[float, float], left: float, width: float, y: float
) -> list[Markup]:
    begin, end = scale

    def x(value: float) -> float:
        return left + width * (min(max(value, begin), end) - begin) / (end - begin)

    return [
        svg.line("c-axis", left, y, left + width, y),
        svg.line("c-stroke c-ink", x(low), y, x(high), y),
        svg.circle("c-fill c-ink", x(score), y, 5),
    ]


def _one(value: float) -> str:
    return str(format_decimal(value, "0.0"))
