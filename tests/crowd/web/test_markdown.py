"""Markdown as people write it: no word is lost, and Chinese is read as its authors mean it."""

import html
import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from challenges.importing.rewriting import markdown_of
from challenges.importing.richtext import understand_html
from crowd.web.markdown import ATTRIBUTES, SCHEMES, TAGS, render


def shown(source: str) -> str:
    return str(render(source, 3, "Table"))


def words_of(page: str) -> str:
    """What a page says: its text, and where its links lead."""
    leads = " ".join(re.findall(r'(?:href|title)="([^"]*)"', page))
    return unquote(html.unescape(f"{re.sub('<[^>]*>', ' ', page)} {leads}"))


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W_]+", text))


NESTED = ["".join("  " * level + f"- word{level}\n" for level in range(levels)) for levels in (7, 8, 13, 40)] + [
    "> " * 30 + "deep",
    "".join("   " * level + f"{level + 1}. word{level}\n" for level in range(20)),
    "- " * 30 + "deep",
    "> - " * 15 + "deep\n" + "> - " * 15 + "deeper",
]


@pytest.mark.parametrize("source", NESTED)
def test_no_word_is_lost_however_deep_it_stands(source: str) -> None:
    assert words(source) - words(words_of(shown(source))) <= Counter({str(n): 9 for n in range(99)})
    assert set(re.findall(r"[a-z]+\d*", source)) <= set(re.findall(r"[a-z]+\d*", words_of(shown(source))))


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("[label]: https://a.example/x 'a title'", "label"),
        ("| a | b |\n|---|---|\n| 1 | 2 | third |", "third"),
        ("```python linenos\nx = 1\n```", "linenos"),
        ("[plan](ftp://files.example/plan)", "files.example/plan"),
        ("![](https://a.example/i.png 'caption')", "caption"),
        ("[![badge](https://a.example/b.svg)](https://a.example/page)", "b.svg"),
    ],
)
def test_what_markdown_would_drop_is_shown(source: str, kept: str) -> None:
    assert kept in words_of(shown(source))


def test_an_item_keeps_the_number_that_it_was_given() -> None:
    assert '<li value="7">' in shown("1. a\n2. b\n7. c")
    assert "value" not in shown("1. a\n2. b\n3. c")
    assert "value" not in shown("1. a\n1. b\n1. c"), "who always writes 1 leaves the counting to us"


PART = st.lists(st.sampled_from(["alpha", "beta", "泄漏", "検査", "γλώσσα", "42", "x_y"]), min_size=1, max_size=4).map(
    " ".join
)
MARK = st.sampled_from(
    ["{}", "**{}**", "*{}*", "~~{}~~", "`{}`", "[{}](https://a.example/x)", "![{}](https://a.example/i.png)", "“{}”",
     "**{}：**", "（{}）", "<{}>", "[{}]", "_{}_", "\\*{}", "&{};", "{}|", "[{}]: https://a.example/x", "https://a.cn/{}"]
)  # fmt: skip
LINE = st.builds(lambda mark, part: mark.format(part), MARK, PART)
START = st.sampled_from(
    ["", "", "- ", "  - ", "    - ", "* ", "1. ", "7) ", "> ", "> > ", "# ", "### ", "    ", "\t", "|", "|-|-|", "```",
     "```python ", "~~~", "---", "===", "　　", "1、", "（1）", "- " * 12, "> " * 14]
)  # fmt: skip


@given(st.lists(st.tuples(START, st.one_of(LINE, st.just(""))), max_size=14))
def test_every_word_of_the_source_is_in_the_pages_text(lines: list[tuple[str, str]]) -> None:
    source = "\n".join(start + line for start, line in lines)
    said = html.unescape(words_of(shown(source)))  # once more: `&alpha;` is one letter in a text, and itself in code
    lost = words(html.unescape(re.sub(r"(?m)^[\s>*+#-]*\d+[.)](?= )", "", source))) - words(said)
    assert not {word for word in lost if word not in ("1", "7")}, shown(source)


