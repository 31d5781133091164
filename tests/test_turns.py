"""What the short form takes of tests that go through pages in a language: each case once, and each language."""

from collections import Counter

import pytest

from tests.turns import one_language_each

pytest_plugins = ["pytester"]
TESTS = """
import pytest

LANGUAGES = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])

@pytest.fixture
def browser():
    pass

@LANGUAGES
@pytest.mark.parametrize("kind", ["one", "two", "three", "four"])
def test_pages(browser, locale, kind):
    pass

@LANGUAGES
def test_other_pages(browser, locale):
    pass

@pytest.mark.parametrize("kind", ["one", "two"])
def test_kinds(browser, kind):
    pass

@LANGUAGES
def test_words(locale):
    pass

@pytest.mark.parametrize(("kind", "locale"), [("one", "en"), pytest.param("one", "zh_Hans_CN", marks=pytest.mark.long)])
def test_pages_whose_turn_is_known(browser, kind, locale):
    pass
"""


def test_each_case_is_taken_in_one_language_and_each_language_is_taken(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nmarkers = long")
    items = pytester.getitems(TESTS)
    one_language_each(items)
    short = [item.name for item in items if not item.get_closest_marker("long")]
    taken = [name.rstrip("]").partition("[")[2].split("-") for name in short if name.startswith("test_pages[")]
    assert Counter(language for _kind, language in taken) == {"en": 2, "zh_Hans_CN": 2}
    assert {kind for kind, _language in taken} == {"one", "two", "three", "four"}
    others = [name for name in short if not name.startswith("test_pages[")]
    assert others[1:] == [
        "test_kinds[one]", "test_kinds[two]", "test_words[en]", "test_words[zh_Hans_CN]",
        "test_pages_whose_turn_is_known[one-en]",
    ]  # fmt: skip
    assert others[0] in ("test_other_pages[en]", "test_other_pages[zh_Hans_CN]")
