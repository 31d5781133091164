"""Words for searching, in both scripts."""

import pytest

from challenges import reference, text


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
    index = text.tokens("Find leaks in cast-iron mains", "用声音定位铸铁管网泄漏点")
    assert set(text.wanted(question)).issubset(index) is found


def test_punctuation_asks_for_nothing() -> None:
    assert text.wanted("?! , --") == []
    assert text.tokens("", "  ") == []


def test_long_texts_keep_the_beginning() -> None:
    entries = text.tokens(" ".join(f"w{n}" for n in range(20_000)))
    assert len(entries) == text.MAX_TOKENS
    assert "w0" in entries


def test_what_is_marked_is_escaped() -> None:
    assert (
        text.mark("Leaks & <b>pumps</b>", "leaks b")
        == "<mark>Leaks</mark> &amp; &lt;<mark>b</mark>&gt;pumps&lt;/<mark>b</mark>&gt;"
    )
    assert text.mark("管网泄漏检测", "泄漏") == "管网<mark>泄漏</mark>检测"
    assert text.mark("Leakproof", "leak") == "Leakproof"
    assert text.mark("a < b", "") == "a &lt; b"


def test_references_carry_a_letter_that_finds_a_slip() -> None:
    good = reference.make(2026, 17)
    assert good.startswith("CR-2026-000017-")
    assert reference.read(f"payment {good.lower()} thank you") == good
    assert reference.read(good.replace("-", " ")) == good
    body, letter = good[:-1], good[-1]
    assert all(reference.read(body + other) is None for other in reference.LETTERS if other != letter)
    for place, digit in enumerate(good):
        for other in "0123456789":
            if digit.isdigit() and other != digit:
                assert reference.read(good[:place] + other + good[place + 1 :]) is None


def test_neighbours_changed_about_are_found() -> None:
    for number in range(1, 3000, 7):
        good = reference.make(2026, number)
        for place in range(8, 13):
            if good[place] != good[place + 1]:
                swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
                assert reference.read(swapped) is None, (good, swapped)
