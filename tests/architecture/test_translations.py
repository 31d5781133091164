"""Every text of code and templates is in the catalogue, with the same placeholders; English is the texts themselves."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask import Flask
from jinja2 import nodes

from crowd.config import ROOT
from crowd.languages import CHINESE, ENGLISH, LANGUAGES

CATALOGUES = ROOT / "crowd" / "translations"
KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "ngettext": (1, 2), "_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2), "lazy_pgettext": ((1, "c"), 2),
}  # fmt: skip
Word = tuple[str | None, str]  # the sense, where one is given, and the word
TRANSLATED = [locale for locale in LANGUAGES if locale != ENGLISH.locale]
COMPLETE = (CHINESE.locale,)  # in another language, English stands where a text is missing
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
BUTTONS = {"submit", "button", "post_form", "confirm_form"}
SAME_AS_ON_A_BUTTON = {
    "Decline",
    "Edit",
    "Remove",
    "Resolved",
    "Save",
    "Search",
    "Write",
}  # what they head or are called
SAME_IN_BOTH = {"API", "Crowd", "CSV", "PDF", "Markdown"}  # names


def catalogue(locale: str) -> Catalog:
    with (CATALOGUES / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=locale)


def extracted() -> Iterator[tuple[str, Word]]:
    """(where, word) of everything that is marked for translation."""
    with (CATALOGUES / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    for room in ("crowd", "challenges", "submissions", "scoring", "templates"):
        here = [(pattern.removeprefix(f"{room}/"), method) for pattern, method in methods if pattern.startswith(room)]
        for name, line, words, _comments, sense in extract_from_dir(str(ROOT / room), here, options, keywords=KEYWORDS):
            yield f"{room}/{name}:{line}", (sense, words if isinstance(words, str) else words[0])


@pytest.fixture(scope="module")
def uses() -> list[tuple[str, Word]]:
    return list(extracted())


@pytest.fixture(scope="module")
def words(uses: list[tuple[str, Word]]) -> dict[Word, str]:
    found = {word: where for where, word in uses}
    assert len(found) > 1_000
    return found


@pytest.mark.parametrize("locale", COMPLETE)
def test_every_word_is_in_the_catalogue(words: dict[Word, str], locale: str) -> None:
    told = [m for m in catalogue(locale) if m.id and _text(m) and not m.fuzzy]
    known = {(m.context, m.id[0] if m.pluralizable else m.id) for m in told}
    missing = {word: where for word, where in words.items() if word not in known}
    assert missing == {}


@pytest.mark.parametrize("locale", TRANSLATED)
def test_unlike_texts_have_translations_of_their_own(locale: str) -> None:
    """A translation that came to the text beside it: two texts of four words and more have none in common, or one is
    many times as long as the other.
    """
    sources: dict[str, list[str]] = defaultdict(list)
    for message in catalogue(locale):
        if message.id and not message.pluralizable and message.string:
            sources[str(message.string)].append(str(message.id))
    pairs = [(a, b) for ids in sources.values() for a, b in combinations(ids, 2)]
    assert [pair for pair in pairs if _unlike(*pair)] == []


def _unlike(one: str, other: str) -> bool:
    stems = [{word[:3] for word in re.findall("[a-z]+", PLACES.sub("", text.lower()))} for text in (one, other)]
    short, long = sorted((len(one), len(other)))
    return (min(map(len, stems)) > 3 and not stems[0] & stems[1]) or (long > 25 and long > 2.5 * short)


def on_buttons(app: Flask) -> Counter[str]:
    """How often each word without a sense is the text of a button."""
    found = Counter[str]()
    for path in (ROOT / "templates").rglob("*.html"):
        calls = app.jinja_env.parse(path.read_text("utf-8")).find_all(nodes.Call)
        for button in (one for one in calls if getattr(one.node, "attr", getattr(one.node, "name", "")) in BUTTONS):
            texts = (one for one in button.find_all(nodes.Call) if getattr(one.node, "name", "") == "_")
            found.update(str(text.args[0].as_const()) for text in texts)
    return Counter({word: times for word, times in found.items() if " " not in word})


def test_a_word_of_a_button_is_no_heading(shared_app: Flask, uses: list[tuple[str, Word]]) -> None:
    """English has one word for both ("Request"), and the catalogue would give the button the Chinese of the noun."""
    buttons = on_buttons(shared_app)
    assert len(buttons) > 15
    used = Counter(word for _where, (sense, word) in uses if sense is None)
    both = {word for word, times in buttons.items() if used[word] > times}
    assert both - SAME_AS_ON_A_BUTTON == set(), 'give one of the two a sense: pgettext("step", "Request")'


def test_chinese_has_no_space_before_a_number_and_its_own_colon() -> None:
    wrong = re.compile(
        r"[\u4e00-\u9fff] (?:\d|%\((?:num|number|most|least|version|amount|days|size)\))|[\u4e00-\u9fff] ?: "
    )
    found = [text for message in catalogue("zh_Hans_CN") for text in _text(message) if wrong.search(text)]
    assert found == []


def test_no_chinese_words_are_english() -> None:
    same = [m.id for m in catalogue("zh_Hans_CN") if m.id and _text(m) == [m.id] and m.id not in SAME_IN_BOTH]
    assert same == []


@pytest.mark.parametrize("locale", TRANSLATED)
def test_places_for_values_are_the_same(locale: str) -> None:
    wrong = []
    for message in catalogue(locale):
        sources = [message.id] if isinstance(message.id, str) else list(message.id)
        allowed = {place for source in sources for place in PLACES.findall(source)}
        needed = set(PLACES.findall(sources[-1])) - {"%(num)d", "%(num)s"}
        for text in _text(message):
            places = set(PLACES.findall(text))
            if not needed <= places | {"%(num)d", "%(num)s"} or not places <= allowed:
                wrong.append(message.id)
    assert wrong == []


def _text(message: Message) -> list[str]:
    texts = [message.string] if isinstance(message.string, str) else list(message.string)
    return [text for text in texts if text]
