"""Pictures as SVG made on the server: numbers in, markup out, nothing else read or written.

Each picture has a title, a description for those who do not see it, and the table behind it (`ui.chart` shows it).
Colours come from classes of the stylesheet, so that pictures follow the theme and the content security policy.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from markupsafe import Markup

WIDTH = 640
NARROW = 320  # the width of a picture that is drawn for a phone
PHONE = 24 / 13  # how much larger the letters are on a phone (crowd.css)
STEP_TONES = {"done": "safe", "now": "seal"}
TONES = ("ink", "safe", "seal", "warn", "quiet")
EM = {"wide": 13.0, "narrow": 7.0}  # rough widths of a Chinese and a Latin letter at 13 px


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture and the table behind it: `columns` are headings, `rows` hold texts."""

    svg: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a timeline: `status` is done, now or next."""

    label: str
    at: str
    status: str = "next"


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a line, with the ends of its band where it has one."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None


def timeline(title: str, steps: Sequence[Step]) -> Chart:
    """Steps from top to bottom: green are done, vermilion is now."""
    wide: list[Markup] = []
    narrow: list[Markup] = []
    for i, step in enumerate(steps):
        y = 18 + i * 36
        strong = " c-strong" if step.status == "now" else ""
        wide += _step(i, 36, step.status)
        wide.append(_text("c-text" + strong, 34, y + 5, _fit(step.label, WIDTH - _width(step.at) - 50)))
        wide.append(_text("c-muted c-end", WIDTH, y + 5, step.at))
        narrow += _step(i, 50, step.status)
        y = 18 + i * 50
        narrow.append(_text("c-text" + strong, 34, y + 5, _fit(step.label, NARROW - 34)))
        narrow.append(_text("c-muted", 34, y + 22, _fit(step.at, NARROW - 34)))
    said = {"done": _("done"), "now": _("now"), "next": _("to come")}
    rows = tuple((step.label, step.at, said.get(step.status, "")) for step in steps)
    current = next((step.label for step in steps if step.status == "now"), "")
    told = _("%(count)s steps; now: %(step)s", count=len(steps), step=current or _("none"))
    svg = _faces(title, told, (36 * len(steps), wide), (50 * len(steps), narrow))
    return Chart(svg, (_("Step"), _("When"), _("State")), rows, title)


def _step(number: int, space: int, status: str) -> list[Markup]:
    """The dot of a step and the line to it from the one before."""
    y, tone = 18 + number * space, STEP_TONES.get(status, "quiet")
    dot = _circle(f"c-dot c-{tone}", 12, y, 6)
    if not number:
        return [dot]
    return [_line(f"c-stroke c-{tone}" if status in STEP_TONES else "c-axis", 12, y - space + 8, 12, y - 8), dot]


def bars(title: str, series: Sequence[tuple[str, float, str]], tone: str = "ink") -> Chart:
    """Horizontal bars: (label, value >= 0, the value as text), in the order given."""
    return _bars(title, [(label, value, shown, tone) for label, value, shown in series])


def flow(title: str, parts: Sequence[tuple[str, int, str, str]]) -> Chart:
    """Where each yuan went: (label, minor units >= 0, the sum as text, tone), say escrow, awards, fees, refunds."""
    return _bars(title, parts)


def _bars(title: str, series: Sequence[tuple[str, float, str, str]]) -> Chart:
    top = max((value for _label, value, _shown, _tone in series), default=0) or 1
    faces = []
    for room in (WIDTH, NARROW):
        parts: list[Markup] = []
        for i, (label, value, shown, tone) in enumerate(series):
            y = i * 40
            parts.append(_text("c-text", 0, y + 14, _fit(label, room - _width(shown) - 16)))
            parts.append(_text("c-text c-end c-strong", room, y + 14, shown))
            parts.append(_rect("c-track", 0, y + 20, room, 9))
            parts.append(_rect(f"c-fill c-{_tone(tone)}", 0, y + 20, max(room * value / top, 2 if value else 0), 9))
        faces.append((max(40 * len(series), 10), parts))
    rows = tuple((label, shown) for label, _value, shown, _tone in series)
    told = "; ".join(f"{label}: {shown}" for label, shown in rows) or _("nothing yet")
    return Chart(_faces(title, told, *faces), (_("What"), _("Value")), rows, title)


def line(title: str, points: Sequence[Point], unit: str = "") -> Chart:
    """A line over ordered points, with a band where points have a low and a high end."""
    if not points:
        return Chart(_svg(title, _("nothing yet"), 10, []), (_("When"), _("Value")), (), title)
    values = [v for p in points for v in (p.value, p.low, p.high) if v is not None]
    ticks = _ticks(min(values), max(values))
    low, high = ticks[0], ticks[-1]
    left, right, base, top = _room(ticks), WIDTH - 12, 190, 12

    def place(i: int, value: float) -> tuple[float, float]:
        x = left + (right - left) * (i / (len(points) - 1) if len(points) > 1 else 0.5)
        return x, base - (base - top) * (value - low) / (high - low)

    parts: list[Markup] = []
    for tick in ticks:
        y = place(0, tick)[1]
        parts += [_line("c-axis", left, y, right, y), _text("c-muted c-end", left - 8, y + 4, _plain(tick))]
    band = [(i, p.low, p.high) for i, p in enumerate(points) if p.low is not None and p.high is not None]
    if len(band) > 1:
        around = [place(i, end) for i, _low, end in band] + [place(i, end) for i, end, _high in reversed(band)]
        parts.append(_path("c-area", around, close=True))
    parts.append(_path("c-line", [place(i, p.value) for i, p in enumerate(points)]))
    parts.append(_circle("c-dot c-ink", *place(len(points) - 1, points[-1].value), 4))
    parts += _feet([(place(i, low)[0], p.label) for i, p in enumerate(points)], base + 24)
    return Chart(_svg(title, _line_told(points, unit), 216, parts), *_line_table(points, unit), title)


def _line_told(points: Sequence[Point], unit: str) -> str:
    first, last = points[0], points[-1]
    return _(
        "from %(first)s (%(start)s) to %(last)s (%(end)s)",
        first=f"{_plain(first.value)}{unit}", start=first.label, last=f"{_plain(last.value)}{unit}", end=last.label,
    )  # fmt: skip


def _line_table(points: Sequence[Point], unit: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    if any(p.low is not None for p in points):
        ends = [
            (_plain(p.low) if p.low is not None else "", _plain(p.high) if p.high is not None else "") for p in points
        ]
        rows = tuple((p.label, _plain(p.value) + unit, *end) for p, end in zip(points, ends, strict=True))
        return (_("When"), _("Value"), _("Low end"), _("High end")), rows
    return (_("When"), _("Value")), tuple((p.label, _plain(p.value) + unit) for p in points)


def over_time(title: str, counts: Sequence[tuple[str, int]]) -> Chart:
    """Columns of counts over ordered days: (day as text, count)."""
    ticks = _ticks(0, max((count for _day, count in counts), default=0), whole=True)
    left, base, top = _room(ticks), 150, 12
    space = (WIDTH - left) / max(len(counts), 1)
    parts: list[Markup] = []
    for tick in ticks:
        y = base - (base - top) * tick / ticks[-1]
        parts += [_line("c-axis", left, y, WIDTH, y), _text("c-muted c-end", left - 8, y + 4, _plain(tick))]
    for i, (_day, count) in enumerate(counts):
        height = (base - top) * count / ticks[-1]
        parts.append(_rect("c-fill c-ink", left + i * space + space * 0.15, base - height, space * 0.7, height))
    parts += _feet([(left + (i + 0.5) * space, day) for i, (day, _count) in enumerate(counts)], base + 24)
    rows = tuple((day, _plain(count)) for day, count in counts)
    told = _("%(count)s in all", count=_plain(sum(count for _day, count in counts)))
    return Chart(_svg(title, told, 176, parts), (_("Day"), _("Number")), rows, title)


def interval(score: float, low: float, high: float, top: float = 10.0, tone: str = "ink") -> Markup:
    """A score with its interval on a scale from 0 to `top`: one small picture for a cell of a table."""
    told = _("%(score)s, from %(low)s to %(high)s", score=_one(score), low=_one(low), high=_one(high))
    body = _interval(score, low, high, top, 0, 200, 11, tone)
    return Markup(
        '<svg class="spark" viewBox="0 0 200 22" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>'
    ).format(told, Markup("").join(body))


def interval_rows(
    title: str, scores: Sequence[tuple[str, float, float, float]], top: float = 10.0, tone: str = "ink"
) -> Chart:
    """Scores with intervals under one another: (label, score, low, high) on a scale from 0 to `top`."""
    parts: list[Markup] = []
    for i, (label, score, low, high) in enumerate(scores):
        y = i * 44
        shown = _("%(score)s (%(low)s to %(high)s)", score=_one(score), low=_one(low), high=_one(high))
        parts += _label("c-text", 0, y + 14, label, _left_of(shown))
        parts.append(_text("c-text c-end", WIDTH, y + 14, shown))
        parts += _interval(score, low, high, top, 0, WIDTH, y + 28, tone)
    rows = tuple((label, _one(score), _one(low), _one(high)) for label, score, low, high in scores)
    told = "; ".join(f"{row[0]}: {row[1]}" for row in rows) or _("nothing yet")
    columns = (_("What"), _("Score"), _("Low end"), _("High end"))
    return Chart(_svg(title, told, max(44 * len(scores), 10), parts), columns, rows, title)


def _interval(
    score: float, low: float, high: float, top: float, left: float, width: float, y: float, tone: str
) -> list[Markup]:
    def x(value: float) -> float:
        return left + width * min(max(value, 0), top) / top

    tone = _tone(tone)
    return [
        _line("c-axis", left, y, left + width, y),
        _line(f"c-stroke c-{tone}", x(low), y, x(high), y),
        _circle(f"c-fill c-{tone}", x(score), y, 5),
    ]


def _faces(title: str, told: str, wide: tuple[float, list[Markup]], narrow: tuple[float, list[Markup]]) -> Markup:
    """One picture drawn for a wide page and once more for a phone; the stylesheet shows the one that fits."""
    return _svg(title, told, *wide, kind="c-broad") + _svg(title, told, *narrow, width=NARROW, kind="c-slim")


def _svg(
    title: str, told: str, height: float, parts: Iterable[Markup], width: int = WIDTH, kind: str = "c-any"
) -> Markup:
    body = Markup("").join(parts)
    name = "chart-" + sha256(f"{title}{told}{body}".encode()).hexdigest()[:8]  # ids are unique on a page
    return Markup(
        '<svg class="{kind}" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{id}-t {id}-d">'
        '<title id="{id}-t">{title}</title><desc id="{id}-d">{told}</desc>{body}</svg>'
    ).format(kind=kind, w=width, h=_n(height), id=name, title=title, told=told, body=body)


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, _n(x1), _n(y1), _n(x2), _n(y2))


def _rect(kind: str, x: float, y: float, width: float, height: float) -> Markup:
    shape = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"/>')
    return shape.format(kind, _n(x), _n(y), _n(width), _n(height))


def _circle(kind: str, x: float, y: float, radius: float) -> Markup:
    return Markup('<circle class="{}" cx="{}" cy="{}" r="{}"/>').format(kind, _n(x), _n(y), _n(radius))


def _text(kind: str, x: float, y: float, text: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(kind, _n(x), _n(y), text)


def _path(kind: str, places: Sequence[tuple[float, float]], close: bool = False) -> Markup:
    way = "L".join(f"{_n(x)} {_n(y)}" for x, y in places)
    return Markup('<path class="{}" d="M{}"/>').format(kind, way + ("Z" if close else ""))


def _label(kind: str, x: float, y: float, text: str, width: float) -> list[Markup]:
    """A text that fits `width`; where a phone's larger letters need a shorter one, both, and the stylesheet chooses."""
    wide, short = _fit(text, width), _fit(text, width / PHONE)
    if wide == short:
        return [_text(kind, x, y, wide)]
    return [_text(f"{kind} c-wide", x, y, wide), _text(f"{kind} c-phone", x, y, short)]


