"""Cases about integrity over HTTP, in both languages: from the link to what the council's vote changes."""

import io
import re

import pytest
import sqlalchemy as sa

from challenges.deciding import Silence
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd.accounts.models import PlatformRole, User
from crowd.audit import SYSTEM, AuditEvent
from crowd.cases import proceedings, services
from crowd.cases import queries as cases
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState, VoteChoice
from crowd.clock import now
from crowd.db import db
from crowd.errors import Conflict, Forbidden, NotFound
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.notifications.models import Notification
from scoring.awards import queries as award_queries
from scoring.awards import services as awards
from scoring.integrity import services as integrity
from scoring.integrity.queries import OF_PROPOSAL, OF_REVIEWER
from scoring.models import Assignment
from scoring.queries import ranked
from scoring.results import queries as results
from scoring.settlement import services as settlement
from scoring.silence import services as silence
from scoring.workflow import AssignmentState
from submissions import queries as submissions
from submissions.models import Proposal
from submissions.workflow import ProposalState
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.submissions.test_pages import words

EVERY_LANGUAGE = pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
WHAT = "Its tables are those of the other proposal, digit by digit."
FOR, AGAINST = VoteChoice.FOR, VoteChoice.AGAINST


def council() -> list[User]:
    return [factories.user(name, PlatformRole.COUNCIL) for name in ("Una", "Ugo", "Uta")]


def centre() -> User:
    """Somebody of the service centre who has not screened the challenge."""
    return factories.user("Ed", PlatformRole.SERVICE_CENTRE)


def proposal_of(challenge: Challenge, author: User) -> Proposal:
    return next(row for row in submissions.submitted(challenge.id) if row.user_id == author.id)


def conclude(browser: Browser, case: Case, position: int, person: User, reasons: str) -> None:
    given = {"finding": "given", "reasons": reasons}
    answer = browser.sign_in(person).post(f"/cases/{case.public_id}/steps/{position}/conclude", given)
    assert answer.status_code == 303, answer.text


def vote(browser: Browser, case: Case, members: list[User], choice: str) -> None:
    for person in members:
        given = {"choice": choice, "reasons": f"{person.name} says why."}
        answer = browser.sign_in(person).post(f"/cases/{case.public_id}/steps/3/vote", given)
        assert answer.status_code == 303, answer.text


def filed(browser: Browser, page: str, person: User, kind: str, ground: str) -> Case:
    """By the link on a page, with evidence."""
    link = re.search(rf'href="(/cases/new/{kind}/\d+)"', browser.sign_in(person).get(page).text)
    assert link, "the page has the link"
    short = {"ground": ground, "what": "It is so."}
    assert browser.post(link[1], short).status_code == 422
    answer = browser.post(
        link[1], {"ground": ground, "what": WHAT, "evidence": (io.BytesIO(b"the same table"), "evidence.txt")}
    )
    assert answer.status_code == 303, answer.text
    return cases.access(SYSTEM, answer.location.rsplit("/", 1)[1])


def by_services(cast: Cast, challenge: Challenge, author: User, filer: User | None = None) -> Case:
    key = str(proposal_of(challenge, author).id)
    return services.file_case(filer or cast.ada, OF_PROPOSAL, key, answers={"ground": "copied", "what": WHAT})


def decide(case: Case, members: list[User], choice: VoteChoice) -> None:
    """The time for the reply and the opinion is over; the council votes."""
    for step in case.steps:
        if not step.is_vote:
            proceedings.fall_silent(step)
    for member in members:
        if case.is_pending:
            services.vote(member, case.public_id, 3, choice=choice, reasons="So.")


