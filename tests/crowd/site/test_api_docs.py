"""The page about the API is true: its fields are those of the answers, its parameters are those that are read."""

import inspect
import re

import pytest
from flask import Flask

from challenges import filtering
from challenges.api import BRIEF, WHOLE
from crowd.web import api
from scoring.api import ME
from tests import factories
from tests.cast import Cast
from tests.client import Browser


def names(schema: api.Schema) -> set[str]:
    return {field.name for field in schema.fields} | (names(schema.base) if schema.base else set())


def test_every_endpoint_of_the_api_is_described(shared_app: Flask, browser: Browser) -> None:
    paths = {rule.rule for rule in shared_app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    shown = re.findall(r"<h2><code>GET ([^<]+)</code></h2>", browser.get("/api").text)
    assert shown == ["/api/v1/challenges", "/api/v1/challenges/{id}", "/api/v1/me"]
    assert len(shown) == len(paths)


def test_its_fields_are_those_of_the_answers(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    listed = browser.get("/api/v1/challenges").get_json()
    assert set(listed) == {"challenges", "after"}
    assert set(listed["challenges"][0]) == names(BRIEF)
    whole = browser.get(f"/api/v1/challenges/{challenge.id}").get_json()["challenge"]
    assert set(whole) == names(BRIEF) | names(WHOLE)
    assert set(browser.sign_in(cast.ada).get("/api/v1/me").get_json()) == names(ME)


def test_its_parameters_are_those_that_are_read() -> None:
    """All but `usual`, which is the page's mark of states that nobody chose; the API has no such states."""
    read = set(re.findall(r'args\.(?:texts?|question|flag|number)\("(\w+)"', inspect.getsource(filtering.read)))
    assert read - {"usual"} | {"after"} == {one.name for one in filtering.PARAMETERS}


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/v1/me", 401), ("/api/v1/challenges/999999", 404), ("/api/v1/challenges?after=nonsense", 422)],
)
def test_its_errors_are_those_that_come(path: str, status: int, cast: Cast, browser: Browser) -> None:
    answer = browser.get(path)
    assert answer.status_code == status
    assert set(answer.get_json()["error"]) >= {"code", "message"}
    assert status in api.ERRORS


def test_its_examples_answer_and_are_not_sent_twice(cast: Cast, browser: Browser) -> None:
    factories.opened(cast)
    page = browser.get("/api").text.replace("&amp;", "&")
    (path,) = set(re.findall(r'href="(/api/v1/[^"]+)"', page))
    answer = browser.get(path)
    assert len(answer.get_json()["challenges"]) == 1
    again = browser.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for name in (*names(WHOLE), *names(ME), *(one.name for one in filtering.PARAMETERS)):
        assert f"<code>{name}</code>" in page
