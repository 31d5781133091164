"""HTML as a tree: tags, nesting, and text."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser

MAX_DEPTH = 60  # levels that are written; deeper ones keep their text and lose their tags

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


@dataclass(slots=True)
class Node:
    """An element: its tag, its attributes and its contents, elements and text."""

    tag: str
    given: dict[str, str] = field(default_factory=dict)
    children: list["Node | str"] = field(default_factory=list)


class _TreeBuilder(HTMLParser):
    """Reads the well-formed HTML that `nh3` writes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("div")]
        self.too_deep = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {key: value or "" for key, value in attrs})
        if tag in VOID:
            self.open[-1].children.append(node)
        elif len(self.open) > MAX_DEPTH:
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
        # No-break spaces were typed for alignment; in a narrow window they only prevent line breaks.
        self.open[-1].children.append(data.replace("\xa0", " "))


def tree(html: str) -> Node:
    """The tree of well-formed HTML, under a root of its own."""
    builder = _TreeBuilder()
    builder.feed(html)
    builder.close()
    return builder.open[0]


def plain(root: Node) -> str:
    """The text, one line per block, with the names of images."""
    words: list[str] = []
    waiting: list[Node | str] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            words.append(node)
            continue
        edge = "\n" if node.tag in BLOCKS or node.tag == "br" else " " if node.tag == "img" else ""
        words.append(edge)
        words.append(node.given.get("alt", ""))
        waiting.append(edge)
        waiting.extend(child if isinstance(child, Node) else child.replace("\n", " ") for child in node.children[::-1])
    lines = (" ".join(line.split()) for line in "".join(words).split("\n"))
    return "\n".join(line for line in lines if line)


def has_words(node: Node | str) -> bool:
    """True where something would be visible: letters, or an image's name."""
    if isinstance(node, str):
        return bool(node.strip())
    return node.tag == "img" or any(has_words(child) for child in node.children)


def holds_block(node: Node | str) -> bool:
    """True for a block, and for an element with one in it."""
    return isinstance(node, Node) and (node.tag in BLOCKS or any(holds_block(child) for child in node.children))


def is_a(node: Node | str, tag: str) -> bool:
    """True for an element of that tag."""
    return isinstance(node, Node) and node.tag == tag


def rows_of(table: Node) -> Iterable[tuple[str, Node]]:
    """The rows of a table, each with the group it belongs to."""
    for child in table.children:
        if not isinstance(child, Node):
            continue
        if child.tag == "tr":
            yield "tbody", child
        elif child.tag in ("thead", "tbody", "tfoot"):
            group = "thead" if child.tag == "thead" else "tbody"
            yield from ((group, row) for row in child.children if isinstance(row, Node) and row.tag == "tr")
