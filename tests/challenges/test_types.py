"""Types of challenges: what each asks for; which are offered; how the list, cards and programs show them."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from challenges import services
from challenges.brief import Brief, PrizeLine, missing_fields
from challenges.contract import queries as contracts
from challenges.contract import services as amending
from challenges.contract.document import read_document
from challenges.rules import rules_of
from challenges.types import TYPES, Type
from crowd.clock import now
from crowd.config import limits
from crowd.errors import Invalid
from crowd.limits import Limits
from submissions import services as submissions
from submissions.submission_errors import problems
from tests import factories
from tests.cast import Cast
from tests.challenges.importing.test_services import ROW, imported, take
from tests.challenges.test_views import fields
from tests.client import Browser
from tests.scoring.test_pages import text, words

AWARDS = [PrizeLine(title="Idea", amount=100_000, award_count=30)]
IDEAS: dict[str, Any] = {"type": Type.IDEATION, "prizes": AWARDS}
LATER = sorted(set(Type) - set(TYPES))


def test_the_draft_asks_for_the_type(cast: Cast, browser: Browser) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang)
    path = f"/challenges/{draft.id}/edit/type"
    page = text(browser.sign_in(cast.ada), path)
    assert re.findall(r'type="radio" name="type"[^>]*value="([a-z]+)"', page) == ["prize", "ideation"]
    sent = fields(page) | {"type": "ideation", "tier": ""}
    assert browser.post(path, sent).status_code == 303
    assert draft.type == Type.IDEATION


@pytest.mark.parametrize("kind", LATER)
def test_a_type_that_is_not_offered_is_not_taken(kind: Type, cast: Cast, browser: Browser) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang)
    path = f"/challenges/{draft.id}/edit/type"
    sent = fields(text(browser.sign_in(cast.ada), path)) | {"type": str(kind)}
    assert browser.post(path, sent).status_code == 422
    with pytest.raises(Invalid):
        services.edit(cast.ada, draft.id, changes={"type": kind})
    assert draft.type == Type.PRIZE


def test_ideas_have_equal_awards(cast: Cast) -> None:
    def missing(brief: Brief) -> set[str]:
        return {field for field, _message in missing_fields(brief, Limits(), now())}

    assert "prizes" in missing(factories.brief(type=Type.IDEATION))
    assert "prizes" not in missing(factories.brief(**IDEAS))
    challenge = factories.opened(cast, **IDEAS)
    more = [*AWARDS, PrizeLine(title="Best", amount=100_000)]
    brief = contracts.brief_in_force(challenge)
    with pytest.raises(Invalid) as refusal:
        amending.plan(challenge, replace(brief, prizes=more))
    assert set(refusal.value.fields) == {"prizes"}


def test_an_idea_is_about_a_page(cast: Cast) -> None:
    challenge, usual = factories.opened(cast, **IDEAS), factories.opened(cast)
    document = read_document(contracts.in_force(challenge).document)
    assert document["type"] == "ideation"
    assert (document["proposals"]["characters"], document["proposals"]["files"]) == (3_000, 1)
    assert rules_of(usual).max_body_length == limits().max_body_length
    longer = factories.proposal(cast.bo, challenge, submitted=False, body="x" * 3_001)
    assert set(problems(longer, longer.draft_version)) == {"body"}
    with pytest.raises(Invalid):
        submissions.submit(cast.bo, longer.id)
    factories.proposal(cast.bea, challenge, body="x" * 3_000)


def test_the_type_stays_after_the_opening(cast: Cast) -> None:
    challenge = factories.opened(cast, **IDEAS)
    changed = replace(contracts.brief_in_force(challenge), type=Type.PRIZE)
    with pytest.raises(Invalid) as refusal:
        amending.plan(challenge, changed)
    assert set(refusal.value.fields) == {"type"}


def test_the_list_is_filtered_by_type(cast: Cast, browser: Browser) -> None:
    ideas, usual = factories.opened(cast, **IDEAS), factories.opened(cast)
    page = words(text(browser, "/challenges?type=ideation"))
    assert "1 found" in page
    assert ideas.id != usual.id
    for kind, wanted in (("ideation", ideas), ("prize", usual)):
        listed = browser.get(f"/api/v1/challenges?type={kind}").get_json()["challenges"]
        assert [(row["id"], row["type"]) for row in listed] == [(wanted.id, kind)]
    card = re.search(rf'<li class="ask">.*?/challenges/{ideas.id}".*?</li>', text(browser, "/challenges"), re.S)
    assert card
    assert "Ideas" in words(card[0])


@pytest.mark.parametrize("kind", LATER)
def test_nothing_is_filtered_by_what_is_not_offered(kind: Type, browser: Browser) -> None:
    assert browser.get(f"/api/v1/challenges?type={kind}").status_code == 422
    assert browser.get(f"/challenges?type={kind}").status_code == 200


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_the_contract_says_what_is_asked_for(locale: str, cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast, **IDEAS)
    browser.sign_in(factories.user("Lin", locale=locale))
    page = words(text(browser, f"/challenges/{challenge.id}/contract"))
    assert ("Type Ideas: A short proposal" if locale == "en" else "创意") in page


def test_a_record_of_another_platform_shows_its_type_where_it_is_known_here(
    cast: Cast, browser: Browser, tmp_path: Path
) -> None:
    assert take(tmp_path, {**ROW, "challenge-title": "Quiet Pumps Grand Challenge"}).created == 1
    challenge, source = imported("77")
    assert (challenge.type, source.mapped["types_given"]) == (Type.STAGED, ["Ideas"])
    number = challenge.id
    record = browser.get(f"/challenges/{number}").text
    assert '<dd lang="en">Ideas</dd>' in record
    found = browser.get(f"/api/v1/challenges/{number}").get_json()["challenge"]
    assert (found["type"], found["source"]["types"]) == (None, ["Ideas"])
    assert take(tmp_path, ROW).updated == 1
    found = browser.get(f"/api/v1/challenges/{number}").get_json()["challenge"]
    assert found["type"] == "ideation"
