"""The pages of the judging, as each person meets them."""

import json
import re
from datetime import timedelta
from typing import Any, Self

import pytest
import sqlalchemy as sa

from crowd.clock import now
from crowd.db import commit, db
from scoring import queries
from scoring.awards import queries as award_queries
from scoring.awards import services as award_services
from scoring.models import Review
from scoring.reviews import queries as review_queries
from submissions import queries as submissions
from submissions.models import ProposalFile
from tests import factories
from tests.cast import Cast
from tests.client import Browser

REASON = "Sound, and shown on sites that were not used for tuning; the cost is plausible."


def text(browser: Browser, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def names_a_reviewer(page: str) -> bool:
    """Whether what is read in the page's own part, tags left out, names one of the panel."""
    return re.search(r"\b(Cy|Cleo|Carl)\b", re.sub(r"<[^>]*>", " ", page.partition("<main")[2])) is not None


def words(page: str) -> str:
    """What is read on the page, on one line."""
    return " ".join(re.sub(r"(?s)<(script|style|svg).*?</\1>|<[^>]*>", " ", page).split())


class Counted:
    """How many statements the block sends."""

    def __enter__(self) -> Self:
        self.statements: list[str] = []
        sa.event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sa.event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, _c: Any, _cur: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            self.statements.append(statement)


def test_a_reviewer_works_from_the_inbox_to_the_end(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, "bo")
    row = next(row for row in factories.assignments(challenge) if row.reviewer_id == cast.cy.id)
    lines = [line.id for line in review_queries.criteria_of(challenge.id)]
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
    whole = {f"points_{lines[0]}": "80", f"points_{lines[1]}": "8", f"points_{lines[2]}": "8", "comment": REASON}
    assert browser.post(f"/reviews/{number}", whole).status_code == 303
    assert "80" in text(browser, "/reviews?done=1")
    assert review_queries.find_review(number).total == pytest.approx(80)


def test_points_off_the_scale_and_words_are_answered_on_the_page(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, "bo")
    row = factories.assignments(challenge)[0]
    line = review_queries.criteria_of(challenge.id)[0].id
    browser.sign_in(row.reviewer)
    for typed in ("101", "-1", "many"):
        answer = browser.post(f"/reviews/{row.id}", {f"points_{line}": typed, "comment": REASON})
        assert answer.status_code == 422
        assert f'value="{typed}"' in answer.get_data(as_text=True)


def test_what_was_typed_after_the_decision_is_kept_on_the_page(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, "bo")
    row = factories.assignments(challenge)[0]
    lines = [line.id for line in review_queries.criteria_of(challenge.id)]
    who, number = row.reviewer, row.id
    factories.move_dates(challenge, reviews_due_at=now())
    award_services.decide(cast.ada, challenge.id, reason="None of them can be built.")
    browser.sign_in(who)
    answer = browser.post(f"/reviews/{number}", {f"points_{key}": "5" for key in lines} | {"comment": REASON})
    assert answer.status_code == 409
    assert REASON in answer.get_data(as_text=True)
    assert "The judging is over" in answer.get_data(as_text=True)
    autosave = browser.post(f"/reviews/{number}/autosave", {"comment": REASON}, headers={"Accept": "application/json"})
    assert autosave.status_code == 409
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Review)) == 0


