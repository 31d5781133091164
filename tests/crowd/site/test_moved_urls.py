"""URLs from before lead to the pages as they are called now, and nothing else does."""

import re

import pytest
from flask import Flask
from werkzeug.exceptions import NotFound

from crowd.config import ROOT
from crowd.site.moved_urls import MOVED
from tests.cast import Cast
from tests.client import Browser

WORDS = {"owner": "user", "outcome": "book", "kind": "escrow", "currency": "CNY", "token": "a%C3%A9.b-c"}
OLD_WORDS = {
    "answer", "answers", "attribute", "desk", "finalise", "join", "letter", "money", "notice", "postings", "pot",
    "pots", "recall", "seen", "slip", "slips", "stand", "take", "tie", "ties",
}  # fmt: skip
STILL_USED = (">", "/withdraw", "/cancel", "/reverse", "/challenges")  # ends that URLs in use have, too
PREFIXES = r"""(?<=["'`(} ])"""  # before a URL in code, a template or a document
TEXTS = ("*.html", "*.txt", "*.md", "*.py", "*.js")
PLACES = ("templates", "docs", "crowd", "challenges", "submissions", "scoring", "tests")
OWN = {"crowd/site/moved_urls.py", "tests/crowd/site/test_moved_urls.py"}


def old_url(pattern: str) -> str:
    """An old URL of this pattern, with 7 for each number."""
    return re.sub(r"<(?:int:)?(\w+)>", lambda found: WORDS.get(found[1], "7"), pattern)


def new_url(app: Flask, pattern: str) -> str:
    """The URL in use that the row's endpoint has for the same values."""
    values = {name: WORDS.get(name, 7) for name in re.findall(r"<(?:int:)?(\w+)>", pattern)}
    if "token" in values:
        values["token"] = "aé.b-c"
    return str(app.url_map.bind("").build(MOVED[pattern], values))


@pytest.mark.parametrize("pattern", MOVED)
def test_an_old_url_redirects_for_good_and_keeps_the_query(isolated: Flask, browser: Browser, pattern: str) -> None:
    answer = browser.get(old_url(pattern) + "?after=5&q=%E6%B0%B4")
    assert answer.status_code == 301
    assert answer.headers["Location"] == new_url(isolated, pattern) + "?after=5&q=%E6%B0%B4"


@pytest.mark.parametrize("pattern", MOVED)
def test_a_form_sent_to_an_old_url_keeps_its_method(isolated: Flask, browser: Browser, pattern: str) -> None:
    answer = browser.client.post(old_url(pattern), data={"reason": "typed"})
    assert (answer.status_code, answer.headers["Location"]) == (308, new_url(isolated, pattern))


@pytest.mark.parametrize("pattern", MOVED)
def test_no_row_names_a_url_in_use(isolated: Flask, pattern: str) -> None:
    for method in ("GET", "POST"):
        with pytest.raises(NotFound):
            isolated.url_map.bind("").match(old_url(pattern), method=method)


def test_a_form_of_a_page_from_before_still_acts(cast: Cast, browser: Browser) -> None:
    form = {"party": cast.bo.email, "note": "We published together."}
    answer = browser.sign_in(cast.cy).post("/reviews/ties", form, follow_redirects=True)
    assert (answer.request.path, answer.status_code) == ("/reviews/conflicts", 200)
    assert "We published together." in answer.text
    (declared,) = re.findall(r"/reviews/conflicts/(\d+)/withdraw", answer.text)
    answer = browser.post(f"/reviews/ties/{declared}/withdraw", {"confirmed": "yes"}, follow_redirects=True)
    assert (answer.request.path, answer.status_code) == ("/reviews/conflicts", 200)
    assert "We published together." not in answer.text


def test_a_redirect_says_nothing_of_rows_and_rights(cast: Cast, browser: Browser) -> None:
    for path in ("/finance/pots/999999", "/proposals/999999/finalise"):
        assert browser.get(path).status_code == 301, path
    answer = browser.sign_in(cast.dee).get("/finance/money", follow_redirects=True)
    assert (answer.request.path, answer.status_code) == ("/finance/accounts", 403)


@pytest.mark.parametrize(
    "path",
    ["/desks", "/desk/", "/money/nothing", "/finance/money/nothing/CNY", "/money/accounts/nobody/7", "/join/a/b",
     "/challenges/0/stand", "/challenges/x/stand", "/reviews/ties/7", "/nowhere"],
)  # fmt: skip
def test_where_nothing_was_nothing_is_found(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404
    assert browser.post(path).status_code == 404


def test_urls_and_endpoints_have_no_old_word(isolated: Flask) -> None:
    named = {f"{rule.rule} {rule.endpoint}" for rule in isolated.url_map.iter_rules()}
    assert {one for one in named if OLD_WORDS & set(re.findall(r"[a-z]+", one))} == set()


def test_below_a_prefix_a_redirect_carries_it(isolated: Flask) -> None:
    answer = isolated.test_client().get("/desk", environ_overrides={"SCRIPT_NAME": "/crowd"})
    assert answer.headers["Location"] == "/crowd/dashboard"


def old_urls_in(text: str) -> list[str]:
    """The old URLs in code, a template or a document: whole, or the part that follows a variable."""
    whole = (re.sub(r"<[^>]*>", r"[^/\\s\"'`]+", re.escape(one)) for one in MOVED)
    tails = {re.escape(one.rpartition(">/")[2]) for one in MOVED if ">/" in one and not one.endswith(STILL_USED)}
    end = r"(?=$|[\s\"'`?#)|,;:])"
    found = re.finditer(f"{PREFIXES}(?:{'|'.join(whole)}){end}|}}/(?:{'|'.join(tails)}){end}", text, re.MULTILINE)
    return [match[0] for match in found]


def test_no_page_mail_or_document_uses_an_old_url() -> None:
    files = [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(file for place in PLACES for kind in TEXTS for file in (ROOT / place).rglob(kind)),
    ]
    named = {str(file.relative_to(ROOT)): old_urls_in(file.read_text("utf-8")) for file in files}
    assert {name: urls for name, urls in named.items() if urls and name not in OWN} == {}
    for text in (
        '"/money"',
        "`/challenges/N/stand`",
        'f"/proposals/{one}/finalise"',
        "(/join/...)",
        '"{here}/finalise"',
    ):
        assert old_urls_in(text), text
