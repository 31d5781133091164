"""Foreign text as Markdown, for a draft: keeps its headings, lists, tables, links and emphasis.

What it reads is `richtext`'s safe HTML; what it writes is shown again by `crowd.web.markdown`.
"""

import re
from collections.abc import Iterable

from challenges.importing.markup import BLOCKS, HEADINGS, Node, holds_block, plain, rows_of, tree

EMPHASIS = {"strong": "**", "b": "**", "em": "*", "i": "*", "s": "~~"}
_MARK = re.compile(r"[\\`*\[\]<~]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")
_FIRST = re.compile(r"(?m)^(#{1,6}(?= )|[-+>](?= )|={3,}|-{3,}|\d{1,9}(?=[.)] ))")


def markdown_of(html: str) -> str:
    """Safe HTML as Markdown."""
    return "\n\n".join(_blocks(tree(html).children))


def _blocks(nodes: Iterable[Node | str]) -> list[str]:
    """The blocks among these; text between them becomes paragraphs."""
    found: list[str] = []
    waiting: list[Node | str] = []
    for node in [*nodes, Node("hr")]:
        if not holds_block(node):
            waiting.append(node)
            continue
        if words := _inline(waiting).strip():
            found.append(_FIRST.sub(lambda mark: _guarded(mark[0]), words))
        waiting = []
        found.extend(_block(node) if isinstance(node, Node) else [])
    return found[:-1]  # without the end marker


def _guarded(mark: str) -> str:
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"


def _block(node: Node) -> list[str]:
    if node.tag in HEADINGS:
        return [f"{'#' * HEADINGS[node.tag]} {_one_line(node)}"] if plain(node) else []
    if node.tag in ("ul", "ol"):
        return [_list(node)] if node.children else []
    if node.tag == "blockquote":
        return [_behind("> ", "> ", "\n\n".join(_blocks(node.children)))]
    if node.tag == "pre":
        return [_fenced("".join(_words(node)))]
    if node.tag == "table":
        return _table(node)
    return ["---"] if node.tag == "hr" else _blocks(node.children)


def _list(node: Node) -> str:
    number = int(node.given.get("start") or 1) if (node.given.get("start") or "1").isdigit() else 1
    lines = []
    for item in (child for child in node.children if isinstance(child, Node)):
        mark = f"{number}. " if node.tag == "ol" else "- "
        blocks = _blocks(item.children if item.tag == "li" else [item])
        tight = all(block.startswith(("- ", "1. ")) for block in blocks[1:])
        lines.append(_behind(mark, " " * len(mark), ("\n" if tight else "\n\n").join(blocks)))
        number += 1
    return "\n".join(lines)


def _behind(first: str, others: str, text: str) -> str:
    """`text` with one prefix for its first line and another for the others."""
    head, *rest = text.split("\n")
    return "\n".join([first + head, *((others + line).rstrip() for line in rest)])


def _fenced(code: str) -> str:
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", code))])
    return f"{fence}\n{code.strip(chr(10))}\n{fence}"


def _words(node: Node) -> Iterable[str]:
    for child in node.children:
        if isinstance(child, str):
            yield child
        elif child.tag == "br":
            yield "\n"
        else:
            yield from _words(child)


def _table(node: Node) -> list[str]:
    """A pipe table; its first row is the header."""
    caption = next((child for child in node.children if isinstance(child, Node) and child.tag == "caption"), None)
    rows = [
        [_one_line(cell).replace("|", r"\|") for cell in row.children if isinstance(cell, Node)]
        for _group, row in rows_of(node)
    ]
    width = max([len(row) for row in rows], default=0)
    above = [_one_line(caption)] if caption and plain(caption) else []
    if not width:
        return above
    lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
    return [*above, "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])]


def _one_line(node: Node) -> str:
    return " ".join(_inline(node.children).split())


def _inline(nodes: Iterable[Node | str]) -> str:
    return re.sub(r" *\n *", lambda _: "  \n", "".join(_part(node) for node in nodes))


def _part(node: Node | str) -> str:
    if isinstance(node, str):
        return re.sub(r"\s+", " ", _MARK.sub(lambda mark: f"\\{mark[0]}", node))
    if node.tag == "br":
        return "\n"
    if node.tag == "img":
        alt, source = _escaped(node.given.get("alt", "")), node.given.get("src", "")
        return f"![{alt}]({_target(source)})" if source else alt
    if node.tag == "code":
        return _code("".join(_words(node)))
    inner = "".join(_part(child) for child in node.children)
    if node.tag == "a" and node.given.get("href"):
        return _link(inner, node.given["href"])
    if node.tag in EMPHASIS and inner.strip():
        mark, words = EMPHASIS[node.tag], inner.strip()
        before, after = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        return f"{before}{mark}{words}{mark}{after}"
    return f" {inner} " if node.tag in BLOCKS else inner


def _escaped(text: str) -> str:
    return _MARK.sub(lambda mark: f"\\{mark[0]}", " ".join(text.split()))


def _code(words: str) -> str:
    words = " ".join(words.split())
    fence = "`" * max([1, *(len(run) + 1 for run in re.findall("`+", words))])
    space = " " if words[:1] == "`" or words[-1:] == "`" else ""
    return f"{fence}{space}{words}{space}{fence}" if words else ""


def _link(words: str, address: str) -> str:
    words = " ".join(words.split())
    if words == address and re.fullmatch(r"https?://[!-~]+[A-Za-z0-9/]", address):
        return address  # a bare URL is already a link
    return f"[{words or address}]({_target(address)})"


def _target(address: str) -> str:
    return f"<{address}>" if re.search(r"[\s()<>]", address) else address
