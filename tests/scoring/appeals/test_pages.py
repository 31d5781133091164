"""An appeal over HTTP, in both languages: from the link on the results to the second version of the result."""

import io
import re

import pytest

from challenges.models import Challenge
from challenges.next_steps import next_of
from challenges.workflow import ChallengeState
from crowd.accounts.models import PlatformRole, User
from crowd.audit import SYSTEM
from crowd.cases import queries as cases
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState
from crowd.clock import now
from crowd.db import db
from crowd.ledger import check
from crowd.ledger import queries as ledger
from scoring.awards import queries as award_queries
from scoring.awards import services as awards
from scoring.results import queries as results
from scoring.settlement import services as settlement
from scoring.workflow import AssignmentState
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.scoring.appeals.appealing import (
    AGAINST,
    ANSWERS,
    FOR,
    PARTLY,
    RECUSED,
    answer,
    appeal,
    council,
    ended,
    proposal_of,
    vote,
)
from tests.submissions.test_pages import words

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])


def filed(browser: Browser, challenge: Challenge, author: User) -> Case:
    """File an appeal by the link on the page of the results."""
    page = browser.sign_in(author).get(f"/challenges/{challenge.id}/results").text
    link = re.search(r'href="(/cases/new/appeal/\d+)"', page)
    assert link, "the results link to the form"
    assert browser.get(link[1]).status_code == 200
    for short in ("", "ab", "x" * 39):
        assert browser.post(link[1], ANSWERS | {"why": short}).status_code == 422
    answer = browser.post(link[1], ANSWERS)
    assert answer.status_code == 303
    return cases.access(SYSTEM, answer.location.rsplit("/", 1)[1])


def conclude(browser: Browser, case: Case, position: int, person: User, reasons: str) -> None:
    given = {"finding": "given", "reasons": reasons}
    answer = browser.sign_in(person).post(f"/cases/{case.public_id}/steps/{position}/conclude", given)
    assert answer.status_code == 303, answer.text


def voted(browser: Browser, case: Case, person: User, choice: str) -> None:
    given = {"choice": choice, "reasons": f"{person.name} says why."}
    answer = browser.sign_in(person).post(f"/cases/{case.public_id}/steps/3/vote", given)
    assert answer.status_code == 303, answer.text


@EVERY_LANGUAGE
def test_upheld_three_to_one_with_a_recusal_and_reviewed_again(cast: Cast, browser: Browser, locale: str) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    new = [factories.user(name, PlatformRole.EXPERT, expertise=["water"]) for name in ("Nat", "Noa", "Ned")]
    una, ugo, uta, ulf, uri = members = council()
    for person in (cast.bea, cast.ada, cast.bo, *members, *cast.reviewers()):
        person.locale = locale
    case = filed(browser, challenge, cast.bea)
    conclude(browser, case, 1, cast.cy, "The review is about this proposal.")
    conclude(browser, case, 2, cast.ada, "We followed the ranking.")
    assert case.title in words(browser.sign_in(una).get("/cases/queue").text)
    for person, choice in ((uta, RECUSED), (una, FOR), (ugo, AGAINST), (ulf, FOR)):
        voted(browser, case, person, choice)
    assert case.is_pending, "two to one, and one may still vote"
    voted(browser, case, uri, FOR)
    assert case.state == CaseState.GRANTED
    assert factories.run_jobs("appeals.carry_out") == 1
    db.session.expire_all()
    assert challenge.state == ChallengeState.JUDGING
    page = browser.sign_in(cast.bo).get(f"/challenges/{challenge.id}/results").text
    assert f"/challenges/{challenge.id}/results?version=1" in page
    for row in factories.assignments(challenge):
        if row.state == AssignmentState.PENDING:
            assert row.reviewer in new
            factories.review(row, points=10)
    number = proposal_of(challenge, cast.bea).id
    chosen = {
        "award-prize_id": challenge.prizes[0].id,
        "award-proposal_id": number,
        "award-reason": "After new reviews.",
    }
    assert browser.sign_in(cast.ada).post(f"/challenges/{challenge.id}/awards", chosen).status_code == 303
    stamp = awards.queries.stamp(award_queries.awards(challenge.id))
    decided = {"awards": stamp, "confirmed": "yes", "decision-reason": ""}
    assert browser.post(f"/challenges/{challenge.id}/decision", decided).status_code == 303
    _both_versions(browser, challenge, locale)
    factories.move_dates(challenge, appeals_until=now())
    settlement.settle(SYSTEM, challenge.id)
    (award,) = award_queries.awards(challenge.id)
    assert (award.proposal_id, award.amount) == (number, challenge.prizes[0].amount)
    assert ledger.in_escrow(challenge.id, "CNY") == 0
    assert check.run_checks() == []
    step = words(browser.sign_in(cast.bea).get(f"/cases/{case.public_id}").text)
    assert all(f"{one.name} says why." in step for one in members), "votes, recusal and reasons are readable"


