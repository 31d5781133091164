"""Experts by case, over HTTP: applied, nominated, admitted, refused, serving on a panel, suspended, removed and
renewed.
"""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from challenges.models import Challenge
from crowd.accounts import entries, experts
from crowd.accounts.entries import EXPERTS
from crowd.accounts.models import MemberRole, PlatformRole, User
from crowd.accounts.personal_data.services import erase_account
from crowd.audit import SYSTEM
from crowd.cases import answers, policy, proceedings, queries, services
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState, Finding, VoteChoice
from crowd.db import commit, db
from crowd.errors import Forbidden, NotFound
from crowd.notifications.models import Notification
from crowd.registers import queries as registers
from crowd.registers.workflow import EntryState
from scoring import candidates
from scoring.models import Assignment
from scoring.workflow import AssignmentState
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.submissions.test_pages import words

GIVEN = {
    "fields": "acoustics, leak detection", "evidence": "Ten papers since 2016.", "employers": "A university.",
    "availability": "Two days a week.",
}  # fmt: skip
EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])


@pytest.fixture
def committee(cast: Cast) -> list[User]:
    """Four experts with entries, who read English."""
    people = [*cast.reviewers(), factories.user("Clio", PlatformRole.EXPERT, expertise=["water"])]
    for person in people:
        entries.enter(SYSTEM, person, entries.ROLE)
    commit()
    return people


def file(browser: Browser, person: User, kind: str, about: User, given: dict[str, str] = GIVEN) -> Case:
    answer = browser.sign_in(person).post(f"/cases/new/{kind}/{about.id}", given)
    assert answer.status_code == 303, answer.text
    return db.session.scalars(sa.select(Case).order_by(Case.id.desc())).first()


def vote(browser: Browser, case: Case, step: int, **choices: list[User]) -> None:
    for choice, members in choices.items():
        for member in members:
            given = {"choice": choice, "reasons": f"{member.name}: as the papers show."}
            answer = browser.sign_in(member).post(f"/cases/{case.public_id}/steps/{step}/vote", given)
            assert answer.status_code == 303, answer.text
    db.session.expire_all()


def standing(person: User) -> list[EntryState]:
    return [last.state for _row, last in registers.of_holder(EXPERTS, person.id)]


def is_expert(person: User) -> bool:
    db.session.expire_all()
    return person.is_any(PlatformRole.EXPERT)


@EVERY_LANGUAGE
def test_applied_and_admitted(cast: Cast, browser: Browser, committee: list[User], locale: str) -> None:
    cast.bo.locale = locale
    link = f"/cases/new/{experts.ADMISSION}/{cast.bo.id}"
    for page in ("/account/profile", f"/registers/{EXPERTS}"):
        assert f'href="{link}"' in browser.sign_in(cast.bo).get(page).text, page
    assert browser.post(link, {**GIVEN, "fields": ""}).status_code == 422
    case = file(browser, cast.bo, experts.ADMISSION, cast.bo)
    assert "Ten papers since 2016." in words(browser.get(f"/cases/{case.public_id}").text)
    assert browser.post(link, GIVEN).status_code == 409, "one at a time"
    assert cast.bo.name in browser.sign_in(committee[0]).get("/cases/queue").text
    vote(browser, case, 1, **{"for": committee[:3]})
    assert case.state == CaseState.GRANTED
    assert factories.run_jobs("accounts.admit_expert") == 1
    assert is_expert(cast.bo)
    assert (cast.bo.expertise, cast.bo.availability) == (["acoustics", "leak detection"], "Two days a week.")
    ((entry, last),) = registers.of_holder(EXPERTS, cast.bo.id)
    assert (last.case_id, last.valid_until is not None) == (case.id, True)
    page = words(browser.sign_in(cast.bo).get(f"/cases/{case.public_id}").text)
    assert "Cleo: as the papers show." in page
    assert ("专家" in page) == (locale != "en")
    history = browser.get(f"/registers/{EXPERTS}/{entry.number}").text
    assert f"/cases/{case.public_id}" in history
    assert f'href="{link}"' in history, "the entry leads to its renewal"
    assert link not in browser.get("/account/profile").text


@EVERY_LANGUAGE
def test_applied_and_refused(cast: Cast, browser: Browser, committee: list[User], locale: str) -> None:
    cast.bo.locale = locale
    case = file(browser, cast.bo, experts.ADMISSION, cast.bo)
    vote(browser, case, 1, against=committee[:3])
    assert case.state == CaseState.REFUSED
    assert factories.run_jobs("accounts.admit_expert") == 0
    assert not is_expert(cast.bo)
    assert standing(cast.bo) == []
    assert "Carl: as the papers show." in words(browser.sign_in(cast.bo).get(f"/cases/{case.public_id}").text)


