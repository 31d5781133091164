"""The pages of the judging, as each person meets them."""

import json
import re
from typing import Any

import pytest
import sqlalchemy as sa

from crowd.clock import now
from crowd.db import db
from scoring import queries
from scoring.awarding import queries as awards
from scoring.awarding import services as awarding
from scoring.models import Review
from scoring.reviewing import queries as reviews
from submissions import queries as submissions
from submissions.models import ProposalFile
from tests import factories
from tests.cast import Cast
from tests.client import Browser

SAID = "Sound, and shown on sites that were not used for tuning; the cost is plausible."


def text(browser: Browser, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def names_a_reviewer(page: str) -> bool:
    """Whether what is read in the page's own part, tags left out, names one of the panel."""
    return re.search(r"\b(Cy|Cleo|Carl)\b", re.sub(r"<[^>]*>", " ", page.partition("<main")[2])) is not None


class Counted:
    """How many statements the block sends."""

    def __enter__(self) -> "Counted":
        self.statements: list[str] = []
        sa.event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: Any) -> None:
        sa.event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            self.statements.append(statement)


def test_a_reviewer_works_from_the_inbox_to_the_end(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, cast.bo)
    row = next(row for row in factories.assignments(challenge) if row.reviewer_id == cast.cy.id)
    lines = [line.id for line in reviews.criteria_of(challenge.id)]
    number = row.id
    browser.sign_in(cast.cy)
    assert f"/reviews/{number}" in text(browser, "/reviews")
    page = text(browser, f"/reviews/{number}")
    assert "by Bo" in page  # the proposal's own title
    assert "Detection on hidden sites" in page
    saved = browser.post(f"/reviews/{number}/autosave", {f"points_{lines[0]}": "80", "comment": "so far"})
    assert "saved_at" in json.loads(saved.data)
    assert 'value="80"' in text(browser, f"/reviews/{number}")
    incomplete = browser.post(f"/reviews/{number}", {f"points_{lines[0]}": "80", "comment": "so far"})
    assert incomplete.status_code == 422
    assert "Give points for" in incomplete.get_data(as_text=True)
    whole = {f"points_{lines[0]}": "80", f"points_{lines[1]}": "8", f"points_{lines[2]}": "8", "comment": SAID}
    assert browser.post(f"/reviews/{number}", whole).status_code == 303
    assert "80" in text(browser, "/reviews?done=1")
    assert reviews.find_review(number).total == pytest.approx(80)


def test_points_off_the_scale_and_words_are_answered_on_the_page(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, cast.bo)
    row = factories.assignments(challenge)[0]
    line = reviews.criteria_of(challenge.id)[0].id
    browser.sign_in(row.reviewer)
    for typed in ("101", "-1", "many"):
        answer = browser.post(f"/reviews/{row.id}", {f"points_{line}": typed, "comment": SAID})
        assert answer.status_code == 422
        assert f'value="{typed}"' in answer.get_data(as_text=True)


def test_what_was_typed_after_the_decision_is_kept_on_the_page(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, cast.bo)
    row = factories.assignments(challenge)[0]
    lines = [line.id for line in reviews.criteria_of(challenge.id)]
    who, number = row.reviewer, row.id
    factories.move_dates(challenge, reviews_due_at=now())
    awarding.decide(cast.ada, challenge.id, reason="None of them can be built.")
    browser.sign_in(who)
    answer = browser.post(f"/reviews/{number}", {f"points_{key}": "5" for key in lines} | {"comment": SAID})
    assert answer.status_code == 409
    assert SAID in answer.get_data(as_text=True)
    assert "The judging is over" in answer.get_data(as_text=True)
    autosave = browser.post(f"/reviews/{number}/autosave", {"comment": SAID}, headers={"Accept": "application/json"})
    assert autosave.status_code == 409
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Review)) == 0


def test_declining_on_the_page_needs_a_reason(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, cast.bo)
    row = factories.assignments(challenge)[0]
    browser.sign_in(row.reviewer)
    assert browser.post(f"/reviews/{row.id}/decline", {}).status_code == 422
    assert browser.post(f"/reviews/{row.id}/decline", {"decline-reason": "Ill."}).status_code == 303
    text(browser, f"/reviews/{row.id}", 404)


