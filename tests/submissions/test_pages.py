"""The pages, as a person uses them without scripts."""

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import current_app
from werkzeug.datastructures import FileStorage

from challenges.models import Challenge
from crowd import clock
from crowd.db import db
from crowd.web.tasks import by_due_time
from submissions import queries, services
from submissions.models import Proposal, ProposalVersion
from submissions.participation import queries as participation
from submissions.shares import services as shares
from tests import factories
from tests.cast import Cast
from tests.client import Browser

TEXT = {"title": "Two geophones", "abstract": "Short.", "body": "## How\n\n**Long.**", "language": "en"}


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    return factories.opened(cast)


@pytest.fixture
def draft(cast: Cast, challenge: Challenge) -> Proposal:
    return factories.proposal(cast.bo, challenge, submitted=False)


def hidden(page: str, name: str) -> str:
    """The value of a hidden field, as the browser would send it back."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def opened(browser: Browser, draft: Proposal) -> dict[str, Any]:
    """The editor's hidden fields."""
    page = browser.get(f"/proposals/{draft.id}/edit").text
    return {name: hidden(page, name) for name in ("base", "editor")}


def current(draft: Proposal) -> ProposalVersion:
    db.session.expire_all()
    return queries.working_version(db.session.get_one(Proposal, draft.id))