@given(st.text(alphabet="ab中（）*_~`[]()!|>-#.:1 \n\t&;<\\", max_size=120))
def test_no_letter_of_any_source_is_lost(source: str) -> None:
    def letters(text: str) -> Counter[str]:
        return Counter(re.findall("[ab中]", text))

    assert not letters(source) - letters(words_of(shown(source))), shown(source)


class Elements(HTMLParser):
    """The elements of a page: each tag with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


SCHEME = st.sampled_from(
    ["javascript:", "JaVaScRiPt:", "java\tscript:", "&#106;avascript:", "javascript&colon;", "\x01javascript:", "data:",
     "data:text/html;base64,", "vbscript:", "file:///", "blob:", "ftp://", "//", "http:", "https://", "mailto:", "%6A:"]
)  # fmt: skip
EVIL = st.sampled_from(
    ["<script>{}</script>", "<img src=x onerror={}>", "<svg/onload={}>", '<a href="{}">x</a>', "<iframe srcdoc='{}'>",
     "<style>{}</style>", "<p onclick={}>", "<!--{}-->", "<![CDATA[{}]]>", "<math><mtext><{}", "[x]({})", "[x](<{}>)",
     "![x]({})", "<{}>", '[x](https://a.cn "{}")', "```{}\n", "| {} |\n|-|\n| {} |", "&lt;script&gt;{}", "[a]: {}",
     '" onmouseover="{}', "<base href={}>", "<form action={}><input>", "<template>{}", "`{}`", "**{}**", "# {}"]
)  # fmt: skip
PAYLOAD = st.builds(
    lambda scheme, rest: scheme + rest, SCHEME, st.sampled_from(["alert(1)", "a.cn/x", "<script>alert(1)", "'\"", ""])
)
TYPED = st.lists(
    st.one_of(st.builds(lambda frame, payload: frame.replace("{}", payload), EVIL, PAYLOAD), LINE, st.text(max_size=8)),
    max_size=6,
).map("\n".join)


@given(TYPED)
def test_no_script_and_no_unsafe_link_whatever_is_typed(source: str) -> None:
    for tag, attributes in Elements(shown(source)).found:
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set())
        if tag == "a" and "href" in attributes:
            target = re.sub(r"[\x00-\x20]", "", attributes["href"] or "")
            scheme = re.match(r"([a-z][a-z0-9+.-]*):", target, re.IGNORECASE)  # as browsers tell one from a path
            assert scheme is None or scheme[1].lower() in SCHEMES, attributes
            assert attributes["rel"] == "nofollow noopener ugc"


@given(TYPED)
def test_what_is_shown_is_clean_already(source: str) -> None:
    """Cleaning it again changes nothing: the page is what the cleaner let through, not what was built around it."""
    page = shown(source)
    rules: dict[str, Any] = {"tags": TAGS, "attributes": ATTRIBUTES, "url_schemes": set(SCHEMES)}
    assert nh3.clean(page, link_rel="nofollow noopener ugc", **rules) == page


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("**注意：**请", "<strong>注意：</strong>请"),
        ("这是**“重点”**内容", "这是<strong>“重点”</strong>内容"),
        ("**中文（括号）**后文", "<strong>中文（括号）</strong>后文"),
        ("他说**「好」**。", "他说<strong>「好」</strong>。"),
        ("*（斜体）*后", "<em>（斜体）</em>后"),
        ("~~删除。~~后", "<s>删除。</s>后"),
        ("这是**ISO(9001)**标准", "这是<strong>ISO(9001)</strong>标准"),
        ("snake_case_name", "snake_case_name"),
        ("2 * 3 * 4", "2 * 3 * 4"),
    ],
)
def test_emphasis_beside_chinese(source: str, expected: str) -> None:
    assert expected in shown(source)


LONG = "The quick brown fox jumps over the lazy dog, and then it goes on and"


@pytest.mark.parametrize(
    ("source", "breaks"),
    [
        ("1、甲\n2、乙", 1), ("（1）甲\n（2）乙\n（3）丙", 2), ("一、总则\n二、要求", 1), ("①甲\n②乙", 1),
        ("第一条 目的\n第二条 范围", 1), ("提交材料包括\n技术方案", 1), ("Ada Lovelace\nLondon", 1),
        (f"{LONG}\nwraps here", 0), (f"{LONG}\n(a) first", 1), ("甲\n\n乙", 0),
    ],
)  # fmt: skip
def test_a_line_ends_where_its_author_ended_it(source: str, breaks: int) -> None:
    assert shown(source).count("<br>") == breaks


@pytest.mark.parametrize(
    ("source", "address", "said"),
    [
        ("see https://a.example/x_y_z, ok", "https://a.example/x_y_z", "https://a.example/x_y_z"),
        ("详见https://a.example/规范，谢谢", "https://a.example/规范", "https://a.example/规范"),
        ("(www.a.example/b(c)d).", "https://www.a.example/b(c)d", "www.a.example/b(c)d"),
        ("写信给lin@crowd.example。", "mailto:lin@crowd.example", "lin@crowd.example"),
        ("见（https://a.example/）", "https://a.example/", "https://a.example/"),
        ("https://a.example/?q=1&r=2.", "https://a.example/?q=1&amp;r=2", "https://a.example/?q=1&amp;r=2"),
        ("![管网图](https://a.example/i.png)", "https://a.example/i.png", "管网图"),
        (
            "见http://例子.测试/路径。",
            "http://例子.测试/路径",
            "http://例子.测试/路径",
        ),
        ("![](https://a.example/i.png)", "https://a.example/i.png", "https://a.example/i.png"),
    ],
)
def test_bare_addresses_and_pictures_are_links(source: str, address: str, said: str) -> None:
    assert f'<a href="{address}" rel="nofollow noopener ugc">{said}</a>' in shown(source)


def test_what_is_no_address_is_no_link() -> None:
    for source in ("http://", "a@b", "readme.md", "`https://a.example/`", "javascript:alert(1)", "1.2.3"):
        assert "<a" not in shown(source)


@pytest.mark.parametrize("hidden", ["&#x202e;", "&#8203;", "&#x3164;", "&#xfeff;", "&rlm;", "&shy;", "&zwj;"])
def test_nothing_that_nobody_sees_comes_in_as_an_entity(hidden: str) -> None:
    assert "<p>a gnp.exe b</p>" in shown(f"a {hidden}gnp.exe b")


IMPORTED = (
    '<h3>Goals</h3><p>See <a href="https://a.example/q(1)">our <b>site</b></a> &amp; *this* 2_3</p>'
    '<ul><li>one<ul><li>sub <a href="https://b.example/">b</a></li></ul></li><li><p>p1</p><p>p2</p></li></ul>'
    '<ol start="3"><li>c</li></ol><table><tr><th>A</th><th>B|C</th></tr><tr><td>1</td><td>2</td></tr></table>'
    "<blockquote><p>said</p></blockquote><p>1. no list<br># no heading</p><pre>x ``` y</pre>"
)


def test_another_platforms_text_is_the_same_as_markdown() -> None:
    written = shown(markdown_of(understand_html(IMPORTED, "need").html))
    for kept in ('<a href="https://a.example/q(1)"', "<strong>site</strong>", '<ol start="3">', "<td>2</td>", "B|C",
                 "<blockquote>", "*this* 2_3", "1. no list<br>", "# no heading", "x ``` y",
                 "<h3>Goals</h3>"):  # fmt: skip
        assert kept in written, written
    assert written.count("<ul>") == 2


@given(st.lists(LINE, min_size=1, max_size=6))
def test_what_is_rewritten_keeps_its_words(lines: list[str]) -> None:
    page = shown("\n\n".join(lines))
    again = shown(markdown_of(understand_html(page, "need").html))
    text = re.sub("<[^>]*>", " ", page)
    assert not words(html.unescape(text)) - words(words_of(again)), again
