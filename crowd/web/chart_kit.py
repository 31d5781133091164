"""Charts as SVG made on the server: numbers in, markup out, nothing else read or written.

Each chart has a title, a description for people who do not see it, and its data as a table (`ui.chart` shows it).
Colours come from classes of the stylesheet, so that charts follow the theme and the content security policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import pgettext
from markupsafe import Markup

from crowd.web import svg as web_svg
from crowd.web.templating import labelled

STEP_TONES = {"done": "safe", "now": "seal"}
POINTS_LEAST = 3  # fewer are described in a sentence
TONES = ("ink", "safe", "seal", "warn", "quiet")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and its data table: `columns` are headings, `rows` hold texts."""

    svg: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str
    points: int | None = None  # the number of points in the chart, where it is not one per row

    @property
    def sentence(self) -> str:
        """The chart in words, where there are too few points to draw; empty where there are enough."""
        if (len(self.rows) if self.points is None else self.points) >= POINTS_LEAST:
            return ""
        return "; ".join(labelled(row[0], ", ".join(row[1:])) for row in self.rows)


@dataclass(frozen=True, slots=True)
class ChartStep:
    """A step of a timeline: `status` is done, now or next."""

    label: str
    at: str
    status: str = "next"


@dataclass(frozen=True, slots=True)
class Level:
    """A value that holds from `at` (any unit of time) on, with the lower end of its band; `label` is shown below."""

    at: float
    value: float
    low: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a time span, from `begin` to `end` (seconds); `first`, `last` and `length` are these as text."""

    label: str
    first: str
    last: str
    length: str
    begin: float
    end: float
    status: str = "next"


def spans(title: str, parts: Sequence[Span]) -> Chart:
    """Parts of one time span below each other, each a bar on the time axis: green is done, vermilion is now."""
    statuses = _statuses()
    begin = min(part.begin for part in parts)
    whole = max(part.end for part in parts) - begin or 1
    faces = []
    for room, high in ((web_svg.WIDTH, 40), (web_svg.NARROW, 57)):
        drawn: list[Markup] = []
        for i, part in enumerate(parts):
            y, shown = i * high, f"{part.first} – {part.last} · {part.length}"
            width = room if high > 40 else room - web_svg.width_of(shown) - 16
            kind = "c-text c-strong" if part.status == "now" else "c-text"
            drawn.append(web_svg.text(kind, 0, y + 14, web_svg.fit(part.label, width)))
            drawn.append(
                web_svg.text("c-muted", 0, y + 31, shown)
                if high > 40
                else web_svg.text("c-muted c-end", room, y + 14, shown)
            )
            x, long = room * (part.begin - begin) / whole, room * (part.end - part.begin) / whole
            drawn.append(web_svg.rect("c-track", 0, y + high - 20, room, 9))
            tone = STEP_TONES.get(part.status, "quiet")
            drawn.append(web_svg.rect(f"c-fill c-{tone}", min(x, room - 3), y + high - 20, max(long, 3), 9))
        faces.append((high * len(parts), drawn))
    rows = tuple((one.label, one.first, one.last, one.length, statuses[one.status]) for one in parts)
    description = "; ".join(labelled(row[0], f"{row[3]}, {row[4]}") for row in rows)
    return Chart(
        web_svg.faces(title, description, *faces),
        (pgettext("time", "Part"), pgettext("time", "From"), pgettext("time", "Until"), _("Length"), _("State")),
        rows,
        title,
    )


def _statuses() -> dict[str, str]:
    return {"done": _("done"), "now": _("now"), "next": _("to come")}


def timeline(title: str, steps: Sequence[ChartStep]) -> Chart:
    """Steps from top to bottom: green is done, vermilion is now."""
    statuses = _statuses()
    rows = tuple((step.label, step.at, statuses.get(step.status, "")) for step in steps)
    current = next((step.label for step in steps if step.status == "now"), "")
    description = _("%(count)s steps; now: %(step)s", count=len(steps), step=current or _("none"))
    svg = web_svg.faces(title, description, _wide_steps(steps), _narrow_steps(steps))
    return Chart(svg, (_("Step"), _("When"), _("State")), rows, title)


def _wide_steps(steps: Sequence[ChartStep]) -> tuple[float, list[Markup]]:
    parts: list[Markup] = []
    for i, step in enumerate(steps):
        y = 18 + i * 36
        parts += _step(step.status, y, y - 36 if i else None)
        parts.append(
            web_svg.text(
                _said(step), 34, y + 5, web_svg.fit(step.label, web_svg.WIDTH - web_svg.width_of(step.at) - 50)
            )
        )
        parts.append(web_svg.text("c-muted c-end", web_svg.WIDTH, y + 5, step.at))
    return 36 * len(steps), parts


def _narrow_steps(steps: Sequence[ChartStep]) -> tuple[float, list[Markup]]:
    """The text of a step is below it, in as many lines as it needs, so that no date loses its time zone."""
    parts: list[Markup] = []
    y, before = 18, None
    for step in steps:
        parts += _step(step.status, y, before)
        lines = [(_said(step), line) for line in web_svg.lines(step.label, web_svg.NARROW - 34)]
        lines += [("c-muted", line) for line in web_svg.lines(step.at, web_svg.NARROW - 34)]
        parts += [web_svg.text(kind, 34, y + 5 + number * 17, line) for number, (kind, line) in enumerate(lines)]
        y, before = y + 16 + 17 * len(lines), y
    return y - 2, parts


def _said(step: ChartStep) -> str:
    return "c-text c-strong" if step.status == "now" else "c-text"


def _step(status: str, y: float, before: float | None) -> list[Markup]:
    """The dot of a step and the line to it from the one before."""
    tone = STEP_TONES.get(status, "quiet")
    dot = web_svg.circle(f"c-dot c-{tone}", 12, y, 6)
    if before is None:
        return [dot]
    return [web_svg.line(f"c-stroke c-{tone}" if status in STEP_TONES else "c-axis", 12, before + 8, 12, y - 8), dot]


def flow(title: str, parts: Sequence[tuple[str, int, str, str]]) -> Chart:
    """How money was split: (label, minor units >= 0, the sum as text, tone), say escrow, awards, fees, refunds."""
    top = max((value for _label, value, _shown, _tone in parts), default=0) or 1
    faces = []
    for room in (web_svg.WIDTH, web_svg.NARROW):
        drawn: list[Markup] = []
        for i, (label, value, shown, tone) in enumerate(parts):
            y = i * 40
            drawn.append(web_svg.text("c-text", 0, y + 14, web_svg.fit(label, room - web_svg.width_of(shown) - 16)))
            drawn.append(web_svg.text("c-text c-end c-strong", room, y + 14, shown))
            drawn.append(web_svg.rect("c-track", 0, y + 20, room, 9))
            drawn.append(
                web_svg.rect(f"c-fill c-{_tone(tone)}", 0, y + 20, max(room * value / top, 2 if value else 0), 9)
            )
        faces.append((max(40 * len(parts), 10), drawn))
    rows = tuple((label, shown) for label, _value, shown, _tone in parts)
    description = "; ".join(labelled(label, shown) for label, shown in rows) or _("nothing yet")
    return Chart(web_svg.faces(title, description, *faces), (_("What"), _("Value")), rows, title)


def history(title: str, levels: Sequence[Level], until: float, end: str, columns: tuple[str, str, str]) -> Chart:
    """A step line on a true time axis, with a band below it; up to `until`, labelled `end`.

    Levels without a label change the line or its band and are not described.
    """
    named = [one for one in levels if one.label]
    if not named:
        return Chart(web_svg.svg(title, _("nothing yet"), 10, []), columns, (), title)
    ticks = web_svg.ticks(0, max(level.value for level in levels), whole=True)
    left, right, base, top = web_svg.room(ticks), web_svg.WIDTH - 8, 190, 12
    first = levels[0].at
    span = max(until - first, 1e-9)

    def place(at: float, value: float) -> tuple[float, float]:
        return left + (right - left) * (at - first) / span, base - (base - top) * value / ticks[-1]

    parts: list[Markup] = []
    for tick in ticks:
        y = place(first, tick)[1]
        parts += [
            web_svg.line("c-axis", left, y, right, y),
            web_svg.text("c-muted c-end", left - 8, y + 4, web_svg.plain(tick)),
        ]
    upper = [place(at, value) for at, value in _stairs([(one.at, one.value) for one in levels], until)]
    lower = [place(at, value) for at, value in _stairs([(one.at, one.low) for one in levels], until)]
    parts += [web_svg.path("c-area", upper + lower[::-1], close=True), web_svg.path("c-line", upper)]
    parts.append(web_svg.circle("c-dot c-ink", *upper[-1], 4))
    parts += web_svg.feet([(place(one.at, 0)[0], one.label) for one in named] + [(right, end)], base + 24)
    rows = tuple((one.label, web_svg.plain(one.value), web_svg.plain(one.value - one.low)) for one in named)
    description = _(
        "from %(first)s (%(start)s) to %(last)s (%(end)s)",
        first=rows[0][1],
        start=rows[0][0],
        last=web_svg.plain(levels[-1].value),
        end=end,
    )
    return Chart(web_svg.svg(title, description, 216, parts), columns, rows, title)


def _stairs(points: Sequence[tuple[float, float]], until: float) -> list[tuple[float, float]]:
    """The corners of a line that starts at zero and changes only at its points."""
    corners = [(points[0][0], 0.0)]
    for at, value in points:
        corners += [(at, corners[-1][1]), (at, value)]
    return [*corners, (until, corners[-1][1])]


def over_time(title: str, counts: Sequence[tuple[str, int]], unit: str = "") -> Chart:
    """Columns of counts over ordered days, or another `unit` of time (the heading): (day as text, count)."""
    ticks = web_svg.ticks(0, max((count for _day, count in counts), default=0), whole=True)
    left, base, top = web_svg.room(ticks), 150, 12
    space = (web_svg.WIDTH - left) / max(len(counts), 1)
    parts: list[Markup] = []
    for tick in ticks:
        y = base - (base - top) * tick / ticks[-1]
        parts += [
            web_svg.line("c-axis", left, y, web_svg.WIDTH, y),
            web_svg.text("c-muted c-end", left - 8, y + 4, web_svg.plain(tick)),
        ]
    for i, (_day, count) in enumerate(counts):
        height = (base - top) * count / ticks[-1]
        parts.append(web_svg.rect("c-fill c-ink", left + i * space + space * 0.15, base - height, space * 0.7, height))
    parts += web_svg.feet([(left + (i + 0.5) * space, day) for i, (day, _count) in enumerate(counts)], base + 24)
    rows = tuple((day, web_svg.plain(count)) for day, count in counts)
    description = _("%(count)s in total", count=web_svg.plain(sum(count for _day, count in counts)))
    shown = tuple(row for row, (_day, count) in zip(rows, counts, strict=True) if count)
    picture = web_svg.svg(title, description, 176, parts)
    few = len(shown) < POINTS_LEAST  # then the empty days are left out, too
    return Chart(picture, (unit or _("Day"), _("Number")), shown if few else rows, title, len(shown))


def stacked(
    title: str, names: Sequence[tuple[str, str]], counts: Sequence[tuple[str, Sequence[int]]], unit: str
) -> Chart:
    """Stacked columns of counts over ordered times, for example the state at the end of each month.

    `names` are (what is counted, tone) from the bottom up, `counts` (time as text, a number for each name), `unit` is
    the heading of the times.
    """
    faces = [_stack(names, counts, room) for room in (web_svg.WIDTH, web_svg.NARROW)]
    rows = tuple((at, *(web_svg.plain(number) for number in numbers)) for at, numbers in counts)
    last = zip(names, rows[-1][1:], strict=True) if rows else ()
    description = "; ".join(labelled(name, number) for (name, _tone), number in last)
    description = labelled(rows[-1][0], description) if rows else _("nothing yet")
    return Chart(web_svg.faces(title, description, *faces), (unit, *(name for name, _tone in names)), rows, title)


def _stack(
    names: Sequence[tuple[str, str]], counts: Sequence[tuple[str, Sequence[int]]], room: int
) -> tuple[float, list[Markup]]:
    """The columns in a drawing `room` units wide, below the legend."""
    parts, top = _legend(names, room)
    ticks = web_svg.ticks(0, max((sum(numbers) for _at, numbers in counts), default=0), whole=True)
    left, base = max(web_svg.width_of(web_svg.plain(tick)) for tick in ticks) + 12, top + 150
    space = (room - left) / max(len(counts), 1)
    for tick in ticks:
        y = base - 150 * tick / ticks[-1]
        parts += [
            web_svg.line("c-axis", left, y, room, y),
            web_svg.text("c-muted c-end", left - 8, y + 4, web_svg.plain(tick)),
        ]
    for i, (_at, numbers) in enumerate(counts):
        y = float(base)
        for number, (_name, tone) in zip(numbers, names, strict=True):
            height = 150 * number / ticks[-1]
            y -= height
            if number:
                shape = left + i * space + space * 0.12, y, space * 0.76, max(height - 1, 1)
                parts.append(web_svg.rect(f"c-fill c-{_tone(tone)}", *shape))
    if counts:
        parts.append(web_svg.text("c-muted", left, base + 20, counts[0][0]))
        parts.append(web_svg.text("c-muted c-end", room, base + 20, counts[-1][0]))
    return base + 28, parts


def _legend(names: Sequence[tuple[str, str]], room: int) -> tuple[list[Markup], int]:
    """The legend of tones, in as many lines as it needs, and where the drawing below it may begin."""
    parts: list[Markup] = []
    x, y = 0.0, 12
    for name, tone in names:
        width = 18 + web_svg.width_of(name)
        if x and x + width > room:
            x, y = 0.0, y + 20
        parts += [
            web_svg.rect(f"c-fill c-{_tone(tone)}", x, y - 9, 11, 11),
            web_svg.text("c-text", x + 17, y + 1, name),
        ]
        x += width + 16
    return parts, y + 24


def _tone(tone: str) -> str:
    return tone if tone in TONES else "ink"
