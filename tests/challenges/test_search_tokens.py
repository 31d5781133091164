"""Words for searching, in both scripts."""

import pytest

from challenges import payment_reference, search_tokens


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


def test_references_carry_a_letter_that_finds_a_slip() -> None:
    good = payment_reference.make(2026, 17)
    assert good.startswith("CR-2026-000017-")
    assert payment_reference.read(f"payment {good.lower()} thank you") == good
    assert payment_reference.read(good.replace("-", " ")) == good
    body, letter = good[:-1], good[-1]
    assert all(payment_reference.read(body + other) is None for other in payment_reference.LETTERS if other != letter)
    for place, digit in enumerate(good):
        for other in "0123456789":
            if digit.isdigit() and other != digit:
                assert payment_reference.read(good[:place] + other + good[place + 1 :]) is None


def test_neighbours_changed_about_are_found() -> None:
    for number in range(1, 3000, 7):
        good = payment_reference.make(2026, number)
        for place in range(8, 13):
            if good[place] != good[place + 1]:
                swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
                assert payment_reference.read(swapped) is None, (good, swapped)