def test_declining_on_the_page_needs_a_reason(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, "bo")
    row = factories.assignments(challenge)[0]
    browser.sign_in(row.reviewer)
    assert browser.post(f"/reviews/{row.id}/decline", {}).status_code == 422
    assert browser.post(f"/reviews/{row.id}/decline", {"decline-reason": "Ill."}).status_code == 303
    text(browser, f"/reviews/{row.id}", 404)
    assert browser.post(f"/reviews/{row.id}/autosave", {"comment": REASON}).status_code == 404
    another = next(other for other in factories.assignments(challenge) if other.reviewer_id != row.reviewer_id)
    assert browser.post(f"/reviews/{another.id}/autosave", {"comment": REASON}).status_code == 404


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
        services.submit(author, proposal.id)
        numbers.append(db.session.scalar(sa.select(ProposalFile.file_id).where(
            ProposalFile.version_id == proposal.submitted_version_id)))  # fmt: skip
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
    from crowd.accounts import services as accounts
    from crowd.accounts.models import PlatformRole

    both = factories.user("Both")
    challenge = factories.judged(cast, both, cast.bo)
    accounts.grant(cast.adm, both.id, role=PlatformRole.SERVICE_CENTRE)
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
    award_services.decide(cast.ada, challenge.id, reason="None of them can be built.")
    for who, status in ((cast.bo, 200), (cast.bea, 404), (cast.cy, 404), (cast.dee, 404), (cast.ada, 200)):
        browser.sign_in(who)
        text(browser, path, status)
    browser.sign_in(cast.bo)
    page = text(browser, path)
    assert "Review 1" in page
    assert REASON in page
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
    award = award_queries.winners(number)[0].id
    assert browser.post(f"/awards/{award}/remove").status_code == 303
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
    page = text(browser, f"/challenges/{challenge.id}/results")
    assert "Not decided yet." in page
    assert not any(proposal.submitted_version.title in page for proposal in submissions.submitted(challenge.id))
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
    assert "is not public" in stranger
    assert challenge.title in text(browser, f"/organisations/{house}")
    browser.sign_in(cast.cy)
    assert challenge.title in text(browser, f"/people/{cy}")


def test_nobody_is_led_to_a_page_that_is_not_there(cast: Cast, browser: Browser) -> None:
    """A winner has a public page from the decision on, also one without points so far; a closed account has none."""
    challenge = factories.decided(cast, "bo", "nils", "bea", awards=3)
    cast.bea.active = False
    commit()
    number = challenge.id
    page = text(browser, f"/challenges/{number}/results")
    people = set(re.findall(r'href="(/people/\d+)"', page))
    assert people == {f"/people/{cast.bo.id}", f"/people/{cast.nils.id}"}
    for path in people | set(re.findall(r'href="(/organisations/\d+)"', page)):
        text(browser, path)
    assert "Bea" in page
    browser.sign_in(cast.eve)
    for path in set(re.findall(r'href="(/people/\d+)"', text(browser, f"/challenges/{number}/panel"))):
        text(browser, path)


def test_an_award_for_an_agency_stands_on_its_authors_page(cast: Cast, browser: Browser) -> None:
    row = factories.opened(cast)
    for reviewer in cast.reviewers():
        assert reviewer.id
    factories.proposal(cast.nils, row, organisation=cast.northlight)
    factories.closed(cast, row)
    from crowd.audit import SYSTEM
    from scoring import services as scoring

    scoring.form_panel(SYSTEM, row.id)
    for assignment in factories.assignments(row):
        factories.review(assignment)
    best = submissions.submitted(row.id)[0].id
    award_services.select_award(cast.ada, row.id, prize_id=row.prizes[0].id, proposal_id=best, reason="Best.")
    award_services.decide(cast.ada, row.id)
    page = words(text(browser, f"/people/{cast.nils.id}"))
    assert "with Northlight Sensing , paid to the agency" in page
    assert "¥200,000" in page
    assert "¥200,000" in text(browser, f"/organisations/{cast.northlight.id}")


def test_a_person_without_points_is_told_in_a_sentence_and_only_an_empty_account_as_empty(
    cast: Cast, browser: Browser
) -> None:
    browser.sign_in(cast.bo)
    ada = text(browser, f"/people/{cast.ada.id}")
    assert "No points so far" in ada
    assert "Luoyang Water Group" in ada
    assert "Member since" in ada
    assert 'class="empty"' not in ada
    assert 'class="empty"' in text(browser, f"/people/{cast.dee.id}")


