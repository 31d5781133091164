"""The page of questions: who sees what, and that nobody but the centre knows who asked."""

import re

import pytest

from challenges.discussion import queries
from challenges.models import Challenge
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.submissions.test_pages import words


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    return factories.opened(cast)


def test_from_the_question_to_the_answer(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    here = f"/challenges/{challenge.id}/questions"
    browser.sign_in(cast.bo)
    assert browser.post(here, {"text": " "}).status_code == 422
    assert browser.post(here, {"text": "Is one site enough?"}).status_code == 303
    assert "Is one site enough?" in words(browser.get(here).text)
    question = queries.list_questions(cast.eve, challenge)[0].public_id
    assert "Is one site enough?" not in browser.sign_out().get(here).text
    centre = browser.sign_in(cast.eve).get(here).text
    assert f"asked by {cast.bo.name}" in words(centre)
    assert browser.post(f"{here}/{question}/publish", {"confirmed": "yes"}).status_code == 303
    sponsor = browser.sign_in(cast.ada).get(here).text
    assert "Is one site enough?" in words(sponsor)
    assert cast.bo.name not in words(sponsor)
    assert browser.post(f"{here}/{question}/reply", {"answer": ""}).status_code == 422
    given = {"answer": "Yes, one site.", "clarification": "y"}
    assert browser.post(f"{here}/{question}/reply", given).status_code == 303
    public = browser.sign_out().get(here).text
    assert "Yes, one site." in words(public)
    assert cast.bo.name not in words(public)
    assert f'href="/challenges/{challenge.id}/contract"' in public


def test_an_update_is_public_at_once(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    here = f"/challenges/{challenge.id}"
    assert browser.sign_in(cast.bo).post(f"{here}/updates", {"update": "Mine."}).status_code == 403
    browser.sign_in(cast.ada)
    assert browser.post(f"{here}/updates", {"update": "We show the site on Friday."}).status_code == 303
    assert "We show the site on Friday." in words(browser.sign_out().get(f"{here}/questions").text)


def test_a_question_cannot_be_guessed_or_found_elsewhere(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    other = factories.opened(cast)
    browser.sign_in(cast.bo).post(f"/challenges/{other.id}/questions", {"text": "Elsewhere?"})
    question = queries.list_questions(cast.eve, other)[0].public_id
    assert re.fullmatch(r"[\w-]{12}", question)
    browser.sign_in(cast.eve)
    wrong = browser.post(f"/challenges/{challenge.id}/questions/{question}/publish", {"confirmed": "yes"})
    assert wrong.status_code == 404
    assert browser.get(f"/challenges/{factories.funded(cast).id}/questions").status_code == 404
