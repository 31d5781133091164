"""Markdown as safe HTML, without losing a word: what cannot be rendered as its author meant is shown as typed.

Beyond CommonMark: tables, struck text, bare addresses as links, line breaks where the author made them, emphasis beside
Chinese punctuation. Images are not loaded (they would tell another site who reads): their text becomes a link. A
link has its target inline (`[words](address)`): reference definitions are shown as typed.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace, unescapeAll
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import escapedSplit, getLine
from markdown_it.rules_block.table import table as read_table
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markupsafe import Markup

from crowd.text import visible

MAX_NESTED = 24  # levels of lists (each is two) and quotes; deeper ones are shown as typed
MAX_LINES = 4_000  # of a text; a longer one is shown as typed
MAX_FILLED = 2_000  # empty cells that are added to the short rows of a text's tables
WRAPPED = 60  # characters; a Latin line of this length was wrapped automatically, not by its author
TAGS = set("p br hr h2 h3 h4 h5 h6 strong em s code pre blockquote ul ol li a table thead tbody tr th td div".split())  # noqa: SIM905 - a list of words reads best
ATTRIBUTES = {
    "a": {"href", "title"}, "ol": {"start"}, "li": {"value"}, "div": {"class", "role", "tabindex", "aria-label"},
}  # fmt: skip
SCHEMES = frozenset({"http", "https", "mailto"})
# Han, kana, Hangul, their punctuation and their wide forms.
CJK = (
    "\u1100-\u11ff\u2e80-\u303f\u3040-\u318f\u31a0-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f"
    "\uff00-\uffee\U00020000-\U0003ffff"
)
IS_CJK = re.compile(f"[{CJK}]")
ENUMERATED = re.compile(
    r"[（(]?(?:\d{1,3}|[一二三四五六七八九十百]{1,4}|[a-zA-Z])[)）、.．:：]|[①-⑳⑴-⒇•·●○■□◆※-]|第.{1,4}[条章节款项]"
)
# A URL ends before a Chinese character; other letters belong to it only where a part of its path begins with them, and
# to its host where a path follows.
ADDRESS = re.compile(
    r"(?<![A-Za-z0-9@/.])"
    r"(?:(?:(?:https?://|www\.)[A-Za-z0-9\[]|https?://[^\W_][\w-]*(?:\.[\w-]+)+/)(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]|(?<=[/=#_-])[^\W\x00-\x7f]+)*"
    r"|[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)",
    re.IGNORECASE,
)
AFTER = ".,;:!?'*_~"
MAX_URL_LENGTH = 2_000


@lru_cache(256)
def render(text: str, level: int, table: str) -> Markup:
    """Safe HTML of a text whose highest heading becomes `h<level>`; `table` is what a table is called."""
    if text.count("\n") > MAX_LINES:
        return _as_typed(text)
    parser = _parser()
    tokens = parser.parse(text.replace("\x00", ""))
    _shift_headings(tokens, level)
    rough = parser.renderer.render(tokens, parser.options, {"table": table})
    rough = visible(rough)  # `&#x202e;` is now a character
    return Markup(  # noqa: S704 - cleaned in this very line
        nh3.clean(rough, tags=TAGS, attributes=ATTRIBUTES, url_schemes=set(SCHEMES), link_rel="nofollow noopener ugc")
    )


def _as_typed(text: str) -> Markup:
    return Markup("<pre>{}</pre>").format(text.replace("\x00", ""))


@cache
def _parser() -> MarkdownIt:
    import_module("markdown_it.rules_block.table").MAX_AUTOCOMPLETED_CELLS = MAX_FILLED  # type: ignore[attr-defined]
    parser = _Markdown("commonmark", {"html": False, "maxNesting": MAX_NESTED + 10})
    parser.enable(["table", "strikethrough"]).disable("reference")
    parser.block.ruler.before("table", "deepest", _show_deepest)
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    for rule in (_number_items, _link_images, _link_addresses, _break_lines):
        parser.core.ruler.push(rule.__name__, rule)
    # A wide table scrolls by itself; it then needs keyboard focus and a name.
    parser.add_render_rule("table_open", _open_table)
    parser.add_render_rule("table_close", lambda *_args: "</table></div>\n")
    parser.add_render_rule("fence", _show_fence)
    return parser


class _Markdown(MarkdownIt):
    """CommonMark with our parser of emphasis, and with links to the web and to mail only."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        reader = _Inline()
        reader.ruler, reader.ruler2 = self.inline.ruler, self.inline.ruler2
        self.inline = reader

    def validateLink(self, url: str) -> bool:
        """Whether a link may have this target; if not, it is shown as typed."""
        scheme = re.match(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*):", url)
        return super().validateLink(url) and (scheme is None or scheme[1].lower() in SCHEMES)


