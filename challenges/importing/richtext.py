"""Foreign HTML made safe and suitable for our pages.

`nh3` parses any input into well-formed HTML of known tags; `markup` parses that into a tree; `html_builder` rewrites
it; finally `nh3` allows only the tags of our pages. Nothing is evaluated: `{{ site.baseurl }}` is text and stays text.
"""

import re
from dataclasses import dataclass
from html import escape

import nh3

from challenges.importing.errors import ImportErrorReason, Problem, once, problem
from challenges.importing.html_builder import Writer
from challenges.importing.markup import BLOCKS, INLINE, TABLE, VOID, plain, tree
from challenges.importing.urls import SITE
from crowd.text import visible

MAX_LENGTH = 300_000  # characters of one text; the longest of the real feed has 66,000
MAX_OPEN = 500  # tags open at once; an HTML parser copies open ones into what follows, so this bounds its work
MAX_ERRORS = 50  # of one text; a longer list is no help

EMPTY_WORDS = frozenset({"true", "false", "null", "none", "nil", "nan", "undefined", "n/a", "na"})

_SWALLOWED = {"script", "style", "title", "noscript", "template", "iframe", "object", "svg", "math"}
_SWALLOWED |= {"textarea", "select", "button"}
_SHOWN = {"p", "pre", "blockquote", "ul", "ol", "li", "hr", "a", "br", "h3", "h4", "h5", "h6"}
_CELL = {"colspan", "rowspan"}
_PARSER = nh3.Cleaner(
    tags={*INLINE, *BLOCKS, "a", "img", "br"},
    clean_content_tags=_SWALLOWED,
    attributes={
        "a": {"href", "name", "id"},
        "img": {"src", "alt"},
        "ol": {"start", "type"},
        "th": {*_CELL, "scope"},
        "td": _CELL,
    },
    url_schemes={"http", "https", "mailto", "emailto"},
    link_rel=None,
)
_GATE = nh3.Cleaner(
    tags={*INLINE.values(), *TABLE, *_SHOWN},
    clean_content_tags={"script", "style"},
    attributes={"a": {"href"}, "ol": {"start", "type"}, "th": {*_CELL, "scope"}, "td": _CELL},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="nofollow noopener noreferrer",
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_ESCAPED = re.compile(r"&lt;/?(?:a|b|br|em|h[1-6]|i|li|ol|p|span|strong|ul)\b.{0,100}?&gt;", re.I)
_EMBED = re.compile(r"<(?:iframe|video|audio|object|embed|form|svg|script)\b[^>]{0,150}>?", re.I)


@dataclass(frozen=True, slots=True)
class RichText:
    """`html` is safe to show ("" where there is no text), `text` is the same as plain text, one line per block."""

    html: str
    text: str
    problems: tuple[Problem, ...] = ()


def understand_html(source: str, name: str, base: str = SITE) -> RichText:
    """Safe HTML and plain text of `source`, whose relative URLs start at `base`. Never raises.

    `name` is the field name for reported problems.
    """
    if not source.strip():
        return RichText("", "")
    problems = []
    if len(source) > MAX_LENGTH:
        problems.append(problem(name, ImportErrorReason.TOO_LONG, source))
        source = source[:MAX_LENGTH]
    source = source.encode("utf-8", "replace").decode()
    if embed := _EMBED.search(source):
        problems.append(problem(name, ImportErrorReason.EMBED_LEFT_OUT, embed[0]))
    if escaped := _ESCAPED.search(source):
        problems.append(problem(name, ImportErrorReason.ESCAPED_MARKUP, escaped[0]))
    if _most_open(source) > MAX_OPEN:
        problems.append(problem(name, ImportErrorReason.TOO_DEEP, source))
        source = escape(re.sub(r"<[^<>]*>", " ", source), quote=False)
    if not _TAG.search(source):
        source = "".join(f"<p>{part}</p>" for part in re.split(r"\n\s*\n", source))
    root = tree(_PARSER.clean(source))
    writer = Writer(name, base)
    html, text = visible(writer.write(root)), visible(plain(root))
    if text.lower() in EMPTY_WORDS:
        return RichText("", "", once([*problems, problem(name, ImportErrorReason.NOT_TEXT, text)]))
    return RichText(_GATE.clean(html), text, once([*problems, *writer.problems])[:MAX_ERRORS])


def _most_open(source: str) -> int:
    """The largest number of tags open at once, by counting."""
    now_open = most = 0
    for match in _TAG.finditer(source):
        if match[2].lower() not in VOID:
            now_open = max(now_open + (-1 if match[1] else 1), 0)
            most = max(most, now_open)
    return most
