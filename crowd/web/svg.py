"""SVG shapes and text for `crowd.web.chart_kit`, and the space that they need.

Units are those of a drawing that is `WIDTH` wide; text is 13 units high.
"""

import math
from collections.abc import Iterable, Sequence
from hashlib import sha256

from flask_babel import format_decimal
from markupsafe import Markup

WIDTH = 640
NARROW = 320  # the width of a drawing for a phone
PHONE = 24 / 13  # how much larger text is on a phone (crowd.css)
EM = {"wide": 13.0, "narrow": 7.5}  # rough widths of a Chinese and a Latin letter at 13 px


def faces(title: str, description: str, wide: tuple[float, list[Markup]], narrow: tuple[float, list[Markup]]) -> Markup:
    """A chart drawn once for a wide page and once for a phone; the stylesheet shows the one that fits."""
    return svg(title, description, *wide, kind="c-broad") + svg(
        title, description, *narrow, width=NARROW, kind="c-slim"
    )


def svg(
    title: str, description: str, height: float, parts: Iterable[Markup], width: int = WIDTH, kind: str = "c-any"
) -> Markup:
    """The drawing from its parts, `width` by `height` units, with a title and a description for people who cannot see
    it.
    """
    body = Markup("").join(parts)
    name = "chart-" + sha256(f"{title}{description}{body}".encode()).hexdigest()[:8]  # ids are unique on a page
    return Markup(
        '<svg class="{kind}" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{id}-t {id}-d">'
        '<title id="{id}-t">{title}</title><desc id="{id}-d">{description}</desc>{body}</svg>'
    ).format(kind=kind, w=width, h=_n(height), id=name, title=title, description=description, body=body)


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    """A straight line."""
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, _n(x1), _n(y1), _n(x2), _n(y2))


def rect(kind: str, x: float, y: float, width: float, height: float, strength: float = 1.0) -> Markup:
    """A rectangle from its upper left corner; `strength` from 0 (invisible) to 1."""
    shape = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="2"{}/>')
    faint = Markup(' fill-opacity="{:.2f}"').format(strength) if strength < 1 else ""
    return shape.format(kind, _n(x), _n(y), _n(width), _n(height), faint)


def circle(kind: str, x: float, y: float, radius: float) -> Markup:
    """A circle about a point."""
    return Markup('<circle class="{}" cx="{}" cy="{}" r="{}"/>').format(kind, _n(x), _n(y), _n(radius))


def text(kind: str, x: float, y: float, text: str) -> Markup:
    """One line of text; its class decides its anchor."""
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(kind, _n(x), _n(y), text)


def path(kind: str, places: Sequence[tuple[float, float]], close: bool = False) -> Markup:
    """A line through points, or an area where it is closed."""
    way = "L".join(f"{_n(x)} {_n(y)}" for x, y in places)
    return Markup('<path class="{}" d="M{}"/>').format(kind, way + ("Z" if close else ""))


def room(ticks: Sequence[float]) -> float:
    """The width that labels left of an axis need."""
    return max(width_of(plain(tick)) for tick in ticks) * PHONE + 12


def feet(labels: Sequence[tuple[float, str]], y: float) -> list[Markup]:
    """Labels under an axis: as many as fit without touching, the last before all others; fewer on a phone.

    One at an edge of the picture is fixed to that edge, so that none overflows, however wide its text is.
    """
    shown = []
    for kind, size in (("c-wide", 1.0), ("c-phone", PHONE)):
        for x, label in _apart(labels, size):
            half = width_of(label) * size / 2
            at, anchor = (0.0, "c-begin") if x < half else (x, "c-middle")
            at, anchor = (float(WIDTH), "c-end") if x > WIDTH - half else (at, anchor)
            shown.append(text(f"c-muted {anchor} {kind}", at, y, label))
    return shown


def _apart(labels: Sequence[tuple[float, str]], size: float) -> list[tuple[float, str]]:
    """The labels that do not overlap at that size of text, always including the last one."""
    chosen: list[tuple[float, str]] = []
    free, end = 0.0, math.inf
    for x, text in [*labels[-1:], *labels[:-1]]:
        width = width_of(text) * size
        begin = min(max(x - width / 2, 0.0), WIDTH - width)
        if not chosen:
            end = begin
        elif begin < free or begin + width + 16 > end:
            continue
        else:
            free = begin + width + 16
        chosen.append((x, text))
    return chosen[1:] + chosen[:1]


def ticks(low: float, high: float, whole: bool = False) -> list[float]:
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


def width_of(text: str) -> float:
    """Roughly how wide a text is, in pixels at 13 px."""
    return sum(EM["wide"] if ord(letter) > 0x2E7F else EM["narrow"] for letter in text)


def fit(text: str, width: float) -> str:
    """The text, cut with an ellipsis where it would be wider than `width` pixels."""
    if width_of(text) <= width:
        return text
    while text and width_of(text) > width - EM["narrow"]:
        text = text[:-1]
    return text.rstrip() + "…"


def lines(text: str, width: float) -> list[str]:
    """The text in lines that are not wider than `width` pixels, broken between words; a longer word is cut."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer) <= width:
            lines[-1] = longer
        elif word:
            lines.append(word)
    return [fit(line, width) for line in lines]


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def plain(value: object) -> str:
    """A number as the reader writes it."""
    return str(format_decimal(value, "#,##0.##"))