@EVERY_LANGUAGE
def test_refused_the_settlement_goes_on(cast: Cast, browser: Browser, locale: str) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    members = council()
    for person in (cast.bea, cast.ada, *members):
        person.locale = locale
    case = filed(browser, challenge, cast.bea)
    conclude(browser, case, 1, cast.cy, "The review is about this proposal.")
    conclude(browser, case, 2, cast.ada, "We followed the ranking.")
    for person in members[:3]:
        voted(browser, case, person, AGAINST)
    assert case.state == CaseState.REFUSED
    assert factories.run_jobs("appeals.carry_out") == 1
    db.session.expire_all()
    assert challenge.payment_held_at is None
    page = words(browser.sign_in(cast.dee).get(f"/challenges/{challenge.id}/results").text)
    assert "The council has refused the appeal" in page, "a public reason is in every language"
    factories.move_dates(challenge, appeals_until=now())
    assert settlement.settle(SYSTEM, challenge.id).state == ChallengeState.SETTLED
    assert check.run_checks() == []


def _both_versions(browser: Browser, challenge: Challenge, locale: str) -> None:
    here = f"/challenges/{challenge.id}/results"
    present, first = words(browser.get(here).text), words(browser.get(f"{here}?version=1").text)
    bo, bea = (f"Two geophones and a correlator, by {name}" for name in ("Bo", "Bea"))
    assert bea in present
    assert bo in present, "the difference names who has no award any more"
    assert bo in first
    assert bea not in first
    assert [one.number for one in results.versions(challenge.id)] == [2, 1]
    if locale == "en":
        assert "What version 2 has changed" in present
        assert "The ranks of 2 proposals have changed" in present
        assert "This version no longer counts" in first