@EVERY_LANGUAGE
def test_a_proposal_is_disqualified_before_the_decision(cast: Cast, browser: Browser, locale: str) -> None:
    challenge = factories.judged(cast, "bo", "bea")
    members = council()
    ed = centre()
    for person in (cast.ada, cast.bo, ed, *members):
        person.locale = locale
    copied = proposal_of(challenge, cast.bo)
    prize = challenge.prizes[0].id
    awards.select_award(cast.ada, challenge.id, prize_id=prize, proposal_id=copied.id, reason="The best.")
    case = filed(browser, f"/proposals/{copied.id}", cast.ada, OF_PROPOSAL, "copied")
    seen = words(browser.sign_in(cast.bo).get(f"/cases/{case.public_id}").text)
    assert WHAT in seen
    assert cast.ada.name not in seen, "whom it is about does not learn who has filed it"
    assert "evidence.txt" not in seen, "a file names its author"
    assert case.title in words(browser.get("/dashboard").text), "the reply waits"
    conclude(browser, case, 1, cast.bo, "The tables are from the same public source.")
    conclude(browser, case, 2, ed, "The errors are the same, too.")
    page = browser.get(f"/cases/{case.public_id}").text
    assert f"/cases/new/person_sanction/{cast.bo.id}" in page
    assert "evidence.txt" in page
    vote(browser, case, members, "for")
    assert case.state == CaseState.GRANTED
    with pytest.raises(Conflict):
        awards.decide(cast.ada, challenge.id)  # what follows is being done
    assert factories.run_jobs("integrity.carry_out") == 1
    db.session.expire_all()
    assert copied.state == ProposalState.DISQUALIFIED
    assert award_queries.awards(challenge.id) == []
    assert [row.ranked.proposal for row in ranked(challenge.id)] == [proposal_of(challenge, cast.bea).id]
    told = db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == "submissions.disqualified"))
    assert set(told) == {cast.bo.id}
    own = browser.sign_in(cast.bo).get(f"/proposals/{copied.id}")
    assert own.status_code == 200
    assert ("Disqualified" if locale == "en" else "已取消资格") in words(own.text)
    assert browser.sign_in(cast.ada).get(f"/proposals/{copied.id}").status_code == 200
    second = proposal_of(challenge, cast.bea).id
    awards.select_award(cast.ada, challenge.id, prize_id=prize, proposal_id=second, reason="The best that is left.")
    awards.decide(cast.ada, challenge.id)
    assert check.errors(check.run_checks()) == []


@EVERY_LANGUAGE
def test_refused_nothing_changes(cast: Cast, browser: Browser, locale: str) -> None:
    challenge = factories.judged(cast, "bo", "bea")
    members = council()
    for person in (cast.eve, cast.bo, *members):
        person.locale = locale
    number = proposal_of(challenge, cast.bo).id
    case = filed(browser, f"/proposals/{number}", cast.eve, OF_PROPOSAL, "collusion")
    conclude(browser, case, 1, cast.bo, "We do not know each other.")
    conclude(browser, case, 2, centre(), "Nothing shows it.")
    vote(browser, case, members[:2], "against")
    assert case.is_pending, "two are no quorum"
    vote(browser, case, members[2:], "against")
    assert case.state == CaseState.REFUSED
    assert factories.run_jobs("integrity.carry_out") == 1
    db.session.expire_all()
    assert proposal_of(challenge, cast.bo).state == ProposalState.SUBMITTED
    page = words(browser.sign_in(cast.bo).get(f"/cases/{case.public_id}").text)
    assert ("Nothing changes" if locale == "en" else "不作变更") in page
    assert all(f"{one.name} says why." in page for one in members)


@EVERY_LANGUAGE
def test_a_reviewer_with_an_undeclared_conflict_is_replaced(cast: Cast, browser: Browser, locale: str) -> None:
    challenge = factories.judged(cast, "bo", "bea")
    new = factories.user("Nat", PlatformRole.EXPERT, expertise=["water"])
    members = council()
    ed = centre()
    for person in (cast.ada, ed, cast.cy, *members):
        person.locale = locale
    rows = [row for row in factories.assignments(challenge) if row.reviewer_id == cast.cy.id]
    assert len(rows) == 2
    page = f"/challenges/{challenge.id}/panel"
    number = next(row.id for row in rows)
    assert f"/cases/new/{OF_REVIEWER}/{number}" in browser.sign_in(cast.ada).get(page).text
    answer = browser.post(f"/cases/new/{OF_REVIEWER}/{number}", {"ground": "conflict", "what": WHAT})
    assert answer.status_code == 303, answer.text
    case = cases.access(SYSTEM, answer.location.rsplit("/", 1)[1])
    assert cast.cy.name not in words(browser.get(f"/cases/{case.public_id}").text), "nor who it is about"
    seen = words(browser.sign_in(cast.cy).get(f"/cases/{case.public_id}").text)
    assert cast.ada.name not in seen
    conclude(browser, case, 1, cast.cy, "We worked together ten years ago.")
    conclude(browser, case, 2, ed, "They founded a firm last year.")
    vote(browser, case, members, "for")
    assert factories.run_jobs("integrity.carry_out") == 1
    db.session.expire_all()
    assert {row.state for row in rows} == {AssignmentState.SET_ASIDE}
    asked = {row.reviewer_id for row in factories.assignments(challenge) if row.is_pending}
    assert asked == {new.id}, "another reviewer takes their place, in all of their reviews"
    assert challenge.reviews_in_at is None
    told = db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == "scoring.left_panel"))
    assert list(told) == [cast.cy.id]
    db.session.refresh(rows[0])
    with pytest.raises(NotFound):
        services.file_case(cast.bo, OF_REVIEWER, str(rows[0].id), answers={"ground": "conflict", "what": WHAT})
    with pytest.raises(Forbidden):
        services.file_case(cast.ada, OF_REVIEWER, str(rows[0].id), answers={"ground": "conflict", "what": WHAT})
    assert check.errors(check.run_checks()) == []