def test_people_in_three_lists_with_ranks_and_a_filter(cast: Cast, browser: Browser) -> None:
    cast.bo.expertise = ["acoustics"]
    factories.settled(cast, "bo", "bea")
    solvers = words(text(browser, "/people"))
    assert re.search(r"1 Bo acoustics 1 – 50", solvers)
    assert re.search(r"2 Bea – 1 8", solvers)
    assert not names_a_reviewer(text(browser, "/people"))
    reviewers = words(text(browser, "/people?list=reviewers"))
    assert "Cleo" in reviewers
    assert "Bea" not in reviewers
    assert "Bea" not in words(text(browser, "/people?field=acoustics"))
    assert "Nobody in this list" in text(browser, "/people?field=Acoustics+of+churches")
    assert "No points yet" in text(browser, "/people?list=agencies")
    text(browser, "/people?list=nonsense")


def test_ranks_go_on_over_the_pages_and_equal_points_share_one(cast: Cast, browser: Browser) -> None:
    from scoring.profiles import queries as profiles
    from scoring.profiles.models import ReputationTotal

    for number, points in enumerate((50, 30, 30, 30, 10)):
        who = factories.user(f"S{number}")
        db.session.add(
            ReputationTotal(
                user_id=who.id, points=points, solving=points, reviewing=0, awarded=1, placed=0, reviewed=0, decided=0
            )
        )
    db.session.flush()
    seen, after = [], None
    with browser.app.test_request_context():
        for _page in range(3):
            found = profiles.listed("solvers", field="", after=after, size=2)
            seen += [(row.rank, row.points) for row in found]
            after = found.after
    assert seen == [(1, 50), (2, 30), (2, 30), (2, 30), (5, 10)]
    assert after is None


def test_points_are_a_picture_from_three_events_on(cast: Cast, browser: Browser) -> None:
    for _number in range(2):
        factories.settled(cast, "bo", "bea")
    path = f"/people/{cast.bo.id}"
    assert "Points over time" not in text(browser, path)
    factories.settled(cast, "bo", "bea")
    page = text(browser, path)
    assert "Points over time" in page
    assert "c-area" in page
    assert page.count("<table") == 1  # the table of events is the chart's
    assert re.search(r"\+50 150", words(page))


def test_a_sponsors_record_is_on_its_page(cast: Cast, browser: Browser) -> None:
    factories.settled(cast)
    page = words(text(browser, f"/organisations/{cast.luoyang.id}"))
    assert "Record as a sponsor Decisions 1 Decided in time 1 of 1" in page
    assert "Paid on time" in page


def test_the_results_publish_places_and_hide_the_names_of_losers(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast, "bo", "bea", "nils", awards=1)
    number = challenge.id
    for who in (None, cast.dee, cast.ada, cast.bea):
        if who is not None:
            browser.sign_in(who)
        page = text(browser, f"/challenges/{number}/results")
        places = page.partition('id="places"')[2].partition("<table")[2].partition("</table>")[0]
        assert "Bo" in words(places)
        others = "Nils" if who is cast.bea else "Bea|Nils"  # a person's own proposal is named to them: they may appeal
        assert not re.search(rf"\b({others})\b", words(page.partition("<main")[2]))
        assert "by Nils" not in page  # nor the title
        assert words(places).count("not named") == 2
        assert places.count('class="spark"') == 3
    browser.sign_in(cast.bea)
    assert "rank 2 of 3" in text(browser, f"/challenges/{number}/results")  # the person's own outcome


def test_a_decision_says_where_the_money_is_and_how_to_object(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast)
    page = words(text(browser, f"/challenges/{challenge.id}/results"))
    assert "held in escrow until" in page
    assert "Will be paid after" in page
    assert "How to appeal" in page
    assert "Reason for the award" in page
    settled = factories.settled(cast, "bo", "bea")
    page = words(text(browser, f"/challenges/{settled.id}/results"))
    assert "held in escrow" not in page
    assert "How to appeal" not in page
    assert "Submitted proposals by day" in page


def test_titles_of_winners_lead_only_those_who_may_read_them(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast)
    path = f"/challenges/{challenge.id}/results"
    best = submissions.submitted(challenge.id)[0].id
    for who, may in ((cast.ada, True), (cast.bo, True), (cast.eve, True), (cast.bea, False), (cast.dee, False)):
        browser.sign_in(who)
        assert (f'href="/proposals/{best}"' in text(browser, path)) is may
        text(browser, f"/proposals/{best}", 200 if may else 404)
    browser.sign_out()
    assert f'href="/proposals/{best}"' not in text(browser, path)


