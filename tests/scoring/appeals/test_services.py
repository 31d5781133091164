"""An appeal holds all awards; refused, the settlement goes on; upheld, the decision is opened again, once for all."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from challenges.deciding import AfterCentre
from challenges.models import Challenge
from challenges.support.workflow import VoucherState
from challenges.workflow import ChallengeState
from crowd import background, clock
from crowd.accounts.models import PlatformRole, User
from crowd.audit import SYSTEM
from crowd.background import Job, JobState
from crowd.cases import proceedings
from crowd.cases import queries as case_queries
from crowd.cases import services as cases
from crowd.cases.workflow import CaseState, Finding
from crowd.db import db
from crowd.errors import Conflict, Forbidden, NotFound
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.notifications.models import Notification
from scoring import queries
from scoring import services as scoring
from scoring.appeals import services
from scoring.awards import queries as award_queries
from scoring.awards import services as awards
from scoring.holds import services as holds
from scoring.models import PaymentHold, ReputationEvent
from scoring.results import queries as results
from scoring.reviews import services as reviews
from scoring.settlement import services as settlement
from scoring.silence import services as silence
from scoring.workflow import AssignmentState
from tests import factories
from tests.arrivals import arriving
from tests.cast import Cast, join
from tests.challenges.support.test_services import supported, vouchers
from tests.scoring.appeals.appealing import (
    AGAINST,
    FOR,
    PARTLY,
    answer,
    appeal,
    council,
    ended,
    proposal_of,
    vote,
)

DAY = timedelta(days=1)


def over(challenge: Challenge) -> Challenge:
    return factories.move_dates(challenge, appeals_until=clock.now() - timedelta(seconds=1))


def told(kind: str) -> set[int]:
    return set(db.session.scalars(sa.select(Notification.user_id).where(Notification.kind == kind)))


def titles(challenge: Challenge) -> list[str]:
    return [row.title for row in award_queries.winners(challenge.id)]


def clean() -> bool:
    return check.run_checks() == []


# ---- who, when


def test_who_may_appeal(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "nils", awards=1)
    number = str(proposal_of(challenge, cast.bo).id)
    for stranger, refusal in (
        (cast.dee, NotFound), (cast.nils, NotFound), (cast.ada, Forbidden), (cast.gu, Forbidden), (cast.cy, NotFound),
        (cast.eve, Forbidden), (cast.adm, NotFound), (cast.aud, Forbidden),
    ):  # fmt: skip
        with pytest.raises(refusal):
            cases.file_case(stranger, "appeal", number, answers={"ground": "rule", "why": "It was not."})
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PaymentHold)) == 0
    assert appeal(challenge, cast.bo).is_pending, "whoever won may appeal, too"
    assert appeal(challenge, cast.nils).is_pending


def test_from_the_decision_to_the_end_of_the_period_by_the_arrival(cast: Cast, isolated: Flask) -> None:
    challenge = factories.judged(cast, "bo", "bea")
    with pytest.raises(Conflict, match="from the publication"):
        appeal(challenge, cast.bea)
    awards.decide(cast.ada, challenge.id, reason="Nothing can be built.")
    over(challenge)
    assert challenge.appeals_until is not None
    with pytest.raises(Conflict, match="end of the appeal period"):
        appeal(challenge, cast.bea)
    with arriving(isolated, challenge.appeals_until), pytest.raises(Conflict):
        appeal(challenge, cast.bea)
    with arriving(isolated, challenge.appeals_until - timedelta(microseconds=1)):
        assert appeal(challenge, cast.bea).is_pending


def test_one_appeal_for_a_proposal_against_each_decision(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea")
    case = appeal(challenge, cast.bea)
    with pytest.raises(Conflict, match="pending"):
        appeal(challenge, cast.bea)
    ended(cast, case, council(), AGAINST)
    with pytest.raises(Conflict, match="one against each decision"):
        appeal(challenge, cast.bea)


def test_the_settlement_waits_for_what_has_arrived(cast: Cast) -> None:
    challenge = over(factories.decided(cast, "bo", "bea"))
    assert settlement.settle_due(SYSTEM) == 0, "requests that arrived in time are still processed"
    factories.move_dates(challenge, appeals_until=clock.now() - timedelta(seconds=11))
    assert settlement.settle_due(SYSTEM) == 1


# ---- pending


def test_a_pending_appeal_holds_every_award_and_says_so(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=2)
    assert cast.eve.id
    case = appeal(challenge, cast.bea)
    assert told("scoring.payment_held") == {cast.ada.id, cast.bo.id, cast.eve.id}
    over(challenge)
    with pytest.raises(settlement.PaymentHeld):
        settlement.settle(SYSTEM, challenge.id)
    assert ledger.in_escrow(challenge.id, "CNY") == challenge.cost
    (hold,) = db.session.scalars(sa.select(PaymentHold))
    assert (hold.held_by, hold.case_id) == (None, case.id)
    assert "The second review" not in hold.reason
    with pytest.raises(Forbidden, match="ends with its case"):
        holds.release(council()[0], hold.id, reason="I think so.")
    assert clean()


def test_a_withdrawn_appeal_lets_the_settlement_go_on(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea")
    case = appeal(challenge, cast.bea)
    cases.withdraw(cast.bea, case.public_id)
    assert factories.run_jobs("appeals.carry_out") == 1
    assert challenge.payment_held_at is None
    assert appeal(challenge, cast.bea).is_pending, "and another one is possible"


def test_withdrawn_while_the_council_votes_there_is_no_other_against_this_decision(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea")
    case, members = appeal(challenge, cast.bea), council()
    answer(cast, case)
    vote(case, {members[0]: FOR})
    cases.withdraw(cast.bea, case.public_id)
    assert factories.run_jobs("appeals.carry_out") == 1
    assert challenge.payment_held_at is None
    with pytest.raises(Conflict, match="after the vote of the council had begun"):
        appeal(challenge, cast.bea)


def test_who_is_called_answers_and_decides_nothing(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea")
    members = council()
    case = appeal(challenge, cast.bea)
    reviewed = {row.reviewer_id for row in factories.assignments(challenge)}
    assert {row.user_id for row in case.members} == reviewed
    assert told("cases.step_opened") == {*reviewed, cast.ada.id}
    with pytest.raises(NotFound):
        cases.conclude(cast.dee, case.public_id, 1, finding=Finding.GIVEN, reasons="I know better.")
    with pytest.raises(Forbidden):
        cases.conclude(cast.bea, case.public_id, 1, finding=Finding.GIVEN, reasons="I am right.")
    with pytest.raises(Forbidden):
        cases.conclude(members[0], case.public_id, 1, finding=Finding.GIVEN, reasons="They are right.")
    answer(cast, case)
    with pytest.raises(Forbidden):
        cases.vote(cast.cy, case.public_id, 3, choice=FOR, reasons="A reviewer does not vote.")


def test_members_with_a_conflict_of_interest_do_not_vote(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "nils")
    members = council()
    join(members[0], cast.luoyang)
    join(members[1], cast.northlight)
    reviews.declare_conflict(cast.cleo, user_id=cast.nils.id, note="We wrote a book.")
    db.session.expire_all()
    case = appeal(challenge, cast.nils)
    voters = case_queries.voters(case.steps[2])
    assert set(voters) == {one.id for one in members[2:]}
    assert cast.cleo.id not in case_queries.possible_substitutes(case.steps[2])


# ---- refused


def test_refused_the_settlement_is_asked_for_under_a_key_of_the_version(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea")
    ended(cast, appeal(challenge, cast.bea), council(), AGAINST)
    assert challenge.payment_held_at is None
    over(challenge)
    query = sa.select(Job.dedup_key).where(Job.kind == "settlement.settle").order_by(Job.id)
    first, second = db.session.scalars(query)
    assert (first, second.startswith(f"settle:{challenge.id}:v1:appeal:")) == (f"settle:{challenge.id}:v1", True)
    assert settlement.settle(SYSTEM, challenge.id).state == ChallengeState.SETTLED
    assert [one.number for one in results.versions(challenge.id)] == [1]
    assert clean()


def test_silence_of_the_council_refuses(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea")
    case = appeal(challenge, cast.bea)
    for position in (0, 1, 2):
        assert case.is_pending
        proceedings.fall_silent(case.steps[position])
    assert case.state == CaseState.REFUSED
    assert factories.run_jobs("appeals.carry_out") == 1
    assert (challenge.state, challenge.payment_held_at) == (ChallengeState.DECIDED, None)


def test_a_hold_by_hand_stays_when_the_appeal_has_ended(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea")
    case, members = appeal(challenge, cast.bea), council()
    holds.hold(members[4], challenge.id, reason="Something else.")
    ended(cast, case, members, AGAINST)
    assert challenge.payment_held_at is not None
    over(challenge)
    with pytest.raises(settlement.PaymentHeld):
        settlement.settle(SYSTEM, challenge.id)
    assert clean()


# ---- upheld


def decide_again(cast: Cast, challenge: Challenge, *authors: User) -> Challenge:
    for prize, author in zip(challenge.prizes, authors, strict=False):
        proposal = proposal_of(challenge, author).id
        awards.select_award(cast.ada, challenge.id, prize_id=prize.id, proposal_id=proposal, reason="Looked at again.")
    return awards.decide(cast.ada, challenge.id, reason="" if authors else "Nothing can be built.")


def test_upheld_the_awards_are_decided_again_and_paid_once(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=2)
    first = results.newest(challenge.id)
    assert first is not None
    case = ended(cast, appeal(challenge, cast.bea), council(), PARTLY)
    assert case.state == CaseState.PARTLY_GRANTED
    assert (challenge.state, challenge.decided_at, challenge.appeals_until) == (ChallengeState.JUDGING, None, None)
    assert challenge.payment_held_at is None
    assert challenge.decision_due_at is not None
    assert challenge.decision_due_at > clock.now()
    assert titles(challenge) == []
    assert told("scoring.reopened") >= {cast.bo.id, cast.bea.id, cast.ada.id}
    assert clean(), "ledger, months and ranks agree while it is open again"
    assert services.carry_out(SYSTEM, case.id) == ChallengeState.JUDGING, "once"
    decide_again(cast, challenge, cast.bea, cast.bo)
    assert [one.number for one in results.versions(challenge.id)] == [2, 1]
    assert clean()
    over(challenge)
    settlement.settle(SYSTEM, challenge.id)
    settlement.settle(SYSTEM, challenge.id)
    paid = {row.proposal_id: row.amount + (row.fee or 0) for row in award_queries.awards(challenge.id)}
    assert sum(paid.values()) == sum(
        prize.amount + prize.amount * challenge.fee_basis_points // 10_000 for prize in challenge.prizes[:2]
    )
    assert [row.amount for row in award_queries.awards(challenge.id)] == [one.amount for one in challenge.prizes[:2]]
    assert ledger.in_escrow(challenge.id, "CNY") == 0
    assert db.session.scalar(sa.select(sa.func.count()).where(ReputationEvent.user_id == cast.bea.id)) == 1
    assert clean()


def test_granted_new_reviewers_review_and_the_old_reviews_count_no_longer(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    others = [factories.user(name, PlatformRole.EXPERT, expertise=["water"]) for name in ("Nat", "Noa", "Ned")]
    proposal = proposal_of(challenge, cast.bea)
    old = {row.reviewer_id for row in factories.assignments(challenge)}
    ended(cast, appeal(challenge, cast.bea), council(), FOR)
    rows = [row for row in factories.assignments(challenge) if row.proposal_id == proposal.id]
    aside = [row for row in rows if row.state == AssignmentState.SET_ASIDE]
    new = [row for row in rows if row.state == AssignmentState.PENDING]
    assert {row.reviewer_id for row in aside} <= old
    assert {row.reviewer_id for row in new} == {one.id for one in others}
    assert challenge.reviews_in_at is None
    with pytest.raises(Conflict, match="Reviews are still missing"):
        decide_again(cast, challenge, cast.bea)
    for row in new:
        factories.review(row, points=10)
    assert challenge.reviews_in_at is not None
    assert next(one.ranked.proposal for one in queries.ranked(challenge.id)) == proposal.id
    decide_again(cast, challenge, cast.bea)
    version = results.newest(challenge.id)
    assert version is not None
    assert next((line.proposal_id, line.mean) for line in results.lines(version.id)) == (proposal.id, 100.0)
    assert clean()


def test_reviews_that_a_result_has_published_are_not_changed(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea")
    ended(cast, appeal(challenge, cast.bea), council(), PARTLY)
    with pytest.raises(Conflict, match="published"):
        factories.review(factories.assignments(challenge)[0], points=1)


def test_what_the_end_of_an_appeal_says_is_true(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    members, one, other = council(), appeal(challenge, cast.bea), appeal(challenge, cast.bo)
    ended(cast, one, members, AGAINST)
    (row,) = db.session.scalars(sa.select(PaymentHold).where(PaymentHold.case_id == one.id))
    assert "stands" not in (row.release_reason or ""), "another one is pending"
    assert not told("scoring.payment_released")
    assert cast.bo.id in told("scoring.payment_hold_released")
    ended(cast, other, members, PARTLY)
    assert not told("scoring.payment_released"), "the decision is opened again, nothing is paid"
    assert cast.bo.id in told("scoring.reopened")


def test_the_release_says_what_comes_next_and_not_that_the_payment_is_held(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    ended(cast, appeal(challenge, cast.bea), council(), AGAINST)
    query = sa.select(Notification).where(Notification.kind == "scoring.payment_released")
    sent = db.session.scalars(query).all()
    assert {cast.bo.id, cast.ada.id} <= {row.user_id for row in sent}
    assert {row.params["next"]["term"][0] for row in sent} == {"appeals"}


def test_two_appeals_are_carried_out_together(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    members, one, other = council(), appeal(challenge, cast.bea), appeal(challenge, cast.bo)
    ended(cast, one, members, PARTLY)
    assert challenge.state == ChallengeState.DECIDED, "the other one is pending"
    assert challenge.payment_held_at is not None
    ended(cast, other, members, AGAINST)
    assert challenge.state == ChallengeState.JUDGING
    assert len(told("scoring.reopened")) > 1
    assert clean()


def test_the_second_version_can_be_appealed_and_nobody_decides_by_an_old_job(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    members = council()
    ended(cast, appeal(challenge, cast.bea), members, PARTLY)
    with pytest.raises(settlement.Superseded, match="not decided"):
        settlement.settle(SYSTEM, challenge.id)
    decide_again(cast, challenge, cast.bea)
    first = db.session.scalars(sa.select(Job).where(Job.dedup_key == f"settle:{challenge.id}:v1")).one()
    first.run_at = clock.now() - timedelta(seconds=1)
    db.session.flush()
    assert background.run(first.id), "it does not fail while the second version can be appealed"
    assert (first.state, set(first.result)) == (JobState.DONE, {"skipped"})
    case = appeal(challenge, cast.bo)
    answer(cast, case)
    vote(case, {members[0]: AGAINST, members[1]: AGAINST, members[2]: AGAINST})
    assert services.carry_out(SYSTEM, case.id) == ChallengeState.DECIDED
    keys = set(db.session.scalars(sa.select(Job.dedup_key).where(Job.kind == "settlement.settle")))
    assert f"settle:{challenge.id}:v2" in keys
    assert any(key.startswith(f"settle:{challenge.id}:v2:appeal:") for key in keys)


def test_silence_after_an_appeal_distributes_by_the_ranking(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=0)
    ended(cast, appeal(challenge, cast.bea), council(), PARTLY)
    now = clock.now()
    factories.move_dates(challenge, decision_due_at=now - DAY, silence_at=now - timedelta(minutes=1))
    assert silence.carry_out(SYSTEM, challenge.id) == AfterCentre.RANKING
    assert [row.rank for row in award_queries.winners(challenge.id)] == [1, 2]
    assert [one.number for one in results.versions(challenge.id)] == [2, 1]
    assert clean()


def test_what_an_award_granted_besides_is_void_and_granted_again(cast: Cast) -> None:
    for reviewer in cast.reviewers():
        assert reviewer.id
    challenge, _line, _pan = supported(cast, granted_to="awarded")
    for author in (cast.bo, cast.bea):
        factories.proposal(author, challenge)
    factories.closed(cast, challenge)
    scoring.form_panel(SYSTEM, challenge.id)
    for assignment in factories.assignments(challenge):
        factories.review(assignment)
    decide_again(cast, challenge, cast.bo)
    first = [(row.user_id, row.state) for row in vouchers(challenge)]
    assert first == [(cast.bo.id, VoucherState.GRANTED)]
    ended(cast, appeal(challenge, cast.bea), council(), PARTLY)
    assert [row.state for row in vouchers(challenge)] == [VoucherState.VOID]
    decide_again(cast, challenge, cast.bea)
    assert [(row.user_id, row.state) for row in vouchers(challenge)] == [
        (cast.bo.id, VoucherState.VOID), (cast.bea.id, VoucherState.GRANTED),
    ]  # fmt: skip
