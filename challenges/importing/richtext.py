"""Somebody else's HTML made safe and fit for our pages.

`nh3` parses whatever comes into well-formed HTML of known tags; `_tree` reads that; `_Writer` writes it anew, with
headings from h3 down without a gap, lists that hold only items, images as links and every address absolute; `nh3`
again is the gate, with the short list of what our pages allow. Nothing is evaluated: `{{ site.baseurl }}` is text and
stays text.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import nh3

from challenges.importing.addresses import SITE, understand_address
from challenges.importing.problems import Problem, Reason, once, problem

LONGEST = 300_000  # characters of one text; the longest of the real feed has 66,000
MOST_OPEN = 500  # tags open at once; an HTML parser copies open ones into what follows, so this bounds its work
DEEPEST = 60  # levels that are written; what lies deeper keeps its words and loses its tags
MOST_PROBLEMS = 50  # of one text; a longer list helps nobody
FIRST_HEADING = 3  # h1 is the page's title, h2 the section's

INLINE = {
    **{tag: tag for tag in ("strong", "em", "u", "s", "sub", "sup", "small", "code", "mark", "cite", "q")},
    **{"b": "strong", "i": "em", "ins": "u", "del": "s", "strike": "s", "kbd": "code", "tt": "code"},
}
WRAPPERS = frozenset({"div", "section", "article", "main", "header", "footer", "aside", "nav", "center", "figure"})
WRAPPERS |= {"figcaption", "details", "summary", "address", "dl", "dt", "dd", "form", "fieldset", "legend"}
HEADINGS = {f"h{level}": level for level in range(1, 7)}
TABLE = frozenset({"table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"})
BLOCKS = WRAPPERS | HEADINGS.keys() | TABLE | {"p", "pre", "blockquote", "ul", "ol", "li", "hr"}
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
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
_KEPT = {  # the values that an attribute may have
    "start": re.compile(r"\d{1,4}"),
    "type": re.compile(r"[1aAiI]"),
    "scope": re.compile(r"col|row"),
    "colspan": re.compile(r"[2-9]|[1-9]\d"),
    "rowspan": re.compile(r"[2-9]|[1-9]\d"),
}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_ESCAPED = re.compile(r"&lt;/?(?:a|b|br|em|h[1-6]|i|li|ol|p|span|strong|ul)\b.{0,100}?&gt;", re.I)
_EMBED = re.compile(r"<(?:iframe|video|audio|object|embed|form|svg|script)\b[^>]{0,150}>?", re.I)


@dataclass(frozen=True, slots=True)
class RichText:
    """`html` safe to show as it is ("" where there is no text), `text` the same in plain words, a line a block."""

    html: str
    text: str
    problems: tuple[Problem, ...] = ()


def understand_html(source: str, name: str, base: str = SITE) -> RichText:
    """Safe HTML and plain text of `source`, whose relative addresses start at `base`. Never raises.

    `name` is the field that problems are reported under.
    """
    if not source.strip():
        return RichText("", "")
    problems = []
    if len(source) > LONGEST:
        problems.append(problem(name, Reason.TOO_LONG, source))
        source = source[:LONGEST]
    source = source.encode("utf-8", "replace").decode()
    if embed := _EMBED.search(source):
        problems.append(problem(name, Reason.EMBED_LEFT_OUT, embed[0]))
    if escaped := _ESCAPED.search(source):
        problems.append(problem(name, Reason.ESCAPED_MARKUP, escaped[0]))
    if _most_open(source) > MOST_OPEN:
        problems.append(problem(name, Reason.TOO_DEEP, source))
        source = escape(re.sub(r"<[^<>]*>", " ", source), quote=False)
    if not _TAG.search(source):
        source = "".join(f"<p>{part}</p>" for part in re.split(r"\n\s*\n", source))
    root = _tree(_PARSER.clean(source))
    writer = _Writer(name, base)
    html, text = writer.write(root), _plain(root)
    if text.lower() in EMPTY_WORDS:
        return RichText("", "", once([*problems, problem(name, Reason.NOT_TEXT, text)]))
    return RichText(_GATE.clean(html), text, once([*problems, *writer.problems])[:MOST_PROBLEMS])


def _most_open(source: str) -> int:
    """The largest number of tags open at once, as far as counting tells."""
    now_open = most = 0
    for match in _TAG.finditer(source):
        if match[2].lower() not in VOID:
            now_open = max(now_open + (-1 if match[1] else 1), 0)
            most = max(most, now_open)
    return most


@dataclass(slots=True)
class _Node:
    tag: str
    given: dict[str, str] = field(default_factory=dict)
    children: list["_Node | str"] = field(default_factory=list)


class _TreeBuilder(HTMLParser):
    """Reads the well-formed HTML that `nh3` writes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [_Node("div")]
        self.too_deep = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(tag, {key: value or "" for key, value in attrs})
        if tag in VOID:
            self.open[-1].children.append(node)
        elif len(self.open) > DEEPEST:
            self.too_deep += 1
        else:
            self.open[-1].children.append(node)
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if self.too_deep:
            self.too_deep -= 1
        elif len(self.open) > 1 and tag not in VOID:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        # No-break spaces were typed to push text about; in a narrow window they only keep it from breaking.
        self.open[-1].children.append(data.replace("\xa0", " "))