def test_the_latest_results_name_the_first_winner_and_add_up(cast: Cast, browser: Browser) -> None:
    factories.settled(cast, "bo", "bea")
    factories.decided(cast, "nils", "bea")
    page = words(text(browser, "/results"))
    assert "2 decisions · awarded: ¥400,000 · paid: ¥200,000" in page
    assert "First prize: Bo" in page
    assert "First prize: Nils" in page
    assert "2 proposals" in page


def test_a_winner_reads_on_the_proposal_that_it_has_won(cast: Cast, browser: Browser) -> None:
    challenge = factories.settled(cast, "bo", "bea")
    bos, beas = (row.id for row in submissions.submitted(challenge.id))
    browser.sign_in(cast.bo)
    for path in (f"/proposals/{bos}", f"/proposals/{bos}/reviews"):
        page = words(text(browser, path))
        assert "Won: First" in page
        assert "rank 1 of 2 · mean 90.0" in page
        assert "Paid" in page
        assert "to Bo" in page
    assert f"/challenges/{challenge.id}/results#award-" in text(browser, f"/proposals/{bos}")
    browser.sign_in(cast.bea)
    page = words(text(browser, f"/proposals/{beas}"))
    assert "Decided: without a prize" in page
    assert "rank 2 of 2" in page


def test_no_outcome_before_the_decision(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast)
    row = submissions.submitted(challenge.id)[0]
    for who in (cast.bo, cast.ada):
        browser.sign_in(who)
        assert 'id="outcome"' not in text(browser, f"/proposals/{row.id}")


def test_the_reviews_compare_with_the_field_where_it_is_large_enough(cast: Cast, browser: Browser) -> None:
    two, three = factories.decided(cast), factories.decided(cast, "bo", "bea", "nils")
    browser.sign_in(cast.bo)
    for challenge, told in ((two, False), (three, True)):
        own = next(row.id for row in submissions.submitted(challenge.id) if row.user_id == cast.bo.id)
        page = words(text(browser, f"/proposals/{own}/reviews"))
        assert "Mean" in page
        assert ("Median of the field" in page) is told
    assert re.search(r"Cost per site of 10 30% 9 9 9 9.0 8.0", page)
    crumbs = text(browser, f"/proposals/{own}/reviews").partition('class="crumbs')[2].partition("</nav>")[0]
    assert f'href="/proposals/{own}"' in crumbs
    assert 'href="/proposals"' in crumbs


def test_the_panel_gives_each_member_a_reason_and_each_proposal_a_block(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, *[factories.user(f"T{number}") for number in range(7)])
    first, second, *_rest = factories.assignments(challenge)
    factories.review(first)
    from scoring.reviews import services as review_services

    review_services.decline(second.reviewer, second.id, reason="Ill.")
    browser.sign_in(cast.ada)
    page = text(browser, f"/challenges/{challenge.id}/panel")
    assert page.count('<details class="fold" open>') == 5
    assert page.count('<details class="fold">') == 2
    assert f"/proposals/{first.proposal_id}/reviews#review-1" in page
    assert "Ill." in page
    assert "Declined: 1." in words(page)
    assert f"Recorded seed {challenge.id}" in words(page)
    for who in cast.reviewers():
        assert f'id="member-{who.id}"' in page
    assert "Matched on acoustics · leak detection · water." in words(page)


def test_the_ranking_shows_what_the_prizes_reach_and_how_far_reviews_lie_apart(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, "bo", "bea", "nils", "dee")
    order = [row.id for row in submissions.submitted(challenge.id)]
    for number, assignment in enumerate(factories.assignments(challenge)):
        wide = assignment.proposal_id == order[3] and number % 3 == 0
        factories.review(assignment, points=9 - order.index(assignment.proposal_id) - (5 if wide else 0))
    browser.sign_in(cast.ada)
    page = text(browser, f"/challenges/{challenge.id}/ranking")
    said = words(page)
    assert "awards chosen: 0 of 3" in said
    assert "in line for First ¥200,000" in said
    assert said.index("in line for Third") < said.index("they would end here") < said.index("by Dee")
    assert "reviews far apart" in said
    assert "Largest difference 50.0 points" in said
    assert "Points by criterion" in said