def test_from_the_challenge_to_the_receipt(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    here = f"/challenges/{challenge.id}/register"
    assert "I accept the contract" in browser.get(here).text
    refused = browser.post(here, {"organisation_id": "", "contract": "1"})
    assert refused.status_code == 422
    assert "Accept the terms" in refused.text
    assert browser.post(here, {"organisation_id": "", "accepted": "y", "contract": "1"}).status_code == 303
    assert "Start your proposal" in browser.get(here).text
    begun = browser.post(f"/challenges/{challenge.id}/proposals")
    assert begun.status_code == 303
    page = browser.get(begun.location)
    fields = {name: hidden(page.text, name) for name in ("base", "editor")}
    saved = browser.post(begun.location, {**TEXT, **fields, "then": "check"})
    assert saved.status_code == 303
    check = browser.get(saved.location)
    assert "What happens when you submit" in check.text
    done = browser.post(saved.location, {"base": hidden(check.text, "base")})
    assert done.status_code == 303
    receipt = browser.get(done.location)
    assert "Receipt" in receipt.text
    proposal = participation.participation_of(cast.bo, challenge.id).proposal
    assert proposal is not None
    assert proposal.submitted_version is not None
    assert proposal.submitted_version.digest in receipt.text
    document = browser.get(f"/proposals/{proposal.id}/versions/1/receipt.json")
    import hashlib

    assert hashlib.sha256(document.data).hexdigest() == proposal.submitted_version.digest
    listed = browser.get("/proposals").text
    assert "Two geophones" in listed
    assert "Submitted" in listed


def test_a_file_goes_with_the_text_and_a_bad_one_costs_nothing_typed(
    cast: Cast, draft: Proposal, browser: Browser
) -> None:
    browser.sign_in(cast.bo)
    here = f"/proposals/{draft.id}/edit"
    good = FileStorage(io.BytesIO(b"%PDF-1.7 x"), "方案.pdf")
    fields = opened(browser, draft)
    answer = browser.post(here, {**TEXT, **fields, "files": good})
    assert answer.status_code == 303
    assert [part.file.name for part in current(draft).files] == ["方案.pdf"]
    bad = FileStorage(io.BytesIO(b"<script>"), "photo.png")
    answer = browser.post(here, {**TEXT, **opened(browser, draft), "title": "Kept", "files": bad})
    assert answer.status_code == 422
    assert "photo.png was not added" in answer.text
    assert current(draft).title == "Kept"
    file_id = current(draft).files[0].file_id
    browser.post(here, {**TEXT, **opened(browser, draft), "remove": str(file_id)})
    assert current(draft).files == []


def test_an_overtaken_editor_keeps_what_was_typed_and_may_replace(
    cast: Cast, draft: Proposal, browser: Browser
) -> None:
    browser.sign_in(cast.bo)
    here, fields = f"/proposals/{draft.id}/edit", opened(browser, draft)
    services.save(cast.bo, draft.id, **(TEXT | {"title": "From the other window"}))
    answer = browser.post(here, {**TEXT, **fields, "title": "Typed here"})
    assert answer.status_code == 409
    assert "Typed here" in answer.text
    assert "From the other window" in answer.text
    assert current(draft).title == "From the other window"
    again = {name: hidden(answer.text, name) for name in ("base", "editor")}
    assert browser.post(here, {**TEXT, **again, "title": "Typed here"}).status_code == 303
    assert current(draft).title == "Typed here"


def test_autosave_answers_json(cast: Cast, draft: Proposal, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    fields, ask = opened(browser, draft), {"headers": {"Accept": "application/json"}}
    answer = browser.post(f"/proposals/{draft.id}/autosave", {**TEXT, **fields, "body": "typing"}, **ask)
    assert (answer.status_code, set(answer.json or {})) == (200, {"saved_at", "version"})
    assert current(draft).body == "typing"
    long = browser.post(f"/proposals/{draft.id}/autosave", {**TEXT, **fields, "title": "x" * 999}, **ask)
    assert long.status_code == 422
    assert (long.json or {})["error"]["message"]


def test_after_the_close_the_editor_says_so_and_shows_what_was_typed(
    cast: Cast, challenge: Challenge, draft: Proposal, browser: Browser
) -> None:
    browser.sign_in(cast.bo)
    fields = opened(browser, draft)
    moved = {"opens_at": clock.now() - timedelta(days=9), "closes_at": clock.now() - timedelta(seconds=20)}
    factories.move_dates(challenge, **moved)
    answer = browser.post(f"/proposals/{draft.id}/edit", {**TEXT, **fields, "title": "Too late"})
    assert answer.status_code == 409
    assert "Too late" in answer.text
    assert "later. Your draft was kept" in answer.text
    assert browser.post(f"/proposals/{draft.id}/submit").status_code == 409
    assert current(draft).title != "Too late"


def test_shares_are_offered_and_agreed_to_on_pages(cast: Cast, draft: Proposal, browser: Browser) -> None:
    browser.sign_in(cast.bo)
    here = f"/proposals/{draft.id}/shares"
    form = {"own": "60", "others-0-address": cast.bea.email, "others-0-percent": "39"}
    refused = browser.post(here, form)
    assert refused.status_code == 422
    assert "add up to 100 percent, not 99" in refused.text
    assert browser.post(here, {**form, "others-0-percent": "NaN"}).status_code == 422
    assert browser.post(here, {**form, "others-0-percent": "40"}).status_code == 303
    browser.sign_in(cast.bea)
    assert "You are asked to agree" in browser.get(f"/proposals/{draft.id}").text
    assert browser.get(f"/proposals/{draft.id}/edit").status_code == 403
    assert browser.post(f"/proposals/{draft.id}/shares/agree").status_code == 303
    assert browser.get(f"/proposals/{draft.id}/edit").status_code == 200


def test_withdrawing_and_taking_up_again_on_pages(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    row = factories.proposal(cast.bo, challenge)
    browser.sign_in(cast.bo)
    assert browser.post(f"/proposals/{row.id}/withdraw").status_code == 303
    assert "Resume proposal" in browser.get(f"/proposals/{row.id}").text
    assert f"/proposals/{row.id}/shares" not in browser.get(f"/proposals/{row.id}/edit").text  # it would be refused
    assert browser.post(f"/proposals/{row.id}/resume").status_code == 303
    assert f"/proposals/{row.id}/shares" in browser.get(f"/proposals/{row.id}/edit").text
    page = browser.get(f"/proposals/{row.id}").text
    assert "Withdrew the proposal" in page
    assert "Resumed the proposal" in page


def test_markdown_shows_html_and_runs_none(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    nasty = "<script>alert(1)</script> [x](javascript:alert(1)) ![p](https://spy.example/p.png)"
    row = factories.proposal(cast.bo, challenge, title="<b>{{ 7*7 }}</b>", body=nasty)
    page = browser.sign_in(cast.bo).get(f"/proposals/{row.id}").text
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "spy.example/p.png" not in re.sub(r"<p>.*?</p>", "", page, flags=re.S)
    assert "&lt;b&gt;{{ 7*7 }}&lt;/b&gt;" in page


def test_empty_lists_lead_somewhere(cast: Cast, browser: Browser) -> None:
    page = browser.sign_in(cast.dee).get("/proposals")
    assert "You have no proposals yet" in page.text
    assert "/challenges" in page.text


def test_the_desk_says_what_waits_and_until_when(cast: Cast, challenge: Challenge, draft: Proposal) -> None:
    services.register(cast.bea, challenge.id, accepted=True)
    shares.set_shares(cast.bo, draft.id, own=5000, others=[(cast.dee.email, 5000)])
    with current_app.test_request_context(headers={"Accept-Language": "en"}):
        waiting = {who.name: by_due_time(participation.waiting(who)) for who in (cast.bo, cast.bea, cast.dee, cast.eve)}
        texts = {name: [str(task.text) for task in tasks] for name, tasks in waiting.items()}
    assert texts == {
        "Bo": ["Submit your proposal"],
        "Bea": ["Start your proposal"],
        "Dee": ["Agree to your share, or refuse it"],
        "Eve": [],
    }
    assert waiting["Bo"][0].due_at == challenge.closes_at


def test_nobody_registers_without_the_contract_that_was_shown(
    cast: Cast, challenge: Challenge, browser: Browser
) -> None:
    here = f"/challenges/{challenge.id}/register"
    asked = {"organisation_id": "", "accepted": "y"}
    assert browser.sign_in(cast.bo).post(here, asked).status_code == 422
    assert browser.post(here, asked | {"contract": "7"}).status_code == 409
    assert browser.post(here, asked | {"contract": "1"}).status_code == 303


def test_who_cannot_register_is_told_why(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    page = browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}/register")
    assert "so you cannot answer it" in page.text
    answer = browser.post(
        f"/challenges/{challenge.id}/register", {"organisation_id": "", "accepted": "y", "contract": "1"}
    )
    assert answer.status_code == 422


def test_the_challenges_page_leads_each_reader_on(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    here = f"/challenges/{challenge.id}"
    assert "Register to take part" in browser.get(here).text
    services.register(cast.bea, challenge.id, accepted=True)
    row = factories.proposal(cast.bo, challenge)
    assert "Continue: you are registered" in browser.sign_in(cast.bea).get(here).text
    assert f'href="/proposals/{row.id}"' in browser.sign_in(cast.bo).get(here).text
    assert "Register to take part" not in browser.sign_in(cast.ada).get(here).text


def words(page: str) -> str:
    """What is read in the page's own part, on one line."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"(?s)<(script|style|svg).*?</\1>|<[^>]*>", " ", main).split())


def test_my_proposals_stand_by_what_they_ask_of_me(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    factories.settled(cast, "bo", "bea")
    judged = factories.judging(cast, "bo")
    draft = factories.proposal(cast.bo, challenge, submitted=False)
    begun = factories.opened(cast, title="Registered only")
    services.register(cast.bo, begun.id, accepted=True)
    page = browser.sign_in(cast.bo).get("/proposals").text
    said = words(page)
    assert said.index("To do") < said.index("Registered only") < said.index("Submitted") < said.index("Decided")
    assert f'href="/proposals/{draft.id}/edit"' in page
    assert f'href="/challenges/{begun.id}/register"' in page
    assert "prizes: ¥300,000" in said
    assert "Decision due" in said
    assert "Won: First ¥200,000 Paid" in said
    assert "Read reviews" in said
    assert judged.title in said
    assert "paging" not in page


def test_a_share_to_answer_needs_the_person_who_is_asked(cast: Cast, draft: Proposal, browser: Browser) -> None:
    shares.set_shares(cast.bo, draft.id, own=5000, others=[(cast.bea.email, 5000)])
    page = browser.sign_in(cast.bea).get("/proposals").text
    assert "To do" in page
    assert "Respond to the share" in page


def test_who_lost_or_was_late_reads_so(cast: Cast, browser: Browser) -> None:
    late = factories.opened(cast)
    factories.proposal(cast.bea, late, submitted=False)
    factories.closed(cast, late)
    factories.decided(cast, "bo", "bea")
    said = words(browser.sign_in(cast.bea).get("/proposals").text)
    assert "rank 2 of 2 · no prize" in said
    assert "Was not submitted" in said
    assert "Won" not in said


def test_a_sponsor_reads_a_sentence_and_only_a_new_account_an_empty_page(cast: Cast, browser: Browser) -> None:
    for who, empty in ((cast.ada, False), (cast.fen, False), (cast.dee, True)):
        page = browser.sign_in(who).get("/proposals").text
        assert ('class="empty"' in page) is empty
        assert ("You have submitted to no challenge so far" in page) is not empty


def test_before_taking_part_one_reads_the_prizes_the_rubric_and_who_decides(
    cast: Cast, challenge: Challenge, browser: Browser
) -> None:
    page = browser.sign_in(cast.bo).get(f"/challenges/{challenge.id}/register").text
    said = words(page)
    assert "¥300,000" in said
    assert "Held in escrow since" in said
    assert "Detection on hidden sites 50%" in said
    assert "Luoyang Water Group decides" in said
    label = re.search(r'<label for="accepted">(.*?)</label>', page, re.S)
    assert label
    assert f'href="/challenges/{challenge.id}/contract"' in label.group(1)
    assert 'href="/terms"' in label.group(1)
    assert "version 1" in label.group(1)


def test_beside_the_editor_stand_the_stakes_and_when_it_was_saved(
    cast: Cast, draft: Proposal, browser: Browser
) -> None:
    said = words(browser.sign_in(cast.bo).get(f"/proposals/{draft.id}/edit").text)
    assert re.search(r"Saved \w{3} \d", said)
    assert "¥300,000" in said
    assert "Cost per site 30%" in said
    assert "Choose files" in said


def test_a_version_says_which_one_it_is(cast: Cast, challenge: Challenge, browser: Browser) -> None:
    row = factories.proposal(cast.bo, challenge)
    services.save(cast.bo, row.id, **(TEXT | {"title": "Three geophones"}))
    browser.sign_in(cast.bo)
    draft = browser.get(f"/proposals/{row.id}/versions/2").text
    assert "You are looking at version 2, which is not submitted." in draft
    services.submit(cast.bo, row.id)
    old = browser.get(f"/proposals/{row.id}/versions/1").text
    assert "You are looking at version 1, which does not count any more." in old
    assert "Version 2 counts" in old
    current_page = browser.get(f"/proposals/{row.id}").text
    assert "You are looking at" not in current_page
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} UTC", current_page)


def test_shares_add_up_and_rows_can_be_added_without_losing_what_was_typed(
    cast: Cast, draft: Proposal, browser: Browser
) -> None:
    here = f"/proposals/{draft.id}/shares"
    page = browser.sign_in(cast.bo).get(here).text
    assert "Adds up to 100%." in page
    assert "largest prize: ¥200,000" in words(page)
    assert page.count('name="others-') == 2  # one row: address and share
    typed = {"own": "60", "others-0-address": cast.bea.email, "others-0-percent": "25", "add": "1"}
    answer = browser.post(here, typed)
    assert answer.status_code == 200
    assert answer.text.count('name="others-') == 4
    said = words(answer.text)
    assert "Adds up to 85%, not to 100%." in said
    assert "¥120,000" in said
    assert "¥50,000" in said
    assert cast.bea.email in answer.text
    db.session.expire_all()
    assert db.session.get_one(Proposal, draft.id).shares == []