def test_the_page_says_that_and_why_the_payment_is_held_but_not_what_was_filed(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    case = appeal(challenge, cast.bea)
    for reader in (None, cast.bo, cast.dee):
        if reader:
            browser.sign_in(reader)
        page = browser.get(f"/challenges/{challenge.id}/results").text
        assert "An appeal was filed against the decision" in words(page)
        assert "The second review is about another proposal." not in page
        assert case.public_id not in page
        assert ("/cases/new/appeal/" in page) == (reader is cast.bo)
    holds = words(browser.sign_in(council()[0]).get(f"/challenges/{challenge.id}/holds").text)
    assert "It ends with its case" in holds


def test_nobody_of_the_parties_reads_who_the_panel_is(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    case = appeal(challenge, cast.bea)
    here = f"/cases/{case.public_id}"
    browser.sign_in(cast.cy).post(f"{here}/entries", {"text": "See page 3."})
    conclude(browser, case, 1, cast.cleo, "The review is about this proposal.")
    for reader in (cast.bea, cast.ada):
        page = words(browser.sign_in(reader).get(here).text)
        assert "See page 3." in page
        assert "The review is about this proposal." in page
        assert not {"Cy", "Cleo", "Carl"} & set(re.findall(r"\w+", page))
        assert "The panel" in page
    assert "Cleo" in words(browser.sign_in(council()[0]).get(here).text), "who decides knows"


def test_votes_of_a_withdrawn_appeal_stay_closed_and_the_question_says_what_follows(
    cast: Cast, browser: Browser
) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    case, members = appeal(challenge, cast.bea), council()
    here = f"/cases/{case.public_id}"
    assert "cannot appeal against this decision" not in words(browser.sign_in(cast.bea).get(here).text)
    answer(cast, case)
    vote(case, {members[0]: FOR, members[1]: AGAINST})
    assert "cannot appeal against this decision" in words(browser.get(here).text)
    assert browser.post(f"{here}/withdraw").status_code == 303
    for reader in (cast.bea, cast.ada, cast.cy):
        page = words(browser.sign_in(reader).get(here).text)
        assert "says why" not in page
        assert not {"Una", "Ugo"} & set(re.findall(r"\w+", page))
    assert "Una says why." in words(browser.sign_in(members[2]).get(here).text), "those who decide keep them"
    assert "/cases/new/appeal/" not in browser.sign_in(cast.bea).get(f"/challenges/{challenge.id}/results").text


def test_a_decision_opened_again_shows_no_outcome_but_what_comes_next(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    case = ended(cast, appeal(challenge, cast.bea), council(), FOR)
    link = f'href="/cases/{case.public_id}"'
    for author in (cast.bo, cast.bea):
        here = f"/proposals/{proposal_of(challenge, author).id}"
        for reader, pages in ((author, (here,)), (cast.ada, (here, f"{here}/reviews"))):
            for page in pages:
                shown = browser.sign_in(reader).get(page).text
                said = words(shown)
                assert "Decided: without a prize" not in said
                assert "Won: " not in said
                assert "rank 1 of 2" not in said
                assert "The decision was opened again" in said
                assert str(next_of(challenge, now()).what) in said
                assert (link in shown) == (author is cast.bea)
    awards_page = browser.sign_in(cast.ada).get(f"/challenges/{challenge.id}/awards").text
    assert link in awards_page
    assert "new reviewers review it" in words(awards_page)


def test_the_pending_appeal_is_linked_for_who_filed_it(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    case, number = appeal(challenge, cast.bea), proposal_of(challenge, cast.bea).id
    link = f'href="/cases/{case.public_id}"'
    for page in (f"/challenges/{challenge.id}/results", f"/proposals/{number}", f"/proposals/{number}/reviews"):
        assert link in browser.sign_in(cast.bea).get(page).text
    assert link not in browser.sign_in(cast.bo).get(f"/challenges/{challenge.id}/results").text


def test_who_is_called_does_not_learn_who_filed(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast, "dee", "bea", awards=1)
    case = appeal(challenge, cast.bea)
    here = f"/cases/{case.public_id}"
    browser.sign_in(cast.bea).post(f"{here}/entries", {"text": "See the second page."})
    file = (io.BytesIO(b"%PDF-1.7 by Bea"), "bea.pdf")
    assert browser.post(f"{here}/entries", {"text": "", "file": file}).status_code == 303
    page = browser.sign_in(cast.cy).get(here).text
    shown = words(page)
    assert "See the second page." in shown
    assert "A party to the case" in shown
    assert "bea.pdf" not in page
    # The heading of a proposal of the tests names its author; nothing else does.
    assert "Bea" not in shown.replace(case.title, "")
    sponsor = words(browser.sign_in(cast.ada).get(here).text)
    assert "Bea" in sponsor.replace(case.title, "")
    assert "bea.pdf" in sponsor


def test_a_forged_result_of_an_answer_is_refused(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    case = appeal(challenge, cast.bea)
    for forged in ("yes", "no", "partly", "x"):
        sent = {"finding": forged, "reasons": "We are right."}
        answer = browser.sign_in(cast.ada).post(f"/cases/{case.public_id}/steps/2/conclude", sent)
        assert answer.status_code == 422, forged
    db.session.expire_all()
    assert case.steps[1].is_open


def test_pages_of_a_hold_say_when_and_why(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    case = appeal(challenge, cast.bea)
    transfers = browser.get(f"/challenges/{challenge.id}/transfers").text
    assert "The payment is held; the results say why." in words(transfers)
    assert f'href="/challenges/{challenge.id}/results"' in transfers
    for reader, named in ((cast.bo, True), (cast.bea, False)):
        balance = browser.sign_in(reader).get("/balance").text
        assert ("The payment of an award is held" in words(balance)) == named, reader.name
    ended(cast, case, council(), AGAINST)
    here = f"/challenges/{challenge.id}"
    shown = words(browser.sign_in(factories.user("Ina", PlatformRole.COUNCIL)).get(f"{here}/holds").text)
    assert "The payment was held from" in shown
    assert "Held because:" in shown
    assert "An appeal was filed against the decision" in shown
    assert "is pending" not in shown
    assert "The payment is held" not in words(browser.get(f"{here}/transfers").text)


STATES = {
    "judging": lambda cast: factories.judged(cast, "bo", "bea"),
    "decided": lambda cast: factories.decided(cast, "bo", "bea"),
    "pending": lambda cast: _pending(cast),
    "reopened": lambda cast: _reopened(cast),
    "settled": lambda cast: factories.settled(cast, "bo", "bea"),
}
# By who asks for the form of Bea's proposal: what they get in each state.
MATRIX = {
    "bea": {"judging": 409, "decided": 200, "pending": 409, "reopened": 409, "settled": 409},
    "bo": dict.fromkeys(STATES, 404),
    "ada": {"judging": 403, "decided": 403, "pending": 403, "reopened": 403, "settled": 403},
    "cy": dict.fromkeys(STATES, 404),
    "dee": dict.fromkeys(STATES, 404),
    "eve": dict.fromkeys(STATES, 403),
    "gu": dict.fromkeys(STATES, 403),
    "aud": dict.fromkeys(STATES, 403),
    "adm": dict.fromkeys(STATES, 404),
    "fen": dict.fromkeys(STATES, 404),
}


def _pending(cast: Cast) -> Challenge:
    challenge = factories.decided(cast, "bo", "bea")
    appeal(challenge, cast.bea)
    return challenge


def _reopened(cast: Cast) -> Challenge:
    challenge = factories.decided(cast, "bo", "bea")
    ended(cast, appeal(challenge, cast.bea), council(), PARTLY)
    return challenge


@pytest.mark.parametrize("state", STATES)
def test_every_role_in_every_state(cast: Cast, browser: Browser, state: str) -> None:
    challenge = STATES[state](cast)
    here = f"/cases/new/appeal/{proposal_of(challenge, cast.bea).id}"
    got = {name: browser.sign_in(getattr(cast, name)).get(here).status_code for name in MATRIX}
    assert got == {name: row[state] for name, row in MATRIX.items()}
    linked = f'href="{here}"'
    for page in (f"/challenges/{challenge.id}/results", here.replace("cases/new/appeal", "proposals")):
        assert (linked in browser.sign_in(cast.bea).get(page).text) == (state == "decided")