def test_a_reviewer_reads_the_files_of_what_he_judges_only(cast: Cast, browser: Browser) -> None:
    import io

    from submissions import services

    challenge = factories.opened(cast)
    for reviewer in cast.reviewers():
        assert reviewer.id
    numbers = []
    for author in (cast.bo, cast.bea):
        proposal = factories.proposal(author, challenge, submitted=False)
        services.attach(author, proposal.id, stream=io.BytesIO(b"%PDF-1.4 plan"), filename="plan.pdf")
        services.finalise(author, proposal.id)
        numbers.append(db.session.scalar(sa.select(ProposalFile.file_id).where(
            ProposalFile.version_id == proposal.final_version_id)))  # fmt: skip
    factories.closed(cast, challenge)
    from crowd.audit import SYSTEM
    from scoring import services as scoring

    scoring.form_panel(SYSTEM, challenge.id)
    own = [row for row in factories.assignments(challenge) if row.reviewer_id == cast.cy.id]
    mine = next(row for row in own if row.proposal.user_id == cast.bo.id)
    browser.sign_in(cast.cy)
    answer = browser.get(f"/reviews/{mine.id}/files/{numbers[0]}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert browser.get(f"/reviews/{mine.id}/files/{numbers[1]}").status_code == 404
    browser.sign_in(cast.bea)
    assert browser.get(f"/reviews/{mine.id}/files/{numbers[0]}").status_code == 404


def test_the_judging_is_the_sponsors_and_the_operators(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast)
    number = challenge.id
    allowed = [(cast.ada, True), (cast.abe, True), (cast.eve, True), (cast.gu, True), (cast.aud, True)]
    refused = [(who, False) for who in (cast.bo, cast.bea, cast.cy, cast.dee, cast.fen)]
    for who, may in allowed + refused:
        browser.sign_in(who)
        for page in ("panel", "ranking"):
            text(browser, f"/challenges/{number}/{page}", 200 if may else 403)
    browser.sign_out()
    assert browser.get(f"/challenges/{number}/panel").status_code == 302


def test_an_operator_who_takes_part_sees_nothing_before_the_decision(cast: Cast, browser: Browser) -> None:
    from crowd.accounts.models import PlatformRole

    both = factories.user("Both", PlatformRole.SERVICE_CENTRE)
    challenge = factories.judged(cast, both, cast.bo)
    rival = next(p for p in submissions.submitted(challenge.id) if p.user_id == cast.bo.id)
    browser.sign_in(both)
    text(browser, f"/challenges/{challenge.id}/ranking", 403)
    text(browser, f"/proposals/{rival.id}/reviews", 403)


def test_reviews_are_read_by_the_authors_after_the_decision_and_never_by_rivals(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast)
    bos = next(p.id for p in submissions.submitted(challenge.id) if p.user_id == cast.bo.id)
    path = f"/proposals/{bos}/reviews"
    for who, status in ((cast.bo, 403), (cast.bea, 404), (cast.cy, 404), (cast.dee, 404), (cast.ada, 200)):
        browser.sign_in(who)
        text(browser, path, status)
    awarding.decide(cast.ada, challenge.id, reason="None of them can be built.")
    for who, status in ((cast.bo, 200), (cast.bea, 404), (cast.cy, 404), (cast.dee, 404), (cast.ada, 200)):
        browser.sign_in(who)
        text(browser, path, status)
    browser.sign_in(cast.bo)
    page = text(browser, path)
    assert "Review 1" in page
    assert SAID in page
    assert not names_a_reviewer(page)
    browser.sign_in(cast.ada)
    assert "Cleo" in text(browser, path)


def test_the_ranking_says_ties_and_links_to_reviews(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast)
    for row in factories.assignments(challenge):
        factories.review(row, points=7)
    browser.sign_in(cast.ada)
    page = text(browser, f"/challenges/{challenge.id}/ranking")
    assert "tied" in page
    for proposal in submissions.submitted(challenge.id):
        assert f"/proposals/{proposal.id}/reviews" in page


def test_the_sponsor_awards_and_decides_on_pages(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast)
    number, prize = challenge.id, challenge.prizes[0].id
    best = submissions.submitted(number)[0].id
    browser.sign_in(cast.ada)
    text(browser, f"/challenges/{number}/awards")
    chosen = {"award-prize_id": prize, "award-proposal_id": best, "award-reason": "Best on hidden sites."}
    without = browser.post(f"/challenges/{number}/awards", chosen | {"award-reason": ""})
    assert without.status_code == 422
    assert browser.post(f"/challenges/{number}/awards", chosen).status_code == 303
    page = text(browser, f"/challenges/{number}/awards")
    assert "Best on hidden sites." in page
    award = awards.winners(number)[0].id
    assert browser.post(f"/awards/{award}/take-back").status_code == 303
    assert browser.post(f"/challenges/{number}/decision", {"decision-reason": ""}).status_code == 422
    browser.post(f"/challenges/{number}/awards", chosen)
    answer = browser.post(f"/challenges/{number}/decision", {"decision-reason": "Thank you all."})
    assert answer.status_code == 303
    assert answer.location.endswith(f"/challenges/{number}/results")
    browser.sign_out()
    page = text(browser, f"/challenges/{number}/results")
    assert "Best on hidden sites." in page
    assert "Thank you all." in page
    assert not names_a_reviewer(page)


@pytest.mark.parametrize("who", ["bo", "cy", "dee", "aud", "gu_"])
def test_awards_are_closed_to_others(cast: Cast, browser: Browser, who: str) -> None:
    challenge = factories.judged(cast)
    browser.sign_in(getattr(cast, who.rstrip("_")))
    text(browser, f"/challenges/{challenge.id}/awards", 200 if who == "gu_" else 403)


def test_results_before_the_decision_are_nobodys(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast)
    assert browser.get(f"/challenges/{challenge.id}/results").status_code == 403
    assert "No results yet" in text(browser, "/results")


def test_public_pages_after_the_settlement(cast: Cast, browser: Browser) -> None:
    challenge = factories.settled(cast)
    bo, cy, house = cast.bo.id, cast.cy.id, cast.luoyang.id
    assert challenge.title in text(browser, "/results")
    page = text(browser, f"/challenges/{challenge.id}/results")
    assert "Where the money went" in page
    assert "Paid" in page
    assert "Bo" in text(browser, "/people")
    assert "Rank 1 of 2" in text(browser, f"/people/{bo}")
    stranger = text(browser, f"/people/{cy}")
    assert challenge.title not in stranger
    assert "confidential" in stranger
    assert challenge.title in text(browser, f"/organisations/{house}")
    browser.sign_in(cast.cy)
    assert challenge.title in text(browser, f"/people/{cy}")


def test_a_profile_without_a_record_is_for_the_signed_in(cast: Cast, browser: Browser) -> None:
    number = cast.dee.id
    assert browser.get(f"/people/{number}").status_code == 404
    browser.sign_in(cast.bo)
    text(browser, f"/people/{number}")
    assert browser.get("/people/999999").status_code == 404
    assert browser.get("/organisations/999999").status_code == 404


def test_ties_on_the_page(cast: Cast, browser: Browser) -> None:
    assert cast.northlight.id
    browser.sign_in(cast.cy)
    assert browser.post("/reviews/ties", {"party": "nobody at all"}).status_code == 422
    assert browser.post("/reviews/ties", {"party": "northlight sensing", "note": "Board."}).status_code == 303
    assert "Northlight Sensing" in text(browser, "/reviews/ties")
    tie = reviews.ties_of(cast.cy.id)[0].id
    assert browser.post(f"/reviews/ties/{tie}/withdraw").status_code == 303
    assert browser.post("/reviews/ties", {"party": cast.bo.email.upper()}).status_code == 303
    browser.sign_in(cast.bo)
    assert browser.get("/reviews/ties").status_code == 403


def test_me_as_json(cast: Cast, browser: Browser) -> None:
    answer = browser.get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.json["error"]["code"] == "unauthenticated"
    browser.sign_in(cast.ada)
    me = browser.get("/api/v1/me").json
    assert me["name"] == "Ada"
    assert me["organisations"] == [
        {"id": cast.luoyang.id, "name": "Luoyang Water Group", "kind": "enterprise", "role": "owner"}
    ]


def test_the_desk_knows_what_waits(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, cast.bo)
    with browser.app.test_request_context():
        assert [task.detail for task in queries.waiting(cast.cy)] == [challenge.title]
        assert queries.waiting(cast.ada) == []
        for row in factories.assignments(challenge):
            row.due_at = now()
        db.session.flush()
        assert [task.url for task in queries.waiting(cast.eve)] == [f"/challenges/{challenge.id}/panel"]
        for row in factories.assignments(challenge):
            factories.review(row)
        assert [task.due_at for task in queries.waiting(cast.ada)] == [challenge.decide_by]
        assert queries.waiting(cast.cy) == []


def test_lists_ask_no_more_for_more_rows(cast: Cast, browser: Browser) -> None:
    """The same number of statements for one challenge with two proposals and for three with six."""
    first = factories.settled(cast)
    browser.sign_in(cast.ada)
    paths = ["/results", "/people", f"/people/{cast.bo.id}", f"/organisations/{cast.luoyang.id}"]
    paths += [f"/challenges/{first.id}/{page}" for page in ("panel", "ranking", "results")]
    before = {}
    for path in paths:
        text(browser, path)
        with Counted() as counted:
            text(browser, path)
        before[path] = len(counted.statements)
    for _more in range(2):
        factories.settled(cast, cast.bo, cast.bea, cast.nils)
    bigger = factories.settled(cast, cast.bo, cast.bea, cast.nils, cast.dee, awards=3)
    small, large = f"/challenges/{first.id}/", f"/challenges/{bigger.id}/"
    for path in paths:
        with Counted() as counted:
            text(browser, path.replace(small, large))
        assert len(counted.statements) <= before[path] + 1, (path, counted.statements)
    assert max(before.values()) < 30, before
