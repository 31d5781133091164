"""Words for searching, in both scripts."""

import pytest

from challenges import search_tokens


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("泄漏", True), ("管网泄漏", True), ("漏", True), ("铸铁 管网", True), ("漏泄", False), ("泄网", False),
        ("LEAKS", True), ("leak", True), ("leaky", False),
        ("cast iron", True), ("cast-iron", True), ("ｌｅａｋｓ", True),
        ("leaks 管网", True), ("leaks 水泵", False),
    ],
)  # fmt: skip
def test_a_question_is_answered_by_words_and_pairs(question: str, found: bool) -> None:
    index = search_tokens.tokens("Find leaks in cast-iron mains", "用声音定位铸铁管网泄漏点")
    assert set(search_tokens.wanted(question)).issubset(index) is found


def test_punctuation_asks_for_nothing() -> None:
    assert search_tokens.wanted("?! , --") == []
    assert search_tokens.tokens("", "  ") == []


def test_long_texts_keep_the_beginning() -> None:
    entries = search_tokens.tokens(" ".join(f"w{n}" for n in range(20_000)))
    assert len(entries) == search_tokens.MAX_TOKENS
    assert "w0" in entries


def test_what_is_marked_is_escaped() -> None:
    assert (
        search_tokens.mark("Leaks & <b>pumps</b>", "leaks b")
        == "<mark>Leaks</mark> &amp; &lt;<mark>b</mark>&gt;pumps&lt;/<mark>b</mark>&gt;"
    )
    assert search_tokens.mark("管网泄漏检测", "泄漏") == "管网<mark>泄漏</mark>检测"
    assert search_tokens.mark("Leakproof", "leak") == "Leakproof"
    assert search_tokens.mark("a < b", "") == "a &lt; b"
