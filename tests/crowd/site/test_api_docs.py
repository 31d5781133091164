"""The page about the API is true: its fields are those of the answers, its parameters are those that are read."""

import inspect
import re

import pytest

from challenges import filtering
from crowd.site import api_docs
from tests import factories
from tests.cast import Cast
from tests.client import Browser


def test_its_fields_are_those_of_the_answers(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    listed = browser.get("/api/v1/challenges").get_json()
    assert set(listed) == {"challenges", "after"}
    assert set(listed["challenges"][0]) == set(api_docs.BRIEF)
    whole = browser.get(f"/api/v1/challenges/{challenge.id}").get_json()["challenge"]
    assert set(whole) == set(api_docs.BRIEF) | set(api_docs.WHOLE)
    assert set(browser.sign_in(cast.ada).get("/api/v1/me").get_json()) == set(api_docs.ME)


def test_its_parameters_are_those_that_are_read() -> None:
    """All but `usual`, which is the page's mark of states that nobody chose; the API has no such states."""
    read = set(re.findall(r'args\.(?:texts?|question|flag|number)\("(\w+)"', inspect.getsource(filtering.read)))
    assert read - {"usual"} | {"after"} == {one.name for one in api_docs.PARAMETERS}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/me", 401), ("/api/v1/challenges/999999", 404), ("/api/v1/challenges?after=nonsense", 422)],
)
def test_its_errors_are_those_that_come(path: str, status: int, cast: Cast, browser: Browser) -> None:
    answer = browser.get(path)
    assert answer.status_code == status
    assert set(answer.get_json()["error"]) >= {"code", "message"}
    assert status in api_docs.ERRORS


def test_its_examples_answer_and_are_not_sent_twice(cast: Cast, browser: Browser) -> None:
    factories.opened(cast)
    page = browser.get("/api").text.replace("&amp;", "&")
    (path,) = set(re.findall(r'href="(/api/v1/[^"]+)"', page))
    answer = browser.get(path)
    assert len(answer.get_json()["challenges"]) == 1
    again = browser.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for name in (*api_docs.BRIEF, *api_docs.WHOLE, *(one.name for one in api_docs.PARAMETERS)):
        assert f"<code>{name}</code>" in page
