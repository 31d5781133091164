"""What pages of a challenge claim is so: about its draft, its results, its screening and its lists."""

import html
import re
from datetime import timedelta

import pytest

from challenges import brief as briefs
from challenges import services
from challenges.brief import Brief
from challenges.drafting.steps import STEP_OF
from challenges.lifecycle import services as lifecycle
from crowd import clock
from crowd.config import limits
from crowd.errors import Conflict
from tests import factories
from tests.cast import Cast
from tests.client import Browser

MAKERS = {
    "screening": factories.screened,
    "approved": factories.approved,
    "funded": factories.funded,
    "open": factories.opened,
    "judging": factories.judging,
    "decided": factories.decided,
    "settled": factories.settled,
}


# ---- the draft


@pytest.mark.parametrize("state", MAKERS)
def test_what_is_no_draft_is_not_called_one(state: str, cast: Cast, browser: Browser) -> None:
    challenge = MAKERS[state](cast)
    page = browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}/edit/problem")
    assert page.status_code == 200
    assert "This challenge can no longer be changed" in page.text
    assert not re.search(
        r"Edit the draft|sent this back|Save the draft|data-autosave|name=\"(cost|save|over)\"", page.text
    )
    assert "<fieldset disabled>" in page.text


def test_what_was_typed_meanwhile_stays_and_nothing_offers_to_save_it(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    answer = browser.sign_in(cast.ada).post(
        f"/challenges/{challenge.id}/edit/problem", {"title": "Quite another title"}
    )
    assert answer.status_code == 409
    assert "Quite another title" in answer.text
    assert "can no longer be changed" in answer.text
    assert not re.search(r"<fieldset disabled>|name=\"(cost|save|over)\"", answer.text)


def test_a_draft_that_somebody_else_has_saved_can_be_written_over(cast: Cast, browser: Browser) -> None:
    """The other conflict, in which the button has an effect."""
    draft = factories.challenge(cast.ada, cast.luoyang)
    with pytest.raises(Conflict):
        services.edit(cast.abe, draft.id, changes={"title": "Another title"}, base="of another version")


def test_the_note_of_an_approval_is_no_remark_of_a_return(cast: Cast, browser: Browser) -> None:
    """Not even where the challenge becomes a draft again for another reason."""
    challenge = factories.approve(cast.eve, factories.screened(cast).id, note="Checked against the register.")
    assert challenge.screening_note == ""
    factories.move_dates(challenge, funding_due_at=clock.now() - timedelta(seconds=1))
    lifecycle.expire_funding(factories.SYSTEM, challenge.id)
    for path in (
        f"/challenges/{challenge.id}",
        f"/challenges/{challenge.id}/edit/dates",
        "/challenges/mine",
        "/dashboard",
    ):
        page = browser.sign_in(cast.ada).get(path).text
        assert not re.search("returned this|Returned by", page), path
    history = browser.get(f"/challenges/{challenge.id}/history").text
    assert "Checked against the register." in history


def test_the_queue_names_what_was_sent_back_before_and_nothing_else(cast: Cast, browser: Browser) -> None:
    again, fresh = factories.screened(cast, title="Again"), factories.screened(cast, title="Fresh")
    lifecycle.return_for_changes(cast.eve, again.id, reason="Say by how much.")
    lifecycle.submit(cast.ada, again.id)
    page = browser.sign_in(cast.eve).get("/screening").text
    rows = {row.partition("</a>")[0].rpartition(">")[2]: row for row in page.split('<li class="ask">')[1:]}
    assert {title: "submission 2" in row for title, row in rows.items()} == {again.title: True, fresh.title: False}


def test_a_field_that_screening_needs_is_not_called_optional(cast: Cast, browser: Browser) -> None:
    draft = services.create(cast.ada, cast.luoyang.id, brief=Brief(title="Quiet valves"))
    needed = {field for field, _message in briefs.missing_fields(briefs.from_challenge(draft), limits(), clock.now())}
    assert needed == {"summary", "problem_statement", "prizes", "criteria", "closes_at"}
    browser.sign_in(cast.ada)
    for field in needed:
        page = browser.get(f"/challenges/{draft.id}/edit/{STEP_OF[field]}").text
        label = re.search(rf'(?:<label for="{field}">|<h2 id="{field}">)(.*?)</(?:label|h2)>', page, re.DOTALL)
        assert label, field
        assert "(needed for screening)" in label[1], field
        assert "(optional)" not in label[1], field


# ---- lists


@pytest.mark.parametrize("question", ["", "hydrants"])
def test_the_summary_is_shown_in_lists_as_its_field_says(question: str, cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    listed = html.unescape(re.sub("<[^>]*>", "", browser.get(f"/challenges?q={question}").text))
    assert challenge.summary in listed
    assert (
        "Shown in lists"
        in browser.sign_in(cast.ada)
        .get(f"/challenges/{factories.challenge(cast.ada, cast.luoyang).id}/edit/problem")
        .text
    )


# ---- results that are not there yet


@pytest.mark.parametrize("state", ["open", "judging"])
@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_results_that_are_not_there_yet_say_when_they_will_be(
    state: str, locale: str, cast: Cast, browser: Browser
) -> None:
    challenge = MAKERS[state](cast)
    browser.sign_in(factories.user("Lin", locale=locale))
    answer = browser.get(f"/challenges/{challenge.id}/results")
    assert answer.status_code == 200
    assert {"en": "Not decided yet.", "zh_Hans_CN": "尚未作出授奖决定。"}[locale] in answer.text
    assert {"en": "Decision by", "zh_Hans_CN": "授奖"}[locale] in answer.text
    assert "<time" in answer.text.partition("<h1>")[2]


def test_a_cancelled_challenge_has_no_results_and_promises_none(cast: Cast, browser: Browser) -> None:
    challenge = lifecycle.cancel(cast.eve, factories.opened(cast).id, reason="No longer needed.")
    page = browser.get(f"/challenges/{challenge.id}/results").text
    assert "There are no results here." in page
    assert "Not decided yet" not in page


@pytest.mark.parametrize("page", ["panel", "ranking", "awards"])
def test_a_judging_that_has_not_begun_is_not_somebody_elses(page: str, cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    for person, begins in ((cast.ada, True), (cast.gu, True), (cast.dee, False)):
        answer = browser.sign_in(person).get(f"/challenges/{challenge.id}/{page}")
        assert answer.status_code == 403
        assert ("There is nothing to see yet" in answer.text) == begins


@pytest.mark.parametrize("state", ["draft", "screening"])
def test_who_sees_what_is_not_public_is_said_as_it_is(state: str, cast: Cast, browser: Browser) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang) if state == "draft" else factories.screened(cast)
    said = browser.sign_in(cast.abe).get(f"/challenges/{challenge.id}").text
    assert "only its organisation can see a draft" in said
    for member in (cast.eve, cast.gu, cast.fen, cast.aud, cast.adm):
        seen = browser.sign_in(member).get(f"/challenges/{challenge.id}").status_code == 200
        assert seen == (state == "screening")
