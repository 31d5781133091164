"""From the close to the payment, through the services."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from challenges.brief import PrizeLine
from challenges.workflow import ChallengeState
from crowd import background
from crowd.accounts import services as accounts
from crowd.accounts.models import PlatformRole
from crowd.audit import SYSTEM, AuditEvent
from crowd.clock import now
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid, NotFound
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.check import errors
from crowd.ledger.models import LedgerAccountKind, OwnerType
from crowd.notifications.models import Notification
from scoring import queries, services
from scoring.awards import queries as award_queries
from scoring.awards import services as award_services
from scoring.models import Assignment, Award, ConflictOfInterest, ReputationEvent, ReputationKind
from scoring.reviews import queries as review_queries
from scoring.reviews import services as review_services
from scoring.settlement import services as settlement
from scoring.settlement.asking import payable_at
from scoring.workflow import AssignmentState, AwardState
from submissions import queries as submissions
from submissions.models import Share
from tests import factories
from tests.cast import Cast, join

REASON = "The best on hidden sites, and it can be built."


def told(kind: str) -> list[int]:
    query = sa.select(Notification.user_id).where(Notification.kind == kind).order_by(Notification.user_id)
    return list(db.session.scalars(query))


def verbs(challenge_id: int) -> list[str]:
    query = sa.select(AuditEvent.action).where(AuditEvent.challenge_id == challenge_id).order_by(AuditEvent.id)
    return list(db.session.scalars(query))


def asked_jobs(challenge_id: int, kind: str) -> list[background.Job]:
    query = sa.select(background.Job).where(background.Job.challenge_id == challenge_id, background.Job.kind == kind)
    return list(db.session.scalars(query))


# ---- the panel


def test_the_close_asks_for_the_panel_and_the_job_forms_it_once(cast: Cast) -> None:
    challenge = factories.judging(cast)
    panel = services.form_panel(SYSTEM, challenge.id)
    assert [job.dedup_key for job in asked_jobs(challenge.id, "panels.form")] == [
        f"panels.form:{challenge.id}:{challenge.round.id}"
    ]
    assert len(factories.assignments(challenge)) == 6
    assert panel.data["candidates"] == 3
    assert panel.data["missing"] == {}
    assert challenge.panel_formed_at is not None
    assert {row.due_at for row in factories.assignments(challenge)} == {challenge.reviews_due_at}
    assert challenge.reviews_due_at == challenge.panel_formed_at + timedelta(days=14)
    assert challenge.decision_due_at == challenge.reviews_due_at + timedelta(days=21)
    assert told("scoring.review_asked") == sorted(r.id for r in cast.reviewers())
    assert told("scoring.panel_formed") == [cast.ada.id]
    assert verbs(challenge.id).count("panel.formed") == 1


def test_an_assignment_says_why_the_reviewer_was_chosen(cast: Cast) -> None:
    challenge = factories.judging(cast, "bo")
    why = {row.reviewer_id: row.reason for row in factories.assignments(challenge)}
    assert why[cast.cy.id] == {"shared": ["acoustics", "leak detection", "water"], "open": 0, "possible": 3}
    assert why[cast.carl.id]["shared"] == []


def test_a_panel_is_formed_only_of_what_is_being_judged(cast: Cast) -> None:
    challenge = factories.opened(cast)
    with pytest.raises(Conflict):
        services.form_panel(SYSTEM, challenge.id)
    with pytest.raises(Forbidden):
        services.form_panel(cast.eve, challenge.id)


def test_nobody_reviews_a_party_they_belong_to_or_have_declared(cast: Cast) -> None:
    join(cast.cy, cast.luoyang)  # of the sponsor's organisation
    join(cast.cleo, cast.northlight)  # of a solver's organisation
    review_services.declare_conflict(cast.carl, user_id=cast.bo.id)
    challenge = factories.judging(cast, "nils", "bo")
    by_author = {row.proposal.user_id: row.reviewer_id for row in factories.assignments(challenge)}
    assert by_author == {cast.nils.id: cast.carl.id, cast.bo.id: cast.cleo.id}
    panel = queries.find_panel(challenge.id)
    assert panel is not None
    assert panel.data["left_out"] == {"sponsor": 2, "self": 0, "organisation": 1, "rival": 0, "declared": 1}
    assert sum(panel.data["missing"].values()) == 4


def test_missing_reviewers_are_the_service_centres_to_find(cast: Cast) -> None:
    assert cast.eve.id
    join(cast.carl, cast.luoyang)
    challenge = factories.judging(cast, "bo")
    assert told("scoring.reviewers_missing") == [cast.eve.id]
    newcomer = factories.user("Nina", PlatformRole.EXPERT)
    rows = services.fill_vacancies(cast.eve, challenge.id)
    assert [row.reviewer_id for row in rows] == [newcomer.id]
    assert queries.missing(challenge.id, 3) == {}
    with pytest.raises(Forbidden):
        services.fill_vacancies(cast.dee, challenge.id)


def test_without_proposals_the_sponsor_can_only_close_without_an_award(cast: Cast) -> None:
    challenge = factories.closed(cast)
    services.form_panel(SYSTEM, challenge.id)
    assert told("scoring.nothing_to_judge") == [cast.ada.id]
    with pytest.raises(Invalid):
        award_services.decide(cast.ada, challenge.id)
    award_services.decide(cast.ada, challenge.id, reason="Nothing came in.")
    factories.move_dates(challenge, appeals_until=now() - timedelta(minutes=1))
    settlement.settle(SYSTEM, challenge.id)
    assert ledger.free_balance(cast.luoyang.id, "CNY") == challenge.cost
    assert errors(check.run_checks()) == []


# ---- reviews


def test_a_review_is_saved_submitted_and_submitted_again(cast: Cast) -> None:
    challenge = factories.judging(cast, "bo")
    first = next(row for row in factories.assignments(challenge) if row.reviewer_id == cast.cy.id)
    lines = review_queries.criteria_of(challenge.id)
    half = {lines[0].id: 70, lines[1].id: None, lines[2].id: None}
    review_services.save(cast.cy, first.id, points=half, comments={lines[1].id: "to check"}, comment="so far")
    saved = review_queries.find_review(first.id)
    assert saved is not None
    assert {score.criterion_id: (score.points, score.comment) for score in saved.scores} == {
        lines[0].id: (70, ""),
        lines[1].id: (None, "to check"),
    }
    with pytest.raises(Invalid) as refusal:
        review_services.submit(cast.cy, first.id, points=half, comments={}, comment="short")
    assert set(refusal.value.fields) == {f"points_{lines[1].id}", f"points_{lines[2].id}", "comment"}
    factories.review(first, points=8)
    assert review_queries.find_review(first.id).total == pytest.approx(80)
    with pytest.raises(Conflict):
        review_services.save(cast.cy, first.id, points=half, comments={}, comment="")
    assert factories.review(first, points=6).total == pytest.approx(60)
    assert verbs(challenge.id)[-3:] == ["review.started", "review.submitted", "review.changed"]


@pytest.mark.parametrize("points", [-1, 101])
def test_points_lie_on_the_scale(cast: Cast, points: int) -> None:
    challenge = factories.judging(cast, "bo")
    row = factories.assignments(challenge)[0]
    line = review_queries.criteria_of(challenge.id)[0]
    with pytest.raises(Invalid) as refusal:
        review_services.save(row.reviewer, row.id, points={line.id: points}, comments={}, comment="")
    assert list(refusal.value.fields) == [f"points_{line.id}"]


def test_another_challenges_criterion_is_refused(cast: Cast) -> None:
    challenge = factories.judging(cast, "bo")
    row = factories.assignments(challenge)[0]
    with pytest.raises(Invalid):
        review_services.save(row.reviewer, row.id, points={0: 1}, comments={}, comment="")


def test_a_review_is_its_reviewers_alone(cast: Cast) -> None:
    challenge = factories.judging(cast, "bo")
    row = next(row for row in factories.assignments(challenge) if row.reviewer_id == cast.cy.id)
    for stranger in (cast.cleo, cast.bo, cast.ada, cast.eve, cast.dee):
        with pytest.raises(NotFound):
            review_services.save(stranger, row.id, points={}, comments={}, comment="")


def test_the_last_review_tells_the_sponsor(cast: Cast) -> None:
    challenge = factories.judging(cast, "bo")
    *others, last = factories.assignments(challenge)
    for row in others:
        factories.review(row)
    assert told("scoring.reviews_in") == []
    factories.review(last)
    assert told("scoring.reviews_in") == [cast.ada.id]


def test_no_review_after_the_decision(cast: Cast) -> None:
    challenge = factories.judging(cast, "bo")
    first, second, third = factories.assignments(challenge)
    factories.review(first)
    factories.move_dates(challenge, reviews_due_at=now() - timedelta(minutes=1))
    award_services.decide(cast.ada, challenge.id, reason="None of them can be built.")
    with pytest.raises(Conflict):
        factories.review(second)
    with pytest.raises(Conflict):
        factories.review(first)
    assert db.session.get(Assignment, third.id).state == AssignmentState.RELEASED
    assert told("scoring.thanks") == [first.reviewer_id]
    assert set(told("scoring.released")) == {second.reviewer_id, third.reviewer_id}


def test_who_declines_is_replaced_and_never_asked_again(cast: Cast) -> None:
    challenge = factories.judging(cast, "bo")
    spare = factories.user("Sam", PlatformRole.EXPERT)
    row = factories.assignments(challenge)[0]
    gone = row.reviewer
    review_services.decline(gone, row.id, reason="We wrote a paper together.", conflicted=True)
    assert row.state == AssignmentState.DECLINED
    assert [row.user_id for row in db.session.scalars(sa.select(ConflictOfInterest))] == [cast.bo.id]
    assert [a.reviewer_id for a in factories.assignments(challenge)][-1] == spare.id
    assert told("scoring.review_asked_also") == [spare.id]
    with pytest.raises(NotFound):
        review_queries.access_assignment(gone, row.id)
    last = factories.assignments(challenge)[-1]
    assert cast.eve.id
    review_services.decline(spare, last.id, reason="Ill.")
    assert told("scoring.reviewers_missing") == [cast.eve.id]
    assert len(factories.assignments(challenge)) == 4


def test_a_submitted_review_is_not_declined(cast: Cast) -> None:
    challenge = factories.judging(cast, "bo")
    row = factories.assignments(challenge)[0]
    factories.review(row)
    with pytest.raises(Forbidden):
        review_services.decline(row.reviewer, row.id, reason="Changed my mind.")


def test_ties_are_declared_once_and_withdrawn_by_their_owner(cast: Cast) -> None:
    review_services.declare_conflict(cast.cy, organisation_id=cast.northlight.id, note="Advisory board until 2025.")
    review_services.declare_conflict(cast.cy, organisation_id=cast.northlight.id)
    ((declared, name),) = review_queries.conflicts_of(cast.cy.id)
    assert name.startswith("Northlight Sensing")
    with pytest.raises(NotFound):
        review_services.withdraw_conflict(cast.cleo, declared.id)
    review_services.withdraw_conflict(cast.cy, declared.id)
    assert review_queries.conflicts_of(cast.cy.id) == []
    with pytest.raises(Forbidden):
        review_services.declare_conflict(cast.bo, user_id=cast.bea.id)
    with pytest.raises(Invalid):
        review_services.declare_conflict(cast.cy, user_id=cast.bo.id, organisation_id=cast.northlight.id)


def test_reviewers_are_reminded_before_and_after_once_each(cast: Cast) -> None:
    challenge = factories.judging(cast)
    assert review_services.remind(SYSTEM) == {"soon": 0, "overdue": 0}
    for row in factories.assignments(challenge):
        row.due_at = now() + timedelta(days=1)
    db.session.flush()
    review_services.remind(SYSTEM)
    review_services.remind(SYSTEM)
    assert told("scoring.review_due_soon") == sorted(r.id for r in cast.reviewers())


# ---- awards and decision


def choose(cast: Cast, challenge: Any, prize: int, proposal: int, who: Any = None) -> Award:
    proposals = submissions.submitted(challenge.id)
    return award_services.select_award(
        who or cast.ada, challenge.id,
        prize_id=challenge.prizes[prize].id, proposal_id=proposals[proposal].id, reason=REASON,
    )  # fmt: skip


def test_awards_wait_for_the_reviews_or_for_their_due_time(cast: Cast) -> None:
    challenge = factories.judging(cast)
    with pytest.raises(Conflict):
        choose(cast, challenge, 0, 0)
    with pytest.raises(Conflict):
        award_services.decide(cast.ada, challenge.id, reason="Too early.")
    factories.move_dates(challenge, reviews_due_at=now() - timedelta(seconds=1))
    assert choose(cast, challenge, 0, 0).position == 1


def test_a_proposal_nobody_has_read_is_waited_for(cast: Cast) -> None:
    for reviewer in cast.reviewers():
        review_services.declare_conflict(reviewer, user_id=cast.bo.id)
    challenge = factories.judging(cast, "bo")
    assert factories.assignments(challenge) == []
    with pytest.raises(Conflict):
        choose(cast, challenge, 0, 0)


def test_places_are_given_from_the_lowest_and_taken_back(cast: Cast) -> None:
    challenge = factories.judged(cast, prizes=[PrizeLine(title="Two of these", amount=100_000, award_count=2)])
    first = choose(cast, challenge, 0, 0)
    second = choose(cast, challenge, 0, 1)
    assert (first.position, second.position) == (1, 2)
    award_services.deselect_award(cast.ada, first.id)
    assert choose(cast, challenge, 0, 0).position == 1
    assert verbs(challenge.id).count("award.selected") == 3
    assert "award.removed" in verbs(challenge.id)


def test_one_award_a_proposal_and_one_proposal_a_place(cast: Cast) -> None:
    challenge = factories.judged(cast)
    choose(cast, challenge, 0, 0)
    with pytest.raises(Conflict):
        choose(cast, challenge, 1, 0)
    with pytest.raises(Conflict):
        choose(cast, challenge, 0, 1)


def test_an_award_needs_a_reason_and_what_belongs_to_the_challenge(cast: Cast) -> None:
    challenge = factories.judged(cast)
    other = factories.judged(cast, "nils")
    mine, theirs = submissions.submitted(challenge.id)[0], submissions.submitted(other.id)[0]
    for prize, proposal, reason in (
        (challenge.prizes[0], mine, "  "),
        (challenge.prizes[0], theirs, REASON),
        (other.prizes[0], mine, REASON),
    ):
        with pytest.raises(Invalid):
            award_services.select_award(
                cast.ada, challenge.id, prize_id=prize.id, proposal_id=proposal.id, reason=reason
            )


def test_the_sponsors_own_staff_cannot_win(cast: Cast) -> None:
    challenge = factories.judged(cast)
    join(cast.bo, cast.luoyang)
    with pytest.raises(Invalid, match="belongs to the sponsor"):
        choose(cast, challenge, 0, 0)


def test_only_the_sponsor_awards_and_a_silent_one_is_stepped_in_for(cast: Cast) -> None:
    challenge = factories.judged(cast)
    for stranger in (cast.bo, cast.cy, cast.dee, cast.fen, cast.aud):
        with pytest.raises(Forbidden):
            choose(cast, challenge, 0, 0, who=stranger)
    with pytest.raises(Conflict):
        choose(cast, challenge, 0, 0, who=cast.eve)
    factories.move_dates(challenge, decision_due_at=now() - timedelta(minutes=1))
    assert choose(cast, challenge, 0, 0, who=cast.eve).selected_by == cast.eve.id


def test_who_takes_part_decides_nothing(cast: Cast) -> None:
    both = factories.user("Both")
    challenge = factories.judged(cast, both)
    accounts.grant(cast.adm, both.id, role=PlatformRole.SERVICE_CENTRE)
    factories.move_dates(challenge, decision_due_at=now() - timedelta(minutes=1))
    with pytest.raises(Forbidden):
        choose(cast, challenge, 0, 0, who=both)


def test_the_decision_is_published_and_everybody_is_told(cast: Cast) -> None:
    challenge = factories.decided(cast)
    assert challenge.state == ChallengeState.DECIDED
    assert [award.state for award in award_queries.awards(challenge.id)] == [AwardState.ANNOUNCED]
    assert told("scoring.won") == [cast.bo.id]
    assert told("scoring.not_won") == [cast.bea.id]
    assert told("scoring.decided") == [cast.ada.id]
    assert told("scoring.thanks") == sorted(r.id for r in cast.reviewers())
    (job,) = asked_jobs(challenge.id, "settlement.settle")
    assert (job.run_at, job.dedup_key) == (payable_at(challenge), f"settle:{challenge.id}:v1")
    with pytest.raises(Conflict):
        award_services.deselect_award(cast.ada, award_queries.awards(challenge.id)[0].id)


# ---- the settlement


def test_no_settlement_while_an_appeal_is_possible(cast: Cast) -> None:
    challenge = factories.decided(cast)
    with pytest.raises(Conflict):
        settlement.settle(SYSTEM, challenge.id)
    with pytest.raises(Forbidden):
        settlement.settle(cast.ada, challenge.id)


def test_settling_pays_refunds_and_moves_reputation_once(cast: Cast) -> None:
    challenge = factories.settled(cast, awards=1)
    settlement.settle(SYSTEM, challenge.id)
    first = challenge.prizes[0]
    fee = first.amount * challenge.fee_basis_points // 10_000
    assert ledger.balance(LedgerAccountKind.PAYABLE, OwnerType.USER, cast.bo.id, "CNY") == first.amount
    assert ledger.balance(LedgerAccountKind.FEE, OwnerType.PLATFORM, 0, "CNY") == fee
    assert ledger.in_escrow(challenge.id, "CNY") == 0
    assert ledger.free_balance(cast.luoyang.id, "CNY") == challenge.cost - first.amount - fee
    assert told("scoring.paid") == [cast.bo.id]
    assert told("scoring.settled") == [cast.ada.id]
    events = list(db.session.scalars(sa.select(ReputationEvent)))
    by_kind = {(event.kind, event.user_id or event.organisation_id): event.points for event in events}
    assert by_kind == {
        (ReputationKind.AWARDED, cast.bo.id): 50,
        (ReputationKind.PLACED, cast.bea.id): 8,
        (ReputationKind.DECIDED, cast.luoyang.id): 20,
        **{(ReputationKind.REVIEWED, reviewer.id): 20 for reviewer in cast.reviewers()},
    }
    assert errors(check.run_checks()) == []


def test_the_sponsor_is_told_where_the_escrow_went_and_of_no_sum_that_is_nothing(cast: Cast) -> None:
    factories.settled(cast, "bo", "bea", "dee", awards=3)
    assert told("scoring.spent") == [cast.ada.id]
    unawarded = factories.judging(cast, "bo")
    factories.move_dates(unawarded, reviews_due_at=now())
    award_services.decide(cast.ada, unawarded.id, reason="None of them can be built.")
    factories.move_dates(unawarded, appeals_until=now() - timedelta(minutes=1))
    settlement.settle(SYSTEM, unawarded.id)
    assert told("scoring.returned") == [cast.ada.id]
    assert told("scoring.settled") == []


def test_a_team_is_paid_and_credited_by_its_shares(cast: Cast) -> None:
    challenge = factories.decided(cast)
    proposal = submissions.submitted(challenge.id)[0]
    for person, points in ((cast.bo, 6667), (cast.dee, 3333)):
        db.session.add(Share(proposal_id=proposal.id, user_id=person.id, basis_points=points, agreed_at=now()))
    factories.move_dates(challenge, appeals_until=now() - timedelta(minutes=1))
    settlement.settle(SYSTEM, challenge.id)
    amount = challenge.prizes[0].amount
    paid = [ledger.balance(LedgerAccountKind.PAYABLE, OwnerType.USER, who.id, "CNY") for who in (cast.bo, cast.dee)]
    assert sum(paid) == amount
    assert paid[0] == round(amount * 0.6667)
    awarded = db.session.execute(
        sa.select(ReputationEvent.user_id, ReputationEvent.points).where(ReputationEvent.kind == ReputationKind.AWARDED)
    )
    assert dict(awarded.all()) == {cast.bo.id: 33, cast.dee.id: 17}


def test_an_agency_is_paid_and_credited(cast: Cast) -> None:
    challenge = factories.opened(cast)
    for reviewer in cast.reviewers():
        assert reviewer.id
    factories.proposal(cast.nils, challenge, organisation=cast.northlight)
    factories.closed(cast, challenge)
    services.form_panel(SYSTEM, challenge.id)
    for row in factories.assignments(challenge):
        factories.review(row)
    choose(cast, challenge, 0, 0)
    award_services.decide(cast.ada, challenge.id)
    factories.move_dates(challenge, appeals_until=now() - timedelta(minutes=1))
    settlement.settle(SYSTEM, challenge.id)
    amount = challenge.prizes[0].amount
    assert ledger.balance(LedgerAccountKind.PAYABLE, OwnerType.ORGANISATION, cast.northlight.id, "CNY") == amount
    kinds = {event.kind for event in db.session.scalars(sa.select(ReputationEvent).where(
        ReputationEvent.organisation_id == cast.northlight.id))}  # fmt: skip
    assert kinds == {ReputationKind.AWARDED}
    assert told("scoring.paid") == [cast.nils.id]


def test_no_award_gives_everything_back(cast: Cast) -> None:
    challenge = factories.settled(cast, awards=0)
    assert ledger.free_balance(cast.luoyang.id, "CNY") == challenge.cost
    assert ledger.in_escrow(challenge.id, "CNY") == 0
    assert "challenge.not_awarded" in verbs(challenge.id)
    assert errors(check.run_checks()) == []


def test_odd_prizes_and_all_awards_leave_no_cent_in_escrow(cast: Cast) -> None:
    odd = [PrizeLine(title=f"Prize {i}", amount=amount) for i, amount in enumerate((333_33, 111_11, 77_77), 1)]
    challenge = factories.settled(cast, "bo", "bea", "nils", awards=3, prizes=odd)
    assert ledger.in_escrow(challenge.id, "CNY") == 0
    assert ledger.balance(LedgerAccountKind.FEE, OwnerType.PLATFORM, 0, "CNY") == challenge.fee
    assert ledger.free_balance(cast.luoyang.id, "CNY") == 0
    assert errors(check.run_checks()) == []


def test_the_net_asks_for_each_due_settlement_once(cast: Cast) -> None:
    challenge = factories.decided(cast)
    factories.move_dates(challenge, appeals_until=now() - timedelta(minutes=1))
    assert settlement.settle_due(SYSTEM) == 1
    assert settlement.settle_due(SYSTEM) == 1
    assert len(asked_jobs(challenge.id, "settlement.settle")) == 1
