"""Rewrites a tree of foreign HTML for our pages.

Headings go from h3 down without a gap, lists hold only items, images are links, and every URL is absolute.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote, urlsplit

from challenges.importing.errors import ImportErrorReason, Problem, problem
from challenges.importing.markup import BLOCKS, HEADINGS, INLINE, Node, has_words, holds_block, is_a, plain, rows_of
from challenges.importing.urls import understand_address

FIRST_HEADING = 3  # h1 is the page's title, h2 the section's
_KEPT = {  # the values that an attribute may have
    "start": re.compile(r"\d{1,4}"),
    "type": re.compile(r"[1aAiI]"),
    "scope": re.compile(r"col|row"),
    "colspan": re.compile(r"[2-9]|[1-9]\d"),
    "rowspan": re.compile(r"[2-9]|[1-9]\d"),
}


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of written HTML: inline, a block, or an item of a list."""

    kind: str
    html: str


class Writer:
    """Writes a tree as HTML for our pages, and records what could not be kept."""

    def __init__(self, name: str, base: str) -> None:
        self.name, self.base = name, base
        self.problems: list[Problem] = []
        self.levels: list[int] = []  # levels, in the source, of the headings above this position

    def write(self, root: Node) -> str:
        """The HTML of a whole tree; what could not be kept is in `problems`."""
        return self._paragraphs(root.children)

    def _note(self, reason: ImportErrorReason, source: str) -> None:
        self.problems.append(problem(self.name, reason, source))

    # -- block containers

    def _paragraphs(self, children: Sequence[Node | str]) -> str:
        """The children as blocks; loose text between blocks becomes paragraphs."""
        return "".join(_wrapped(self._pieces(children), "p"))

    def _loose(self, children: Sequence[Node | str]) -> str:
        """The children for an item or a cell, where text needs no paragraph around it."""
        pieces = self._pieces(children)
        if any(piece.kind != "inline" for piece in pieces):
            pieces = [_Piece("block", html) for html in _wrapped(pieces, "")]
        return "".join(piece.html for piece in pieces).strip()

    def _pieces(self, children: Sequence[Node | str]) -> list[_Piece]:
        return [piece for child in children for piece in self._piece(child)]

    def _piece(self, node: Node | str) -> Iterable[_Piece]:
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
            return [_Piece("block", f"<{node.tag}>{inner}</{node.tag}>")] if has_words(node) else []
        if node.tag in BLOCKS:
            return [_Piece("block", html) for html in _wrapped(self._pieces(node.children), "p")]
        return self._inline_piece(node)

    def _inline_piece(self, node: Node) -> Iterable[_Piece]:
        """An inline element; one that contains blocks is dropped, except a link, which keeps its text."""
        if node.tag not in INLINE or not any(holds_block(child) for child in node.children):
            return [_Piece("inline", self._phrase([node]))]
        return self._pieces(node.children)

    def _heading(self, node: Node) -> Iterable[_Piece]:
        """Levels follow the nesting, so none is skipped: the outermost heading is an h3 whatever it was."""
        if not has_words(node):
            return []
        level = HEADINGS[node.tag]
        while self.levels and self.levels[-1] >= level:
            self.levels.pop()
        self.levels.append(level)
        tag = f"h{min(FIRST_HEADING + len(self.levels) - 1, 6)}"
        return [_Piece("block", f"<{tag}>{self._phrase(node.children).strip()}</{tag}>")]

    def _list(self, node: Node) -> Iterable[_Piece]:
        """Items only: a list between items belongs to the item before it, loose text becomes an item."""
        items: list[str] = []
        for child in node.children:
            if not has_words(child):
                continue
            is_item = isinstance(child, Node) and child.tag == "li"
            inner = self._loose(child.children if isinstance(child, Node) and is_item else [child])
            if isinstance(child, Node) and child.tag in ("ul", "ol") and items:
                items[-1] += inner
            else:
                items.append(inner)
        if not items:
            return []
        body = "".join(f"<li>{item}</li>" for item in items)
        return [_Piece("block", f"<{node.tag}{_attributes(node)}>{body}</{node.tag}>")]

    # -- tables

    def _table(self, node: Node) -> Iterable[_Piece]:
        """Rows with text, in one body, below the caption and the header rows."""
        caption = next((child for child in node.children if is_a(child, "caption") and has_words(child)), None)
        rows: dict[str, list[str]] = {"thead": [], "tbody": []}
        for group, row in rows_of(node):
            cells = [self._cell(cell) for cell in row.children if isinstance(cell, Node) and cell.tag in ("td", "th")]
            if has_words(row) and cells:
                rows[group].append(f"<tr>{''.join(cells)}</tr>")
        if not rows["thead"] and not rows["tbody"]:
            return []
        body = "".join(f"<{group}>{''.join(lines)}</{group}>" for group, lines in rows.items() if lines)
        top = f"<caption>{self._phrase(caption.children)}</caption>" if isinstance(caption, Node) else ""
        return [_Piece("block", f"<table>{top}{body}</table>")]

    def _cell(self, cell: Node) -> str:
        tag = cell.tag if has_words(cell) else "td"  # an empty header has no meaning
        return f"<{tag}{_attributes(cell)}>{self._loose(cell.children)}</{tag}>"

    # -- text

    def _phrase(self, children: Sequence[Node | str]) -> str:
        """The children as inline text; blocks among them lose their tags."""
        return "".join(self._words(child) for child in children)

    def _words(self, node: Node | str) -> str:
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
        return f"<{tag}>{inner}</{tag}>" if tag and has_words(node) else inner

    def _link(self, node: Node) -> str:
        href = node.given.get("href")
        if href is None and not node.given:
            self._note(ImportErrorReason.ADDRESS_NOT_UNDERSTOOD, plain(node))
        address = understand_address(href or "", self.base)
        if address.reason:
            self._note(address.reason, href or "")
        inner = self._phrase([_named(child) for child in node.children])
        if address.reason is ImportErrorReason.PLACEHOLDER:
            return f"{inner} <code>{escape(href or '', quote=False)}</code>"
        if not address.url or not has_words(node):
            return inner
        return f'<a href="{escape(address.url)}">{inner}</a>'

    def _image(self, node: Node) -> str:
        """A link to the image: our pages load no images from other sites."""
        source, called = node.given.get("src", ""), " ".join(node.given.get("alt", "").split())
        address = understand_address(source, self.base)
        if address.reason is ImportErrorReason.PLACEHOLDER:
            self._note(ImportErrorReason.PLACEHOLDER, source)
            return f"{escape(called, quote=False)} <code>{escape(source, quote=False)}</code>"
        if not address.url.startswith("http"):
            self._note(ImportErrorReason.IMAGE_LEFT_OUT, source or called)
            return escape(called, quote=False)
        self._note(ImportErrorReason.IMAGE_LINKED, source)
        called = called or unquote(urlsplit(address.url).path.rsplit("/", 1)[-1]) or address.url
        return f'<a href="{escape(address.url)}">{escape(called, quote=False)}</a>'


def _named(node: Node | str) -> Node | str:
    """Within a link an image is only its name: a link cannot hold another."""
    if isinstance(node, str):
        return node
    if node.tag == "img":
        source = understand_address(node.given.get("src", "")).url
        return node.given.get("alt", "").strip() or unquote(urlsplit(source).path.rsplit("/", 1)[-1])
    return Node(node.tag, node.given, [_named(child) for child in node.children])


def _wrapped(pieces: Iterable[_Piece], tag: str) -> list[str]:
    """The runs, with each sequence of inline ones in an element of its own, or trimmed where `tag` is empty."""
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


def _attributes(node: Node) -> str:
    kept = ((key, value) for key, value in node.given.items() if key in _KEPT and _KEPT[key].fullmatch(value))
    return "".join(f' {key}="{value}"' for key, value in kept)
