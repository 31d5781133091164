"""The stage of a challenge is a term: in the reader's language, filtered by code, and what was merged stays found."""

import pytest
from werkzeug.datastructures import MultiDict

from challenges import filtering, services
from challenges.queries import facets
from challenges.searches import services as searches
from crowd.errors import Invalid
from crowd.taxonomy import services as taxonomy
from crowd.taxonomy.vocabulary import Entry, current
from tests import factories
from tests.cast import Cast
from tests.client import Browser


def stage(code: str) -> Entry:
    found = current().get("stage", code)
    assert found is not None
    return found


def test_it_is_chosen_from_the_list_of_stages_and_shown_in_the_reader_s_language(cast: Cast, browser: Browser) -> None:
    row = factories.opened(cast, stage="100")
    draft = factories.challenge(cast.ada, cast.luoyang, stage="10")
    form = browser.sign_in(cast.ada).get(f"/challenges/{draft.id}/edit/problem").text
    for code in ("0", "1", "10", "100"):
        assert f'value="{code}">{stage(code).names["en"]}</option>' in form
    assert '<option selected value="10">' in form
    assert stage("100").names["en"] in browser.get(f"/challenges/{row.id}").text
    cast.ada.locale = "zh_Hans_CN"
    assert stage("100").names["zh_Hans_CN"] in browser.get(f"/challenges/{row.id}").text


@pytest.mark.parametrize("wrong", ["0-1", "7", "acoustics"])
def test_only_a_stage_is_one(cast: Cast, wrong: str) -> None:
    with pytest.raises(Invalid):
        factories.challenge(cast.ada, cast.luoyang, stage=wrong)


def test_the_list_and_the_api_filter_by_it_also_in_addresses_of_before(cast: Cast, browser: Browser) -> None:
    idea, scale = factories.opened(cast, stage="0", title="Idea"), factories.opened(cast, stage="100", title="Scale")
    plain = factories.opened(cast, stage="", title="Any")
    for query, found in {
        "stage=0": {idea.id}, "stage=0-1": {idea.id}, "stage=0&stage=100": {idea.id, scale.id}, "stage=10": set(),
        "": {idea.id, scale.id, plain.id},
    }.items():  # fmt: skip
        answer = browser.get(f"/api/v1/challenges?{query}").json
        assert answer is not None
        assert {one["id"] for one in answer["challenges"]} == found, query
        page = browser.get(f"/challenges?{query}&filtered=1").text
        assert {one.id for one in (idea, scale, plain) if f'href="/challenges/{one.id}"' in page} == found, query
    stages = {one["id"]: one["stage"] for one in answer["challenges"]}
    assert stages == {idea.id: "0", scale.id: "100", plain.id: None}
    assert browser.get("/api/v1/challenges?stage=7").status_code == 422
    assert f'Remove: {stage("0").names["en"]}"' in browser.get("/challenges?stage=0-1&filtered=1").text
    counted = facets(filtering.read(given("")))
    assert {code: counted.of("stage", code) for code in ("0", "1", "10", "100")} == {"0": 1, "1": 0, "10": 0, "100": 1}


def given(query: str) -> filtering.Arguments:
    """The arguments of a URL."""
    return filtering.Arguments(
        MultiDict((part.partition("=")[0], part.partition("=")[2]) for part in query.split("&") if part)
    )


def test_challenges_of_a_merged_stage_are_those_of_the_other_one(cast: Cast, browser: Browser) -> None:
    row = factories.opened(cast, stage="0")
    taxonomy.merge(cast.eve, stage("0").id, into="1")
    for code in ("0", "1"):
        answer = browser.get(f"/api/v1/challenges?stage={code}").json
        assert answer is not None
        assert [(one["id"], one["stage"]) for one in answer["challenges"]] == [(row.id, "1")], code
    assert facets(filtering.read(given(""))).of("stage", "1") == 1


def test_a_draft_keeps_a_stage_that_is_no_longer_offered(cast: Cast, browser: Browser) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang, stage="10")
    taxonomy.retire(cast.eve, stage("10").id)
    form = browser.sign_in(cast.ada).get(f"/challenges/{draft.id}/edit/problem").text
    assert '<option selected value="10">' in form
    other = factories.challenge(cast.ada, cast.luoyang, stage="1")
    choices = browser.get(f"/challenges/{other.id}/edit/problem").text.split('id="stage"')[1].split("</select>")[0]
    assert 'value="10"' not in choices
    copied = services.copy(cast.ada, draft.id, cast.luoyang.id)
    assert copied.stage_id == draft.stage_id


def test_a_search_that_was_saved_with_an_old_word_still_finds(cast: Cast, browser: Browser) -> None:
    row = searches.save(cast.dee, name="Ideas", arguments={"stage": ["0-1"], "filtered": 1})
    factories.opened(cast, stage="0", title="A new idea"), factories.opened(cast, stage="1", title="Another one")
    leads = browser.sign_in(cast.dee).get(f"/account/searches/{row.id}").headers["Location"]
    assert "stage=0" in leads
    page = browser.get(leads).text
    assert "A new idea" in page
    assert "Another one" not in page