@EVERY_LANGUAGE
def test_nominated_accepted_and_admitted(cast: Cast, browser: Browser, committee: list[User], locale: str) -> None:
    for person in (cast.nils, cast.bo):
        person.locale = locale
    link = f"/cases/new/{experts.NOMINATION}/{cast.bo.id}"
    assert f'href="{link}"' in browser.sign_in(cast.nils).get(f"/people/{cast.bo.id}").text
    assert link not in browser.sign_in(cast.dee).get(f"/people/{cast.bo.id}").text
    case = file(browser, cast.nils, experts.NOMINATION, cast.bo)
    assert browser.sign_in(committee[0]).get(f"/cases/{case.public_id}").status_code == 200
    accepted = {"finding": "yes", "reasons": ""}
    page = browser.sign_in(cast.bo).get(f"/cases/{case.public_id}").text
    consent = ("I accept", "I decline") if locale == "en" else ("我接受", "我谢绝")
    assert all(re.search(rf">\s*{one}</label>", page) for one in consent)
    declined = {"finding": "no", "reasons": ""}
    assert browser.post(f"/cases/{case.public_id}/steps/1/conclude", declined).status_code == 422
    assert browser.post(f"/cases/{case.public_id}/steps/1/conclude", accepted).status_code == 303
    vote(browser, case, 2, **{"for": committee[:3]})
    assert factories.run_jobs("accounts.admit_expert") == 1
    assert is_expert(cast.bo)
    assert standing(cast.bo) == [EntryState.VALID]


@pytest.mark.parametrize("silent", [False, True])
def test_who_does_not_accept_is_not_voted_on(cast: Cast, browser: Browser, committee: list[User], silent: bool) -> None:
    case = file(browser, cast.nils, experts.NOMINATION, cast.bo)
    if silent:
        proceedings.fall_silent(case.steps[0])
    else:
        services.conclude(cast.bo, case.public_id, 1, finding=Finding.NO, reasons="No time.")
    db.session.expire_all()
    assert (case.state, case.steps[1].votes) == (CaseState.REFUSED, [])


def test_who_may_file_what(cast: Cast) -> None:
    manager = factories.user("Mo", member_of=cast.luoyang, role=MemberRole.MANAGER)
    people = [
        cast.bo, cast.ada, manager, cast.abe, cast.nils, cast.cy, cast.eve, cast.fen, cast.gu, cast.pia, cast.aud,
        cast.adm,
    ]  # fmt: skip
    entries.enter(SYSTEM, cast.cleo, entries.ROLE)

    def may(kind: str, about: User) -> set[str]:
        found = set()
        for person in people:
            try:
                answers.may_file(person, kind, str(about.id))
                found.add(person.name)
            except Forbidden:
                pass
        return found

    assert may(experts.ADMISSION, cast.bo) == {"Bo"}
    assert may(experts.NOMINATION, cast.bo) == {"Ada", "Mo", "Nils", "Cy"}
    assert may(experts.MEASURE, cast.cleo) == {"Cy", "Eve"}
    with pytest.raises(Forbidden, match="not an expert"):
        answers.may_file(cast.cy, experts.MEASURE, str(cast.bo.id))
    with pytest.raises(Forbidden, match="an expert already"):
        answers.may_file(cast.cy, experts.NOMINATION, str(cast.cleo.id))


def test_who_is_close_does_not_vote(cast: Cast, browser: Browser, committee: list[User]) -> None:
    cy, cleo, carl, clio = committee
    join(cast.bo, cast.northlight)
    join(cy, cast.northlight)
    db.session.expire_all()
    case = file(browser, cast.bo, experts.ADMISSION, cast.bo)
    assert set(queries.voters(case.steps[0])) == {cleo.id, carl.id, clio.id}
    assert not policy.can_vote(cy, case.steps[0])
    nominated = file(browser, clio, experts.NOMINATION, cast.dee)
    services.conclude(cast.dee, nominated.public_id, 1, finding=Finding.YES, reasons="Gladly.")
    assert clio.id not in queries.voters(nominated.steps[1]), "who nominates does not decide"


def test_two_are_no_quorum(cast: Cast, browser: Browser, committee: list[User]) -> None:
    case = file(browser, cast.bo, experts.ADMISSION, cast.bo)
    vote(browser, case, 1, **{"for": committee[:2]})
    assert case.is_pending
    proceedings.fall_silent(case.steps[0])
    assert case.state == CaseState.REFUSED


def reviewing(cast: Cast, person: User) -> list[Assignment]:
    challenge = factories.judging(cast, "bo", "bea")
    return [row for row in factories.assignments(challenge) if row.reviewer_id == person.id]