def _tree(html: str) -> _Node:
    builder = _TreeBuilder()
    builder.feed(html)
    builder.close()
    return builder.open[0]


def _plain(root: _Node) -> str:
    """The words, one line a block, with what images are called."""
    words: list[str] = []
    waiting: list[_Node | str] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            words.append(node)
            continue
        edge = "\n" if node.tag in BLOCKS or node.tag == "br" else " " if node.tag == "img" else ""
        words.append(edge)
        words.append(node.given.get("alt", ""))
        waiting.append(edge)
        waiting.extend(child if isinstance(child, _Node) else child.replace("\n", " ") for child in node.children[::-1])
    lines = (" ".join(line.split()) for line in "".join(words).split("\n"))
    return "\n".join(line for line in lines if line)


def _has_words(node: "_Node | str") -> bool:
    """True where something would be seen: letters, or an image's name."""
    if isinstance(node, str):
        return bool(node.strip())
    return node.tag == "img" or any(_has_words(child) for child in node.children)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of written HTML: inline, a block, or an item of a list."""

    kind: str
    html: str


class _Writer:
    """Writes a tree as the HTML that our pages want, and notes what could not be kept."""

    def __init__(self, name: str, base: str) -> None:
        self.name, self.base = name, base
        self.problems: list[Problem] = []
        self.levels: list[int] = []  # levels, in the source, of the headings that stand over this place

    def write(self, root: _Node) -> str:
        return self._paragraphs(root.children)

    def _note(self, reason: Reason, source: str) -> None:
        self.problems.append(problem(self.name, reason, source))

    # -- places that hold blocks

    def _paragraphs(self, children: Sequence[_Node | str]) -> str:
        """The children as blocks; loose words between blocks become paragraphs."""
        return "".join(_wrapped(self._pieces(children), "p"))

    def _loose(self, children: Sequence[_Node | str]) -> str:
        """The children for an item or a cell, where words need no paragraph around them."""
        pieces = self._pieces(children)
        if any(piece.kind != "inline" for piece in pieces):
            pieces = [_Piece("block", html) for html in _wrapped(pieces, "")]
        return "".join(piece.html for piece in pieces).strip()

    def _pieces(self, children: Sequence[_Node | str]) -> list[_Piece]:
        return [piece for child in children for piece in self._piece(child)]

    def _piece(self, node: _Node | str) -> Iterable[_Piece]:
        if isinstance(node, str):
            return [_Piece("inline", escape(node, quote=False))]
        if node.tag in ("ul", "ol"):
            return self._list(node)
        if node.tag == "table":
            return self._table(node)
        if node.tag in HEADINGS:
            return self._heading(node)
        if node.tag == "hr":
            return [_Piece("block", "<hr>")]
        if node.tag in ("pre", "blockquote"):
            inner = self._phrase(node.children) if node.tag == "pre" else self._paragraphs(node.children)
            return [_Piece("block", f"<{node.tag}>{inner}</{node.tag}>")] if _has_words(node) else []
        if node.tag in BLOCKS:
            return [_Piece("block", html) for html in _wrapped(self._pieces(node.children), "p")]
        return self._inline_piece(node)

    def _inline_piece(self, node: _Node) -> Iterable[_Piece]:
        """An inline element; one that stands around blocks gives way to them, except a link, which keeps its words."""
        if node.tag not in INLINE or not any(_holds_block(child) for child in node.children):
            return [_Piece("inline", self._phrase([node]))]
        return self._pieces(node.children)

    def _heading(self, node: _Node) -> Iterable[_Piece]:
        """Levels follow the nesting, so none is skipped: the outermost heading is an h3 whatever it was."""
        if not _has_words(node):
            return []
        level = HEADINGS[node.tag]
        while self.levels and self.levels[-1] >= level:
            self.levels.pop()
        self.levels.append(level)
        tag = f"h{min(FIRST_HEADING + len(self.levels) - 1, 6)}"
        return [_Piece("block", f"<{tag}>{self._phrase(node.children).strip()}</{tag}>")]

    def _list(self, node: _Node) -> Iterable[_Piece]:
        """Items only: a list that stands between items belongs to the item before it, loose words are an item."""
        items: list[str] = []
        for child in node.children:
            if not _has_words(child):
                continue
            is_item = isinstance(child, _Node) and child.tag == "li"
            inner = self._loose(child.children if isinstance(child, _Node) and is_item else [child])
            if isinstance(child, _Node) and child.tag in ("ul", "ol") and items:
                items[-1] += inner
            else:
                items.append(inner)
        if not items:
            return []
        body = "".join(f"<li>{item}</li>" for item in items)
        return [_Piece("block", f"<{node.tag}{_attributes(node)}>{body}</{node.tag}>")]

    # -- tables

    def _table(self, node: _Node) -> Iterable[_Piece]:
        """Rows with words, in one body, below the caption and the rows of the head."""
        caption = next((child for child in node.children if _is(child, "caption") and _has_words(child)), None)
        rows: dict[str, list[str]] = {"thead": [], "tbody": []}
        for group, row in _rows(node):
            cells = [self._cell(cell) for cell in row.children if isinstance(cell, _Node) and cell.tag in ("td", "th")]
            if _has_words(row) and cells:
                rows[group].append(f"<tr>{''.join(cells)}</tr>")
        if not rows["thead"] and not rows["tbody"]:
            return []
        body = "".join(f"<{group}>{''.join(lines)}</{group}>" for group, lines in rows.items() if lines)
        top = f"<caption>{self._phrase(caption.children)}</caption>" if isinstance(caption, _Node) else ""
        return [_Piece("block", f"<table>{top}{body}</table>")]

    def _cell(self, cell: _Node) -> str:
        tag = cell.tag if _has_words(cell) else "td"  # an empty header says nothing to anybody
        return f"<{tag}{_attributes(cell)}>{self._loose(cell.children)}</{tag}>"

    # -- words

    def _phrase(self, children: Sequence[_Node | str]) -> str:
        """The children as words in a line; blocks among them lose their tags."""
        return "".join(self._words(child) for child in children)

    def _words(self, node: _Node | str) -> str:
        if isinstance(node, str):
            return escape(node, quote=False)
        if node.tag == "br":
            return "<br>"
        if node.tag == "img":
            return self._image(node)
        if node.tag == "a":
            return self._link(node)
        inner = self._phrase(node.children)
        if node.tag in BLOCKS:
            return f" {inner} "
        tag = INLINE.get(node.tag)
        return f"<{tag}>{inner}</{tag}>" if tag and _has_words(node) else inner

    def _link(self, node: _Node) -> str:
        href = node.given.get("href")
        if href is None and not node.given:
            self._note(Reason.ADDRESS_NOT_UNDERSTOOD, _plain(node))
        address = understand_address(href or "", self.base)
        if address.reason:
            self._note(address.reason, href or "")
        inner = self._phrase([_named(child) for child in node.children])
        if address.reason is Reason.PLACEHOLDER:
            return f"{inner} <code>{escape(href or '', quote=False)}</code>"
        if not address.url or not _has_words(node):
            return inner
        return f'<a href="{escape(address.url)}">{inner}</a>'

    def _image(self, node: _Node) -> str:
        """A link to the image: our pages show no pictures from elsewhere."""
        source, called = node.given.get("src", ""), " ".join(node.given.get("alt", "").split())
        address = understand_address(source, self.base)
        if address.reason is Reason.PLACEHOLDER:
            self._note(Reason.PLACEHOLDER, source)
            return f"{escape(called, quote=False)} <code>{escape(source, quote=False)}</code>"
        if not address.url.startswith("http"):
            self._note(Reason.IMAGE_LEFT_OUT, source or called)
            return escape(called, quote=False)
        self._note(Reason.IMAGE_LINKED, source)
        called = called or unquote(urlsplit(address.url).path.rsplit("/", 1)[-1]) or address.url
        return f'<a href="{escape(address.url)}">{escape(called, quote=False)}</a>'


def _named(node: _Node | str) -> _Node | str:
    """Within a link an image is only its name: a link cannot hold another."""
    if isinstance(node, str):
        return node
    if node.tag == "img":
        source = understand_address(node.given.get("src", "")).url
        return node.given.get("alt", "").strip() or unquote(urlsplit(source).path.rsplit("/", 1)[-1])
    return _Node(node.tag, node.given, [_named(child) for child in node.children])


def _wrapped(pieces: Iterable[_Piece], tag: str) -> list[str]:
    """The pieces with each run of inline ones in an element of its own, or trimmed where `tag` is empty."""
    written: list[str] = []
    run: list[str] = []
    for piece in [*pieces, _Piece("block", "")]:
        if piece.kind == "inline":
            run.append(piece.html)
            continue
        words = _trimmed("".join(run))
        if re.sub(r"<[^>]*>", "", words).strip():
            written.append(f"<{tag}>{words}</{tag}>" if tag else words)
        run.clear()
        written.append(piece.html)
    return [html for html in written if html]


def _trimmed(words: str) -> str:
    """Without the blanks and line breaks at both ends."""
    words = words.strip()
    while words.startswith("<br>"):
        words = words[4:].lstrip()
    while words.endswith("<br>"):
        words = words[:-4].rstrip()
    return words


def _attributes(node: _Node) -> str:
    kept = ((key, value) for key, value in node.given.items() if key in _KEPT and _KEPT[key].fullmatch(value))
    return "".join(f' {key}="{value}"' for key, value in kept)


def _holds_block(node: _Node | str) -> bool:
    return isinstance(node, _Node) and (node.tag in BLOCKS or any(_holds_block(child) for child in node.children))


def _is(node: _Node | str, tag: str) -> bool:
    return isinstance(node, _Node) and node.tag == tag


def _rows(table: _Node) -> Iterable[tuple[str, _Node]]:
    """The rows of a table, each with the group it belongs to."""
    for child in table.children:
        if not isinstance(child, _Node):
            continue
        if child.tag == "tr":
            yield "tbody", child
        elif child.tag in ("thead", "tbody", "tfoot"):
            group = "thead" if child.tag == "thead" else "tbody"
            yield from ((group, row) for row in child.children if isinstance(row, _Node) and row.tag == "tr")