class _Inline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        """As the library does, with our own state."""
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


class _State(StateInline):
    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:
        """Whether marks of emphasis open or close it, also where no space separates them from Chinese.

        CommonMark attaches a mark between punctuation and a letter to the punctuation: `**注意：**请` stays as it is.
        Here Chinese punctuation counts as a letter, and a mark beside a Chinese character is treated as beside a space.
        """
        end = start
        while end < self.posMax and self.src[end] == self.src[start]:
            end += 1
        before = self.src[start - 1] if start else " "
        after = self.src[end] if end < self.posMax else " "
        opens, closes = _is_free(after, before), _is_free(before, after)
        return Scanned(
            opens and (canSplitWord or not closes or _is_sign(before)),
            closes and (canSplitWord or not opens or _is_sign(after)),
            end - start,
        )


def _is_free(inner: str, outer: str) -> bool:
    """Whether a mark with `inner` on the side of what it emphasises, and `outer` on the other, may be there."""
    if isWhiteSpace(ord(inner)):
        return False
    if not _is_sign(inner) or IS_CJK.match(inner):
        return True
    return isWhiteSpace(ord(outer)) or _is_sign(outer) or bool(IS_CJK.match(outer))


def _is_sign(character: str) -> bool:
    return isMdAsciiPunct(ord(character)) or isPunctChar(character)


# ---- blocks


