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
EM = {"wide": 13.0, "narrow": 7.5}  # rough widths of a Chinese and a Latin letter at 13 px


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
class Level:
    """A value that holds from `at` (any unit of time) on, with the lower end of its band; `label` is told below."""

    at: float
    value: float
    low: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """A score with the ends of its interval; `band`: several share it, which the picture marks."""

    label: str
    score: float
    low: float
    high: float
    band: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a time, from `begin` to `end` (seconds); `first`, `last` and `length` say them in words."""

    label: str
    first: str
    last: str
    length: str
    begin: float
    end: float
    status: str = "next"


def spans(title: str, parts: Sequence[Span]) -> Chart:
    """Parts of one time under one another, each a bar where it lies: green are done, vermilion is now."""
    said = _statuses()
    begin = min(part.begin for part in parts)
    whole = max(part.end for part in parts) - begin or 1
    faces = []
    for room, high in ((WIDTH, 40), (NARROW, 57)):
        drawn: list[Markup] = []
        for i, part in enumerate(parts):
            y, shown = i * high, f"{part.first} – {part.last} · {part.length}"
            width = room if high > 40 else room - _width(shown) - 16
            kind = "c-text c-strong" if part.status == "now" else "c-text"
            drawn.append(_text(kind, 0, y + 14, _fit(part.label, width)))
            drawn.append(
                _text("c-muted", 0, y + 31, shown) if high > 40 else _text("c-muted c-end", room, y + 14, shown)
            )
            x, long = room * (part.begin - begin) / whole, room * (part.end - part.begin) / whole
            drawn.append(_rect("c-track", 0, y + high - 20, room, 9))
            tone = STEP_TONES.get(part.status, "quiet")
            drawn.append(_rect(f"c-fill c-{tone}", min(x, room - 3), y + high - 20, max(long, 3), 9))
        faces.append((high * len(parts), drawn))
    rows = tuple((one.label, one.first, one.last, one.length, said[one.status]) for one in parts)
    told = "; ".join(f"{row[0]}: {row[3]}, {row[4]}" for row in rows)
    return Chart(_faces(title, told, *faces), (_("Part"), _("From"), _("Until"), _("Length"), _("State")), rows, title)


def _statuses() -> dict[str, str]:
    return {"done": _("done"), "now": _("now"), "next": _("to come")}


def timeline(title: str, steps: Sequence[Step]) -> Chart:
    """Steps from top to bottom: green are done, vermilion is now."""
    said = _statuses()
    rows = tuple((step.label, step.at, said.get(step.status, "")) for step in steps)
    current = next((step.label for step in steps if step.status == "now"), "")
    told = _("%(count)s steps; now: %(step)s", count=len(steps), step=current or _("none"))
    svg = _faces(title, told, _wide_steps(steps), _narrow_steps(steps))
    return Chart(svg, (_("Step"), _("When"), _("State")), rows, title)


def _wide_steps(steps: Sequence[Step]) -> tuple[float, list[Markup]]:
    parts: list[Markup] = []
    for i, step in enumerate(steps):
        y = 18 + i * 36
        parts += _step(step.status, y, y - 36 if i else None)
        parts.append(_text(_said(step), 34, y + 5, _fit(step.label, WIDTH - _width(step.at) - 50)))
        parts.append(_text("c-muted c-end", WIDTH, y + 5, step.at))
    return 36 * len(steps), parts


def _narrow_steps(steps: Sequence[Step]) -> tuple[float, list[Markup]]:
    """What is told of a step stands below it, in as many lines as it needs: no date loses its zone."""
    parts: list[Markup] = []
    y, before = 18, None
    for step in steps:
        parts += _step(step.status, y, before)
        lines = [(_said(step), line) for line in _lines(step.label, NARROW - 34)]
        lines += [("c-muted", line) for line in _lines(step.at, NARROW - 34)]
        parts += [_text(kind, 34, y + 5 + number * 17, line) for number, (kind, line) in enumerate(lines)]
        y, before = y + 16 + 17 * len(lines), y
    return y - 2, parts


def _said(step: Step) -> str:
    return "c-text c-strong" if step.status == "now" else "c-text"


def _step(status: str, y: float, before: float | None) -> list[Markup]:
    """The dot of a step and the line to it from the one before."""
    tone = STEP_TONES.get(status, "quiet")
    dot = _circle(f"c-dot c-{tone}", 12, y, 6)
    if before is None:
        return [dot]
    return [_line(f"c-stroke c-{tone}" if status in STEP_TONES else "c-axis", 12, before + 8, 12, y - 8), dot]


def flow(title: str, parts: Sequence[tuple[str, int, str, str]]) -> Chart:
    """Where each yuan went: (label, minor units >= 0, the sum as text, tone), say escrow, awards, fees, refunds."""
    top = max((value for _label, value, _shown, _tone in parts), default=0) or 1
    faces = []
    for room in (WIDTH, NARROW):
        drawn: list[Markup] = []
        for i, (label, value, shown, tone) in enumerate(parts):
            y = i * 40
            drawn.append(_text("c-text", 0, y + 14, _fit(label, room - _width(shown) - 16)))
            drawn.append(_text("c-text c-end c-strong", room, y + 14, shown))
            drawn.append(_rect("c-track", 0, y + 20, room, 9))
            drawn.append(_rect(f"c-fill c-{_tone(tone)}", 0, y + 20, max(room * value / top, 2 if value else 0), 9))
        faces.append((max(40 * len(parts), 10), drawn))
    rows = tuple((label, shown) for label, _value, shown, _tone in parts)
    told = "; ".join(f"{label}: {shown}" for label, shown in rows) or _("nothing yet")
    return Chart(_faces(title, told, *faces), (_("What"), _("Value")), rows, title)


def history(title: str, levels: Sequence[Level], until: float, end: str, columns: tuple[str, str, str]) -> Chart:
    """A line that stands level between its points, on true time, with a band below it; up to `until`, called `end`.

    Levels without a label change the line or its band and are not told of.
    """
    named = [one for one in levels if one.label]
    if not named:
        return Chart(_svg(title, _("nothing yet"), 10, []), columns, (), title)
    ticks = _ticks(0, max(level.value for level in levels), whole=True)
    left, right, base, top = _room(ticks), WIDTH - 8, 190, 12
    first = levels[0].at
    span = max(until - first, 1e-9)

    def place(at: float, value: float) -> tuple[float, float]:
        return left + (right - left) * (at - first) / span, base - (base - top) * value / ticks[-1]

    parts: list[Markup] = []
    for tick in ticks:
        y = place(first, tick)[1]
        parts += [_line("c-axis", left, y, right, y), _text("c-muted c-end", left - 8, y + 4, _plain(tick))]
    upper = [place(at, value) for at, value in _stairs([(one.at, one.value) for one in levels], until)]
    lower = [place(at, value) for at, value in _stairs([(one.at, one.low) for one in levels], until)]
    parts += [_path("c-area", upper + lower[::-1], close=True), _path("c-line", upper)]
    parts.append(_circle("c-dot c-ink", *upper[-1], 4))
    parts += _feet([(place(one.at, 0)[0], one.label) for one in named] + [(right, end)], base + 24)
    rows = tuple((one.label, _plain(one.value), _plain(one.value - one.low)) for one in named)
    told = _(
        "from %(first)s (%(start)s) to %(last)s (%(end)s)",
        first=rows[0][1], start=rows[0][0], last=_plain(levels[-1].value), end=end,
    )  # fmt: skip
    return Chart(_svg(title, told, 216, parts), columns, rows, title)


def _stairs(points: Sequence[tuple[float, float]], until: float) -> list[tuple[float, float]]:
    """The corners of a line that starts from nothing and changes only at its points."""
    corners = [(points[0][0], 0.0)]
    for at, value in points:
        corners += [(at, corners[-1][1]), (at, value)]
    return [*corners, (until, corners[-1][1])]


def over_time(title: str, counts: Sequence[tuple[str, int]], unit: str = "") -> Chart:
    """Columns of counts over ordered days, or another `unit` of time (the heading): (day as text, count)."""
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
    return Chart(_svg(title, told, 176, parts), (unit or _("Day"), _("Number")), rows, title)


def stacked(
    title: str, names: Sequence[tuple[str, str]], counts: Sequence[tuple[str, Sequence[int]]], unit: str
) -> Chart:
    """Columns of counts on one another over ordered times, say where things stood at the end of each month.

    `names` are (what is counted, tone) from the bottom up, `counts` (time as text, a number for each name), `unit` is
    the heading of the times.
    """
    faces = [_stack(names, counts, room) for room in (WIDTH, NARROW)]
    rows = tuple((at, *(_plain(number) for number in numbers)) for at, numbers in counts)
    last = zip(names, rows[-1][1:], strict=True) if rows else ()
    told = "; ".join(f"{name}: {number}" for (name, _tone), number in last)
    told = f"{rows[-1][0]}: {told}" if rows else _("nothing yet")
    return Chart(_faces(title, told, *faces), (unit, *(name for name, _tone in names)), rows, title)


def _stack(
    names: Sequence[tuple[str, str]], counts: Sequence[tuple[str, Sequence[int]]], room: int
) -> tuple[float, list[Markup]]:
    """The columns in a picture that is `room` wide, below the legend."""
    parts, top = _legend(names, room)
    ticks = _ticks(0, max((sum(numbers) for _at, numbers in counts), default=0), whole=True)
    left, base = max(_width(_plain(tick)) for tick in ticks) + 12, top + 150
    space = (room - left) / max(len(counts), 1)
    for tick in ticks:
        y = base - 150 * tick / ticks[-1]
        parts += [_line("c-axis", left, y, room, y), _text("c-muted c-end", left - 8, y + 4, _plain(tick))]
    for i, (_at, numbers) in enumerate(counts):
        y = float(base)
        for number, (_name, tone) in zip(numbers, names, strict=True):
            height = 150 * number / ticks[-1]
            y -= height
            if number:
                shape = left + i * space + space * 0.12, y, space * 0.76, max(height - 1, 1)
                parts.append(_rect(f"c-fill c-{_tone(tone)}", *shape))
    if counts:
        parts.append(_text("c-muted", left, base + 20, counts[0][0]))
        parts.append(_text("c-muted c-end", room, base + 20, counts[-1][0]))
    return base + 28, parts


def _legend(names: Sequence[tuple[str, str]], room: int) -> tuple[list[Markup], int]:
    """What each tone stands for, in as many lines as it needs, and where the picture may begin below it."""
    parts: list[Markup] = []
    x, y = 0.0, 12
    for name, tone in names:
        width = 18 + _width(name)
        if x and x + width > room:
            x, y = 0.0, y + 20
        parts += [_rect(f"c-fill c-{_tone(tone)}", x, y - 9, 11, 11), _text("c-text", x + 17, y + 1, name)]
        x += width + 16
    return parts, y + 24


def interval(score: float, low: float, high: float, top: float = 10.0) -> Markup:
    """A score with its interval on a scale from 0 to `top`: one small picture for a cell of a table."""
    told = _("%(score)s, from %(low)s to %(high)s", score=_one(score), low=_one(low), high=_one(high))
    body = Markup("").join(_interval(score, low, high, top, 5, 190, 11))
    # A dot stays a dot, however wide its cell is: the picture is not stretched, and begins where the cell does.
    begin = Markup('<svg class="spark" viewBox="0 0 200 22" preserveAspectRatio="xMinYMid" role="img" aria-label="{}">')
    return begin.format(told) + body + Markup("</svg>")


def intervals(title: str, scores: Sequence[Interval], columns: tuple[str, str, str, str], top: float = 10.0) -> Chart:
    """Scores with their intervals under one another, on one scale from 0 to `top`; bands are marked."""
    rows = tuple((one.label, _one(one.score), _one(one.low), _one(one.high)) for one in scores)
    told = "; ".join(f"{row[0]}: {row[1]}" for row in rows) or _("nothing yet")
    svg = _faces(title, told, _wide_intervals(scores, top), _narrow_intervals(scores, top))
    return Chart(svg, columns, rows, title)


def _wide_intervals(scores: Sequence[Interval], top: float) -> tuple[float, list[Markup]]:
    left, width, first, space = 310, WIDTH - 370, 24, 21
    parts: list[Markup] = []
    for tick in _ticks(0, top):
        x = left + width * tick / top
        parts += [_line("c-axis", x, first - 6, x, first + space * len(scores))]
        parts.append(_text("c-muted c-middle", x, 12, _plain(tick)))
    for i, one in enumerate(scores):
        y = first + i * space
        parts += [_rect("c-band", 0, y, WIDTH, space)] if one.band else []
        parts.append(_text("c-text", 4, y + 15, _fit(one.label, left - 24)))
        parts += _interval(one.score, one.low, one.high, top, left, width, y + 10.5)
        parts.append(_text("c-text c-end", WIDTH - 4, y + 15, _one(one.score)))
    return first + space * len(scores) + 4, parts


def _narrow_intervals(scores: Sequence[Interval], top: float) -> tuple[float, list[Markup]]:
    parts: list[Markup] = []
    for i, one in enumerate(scores):
        y, shown = i * 44, _one(one.score)
        parts += [_rect("c-band", 0, y, NARROW, 44)] if one.band else []
        parts.append(_text("c-text", 4, y + 17, _fit(one.label, NARROW - _width(shown) - 20)))
        parts.append(_text("c-text c-end", NARROW - 4, y + 17, shown))
        parts += _interval(one.score, one.low, one.high, top, 8, NARROW - 16, y + 32)
    return max(44 * len(scores), 10), parts


def _interval(score: float, low: float, high: float, top: float, left: float, width: float, y: float) -> list[Markup]:
    def x(value: float) -> float:
        return left + width * min(max(value, 0), top) / top

    return [
        _line("c-axis", left, y, left + width, y),
        _line("c-stroke c-ink", x(low), y, x(high), y),
        _circle("c-fill c-ink", x(score), y, 5),
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


def _room(ticks: Sequence[float]) -> float:
    """The room that labels left of an axis need."""
    return max(_width(_plain(tick)) for tick in ticks) * PHONE + 12


def _feet(labels: Sequence[tuple[float, str]], y: float) -> list[Markup]:
    """Labels under an axis: as many as fit without touching, the last before all others; fewer on a phone.

    One at an edge of the picture is fixed to that edge, so that none runs out of it, however wide its letters are.
    """
    shown = []
    for kind, size in (("c-wide", 1.0), ("c-phone", PHONE)):
        for x, text in _apart(labels, size):
            half = _width(text) * size / 2
            at, anchor = (0.0, "c-begin") if x < half else (x, "c-middle")
            at, anchor = (float(WIDTH), "c-end") if x > WIDTH - half else (at, anchor)
            shown.append(_text(f"c-muted {anchor} {kind}", at, y, text))
    return shown


def _apart(labels: Sequence[tuple[float, str]], size: float) -> list[tuple[float, str]]:
    """Those of the labels that leave each other room at that size of letters, the last one always among them."""
    chosen: list[tuple[float, str]] = []
    free, end = 0.0, math.inf
    for x, text in [*labels[-1:], *labels[:-1]]:
        width = _width(text) * size
        begin = min(max(x - width / 2, 0.0), WIDTH - width)
        if not chosen:
            end = begin
        elif begin < free or begin + width + 16 > end:
            continue
        else:
            free = begin + width + 16
        chosen.append((x, text))
    return chosen[1:] + chosen[:1]


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


def _lines(text: str, width: float) -> list[str]:
    """The text in lines that are not wider than `width` pixels, broken between words; a longer word is cut."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _width(longer) <= width:
            lines[-1] = longer
        elif word:
            lines.append(word)
    return [_fit(line, width) for line in lines]


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _plain(value: Any) -> str:
    return str(format_decimal(value, "#,##0.##"))


def _one(value: float) -> str:
    return str(format_decimal(value, "0.0"))
