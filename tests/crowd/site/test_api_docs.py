"""The page about the API and its OpenAPI document are true: fields, types, parameters, values and errors."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from challenges import filtering
from challenges.api import BriefSchema, ChallengeSchema
from crowd.web import api
from scoring.api import PersonSchema
from tests import factories
from tests.cast import Cast
from tests.challenges.importing.test_services import ROW, imported, take
from tests.client import Browser


def names(schema: type[api.ResponseSchema]) -> set[str]:
    return set(schema().fields)


def test_every_endpoint_of_the_api_is_described(shared_app: Flask, browser: Browser) -> None:
    paths = {rule.rule for rule in shared_app.url_map.iter_rules() if rule.rule.startswith("/api/v")}
    shown = re.findall(r"<h2><code>GET ([^<]+)</code></h2>", browser.get("/api").text)
    registers = ["/api/v1/registers", "/api/v1/registers/{register}", "/api/v1/registers/{register}/{number}"]
    rules = ["/api/v1/rules", "/api/v1/rules/{name}"]
    assert shown == ["/api/v1/challenges", "/api/v1/challenges/{id}", "/api/v1/me", *registers, *rules]
    assert len(shown) == len(paths)
    assert list(browser.get("/api/openapi.json").get_json()["paths"]) == shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_its_document_is_openapi(language: str, browser: Browser) -> None:
    document = browser.get("/api/openapi.json", headers={"Accept-Language": language}).get_json()
    validate(document)
    assert document["servers"] == [{"url": "http://127.0.0.1:8000"}]
    assert document["paths"]["/api/v1/me"]["get"]["security"] == [{"session": []}]


def test_its_fields_are_those_of_the_answers(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    listed = browser.get("/api/v1/challenges").get_json()
    assert set(listed) == {"challenges", "after"}
    assert set(listed["challenges"][0]) == names(BriefSchema)
    whole = browser.get(f"/api/v1/challenges/{challenge.id}").get_json()["challenge"]
    assert set(whole) == names(ChallengeSchema)
    assert set(browser.sign_in(cast.ada).get("/api/v1/me").get_json()) == names(PersonSchema)


def test_its_answers_have_the_types_of_the_document(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    document = browser.get("/api/openapi.json").get_json()
    wrong = browser.get(f"/api/v1/challenges/{challenge.id}").get_json()
    wrong["challenge"]["prizes"][0]["amount"] = "a lot"
    assert not fits(document, "/api/v1/challenges/{id}", 200, wrong)
    assert fits(document, "/api/v1/challenges", 200, browser.get("/api/v1/challenges").get_json())
    assert fits(document, "/api/v1/challenges/{id}", 200, browser.get(f"/api/v1/challenges/{challenge.id}").get_json())
    assert fits(document, "/api/v1/challenges/{id}", 404, browser.get("/api/v1/challenges/999999").get_json())
    assert fits(document, "/api/v1/challenges", 422, browser.get("/api/v1/challenges?sort=luck").get_json())
    assert fits(document, "/api/v1/me", 401, browser.get("/api/v1/me").get_json())
    assert fits(document, "/api/v1/me", 200, browser.sign_in(cast.ada).get("/api/v1/me").get_json())


def test_a_record_of_another_platform_has_them_too(cast: Cast, browser: Browser, tmp_path: Path) -> None:
    assert take(tmp_path, ROW).created == 1
    challenge, _source = imported("77")
    whole = browser.get(f"/api/v1/challenges/{challenge.id}").get_json()
    assert whole["challenge"]["source"]["id"] == "77"
    assert fits(browser.get("/api/openapi.json").get_json(), "/api/v1/challenges/{id}", 200, whole)


def fits(document: dict[str, Any], path: str, status: int, answer: object) -> bool:
    """Whether an answer is what the document says of it."""
    schema = document["paths"][path]["get"]["responses"][str(status)]["content"]["application/json"]["schema"]
    return bool(OAS31Validator({**schema, "components": document["components"]}).is_valid(answer))


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("state=opne", {"state"}),
        ("state=open&state=draft", {"state"}),
        ("stage=7", {"stage"}),
        ("sort=luck&currency=XXX", {"sort", "currency"}),
        ("organisation=acme", {"organisation"}),
        ("organisation=0", {"organisation"}),
        (f"organisation={10**18}", {"organisation"}),
        ("here=yes", {"here"}),
        ("language=fr", {"language"}),
    ],
)
def test_a_parameter_with_a_value_that_it_cannot_have_is_refused(query: str, wrong: set[str], browser: Browser) -> None:
    answer = browser.get(f"/api/v1/challenges?{query}", headers={"Accept-Language": "zh"})
    assert answer.status_code == 422
    found = answer.get_json()["error"]["fields"]
    assert set(found) == wrong
    assert all("一" <= text[0] <= "龥" for texts in found.values() for text in texts)  # in the reader's language


@pytest.mark.parametrize(
    "query", ["", "state=&q=", "unknown=1", "state=open&state=cancelled&stage=0-1", "q=%F0%9F%8E%81"]
)
def test_all_else_is_answered(query: str, browser: Browser) -> None:
    assert browser.get(f"/api/v1/challenges?{query}").status_code == 200


def test_its_parameters_are_those_that_are_read() -> None:
    """All but `usual`, which is the page's mark of states that nobody chose; the API has no such states."""
    read = set(re.findall(r'args\.(?:texts?|question|flag|number)\("(\w+)"', inspect.getsource(filtering.read)))
    assert read - {"usual"} | {"after"} == set(filtering.ChallengeParameters().fields)


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
    path, registers, sets = re.findall(r'href="(/api/v1/[^"]+)"', page)
    assert browser.get(sets).get_json()["rules"]
    assert browser.get(registers).get_json()["registers"]
    answer = browser.get(path)
    assert len(answer.get_json()["challenges"]) == 1
    again = browser.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for name in (*names(ChallengeSchema), *names(PersonSchema), *filtering.ChallengeParameters().fields):
        assert f"<code>{name}</code>" in page