def test_the_field_of_points_says_what_each_review_gave(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, "bo", "bea", "nils")
    order = [row.id for row in submissions.submitted(challenge.id)]
    for number, assignment in enumerate(factories.assignments(challenge)):
        factories.review(assignment, points=(9 if assignment.proposal_id == order[0] else 7) - number % 2)
    points = queries.points(challenge.id)
    assert set(points) == {(proposal, criterion.id) for proposal in order for criterion in challenge.criteria}
    scale = {criterion.id: criterion.scale for criterion in challenge.criteria}
    given = [(one, numbers) for (proposal, one), numbers in points.items() if proposal == order[0]]
    best = {float(number / scale[one]) for one, numbers in given for number in numbers}
    assert best <= {0.8, 0.9}
    page = browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}/ranking").text
    assert "Points by criterion" in page
    assert page.count(f">{queries.ranked(challenge.id)[0].title}</a>") == 1, "the ranking tells each proposal once"


def test_what_waits_for_no_award_alarms_nobody(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast)
    browser.sign_in(cast.ada)
    page = text(browser, f"/challenges/{challenge.id}/awards")
    assert "If you publish now" in page
    assert "Returns to the sponsor" not in page
    assert 'type="radio" name="award-proposal_id"' in page
    assert not re.search(r'name="award-proposal_id"[^>]*checked', page)
    without = browser.post(
        f"/challenges/{challenge.id}/awards", {"award-prize_id": challenge.prizes[0].id, "award-reason": "Best."}
    )
    assert without.status_code == 422
    assert "Choose a proposal." in without.get_data(as_text=True)
    best = submissions.submitted(challenge.id)[0].id
    award_services.select_award(
        cast.ada, challenge.id, prize_id=challenge.prizes[0].id, proposal_id=best, reason="Best."
    )
    assert "Returns to the sponsor" in text(browser, f"/challenges/{challenge.id}/awards")
    award_services.decide(cast.ada, challenge.id)
    answer = browser.get(f"/challenges/{challenge.id}/awards")
    assert (answer.status_code, answer.location) == (303, f"/challenges/{challenge.id}/results")


def test_a_review_adds_up_while_it_is_written_and_is_plain_text_afterwards(cast: Cast, browser: Browser) -> None:
    challenge = factories.judging(cast, "bo")
    row = factories.assignments(challenge)[0]
    who, number = row.reviewer, row.id
    lines = [line.id for line in review_queries.criteria_of(challenge.id)]
    browser.sign_in(who)
    path = f"/reviews/{number}"
    assert "0 of 3 scored" in words(text(browser, path))
    browser.post(f"{path}/autosave", {f"points_{lines[0]}": "80", f"points_{lines[1]}": "5", "comment": "so far"})
    page = text(browser, path)
    assert "2 of 3 scored · total 68.8" in words(page)
    assert f'data-weight="50" data-scale="100" id="points_{lines[0]}"' in page or 'data-weight="50"' in page
    assert "no conflict of interest" in words(page)
    assert "Decline this review" in page
    for assignment in factories.assignments(challenge):
        factories.review(assignment, points=8)
    award_services.decide(cast.ada, challenge.id, reason="None of them can be built.")
    page = text(browser, path)
    main = page.partition("<main")[2]
    assert not re.search(r'<input[^>]*name="points_|<textarea', main)
    said = words(main)
    assert "80 / 100" in said
    assert "Weighted total, of 100 80.0" in said
    assert "Mean of the panel 80.0" in said
    assert "submitted" in said
    assert f'href="/challenges/{challenge.id}/results"' in main


def test_the_record_of_a_review_says_that_no_tie_was_confirmed(cast: Cast) -> None:
    from crowd.audit import AuditEvent

    challenge = factories.judging(cast, "bo")
    factories.review(factories.assignments(challenge)[0])
    event = db.session.scalar(sa.select(AuditEvent).where(AuditEvent.action == "review.submitted"))
    assert event is not None
    assert event.data["conflict"] is False