@EVERY_LANGUAGE
def test_a_reviewer_stays_where_the_case_is_refused(cast: Cast, browser: Browser, locale: str) -> None:
    challenge = factories.judged(cast, "bo", "bea")
    members = council()
    for person in (cast.eve, cast.cy, *members):
        person.locale = locale
    row = next(row for row in factories.assignments(challenge) if row.reviewer_id == cast.cy.id)
    feedback = f"/proposals/{row.proposal_id}/reviews"
    case = filed(browser, feedback, cast.eve, OF_REVIEWER, "arrangement")
    case_of = db.session.get_one(Assignment, case.subject_id).reviewer
    conclude(browser, case, 1, case_of, "I judge alone.")
    conclude(browser, case, 2, centre(), "Nothing shows it.")
    vote(browser, case, members, "against")
    assert factories.run_jobs("integrity.carry_out") == 1
    db.session.expire_all()
    assert {one.state for one in factories.assignments(challenge)} == {AssignmentState.DONE}


def test_the_panel_files_about_what_it_reviews(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast, "bo", "bea")
    row = factories.assignments(challenge)[0]
    case = filed(browser, f"/reviews/{row.id}", row.reviewer, OF_PROPOSAL, "pressure")
    assert case.filed_by == row.reviewer_id


def test_a_published_decision_is_held_and_opened_again(cast: Cast) -> None:
    """A case that is pending when the decision is published holds its payment; once it is upheld, the awards are
    decided again, without the proposal.
    """
    challenge = factories.judged(cast, "bo", "bea")
    first, second = (proposal_of(challenge, one).id for one in (cast.bo, cast.bea))
    case = by_services(cast, challenge, cast.bo)
    prize = challenge.prizes[0]
    awards.select_award(cast.ada, challenge.id, prize_id=prize.id, proposal_id=first, reason="The best.")
    awards.decide(cast.ada, challenge.id)
    assert challenge.payment_held_at is not None
    factories.move_dates(challenge, appeals_until=now())
    with pytest.raises(settlement.PaymentHeld):
        settlement.settle(SYSTEM, challenge.id)
    decide(case, council(), FOR)
    assert factories.run_jobs("integrity.carry_out") == 1
    assert integrity.carry_out(SYSTEM, case.id) == ChallengeState.JUDGING, "a second run changes nothing"
    assert db.session.get_one(Proposal, first).state == ProposalState.DISQUALIFIED
    assert [one.number for one in results.versions(challenge.id)] == [1]
    awards.select_award(cast.ada, challenge.id, prize_id=prize.id, proposal_id=second, reason="The best that is left.")
    awards.decide(cast.ada, challenge.id)
    factories.move_dates(challenge, appeals_until=now())
    settlement.settle(SYSTEM, challenge.id)
    assert [(one.proposal_id, one.amount) for one in award_queries.awards(challenge.id)] == [(second, prize.amount)]
    assert ledger.in_escrow(challenge.id, "CNY") == 0
    assert check.run_checks() == []


@pytest.mark.parametrize("withdrawn", [True, False])
def test_a_held_decision_is_paid_where_the_case_comes_to_nothing(cast: Cast, withdrawn: bool) -> None:
    challenge = factories.decided(cast, "bo", "bea")
    case = by_services(cast, challenge, cast.bo)
    assert challenge.payment_held_at is not None
    if withdrawn:
        services.withdraw(cast.ada, case.public_id)
    else:
        decide(case, council(), AGAINST)
    integrity.carry_out(SYSTEM, case.id)
    assert challenge.payment_held_at is None
    factories.move_dates(challenge, appeals_until=now())
    assert settlement.settle(SYSTEM, challenge.id).state == ChallengeState.SETTLED
    with pytest.raises(Conflict):
        by_services(cast, challenge, cast.bo)
    assert check.run_checks() == []


