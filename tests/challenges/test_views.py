"""The pages of challenges, as people use them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from challenges import queries, services
from challenges.importing.models import ExternalRecord
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge, Origin
from challenges.screening import queries as screening
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import Organisation
from crowd.db import commit, db
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.drafting import by_step


def fields(html: str) -> dict[str, str]:
    """The values of a page's inputs, as a browser would send them back."""
    chosen_boxes: dict[str, str] = {}
    found = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', html))
    for box in re.findall(r'<input[^>]*type="(?:checkbox|radio)"[^>]*>', html):
        name, value = re.findall(r'name="([^"]+)"', box)[0], re.findall(r'value="([^"]*)"', box)[0]
        if re.search(r"\bchecked\b", box):
            chosen_boxes[name] = value
        found.pop(name, None)
    found |= chosen_boxes
    found |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\s?([^<]*)</textarea>', html))
    for name, choices in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', html, re.S):
        chosen = re.search(r'<option selected value="([^"]*)"', choices) or re.search(r'value="([^"]*)"', choices)
        found[name] = chosen[1] if chosen else ""
    return found


def imported(**changes: object) -> Challenge:
    """A record of another platform's challenge."""
    agency = Organisation(name="Bureau of Reclamation", kind="government", origin="challenge.gov")
    db.session.add(agency)
    db.session.flush()
    row = Challenge(
        origin=Origin.EXTERNAL, organisation_id=agency.id, state=ChallengeState.LISTED, language="en",
        title="More Water, Less Concrete", summary="Find canals that lose less.", currency="USD",
        prize_total=25_000_000, proposals_limit=0, appeal_seconds=0, search=["more", "water", "concrete"],
        published_at=clock.now(), closes_at=clock.now() + timedelta(days=9), **changes,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    db.session.add(
        ExternalRecord(
            challenge_id=row.id,
            platform="challenge.gov",
            foreign_id="1234",
            url="https://example.gov/c/1234",
            digest="0" * 64,
            row={},
            imported_at=clock.now(),
            mapped={"sections": {"need": "<p>Canals <strong>leak</strong>. {{ not ours }}</p>"}},
            errors=[{"field": "prize", "reason": "prize_not_given", "source": "", "note": True}],
        )
    )
    commit()
    return row


def test_a_sponsor_posts_a_challenge_from_title_to_screening(cast: Cast, browser: Browser) -> None:
    browser.sign_in(cast.ada)
    made = browser.post(
        "/challenges/new",
        {"organisation_id": cast.luoyang.id, "title": "Quiet valves", "language": "en"},
    )
    assert made.status_code == 303
    path = browser.get(made.headers["Location"]).headers["Location"]
    assert path.endswith("/edit/problem"), "the first step with something missing"
    assert fields(browser.get(path).get_data(as_text=True))["title"] == "Quiet valves"
    closes = (clock.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M")
    typed = {
        "summary": "Valves that do not sing.", "problem_statement": "## Need\n\nLess noise.", "currency": "CNY",
        "tags": "noise, 阀门",
        "prizes-0-title": "First", "prizes-0-amount": "50,000", "prizes-0-award_count": "2",
        "criteria-0-title": "Noise", "criteria-0-weight": "60", "criteria-1-title": "Price", "criteria-1-weight": "40",
        "closes_at": closes, "time_zone": "Asia/Shanghai",
    }  # fmt: skip
    draft = path.removesuffix("/problem")
    for step, some in by_step(typed).items():
        form = fields(browser.get(f"{draft}/{step}").get_data(as_text=True))
        saved = browser.post(f"{draft}/{step}", form | some)
        assert saved.status_code == 303, re.findall(r'class="problem".*', saved.get_data(as_text=True))
    path = browser.get(draft).headers["Location"]
    assert path == f"{draft}/check", "nothing is missing"
    cost = browser.get(path).get_data(as_text=True)
    assert "¥100,000" in cost
    total = fields(cost)["cost"]
    assert int(total) > 10_000_000
    sent = browser.post(path, {"cost": total})
    assert sent.status_code == 303
    challenge = db.session.scalars(sa.select(Challenge)).one()
    assert (challenge.state, challenge.prize_total, challenge.tags) == (
        ChallengeState.SCREENING,
        10_000_000,
        ["noise", "阀门"],
    )


def test_a_cost_that_has_changed_is_shown_again(cast: Cast, browser: Browser) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    browser.sign_in(cast.ada)
    late = browser.post(f"/challenges/{challenge.id}/edit/check", {"cost": "1"})
    assert late.status_code == 409
    assert "The cost has changed" in late.get_data(as_text=True)
    assert browser.post(f"/challenges/{challenge.id}/edit/check", {"cost": "1e9"}).status_code == 422
    assert challenge.state == ChallengeState.DRAFT


def test_more_rows_and_a_preview_come_without_scripts_and_without_saving(cast: Cast, browser: Browser) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    path = f"/challenges/{challenge.id}/edit/prizes"
    form = fields(browser.sign_in(cast.ada).get(path).get_data(as_text=True))
    assert "prizes-4-title" in form
    form |= {"prizes-3-title": "Fourth", "prizes-3-amount": "1", "prizes-4-title": "Fifth", "prizes-4-amount": "1"}
    page = browser.post(path, form | {"again": "prizes"})
    assert page.status_code == 200
    assert "prizes-6-title" in page.get_data(as_text=True)
    assert challenge.prize_total == 30_000_000
    path = f"/challenges/{challenge.id}/edit/problem"
    form = fields(browser.get(path).get_data(as_text=True))
    page = browser.post(path, form | {"again": "preview", "problem_statement": "**bold** <script>alert(1)</script>"})
    assert page.status_code == 200
    assert "<strong>bold</strong> &lt;script&gt;" in page.get_data(as_text=True)
    assert db.session.get(Challenge, challenge.id).problem_statement.startswith("## What we have")


def test_what_two_people_type_is_kept(cast: Cast, browser: Browser) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    path = f"/challenges/{challenge.id}/edit/problem"
    form = fields(browser.sign_in(cast.ada).get(path).get_data(as_text=True))
    services.edit(cast.abe, challenge.id, changes={"title": "Abe's title"})
    late = browser.post(path, form | {"title": "Ada's title"})
    html = late.get_data(as_text=True)
    assert late.status_code == 409
    assert "Ada&#39;s title" in html
    assert "Somebody else has saved" in html
    over = browser.post(path, fields(html) | {"title": "Ada's title", "over": "1"})
    assert over.status_code == 303
    assert db.session.get(Challenge, challenge.id).title == "Ada's title"


def test_autosave_answers_with_the_state_saved(cast: Cast, browser: Browser) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang)
    path = f"/challenges/{challenge.id}/edit/problem"
    form = fields(browser.sign_in(cast.ada).get(path).get_data(as_text=True))
    json = {"Accept": "application/json"}
    first = browser.post(f"/challenges/{challenge.id}/edit/problem/autosave", form | {"title": "One"}, headers=json)
    assert first.status_code == 200
    second = browser.post(
        f"/challenges/{challenge.id}/edit/problem/autosave",
        form | first.json["fields"] | {"title": "Two"},
        headers=json,
    )
    assert second.status_code == 200
    stale = browser.post(f"/challenges/{challenge.id}/edit/problem/autosave", form | {"title": "Three"}, headers=json)
    assert stale.status_code == 409
    typed = {"currency": "CNY", "prizes-0-title": "One", "prizes-0-amount": "1e3"}
    wrong = browser.post(f"/challenges/{challenge.id}/edit/prizes/autosave", typed, headers=json)
    assert wrong.status_code == 422
    assert "digits" in wrong.json["error"]["message"]
    assert db.session.get(Challenge, challenge.id).title == "Two"


def test_the_service_centre_screens(cast: Cast, browser: Browser) -> None:
    first, second = factories.screened(cast), factories.screened(cast, title="A second one")
    browser.sign_in(cast.eve)
    assert "A second one" in browser.get("/screening").get_data(as_text=True)
    assert browser.get(f"/screening/{first.id}").status_code == 200
    assert browser.post(f"/screening/{first.id}/return", {"reason": ""}).status_code == 422
    assert browser.post(f"/screening/{first.id}/return", {"reason": "Say more."}).status_code == 303
    assert browser.post(f"/screening/{second.id}/approve").status_code == 409
    factories.checked(cast.eve, second.id)
    assert browser.post(f"/screening/{second.id}/approve").status_code == 303
    assert {first.state, second.state} == {ChallengeState.DRAFT, ChallengeState.APPROVED}
    browser.sign_in(cast.ada)
    page = browser.get(f"/challenges/{first.id}").get_data(as_text=True)
    assert "Say more." in page
    assert browser.get(f"/screening/{first.id}").status_code == 403


@pytest.mark.parametrize("part", ["", "/prizes", "/history"])
def test_every_part_shows_in_every_state_to_everybody_who_may_see_it(cast: Cast, browser: Browser, part: str) -> None:
    makers = (factories.screened, factories.approved, factories.funded, factories.opened, factories.closed)
    people = (cast.ada, cast.eve, cast.aud, cast.bo)
    for make in makers:
        challenge = make(cast)
        for person in people:
            seen = browser.sign_in(person).get(f"/challenges/{challenge.id}{part}")
            hidden = person is cast.bo and challenge.published_at is None
            assert seen.status_code == (404 if hidden else 200), (make.__name__, person.name)


def test_a_draft_is_not_found_by_others(cast: Cast, browser: Browser) -> None:
    challenge = factories.challenge(cast.ada, cast.luoyang, title="Canary in the draft")
    for person in (None, cast.bo, cast.eve):
        client = browser.sign_in(person) if person else browser.sign_out()
        for part in ("", "/prizes", "/history"):
            assert client.get(f"/challenges/{challenge.id}{part}").status_code == 404
        assert client.get(f"/api/v1/challenges/{challenge.id}").status_code == 404
        assert "Canary" not in client.get("/challenges?q=canary&filtered=1").get_data(as_text=True)


def test_the_public_history_names_no_person_and_no_remark(cast: Cast, browser: Browser) -> None:
    challenge = factories.screened(cast)
    lifecycle.return_for_changes(cast.eve, challenge.id, reason="An inner remark.")
    lifecycle.submit(cast.ada, challenge.id)
    factories.approve(cast.eve, challenge.id)
    factories.pay_in(cast, cast.luoyang, challenge.cost)
    lifecycle.fund(cast.ada, challenge.id)
    public = browser.get(f"/challenges/{challenge.id}/history").get_data(as_text=True).partition("<main")[2]
    assert "An inner remark." not in public
    assert "Eve" not in public
    inner = browser.sign_in(cast.abe).get(f"/challenges/{challenge.id}/history").get_data(as_text=True)
    assert "An inner remark." in inner
    assert "Eve" in inner


def test_another_platforms_challenge_says_so(cast: Cast, browser: Browser) -> None:
    row = imported()
    html = browser.get(f"/challenges/{row.id}").get_data(as_text=True)
    assert "A record of another platform." in html
    assert "https://example.gov/c/1234" in html
    assert "{{ not ours }}" in html
    assert not re.search(r"\bRegister\b", html)
    assert "Copy into a draft" not in html
    assert browser.get(f"/challenges/{row.id}/history").status_code == 200
    browser.sign_in(cast.ada)
    made = browser.post(f"/challenges/{row.id}/copy", {"organisation_id": cast.luoyang.id})
    assert made.status_code == 303
    draft = db.session.scalars(sa.select(Challenge).where(Challenge.copied_from_id == row.id)).one()
    assert "Canals **leak**. {{ not ours }}" in draft.problem_statement
    assert draft.prize_total == 25_000_000


def test_the_list_searches_filters_and_marks(cast: Cast, browser: Browser) -> None:
    factories.opened(cast, tags=["water"])
    factories.opened(cast, title="用两个消火栓的声音定位管网泄漏", language="zh_Hans_CN", tags=["声学"])
    imported()
    html = browser.get("/challenges").get_data(as_text=True)
    assert "3 found" in html
    assert "More Water" in html
    html = browser.get("/challenges?here=1&filtered=1").get_data(as_text=True)
    assert "More Water" not in html
    html = browser.get("/challenges?q=泄漏&filtered=1").get_data(as_text=True)
    assert "<mark>泄漏</mark>" in html
    assert "1 found" in html
    assert "1 found" in browser.get("/challenges?tag=声学&filtered=1").get_data(as_text=True)
    assert "0 found" in browser.get("/challenges?q=%3F%3F&filtered=1").get_data(as_text=True)
    html = browser.get("/challenges?q=<script>alert(1)</script>").get_data(as_text=True)
    assert "<script>alert" not in html
    for odd in ("state=draft", "state=nonsense", "sort=;drop", "organisation=-1", "type=x", "currency=XXX"):
        assert browser.get(f"/challenges?{odd}&filtered=1").status_code == 200
    assert browser.get("/challenges?after=nonsense").status_code == 422


@pytest.mark.parametrize("sort", ["closing", "newest", "prize"])
def test_pages_follow_one_another_without_gaps(cast: Cast, isolated: Flask, sort: str) -> None:
    made = {factories.opened(cast, title=f"Number {n}").id for n in range(5)} | {imported().id}
    seen: list[int] = []
    after = None
    with isolated.test_request_context("/challenges"):
        while True:
            page = queries.list_page(queries.Filters(sort=sort), after=after, size=2)
            seen += [row.id for row in page]
            after = page.after
            if after is None:
                break
    assert len(seen) == len(set(seen))
    assert set(seen) == made


def selects(act: Callable[[], object]) -> int:
    """How many SELECTs an act needs."""
    asked: list[str] = []

    def listen(*args: object) -> None:
        asked.append(str(args[2]))

    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    return sum(statement.startswith("SELECT") for statement in asked)


def test_the_list_asks_as_often_for_many_as_for_few(cast: Cast, browser: Browser) -> None:
    factories.opened(cast)
    counts = []
    for more in (0, 6):
        for n in range(more):
            factories.opened(cast, title=f"Number {n}")
        counts.append(selects(lambda: browser.get("/challenges")))
    assert counts[0] == counts[1] <= 6, counts


def test_the_api_gives_what_is_public_and_knows_what_one_has(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    answer = browser.get(f"/api/v1/challenges/{challenge.id}")
    body = answer.json["challenge"]
    assert body["prize_total"] == 30_000_000
    assert [line["weight"] for line in body["criteria"]] == [50, 30, 20]
    assert not {"payment_reference", "screening_note", "created_by"} & set(body)
    again = browser.get(f"/api/v1/challenges/{challenge.id}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    listed = browser.get("/api/v1/challenges?q=hydrants").json
    assert [row["id"] for row in listed["challenges"]] == [challenge.id]
    assert listed["after"] is None
    missing = browser.get("/api/v1/challenges/999999")
    assert (missing.status_code, missing.json["error"]["code"]) == (404, "not_found")


def test_cancelling_on_the_page_asks_why(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    browser.sign_in(cast.ada)
    assert browser.get(f"/challenges/{challenge.id}/cancel").status_code == 200
    assert browser.post(f"/challenges/{challenge.id}/cancel", {"reason": " "}).status_code == 422
    assert browser.post(f"/challenges/{challenge.id}/cancel", {"reason": "No longer needed."}).status_code == 303
    assert "No longer needed." in browser.sign_out().get(f"/challenges/{challenge.id}").get_data(as_text=True)


def test_mine_and_waiting_name_what_is_to_do(cast: Cast, browser: Browser, isolated: Flask) -> None:
    challenge = factories.screened(cast)
    with isolated.test_request_context("/"):
        assert [task.count for task in screening.waiting(cast.eve)] == [1]
        assert queries.waiting(cast.ada) == []
        lifecycle.return_for_changes(cast.eve, challenge.id, reason="More.")
        assert [task.url for task in queries.waiting(cast.ada)] == [f"/challenges/{challenge.id}"]
        assert queries.waiting(cast.bo) == []
    assert "Returned with remarks" in browser.sign_in(cast.ada).get("/challenges/mine").get_data(as_text=True)
    assert browser.sign_in(cast.bo).get("/challenges/mine").status_code == 200
    assert browser.get("/challenges/new").status_code == 200


def test_mine_says_of_each_what_comes_next_and_where_its_money_is(cast: Cast, browser: Browser) -> None:
    factories.approved(cast)
    browser.sign_in(cast.ada)
    html = browser.get("/challenges/mine").get_data(as_text=True)
    assert "¥315,000 to pay in" in html
    assert "Your turn" in html
    assert "Pay by" in html
    factories.opened(cast)
    html = browser.get("/challenges/mine").get_data(as_text=True)
    assert "¥315,000 in escrow" in html
    assert "It closes automatically" in html


def test_the_cost_says_how_the_fee_comes_about(cast: Cast, browser: Browser) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang)
    html = browser.sign_in(cast.ada).get(f"/challenges/{draft.id}/edit/check").get_data(as_text=True)
    assert "5% of ¥300,000" in html
    assert 'href="/fees"' in html
    assert "¥315,000.00" in html


def test_a_draft_says_beside_its_form_what_is_missing(cast: Cast, browser: Browser) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang, prizes=[])
    here = f"/challenges/{draft.id}/edit"
    html = browser.sign_in(cast.ada).get(f"{here}/rights").get_data(as_text=True)
    assert f'<a href="{here}/prizes#prizes">Add at least one prize.</a>' in html
    whole = factories.challenge(cast.ada, cast.luoyang)
    assert "can go to screening" in browser.get(f"/challenges/{whole.id}/edit/rights").get_data(as_text=True)


def test_figures_count_this_platform_only(cast: Cast) -> None:
    factories.opened(cast)
    factories.closed(cast)
    imported()
    assert queries.open_prizes() == [("CNY", 30_000_000)]
    assert [row.state for row in queries.open_challenges(9)] == [ChallengeState.OPEN]


def test_a_page_asks_where_it_stands_only_while_a_job_is_about_to_move_it(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    quiet = browser.get(f"/challenges/{challenge.id}").get_data(as_text=True)
    assert "data-refresh=" not in quiet
    factories.move_dates(challenge, closes_at=clock.now() + timedelta(minutes=2))
    assert "data-refresh=" in browser.get(f"/challenges/{challenge.id}").get_data(as_text=True)
    piece = browser.get(f"/challenges/{challenge.id}/status?shown=funded").get_data(as_text=True)
    assert "changed state" in piece
    assert "<html" not in piece
