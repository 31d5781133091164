"""The pages of the judging are correct: whose decision it is, who is notified of a late one, who sees
reviewers' names.
"""

import html
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges import queries as challenges
from challenges.models import Challenge
from crowd import background, clock
from crowd.accounts.models import PlatformRole
from crowd.audit import SYSTEM
from crowd.background import Job
from crowd.db import commit, db
from crowd.errors import Conflict
from crowd.notifications.models import Notification
from crowd.values import count
from crowd.web.labels import state_label
from scoring import jobs, policy
from scoring.awards import queries as award_queries
from scoring.awards import services as award_services
from scoring.labels import who_sees_reviewers
from scoring.reviews import services as review_services
from scoring.settlement import services as settlement
from submissions import queries as submissions
from tests import factories
from tests.cast import Cast, join, role_named
from tests.client import Browser

DAY = timedelta(days=1)
KIND = "scoring.centre_decides"


def told_of(challenge: Challenge) -> dict[int, list[str]]:
    """Who was told that the decision is overdue, with the kinds told, as often as it was."""
    query = sa.select(Notification.user_id).where(Notification.kind == KIND, Notification.challenge_id == challenge.id)
    found: dict[int, list[str]] = {}
    for user_id in db.session.scalars(query):
        found.setdefault(user_id, []).append(KIND)
    return found


def silent(cast: Cast) -> Challenge:
    """A challenge in judging whose sponsor has let the date pass."""
    past = clock.now() - DAY
    return factories.move_dates(factories.judging(cast), reviews_due_at=past - 21 * DAY, decision_due_at=past)


# ---- overdue decisions


def test_the_close_and_the_panel_ask_for_the_instant_of_the_decision(cast: Cast) -> None:
    challenge = factories.judging(cast)
    query = sa.select(Job).where(Job.kind == "decisions.notify_overdue", Job.challenge_id == challenge.id)
    asked = db.session.scalars(query.order_by(Job.run_at)).all()
    assert [job.run_at for job in asked][-1] == challenge.decision_due_at
    assert not background.run(asked[-1].id)  # not before its time


def test_sponsor_service_centre_and_council_are_told_once(cast: Cast) -> None:
    everybody = [cast.ada, cast.abe, cast.eve, cast.gu, cast.fen, cast.aud, cast.pia]
    challenge = silent(cast)
    assert jobs.decision_overdue(challenge.id) == {"notified": count(4)}
    assert jobs.decision_overdue(challenge.id) == {"notified": count(0)}
    jobs.find_overdue()()
    expected = {person.id: [KIND] for person in everybody[:4]}
    assert told_of(challenge) == expected
    event = challenges.last_event(challenge)
    assert event is not None
    assert (event.action, event.actor_id) == ("challenge.overdue", None)


def test_nobody_is_told_where_the_decision_is_not_overdue(cast: Cast) -> None:
    early = factories.judging(cast)
    assert jobs.decision_overdue(early.id) == {"notified": count(0)}
    decided = factories.decided(cast)
    factories.move_dates(decided, decision_due_at=clock.now() - DAY)
    assert jobs.decision_overdue(decided.id) == {"notified": count(0)}
    assert told_of(early) == told_of(decided) == {}


def test_who_takes_part_is_not_told_of_a_judging_that_is_closed_to_them(cast: Cast) -> None:
    author, past = cast.bo, clock.now() - DAY
    challenge = factories.move_dates(factories.judging(cast), reviews_due_at=past, decision_due_at=past)
    author.roles.append(role_named(PlatformRole.COUNCIL))  # who had a role before could not have taken part
    commit()
    jobs.decision_overdue(challenge.id)
    assert author.id not in told_of(challenge)


def test_what_a_job_has_missed_is_found_by_the_timetable(cast: Cast) -> None:
    assert cast.gu.id
    challenge = silent(cast)
    jobs.find_overdue()()
    assert cast.gu.id in told_of(challenge)


def test_it_stands_on_three_dashboards_until_it_is_decided(cast: Cast, browser: Browser) -> None:
    steps_in = {"sponsor": cast.ada, "centre": cast.eve, "council": cast.gu}
    challenge = silent(cast)

    def tasks() -> set[str]:
        link = f'href="/challenges/{challenge.id}/awards"'
        return {name for name, person in steps_in.items() if link in browser.sign_in(person).get("/dashboard").text}

    assert tasks() == set(steps_in)
    award_services.decide(cast.gu, challenge.id, reason="The sponsor did not answer.")
    assert tasks() == set()