def test_a_reviewer_found_out_after_the_decision(cast: Cast) -> None:
    """Those behind a proposal read its reviews by then, and file about one; the awards are decided again."""
    challenge = factories.decided(cast, "bo", "bea")
    for name in ("Nat", "Noa"):
        factories.user(name, PlatformRole.EXPERT, expertise=["water"])
    row = next(one for one in factories.assignments(challenge) if one.proposal.user_id == cast.bea.id)
    answers = {"ground": "conflict", "what": WHAT}
    case = services.file_case(cast.bea, OF_REVIEWER, str(row.id), answers=answers)
    decide(case, council(), FOR)
    assert integrity.carry_out(SYSTEM, case.id) == ChallengeState.JUDGING
    assert row.state == AssignmentState.SET_ASIDE
    assert any(one.is_pending for one in factories.assignments(challenge))
    assert check.errors(check.run_checks()) == []


def test_the_platform_files_with_its_evidence(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast, "bo", "bea")
    number = proposal_of(challenge, cast.bo).id
    answers = {"ground": "collusion", "what": WHAT}
    evidence = [(io.BytesIO(b"similarity 0.97"), "similarity.txt")]
    case = services.file_case(SYSTEM, OF_PROPOSAL, str(number), answers=answers, uploads=evidence)
    assert case.filed_by is None
    assert "similarity.txt" not in words(browser.sign_in(cast.bo).get(f"/cases/{case.public_id}").text)
    page = words(browser.sign_in(centre()).get(f"/cases/{case.public_id}").text)
    assert "similarity.txt" in page
    assert "Filed by Crowd" in page
    with pytest.raises(Conflict):
        services.file_case(SYSTEM, OF_PROPOSAL, str(number), answers=answers)
    with pytest.raises(Forbidden):
        services.withdraw(cast.bo, case.public_id)


def test_the_clock_waits_for_what_follows(cast: Cast) -> None:
    challenge = factories.judged(cast, "bo", "bea", silence=Silence.RANKING)
    case = by_services(cast, challenge, cast.bo)
    decide(case, council(), FOR)
    factories.move_dates(challenge, reviews_due_at=now(), decision_due_at=now(), silence_at=now())
    with pytest.raises(Conflict):
        silence.carry_out(SYSTEM, challenge.id)
    assert factories.run_jobs("integrity.carry_out") == 1
    silence.carry_out(SYSTEM, challenge.id)
    assert [one.proposal_id for one in award_queries.awards(challenge.id)] == [proposal_of(challenge, cast.bea).id]


def test_who_may_file_about_what_when(cast: Cast) -> None:
    """Role and state: a sealed proposal is for nobody, a decided one until its payment."""
    kinds = cases.get_kind(OF_PROPOSAL), cases.get_kind(OF_REVIEWER)
    opened = factories.opened(cast)
    sealed = factories.proposal(cast.bo, opened)
    judged = factories.judged(cast, "bo", "bea")
    settled = factories.settled(cast, "bo", "bea")
    everybody = [cast.ada, cast.abe, cast.eve, cast.bo, cast.bea, cast.cy, cast.dee, cast.gu, cast.aud, cast.adm, None]
    for actor in everybody:
        with pytest.raises(NotFound):
            kinds[0].subject(actor, str(sealed.id))
    files = {actor: _files(kinds[0].subject, actor, proposal_of(judged, cast.bo).id) for actor in everybody}
    panel = {row.reviewer for row in factories.assignments(judged)}
    assert {actor for actor, found in files.items() if found} == {cast.ada, cast.abe, cast.eve, *panel & set(everybody)}
    with pytest.raises(NotFound):
        cases.may_file(cast.bo, OF_PROPOSAL, str(proposal_of(judged, cast.bo).id))  # about themselves
    review = next(row.id for row in factories.assignments(judged) if row.proposal.user_id == cast.bo.id)
    files = {actor: _files(kinds[1].subject, actor, review) for actor in everybody}
    assert {actor for actor, found in files.items() if found} == {cast.ada, cast.abe, cast.eve}
    after = next(row for row in factories.assignments(settled) if row.proposal.user_id == cast.bo.id)
    for actor in (cast.ada, cast.eve, cast.bo):
        with pytest.raises(Conflict):
            kinds[1].subject(actor, str(after.id))


def _files(subject, actor, number) -> bool:  # type: ignore[no-untyped-def]
    try:
        subject(actor, str(number))
    except NotFound:
        return False
    return True


def test_the_trail_does_not_name_who_has_filed(cast: Cast) -> None:
    challenge = factories.judged(cast, "bo", "bea")
    case = by_services(cast, challenge, cast.bo)
    query = sa.select(AuditEvent).where(AuditEvent.subject_type == "case", AuditEvent.subject_id == case.id)
    assert {row.actor_id for row in db.session.scalars(query)} == {None}
