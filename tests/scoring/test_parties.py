"""Conflicts of interest that come up after the panel was chosen, and after the decision."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from challenges.models import Challenge
from crowd.accounts.models import MemberRole, Organisation, User
from crowd.audit import SYSTEM
from crowd.background import Job
from crowd.clock import now
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.check import errors
from crowd.ledger.models import LedgerAccountKind, OwnerType
from crowd.notifications.models import Notification
from scoring import jobs, services
from scoring.awards import services as award_services
from scoring.models import Assignment, Award, ReputationEvent, ReputationKind
from scoring.reviews import queries as review_queries
from scoring.reviews import services as review_services
from scoring.settlement import services as settlement
from scoring.workflow import AssignmentState
from submissions import queries as submissions
from submissions import services as proposals
from submissions.shares import services as shares
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser
from tests.submissions.test_pages import words as page_words


def put_in(person: User, organisation: Organisation, role: MemberRole = MemberRole.MEMBER) -> None:
    join(person, organisation, role)
    db.session.expire_all()


@pytest.fixture
def divided(cast: Cast) -> Challenge:
    """In judging: Northlight's proposal by Nils, divided with Bo and Dee, and Bea's; nobody has reviewed yet."""
    for reviewer in cast.reviewers():
        assert reviewer.id
    challenge = factories.opened(cast)
    draft = factories.proposal(cast.nils, challenge, submitted=False, organisation=cast.northlight)
    shares.set_shares(cast.nils, draft.id, own=0, others=[(cast.bo.email, 2500), (cast.dee.email, 1501)])
    for person in (cast.bo, cast.dee):
        shares.agree_share(person, draft.id)
    proposals.submit(cast.nils, draft.id)
    factories.proposal(cast.bea, challenge)
    factories.closed(cast, challenge)
    services.form_panel(SYSTEM, challenge.id)
    return challenge


def review_all(challenge: Challenge) -> None:
    for row in factories.assignments(challenge):
        factories.review(row)


def decide(cast: Cast, challenge: Challenge) -> Award:
    first = submissions.submitted(challenge.id)[0]
    award = award_services.select_award(
        cast.ada,
        challenge.id,
        prize_id=challenge.prizes[0].id,
        proposal_id=first.id,
        reason="The best on hidden sites.",
    )
    award_services.decide(cast.ada, challenge.id)
    factories.move_dates(challenge, appeals_until=now() - timedelta(minutes=1))
    return award


def balance(owner: OwnerType, number: int) -> int:
    return ledger.balance(LedgerAccountKind.PAYABLE, owner, number, "CNY")


# ---- who is paid


def test_an_agency_and_its_people_are_paid_what_they_agreed_to(cast: Cast, divided: Challenge) -> None:
    review_all(divided)
    amount = decide(cast, divided).amount
    settlement.settle(SYSTEM, divided.id)
    paid = [balance(OwnerType.ORGANISATION, cast.northlight.id)]
    paid += [balance(OwnerType.USER, person.id) for person in (cast.bo, cast.dee)]
    assert paid == [amount * 5999 // 10_000, amount * 2500 // 10_000, amount * 1501 // 10_000]
    assert sum(paid) == amount
    assert balance(OwnerType.USER, cast.nils.id) == 0
    assert errors(check.run_checks()) == []
    events = sa.select(ReputationEvent).where(ReputationEvent.kind == ReputationKind.AWARDED)
    points = {(row.user_id, row.organisation_id): row.points for row in db.session.scalars(events)}
    assert points[None, cast.northlight.id] == 50, "the agency in full"
    assert points[cast.bo.id, None] + points[cast.dee.id, None] == 50, "its people among themselves"


def test_a_version_of_the_result_names_everybody_who_shares(cast: Cast, divided: Challenge, browser: Browser) -> None:
    review_all(divided)
    decide(cast, divided)
    page = page_words(browser.get(f"/challenges/{divided.id}/results?version=1").text)
    for name, part in (("Northlight", "60"), ("Bo", "25"), ("Dee", "15")):
        assert re.search(rf"{name}[^·]* {part}%", page), name


def test_who_leads_the_proposals_of_an_agency_finds_the_form_of_an_appeal(
    cast: Cast, divided: Challenge, browser: Browser
) -> None:
    review_all(divided)
    number = decide(cast, divided).proposal_id
    factories.move_dates(divided, appeals_until=now() + timedelta(days=3))
    lead = factories.user("Lea")
    put_in(lead, cast.northlight, MemberRole.MANAGER)
    here = f"/cases/new/appeal/{number}"
    assert f'href="{here}"' in browser.sign_in(lead).get(f"/challenges/{divided.id}/results").text
    assert browser.get(here).status_code == 200


def test_results_name_everybody_who_is_paid(cast: Cast, divided: Challenge, browser: Browser) -> None:
    review_all(divided)
    decide(cast, divided)
    page = browser.get(f"/challenges/{divided.id}/results").text
    winner = page.split('id="award-')[1].split("</li>")[0]
    for words in ("Northlight Sensing", "Bo", "25%", "Dee", "15%"):
        assert words in winner
    assert f"/people/{cast.nils.id}" not in winner, "who has no share is not paid"


def test_the_check_finds_an_award_that_went_elsewhere(cast: Cast, divided: Challenge) -> None:
    review_all(divided)
    decide(cast, divided)
    settlement.settle(SYSTEM, divided.id)
    db.session.execute(sa.text("UPDATE share SET basis_points = basis_points + 500 WHERE organisation_id IS NOT NULL"))
    db.session.execute(
        sa.text("UPDATE share SET basis_points = basis_points - 500 WHERE user_id = :id"), {"id": cast.bo.id}
    )
    found = {finding.name: finding.subject for finding in errors(check.run_checks())}
    assert set(found) == {"award_misdirected"}


# ---- reviewers


@pytest.mark.parametrize("where", ["northlight", "luoyang"])
def test_a_reviewer_who_joins_a_party_reads_and_writes_no_more(cast: Cast, divided: Challenge, where: str) -> None:
    row = next(one for one in factories.assignments(divided) if one.reviewer_id == cast.cy.id)
    assert review_queries.access_assignment(cast.cy, row.id).id == row.id
    put_in(cast.cy, getattr(cast, where))
    for act in (
        lambda: review_queries.access_assignment(cast.cy, row.id),
        lambda: review_services.save(cast.cy, row.id, points={}, comments={}, comment=""),
        lambda: factories.review(row),
    ):
        with pytest.raises(Forbidden, match="a conflict of interest"):
            act()


def test_what_a_tied_reviewer_has_submitted_is_replaced_before_the_decision(cast: Cast, divided: Challenge) -> None:
    fourth = factories.user("Rosa", services.policy.PlatformRole.EXPERT, expertise=["water"])
    review_all(divided)
    put_in(cast.cy, cast.northlight)
    with pytest.raises(Conflict, match="A reviewer now has a conflict of interest"):
        decide(cast, divided)
    assert jobs.replace_conflicted() == {"released": 2}, "of the agency's proposal, and of its rival"
    assert jobs.replace_conflicted() == {"released": 0}
    states = sa.select(Assignment.state).where(Assignment.reviewer_id == cast.cy.id)
    assert set(db.session.scalars(states)) == {AssignmentState.RELEASED}
    told = sa.select(Notification.user_id).where(Notification.kind == "scoring.too_close")
    assert set(db.session.scalars(told)) == {cast.cy.id}
    for row in factories.assignments(divided):
        if row.reviewer_id == fourth.id:
            factories.review(row)
    assert decide(cast, divided).id


# ---- after the decision


def test_an_award_waits_for_the_council_and_is_paid_when_it_says_so(cast: Cast, divided: Challenge) -> None:
    assert cast.gu.id
    review_all(divided)
    award = decide(cast, divided)
    put_in(cast.nils, cast.luoyang)
    with pytest.raises(settlement.Held):
        settlement.settle(SYSTEM, divided.id)
    assert jobs.settle(divided.id)() == {"held": 1}
    assert ledger.in_escrow(divided.id, "CNY") == divided.cost, "nothing has moved"
    told = set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == "scoring.held")))
    assert {cast.gu.id, cast.ada.id, cast.nils.id} <= told
    with pytest.raises(Forbidden):
        settlement.clear(cast.eve, award.id, reason="It came after the decision.")
    with pytest.raises(Invalid):
        settlement.clear(cast.gu, award.id, reason=" ")
    settlement.clear(cast.gu, award.id, reason="It came after the decision.")
    goes_on = sa.select(Job.kind).where(Job.dedup_key == f"settle:{divided.id}:v1:cleared:{award.id}")
    assert db.session.scalar(goes_on) == "settlement.settle"
    with pytest.raises(Conflict):
        settlement.clear(cast.gu, award.id, reason="Again.")
    assert jobs.settle(divided.id)() == {"state": {"term": ["settled", "challenge"]}}
    assert balance(OwnerType.ORGANISATION, cast.northlight.id) == award.amount * 5999 // 10_000
    assert errors(check.run_checks()) == []


def test_nobody_of_the_council_clears_the_own_award(cast: Cast, divided: Challenge) -> None:
    review_all(divided)
    award = decide(cast, divided)
    put_in(cast.nils, cast.luoyang)
    put_in(cast.gu, cast.northlight)
    with pytest.raises(Forbidden):
        settlement.clear(cast.gu, award.id, reason="We are all friends.")


def test_the_council_finds_it_on_the_results(cast: Cast, divided: Challenge, browser: Browser) -> None:
    review_all(divided)
    award = decide(cast, divided)
    put_in(cast.bo, cast.luoyang)
    number, award_id = divided.id, award.id
    here = f"/challenges/{number}/results"
    assert "This award awaits the council" not in browser.get(here).text, "not for everybody"
    assert "Release this award for payment" in browser.sign_in(cast.gu).get(here).text
    assert browser.post(f"/awards/{award_id}/clear", {"clear-reason": ""}).status_code == 422
    reason = {"clear-reason": "He was hired afterwards."}
    assert browser.post(f"/awards/{award_id}/clear", reason).status_code == 303
    assert "This award awaits the council" not in browser.get(here).text
    assert browser.sign_in(cast.ada).post(f"/awards/{award_id}/clear", reason).status_code == 403