def _show_deepest(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Below the deepest level the rest is one paragraph with its marks, instead of nothing."""
    if silent or state.level < MAX_NESTED:
        return False
    state.push("paragraph_open", "p", 1)
    token = state.push("inline", "", 0)
    token.content, token.children, token.map = state.getLines(start, end, 0, False).strip(), [], [start, end]
    state.push("paragraph_close", "p", -1)
    state.line = end
    return True


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table, which ends before a row with more cells than its head: a CommonMark parser would drop them."""
    if silent or start + 2 > end or (columns := _cells(state, start)) != _cells(state, start + 1):
        return bool(read_table(state, start, end, silent))
    last = start + 2
    while last < end and not state.isEmpty(last) and _cells(state, last) <= columns:
        last += 1
    return bool(read_table(state, start, last, silent))


def _cells(state: StateBlock, number: int) -> int:
    cells = escapedSplit(getLine(state, number).strip())
    return len(cells) - (cells[0] == "") - (len(cells) > 1 and cells[-1] == "")


def _show_fence(self: Any, tokens: list[Token], index: int, _options: Any, _env: Any) -> str:
    """Code as it was typed, below the text that its author put after the fence."""
    info = unescapeAll(tokens[index].info).strip()  # CommonMark 0.31, section 4.5: entities are decoded there, too
    name = Markup('<div class="small muted">{}</div>').format(info)
    return (name if info else "") + Markup("<pre><code>{}</code></pre>\n").format(tokens[index].content)


def _open_table(_self: Any, _tokens: Any, _index: int, _options: Any, env: dict[str, str]) -> str:
    name = Markup.escape(env["table"])
    return f'<div class="table-scroll" role="region" tabindex="0" aria-label="{name}"><table>\n'


def _shift_headings(tokens: list[Token], level: int) -> None:
    """Headings keep their order below the page's own, without a gap at the top."""
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    if not headings:
        return
    by = level - min(int(token.tag[1]) for token in headings)
    for token in headings:
        token.tag = f"h{min(max(int(token.tag[1]) + by, 2), 6)}"


def _number_items(state: StateCore) -> None:
    """An item keeps the number that its author gave it, where that is neither the next one nor always the same."""
    counts: list[tuple[int, int]] = []  # of the lists around: the first number, and the one that comes next
    for token in state.tokens:
        if token.type == "ordered_list_open":
            first = int(token.attrs.get("start", 1))
            counts.append((first, first))
        elif token.type == "ordered_list_close":
            counts.pop()
        elif token.type == "list_item_open" and token.info:
            (first, following), given = counts.pop(), int(token.info)
            if given not in (first, following):
                token.attrs["value"] = following = given
            counts.append((first, following + 1))


# ---- lines


def _inlines(state: StateCore) -> Iterator[Token]:
    return (token for token in state.tokens if token.type == "inline" and token.children)


def _link_images(state: StateCore) -> None:
    """An image's text links to it; within another link it is text of that one, and the image's link follows."""
    for token in _inlines(state):
        if any(child.type == "image" for child in token.children or ()):
            token.children = list(_without_images(token.children or []))


def _without_images(children: list[Token]) -> Iterator[Token]:
    waiting: list[str] = []  # URLs of images within the open link
    inside = False
    for child in children:
        if child.type != "image":
            yield child
            inside = (inside or child.type == "link_open") and child.type != "link_close"
            if child.type == "link_close":
                for address in waiting:
                    yield _text(" ")
                    yield from _link(address, [_text(address)])
                waiting = []
            continue
        address = str(child.attrs.get("src", ""))
        words = list(child.children or [])
        if title := str(child.attrs.get("title", "")):
            words.append(_text(f" {title}" if words else title))
        if inside:
            yield from words
            waiting.append(address)
        else:
            yield from _link(address, [part for part in words if not part.type.startswith("link")] or [_text(address)])


def _link_addresses(state: StateCore) -> None:
    """Bare URLs and email addresses become links."""
    for token in _inlines(state):
        parts: list[Token] = []
        links = 0
        for child in token.children or ():
            links += child.nesting if child.type in ("link_open", "link_close") else 0
            parts.extend(_linked(child.content) if child.type == "text" and not links else [child])
        token.children = parts


def _linked(words: str) -> Iterator[Token]:
    end = 0
    for found in ADDRESS.finditer(words):
        if len(found[0]) > MAX_URL_LENGTH:
            continue
        address = _trimmed(found[0])
        if found.start() > end:
            yield _text(words[end : found.start()])
        bare = address.lower()
        before = "" if bare.startswith("http") else "https://" if bare.startswith("www.") else "mailto:"
        yield from _link(before + address, [_text(address)])
        end = found.start() + len(address)
    if end < len(words):
        yield _text(words[end:])


def _trimmed(address: str) -> str:
    """A URL without the punctuation of the sentence around it: a bracket belongs to it where it was opened in it."""
    while address:
        last = address[-1]
        opening = {")": "(", "]": "["}.get(last)
        if last not in AFTER and (opening is None or address.count(opening) >= address.count(last)):
            break
        address = address[:-1]
    return address


def _break_lines(state: StateCore) -> None:
    """A line ends where its author ended it; only a long Latin line was wrapped automatically."""
    for token in _inlines(state):
        line = ""
        children = token.children or []
        for place, child in enumerate(children):
            if child.type == "softbreak":
                after = "".join(other.content for other in children[place + 1 : place + 4])
                if _is_meant(line, after):
                    child.type = "hardbreak"
            line = "" if child.type in ("softbreak", "hardbreak") else (line + child.content)[-WRAPPED:]


def _is_meant(line: str, after: str) -> bool:
    beside = line[-1:] + after[:1]
    return len(line) < WRAPPED or bool(IS_CJK.search(beside) or ENUMERATED.match(after))


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)


def _link(address: str, words: list[Token]) -> Iterator[Token]:
    yield Token("link_open", "a", 1, attrs={"href": address})
    yield from words
    yield Token("link_close", "a", -1)