def test_before_the_date_it_is_the_sponsors_alone_and_the_page_says_so(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast)
    page = browser.sign_in(cast.gu).get(f"/challenges/{challenge.id}/awards").text
    assert "The sponsor decides, by:" in page
    assert "decision-reason" not in page
    assert f'href="/challenges/{challenge.id}/awards"' not in browser.get(f"/challenges/{challenge.id}").text
    with pytest.raises(Conflict):
        award_services.decide(cast.gu, challenge.id, reason="Too early.")
    factories.move_dates(challenge, decision_due_at=clock.now() - DAY)
    assert "decision-reason" in browser.get(f"/challenges/{challenge.id}/awards").text


# ---- since when all reviews are in


def test_the_last_review_is_noted_and_a_new_one_asked_for_takes_it_back(cast: Cast) -> None:
    challenge = factories.judging(cast, "bo")
    *others, last = factories.assignments(challenge)
    for assignment in others:
        factories.review(assignment)
        assert challenge.reviews_in_at is None
    factories.review(last)
    assert challenge.reviews_in_at is not None
    before = challenge.reviews_in_at
    factories.review(last, points=3)  # submitted again
    assert challenge.reviews_in_at == before


def test_a_review_that_is_declined_without_somebody_else_leaves_the_others(cast: Cast) -> None:
    challenge = factories.judging(cast, "bo")
    first, *others = factories.assignments(challenge)
    for assignment in others:
        factories.review(assignment)
    review_services.decline(first.reviewer, first.id, reason="I know the author.", conflicted=True)
    assert challenge.reviews_in_at is not None


def test_nine_of_nine_is_not_told_as_a_panel_at_work(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast)
    number = len(factories.assignments(challenge))
    page = browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}").text
    assert f"{number} of {number}" in page
    assert "The panel reviews the proposals." not in page
    assert "All reviews are submitted" in page


# ---- who is shown reviewers' names

PAGES = ("/challenges/{challenge}/results", "/challenges/{challenge}/panel", "/proposals/{proposal}/reviews")


def test_the_sentence_names_those_whom_the_policy_lets_see(cast: Cast, isolated: Flask) -> None:
    challenge = factories.decided(cast)
    proposal = submissions.submitted(challenge.id)[0]
    with isolated.test_request_context("/", headers={"Accept-Language": "en"}):
        sentence = who_sees_reviewers()
        named = {role for role in PlatformRole if re.search(rf"\b{state_label(role, 'platform_role')}\b", sentence)}
    sees = {role for role in PlatformRole if policy.sees_reviewers(factories.user(f"A{role}", role), proposal)}
    assert named == sees
    assert policy.sees_reviewers(cast.ada, proposal)
    assert "sponsor" in sentence
    for other in (cast.bo, cast.bea, cast.dee, cast.cy):
        assert not policy.sees_reviewers(other, proposal)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_the_same_of_it_and_keeps_to_it(path: str, cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast)
    proposal = submissions.submitted(challenge.id)[0]
    names = {row.reviewer.name for row in factories.assignments(challenge)}
    for person, sees in ((cast.ada, True), (cast.gu, True), (cast.bo, False)):
        answer = browser.sign_in(person).get(path.format(challenge=challenge.id, proposal=proposal.id))
        if answer.status_code != 200:
            assert not sees
            continue
        main = html.unescape(answer.text.partition("<main")[2])
        assert "Reviewers are named to the sponsor" in main
        assert "stay confidential" not in main
        assert "results" in path or bool(names & set(re.findall(r"\b\w+\b", main))) == sees


# ---- whose reason it is


def test_a_decision_taken_for_a_silent_sponsor_is_not_told_as_the_sponsors(cast: Cast, browser: Browser) -> None:
    challenge = silent(cast)
    proposal = submissions.submitted(challenge.id)[0]
    prize = challenge.prizes[0].id
    award_services.select_award(
        cast.gu, challenge.id, prize_id=prize, proposal_id=proposal.id, reason="The best on hidden sites."
    )
    award_services.decide(cast.gu, challenge.id, reason="The sponsor was silent.")
    page = browser.get(f"/challenges/{challenge.id}/results").text
    assert "The sponsor was silent." in page
    assert not re.search("sponsor’s reason|the sponsor says", page)


def test_an_award_that_waits_for_the_council_stands_on_its_dashboard(cast: Cast, browser: Browser) -> None:
    assert cast.gu.id
    challenge = factories.decided(cast)
    (award,) = award_queries.awards(challenge.id)
    join(cast.bo, cast.luoyang)
    factories.move_dates(challenge, appeals_until=clock.now() - DAY)
    with pytest.raises(settlement.Held):
        settlement.settle(SYSTEM, challenge.id)
    assert settlement.hold(SYSTEM, challenge.id) == 1
    task = "Review an award that awaits the council"
    assert task in browser.sign_in(cast.gu).get("/dashboard").text
    assert task not in browser.sign_in(cast.eve).get("/dashboard").text
    settlement.clear(cast.gu, award.id, reason="They joined long after the choice.")
    assert task not in browser.sign_in(cast.gu).get("/dashboard").text