@EVERY_LANGUAGE
@pytest.mark.parametrize("outcome", ["partly", "for", "against"])
def test_serving_then_suspended_or_removed(
    cast: Cast, browser: Browser, committee: list[User], outcome: str, locale: str
) -> None:
    cy, others = committee[0], committee[1:]
    mine = reviewing(cast, cy)
    assert len(mine) > 1
    factories.review(mine[0])
    cy.locale = locale
    link = f"/cases/new/{experts.MEASURE}/{cy.id}"
    assert f'href="{link}"' in browser.sign_in(cast.eve).get(f"/people/{cy.id}").text
    assert link not in browser.sign_in(cast.bo).get(f"/people/{cy.id}").text
    case = file(browser, cast.eve, experts.MEASURE, cy, {"ground": "late", "what": "Three reviews, each a week late."})
    reply = {"finding": "given", "reasons": "I was ill."}
    assert browser.sign_in(cy).post(f"/cases/{case.public_id}/steps/1/conclude", reply).status_code == 303
    assert not policy.can_vote(cy, case.steps[1])
    vote(browser, case, 2, **{outcome: others})
    assert case.outcome is not None
    for job in ("accounts.suspend_expert", "accounts.revoke_expert"):
        factories.run_jobs(job)
    released = factories.run_jobs("reviews.release_former")
    db.session.expire_all()
    states = {row.state for row in mine[1:]}
    told = set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == "scoring.no_expert")))
    assert "I was ill." in words(browser.sign_in(cy).get(f"/cases/{case.public_id}").text)
    if outcome == "against":
        assert (is_expert(cy), standing(cy), released) == (True, [EntryState.VALID], 0)
        return
    assert not is_expert(cy)
    assert standing(cy) == ([EntryState.SUSPENDED] if outcome == "partly" else [])
    assert (released, states, told) == (1, {AssignmentState.RELEASED}, {cy.id})
    assert mine[0].state == AssignmentState.DONE
    pool = candidates.load(db.session.get_one(Challenge, mine[0].challenge_id))
    assert cy.id not in {one.id for one in pool.candidates}


def test_who_is_suspended_is_admitted_again(cast: Cast, browser: Browser, committee: list[User]) -> None:
    cy, others = committee[0], committee[1:]
    case = file(browser, cast.eve, experts.MEASURE, cy, {"ground": "late", "what": "A week late."})
    services.conclude(cy, case.public_id, 1, finding=Finding.GIVEN, reasons="I was ill.")
    vote(browser, case, 2, partly=others)
    assert factories.run_jobs("accounts.suspend_expert") == 1
    again = file(browser, cy, experts.ADMISSION, cy)
    vote(browser, again, 1, **{"for": others})
    assert factories.run_jobs("accounts.admit_expert") == 1
    assert is_expert(cy)
    assert standing(cy) == [EntryState.VALID]


def test_an_expert_renews(cast: Cast, browser: Browser, committee: list[User]) -> None:
    cy, others = committee[0], committee[1:]
    ((_entry, before),) = registers.of_holder(EXPERTS, cy.id)
    case = file(browser, cy, experts.ADMISSION, cy)
    vote(browser, case, 1, **{"for": others})
    assert factories.run_jobs("accounts.admit_expert") == 1
    ((_entry, after),) = registers.of_holder(EXPERTS, cy.id)
    assert after.valid_until - before.valid_until > timedelta(days=300)


def test_of_a_deleted_account_the_answers_are_not_shown(cast: Cast, browser: Browser, committee: list[User]) -> None:
    case = file(browser, cast.bo, experts.ADMISSION, cast.bo)
    vote(browser, case, 1, against=committee[:3])
    assert "Ten papers" in browser.sign_in(committee[0]).get(f"/cases/{case.public_id}").text
    erase_account(cast.bo, cast.bo.id)
    assert "Ten papers" not in browser.sign_in(committee[0]).get(f"/cases/{case.public_id}").text


def test_a_vote_is_by_members_of_the_committee(cast: Cast, browser: Browser, committee: list[User]) -> None:
    case = file(browser, cast.bo, experts.ADMISSION, cast.bo)
    may = {
        person.name: policy.can_vote(person, case.steps[0])
        for person in (cast.bo, cast.ada, cast.eve, cast.gu, cast.fen, cast.adm, cast.aud, *committee)
    }
    assert {name for name, can in may.items() if can} == {"Cy", "Cleo", "Carl", "Clio"}
    with pytest.raises(NotFound):
        services.vote(cast.gu, case.public_id, 1, choice=VoteChoice.FOR, reasons="Well.")


@EVERY_LANGUAGE
@pytest.mark.parametrize("first", [experts.ADMISSION, experts.NOMINATION])
def test_an_application_and_a_nomination_do_not_run_beside_each_other(
    cast: Cast, browser: Browser, committee: list[User], first: str, locale: str
) -> None:
    filers = {experts.ADMISSION: cast.bo, experts.NOMINATION: committee[0]}
    second = next(kind for kind in filers if kind != first)
    filers[second].locale = locale
    case = file(browser, filers[first], first, cast.bo)
    link = f"/cases/new/{second}/{cast.bo.id}"
    refused = browser.sign_in(filers[second]).post(link, GIVEN)
    assert refused.status_code == 409
    said = "is pending already" if locale == "en" else "待处理的申请或推荐"
    assert said in words(refused.text)
    assert link not in browser.get(f"/people/{cast.bo.id}").text
    services.withdraw(filers[first], case.public_id)
    assert browser.post(link, GIVEN).status_code == 303