def test_lists_without_rows_are_sentences_for_who_has_been_here(cast: Cast, browser: Browser) -> None:
    cast.cy.created_at = now() - timedelta(days=30)
    db.session.flush()
    browser.sign_in(cast.cy)
    for path in ("/reviews", "/reviews?done=1", "/reviews/conflicts"):
        assert 'class="empty"' not in text(browser, path)


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
    assert browser.post("/reviews/conflicts", {"party": "nobody at all"}).status_code == 422
    assert browser.post("/reviews/conflicts", {"party": "northlight sensing", "note": "Board."}).status_code == 303
    assert "Northlight Sensing" in text(browser, "/reviews/conflicts")
    conflict = review_queries.conflicts_of(cast.cy.id)[0][0].id
    assert browser.post(f"/reviews/conflicts/{conflict}/withdraw").status_code == 303
    assert browser.post("/reviews/conflicts", {"party": cast.bo.email.upper()}).status_code == 303
    browser.sign_in(cast.bo)
    assert browser.get("/reviews/conflicts").status_code == 403


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
    challenge = factories.judging(cast, "bo")
    with browser.app.test_request_context():
        assert [task.detail for task in queries.waiting(cast.cy)] == [challenge.title]
        assert queries.waiting(cast.ada) == []
        for row in factories.assignments(challenge):
            row.due_at = now()
        db.session.flush()
        assert [task.url for task in queries.waiting(cast.eve)] == [f"/challenges/{challenge.id}/panel"]
        for row in factories.assignments(challenge):
            factories.review(row)
        assert [task.due_at for task in queries.waiting(cast.ada)] == [challenge.decision_due_at]
        assert queries.waiting(cast.cy) == []


def test_lists_ask_no_more_for_more_rows(cast: Cast, browser: Browser) -> None:
    """The same number of statements for one challenge with two proposals and for three with six."""
    first = factories.settled(cast)
    browser.sign_in(cast.ada)
    paths = ["/results", "/people", "/people?list=reviewers", f"/people/{cast.bo.id}"]
    paths += [f"/organisations/{cast.luoyang.id}", f"/people/{cast.nils.id}"]
    paths += [f"/challenges/{first.id}/{page}" for page in ("panel", "ranking", "results")]
    before = {}
    for path in paths:
        text(browser, path)
        with Counted() as counted:
            text(browser, path)
        before[path] = len(counted.statements)
    factories.settled(cast, "bo", "bea", "nils")
    bigger = factories.settled(cast, "bo", "bea", "nils", "dee", awards=3)
    small, large = f"/challenges/{first.id}/", f"/challenges/{bigger.id}/"
    for path in paths:
        with Counted() as counted:
            text(browser, path.replace(small, large))
        # For a person who has earned nothing yet, two statements are not made.
        assert len(counted.statements) <= before[path] + 2, (path, counted.statements)
    assert max(before.values()) < 30, before


def test_the_pages_of_proposals_ask_no_more_for_more_rows(cast: Cast, browser: Browser) -> None:
    """One decided proposal and four, one version and three, one open draft and three."""
    first = factories.decided(cast, "bo", "bea")
    draft = factories.proposal(cast.bo, factories.opened(cast), submitted=False)
    own = submissions.submitted(first.id)[0].id
    browser.sign_in(cast.bo)
    paths = ["/proposals", f"/proposals/{own}", f"/proposals/{own}/reviews", f"/proposals/{draft.id}/edit"]
    before = {}
    for path in paths:
        db.session.expire_all()
        with Counted() as counted:
            text(browser, path)
        before[path] = len(counted.statements)
    for _more in range(3):
        factories.settled(cast, "bo", "bea")
        factories.proposal(cast.bo, factories.opened(cast), submitted=False)
    for path in paths:
        db.session.expire_all()
        with Counted() as counted:
            text(browser, path)
        assert len(counted.statements) <= before[path] + 1, (path, counted.statements)
    assert max(before.values()) < 30, before
