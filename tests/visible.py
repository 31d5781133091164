"""What a page may never show: developers' words, and headings that leave out a level.

`unfit(page)` says what is wrong with a page's visible text; every page that a test fetches is asked (tests/client.py).
"""

import re
from collections.abc import Collection
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

SPOKEN = ("alt", "aria-label", "content", "label", "placeholder", "title", "value")
TYPED = ("text", "email", "search", "hidden", "date", "datetime-local", "number", "tel", "time", "url")  # inputs
SILENT = ("code", "pre", "script", "style", "svg", "textarea")  # a person's own words, or a program's
# What is wrong, and how it reads; and words of which each match holds one: searching for words takes a twentieth of
# the time, and nearly every page has none of them.
PATTERNS = {
    "a function": r"<function|<bound method|<built-in|<lambda>",
    "an address in memory": r"\bat 0x[0-9a-fA-F]+",
    "None": r"(?<![\w-])None(?![\w-])",
    "an empty dictionary or list": r"\{\}|(?<!\w)\[\](?!\w)",
    "an object": r"<(?:class '|[A-Z]\w*(?:\.\w+)*(?: [\w'(#]|: |>|\())|<\w+(?:\.\w+)+ ",
    "a value's repr": r"\b(?:datetime\.(?:datetime|date|timedelta)|Decimal|UUID|Markup|LazyString|Row|Money|Undefined|"
    r"ImmutableMultiDict|frozenset|OrderedDict|Zone[iI]nfo)\(",
    "a lazy text": r"\bl'[^']*'|\bl\"",
    "a rule of addresses": r"<(?:any\(|int:|string:|path:|float:|uuid:)",
    "a gap that was not filled": r"%\(\w+\)[sd]",  # double braces stand in texts of other platforms, word for word
    "an exception": r"\b(?:Traceback|\w+Error:|\w+Exception:)|Invalid isoformat",
    "a list's repr": r"\['|'\]|\[<|\{'\w+':",
}
HINTS = (
    "<", "at 0x", "None", "{}", "[]", "datetime.date", "datetime.timedelta", "Decimal(", "UUID(", "Markup(",
    "LazyString(", "Row(", "Money(", "Undefined(", "Dict(", "frozenset(", "nfo(", "l'", 'l"', "%(", "Traceback",
    "Error:", "Exception:", "Invalid isoformat", "['", "']", "{'",
)  # fmt: skip
FOUND = re.compile("|".join(f"(?P<p{number}>{pattern})" for number, pattern in enumerate(PATTERNS.values())))
DRAWN = re.compile(r"<(script|style|svg)\b.*?</\1>", re.S)
TAG = re.compile(r"<[^>]*>")
HEADING = re.compile(r"<h([1-6])\b")
VALUE = re.compile(rf'\s(?:{"|".join(SPOKEN)})="([^"]*)"')


class _Text(HTMLParser):
    """Collects the texts and the attributes that are shown or read aloud, each by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        if tag == "input" and dict(attributes).get("type") in (None, *TYPED):
            return  # what somebody typed
        self.texts += [value for name, value in attributes if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def unfit(page: str, own: Collection[str] = ()) -> list[str]:
    """What on an HTML page no person should read: (what it is: the text that it stands in).

    `own` are words that this person has just sent: a page may repeat them, whatever they are, as a text of its own or
    in quotation marks. In a sentence of the platform they may be something else: None is also what a gap looks like.
    """
    drawn = DRAWN.sub("", page)
    if not unfit_text(unescape("\n".join([TAG.sub("\n", drawn), *VALUE.findall(drawn)]))):
        return skipped(drawn)  # parsing costs twenty times as much, and nearly every page ends here
    reader = _Text()
    reader.feed(page)
    return skipped(drawn) + [problem for text in reader.texts for problem in unfit_text(_without(own, text))]


def _without(own: Collection[str], text: str) -> str:
    if text.strip() in [words.strip() for words in own]:
        return ""
    for words in own:
        text = text.replace(f"“{words}”", "“”")
    return text


def skipped(page: str) -> list[str]:
    """Where the headings leave out a level: who reads a page by its headings takes a part for missing."""
    levels = [int(level) for level in HEADING.findall(page)]
    return [f"a heading h{two} right after an h{one}" for one, two in pairwise(levels) if two > one + 1]


def unfit_text(text: str) -> list[str]:
    """What in a text no person should read."""
    if not any(hint in text for hint in HINTS):
        return []
    kinds = list(PATTERNS)
    return [f"{kinds[int(str(match.lastgroup)[1:])]}: {text.strip()[:160]}" for match in FOUND.finditer(text)]