def _left_of(shown: str) -> float:
    """The width that a text at the right edge leaves, also when its letters are those of a phone."""
    return WIDTH - _width(shown) * PHONE - 16


def _room(ticks: Sequence[float]) -> float:
    """The room that labels left of an axis need."""
    return max(_width(_plain(tick)) for tick in ticks) * PHONE + 12


def _feet(labels: Sequence[tuple[float, str]], y: float) -> list[Markup]:
    """Labels under an axis: as many as fit without touching, always the first and the last; fewer on a phone."""
    widest = max((_width(text) for _x, text in labels), default=0)
    wide, phone = _chosen(len(labels), widest + 16), _chosen(len(labels), widest * PHONE + 16)
    shown = []
    for kind, chosen, half in (("c-wide", wide, widest / 2), ("c-phone", phone, widest * PHONE / 2)):
        for i in sorted(chosen):
            x = min(max(labels[i][0], half), WIDTH - half)
            shown.append(_text(f"c-muted c-middle {kind}", x, y, labels[i][1]))
    return shown


def _chosen(count: int, widest: float) -> set[int]:
    """Which of `count` evenly spread labels to show; the last one is worth more than its neighbour."""
    every = max(1, math.ceil(count * widest / (WIDTH - 80)))
    return {i for i in range(0, count, every) if count - 1 - i >= every} | ({count - 1} if count else set())


def _ticks(low: float, high: float, whole: bool = False) -> list[float]:
    """Four or five round values that hold both ends."""
    if high <= low:
        high = low + 1
    rough = (high - low) / 4
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    if whole:
        step = max(1, math.ceil(step))
    first = math.floor(low / step)
    count = math.ceil(round(high / step, 9)) - first
    return [(first + i) * step for i in range(count + 1)]


def _tone(tone: str) -> str:
    return tone if tone in TONES else "ink"


def _width(text: str) -> float:
    return sum(EM["wide"] if ord(letter) > 0x2E7F else EM["narrow"] for letter in text)


def _fit(text: str, width: float) -> str:
    """The text, cut with an ellipsis where it would be wider than `width` pixels."""
    if _width(text) <= width:
        return text
    while text and _width(text) > width - EM["narrow"]:
        text = text[:-1]
    return text.rstrip() + "…"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _plain(value: Any) -> str:
    return str(format_decimal(value, "#,##0.##"))


def _one(value: float) -> str:
    return str(format_decimal(value, "0.0"))
