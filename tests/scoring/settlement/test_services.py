"""The settlement: what it gives and records, reviews at the minute of their date, and awards that the council holds."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.accounts.models import User
from crowd.audit import SYSTEM, Actor, AuditEvent
from crowd.clock import now
from crowd.config import limits
from crowd.db import db
from crowd.errors import Conflict, Invalid
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.models import LedgerAccountKind, OwnerType
from crowd.money import apply_basis_points
from scoring import jobs
from scoring.awards import queries as award_queries
from scoring.models import ReputationEvent, ReputationKind
from scoring.settlement import payments, services
from scoring.workflow import AwardState
from tests import factories
from tests.cast import Cast, join
from tests.client import Browser


def due(cast: Cast) -> Challenge:
    """A decided challenge, with an award for Bo, whose appeal period has ended."""
    challenge = factories.decided(cast)
    return factories.move_dates(challenge, appeals_until=now() - timedelta(minutes=1))


def recorded(action: str) -> list[AuditEvent]:
    return list(db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == action)))


def test_it_is_done_once_and_gives_the_challenge_each_time(cast: Cast) -> None:
    challenge = due(cast)
    assert services.settle(SYSTEM, challenge.id) is challenge
    settled_at = challenge.settled_at
    assert services.settle(SYSTEM, challenge.id) is challenge
    assert challenge.settled_at == settled_at
    (event,) = recorded("awards.paid")
    first = challenge.prizes[0].amount
    fee = first * challenge.fee_basis_points // 10_000
    amounts = {name: str(event.data[name]) for name in ("paid", "fee", "back")}
    assert event.data["awards"] == 1
    for name, amount in {"paid": first, "fee": fee, "back": challenge.cost - first - fee}.items():
        assert str(amount) in amounts[name], name


@pytest.mark.parametrize(("late", "points"), [(timedelta(0), 10), (timedelta(microseconds=1), 4)])
def test_a_review_is_in_time_up_to_the_instant_of_its_date(cast: Cast, late: timedelta, points: int) -> None:
    challenge = due(cast)
    for row in factories.assignments(challenge):
        row.done_at = row.due_at + late
    services.settle(SYSTEM, challenge.id)
    query = sa.select(ReputationEvent.points).where(ReputationEvent.kind == ReputationKind.REVIEWED)
    given = list(db.session.scalars(query))
    number = len(factories.assignments(challenge)) // len(given)
    assert set(given) == {points * number}


def test_the_appeal_period_ends_at_its_instant(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    challenge = due(cast)
    assert challenge.appeals_until is not None
    at = challenge.appeals_until
    monkeypatch.setattr(clock, "db_now", lambda: at - timedelta(microseconds=1))
    with pytest.raises(Conflict, match="appeal period has not ended"):
        services.settle(SYSTEM, challenge.id)
    monkeypatch.setattr(clock, "db_now", lambda: at)
    assert services.settle(SYSTEM, challenge.id).settled_at is not None


def test_nothing_is_held_for_the_council_before_the_appeal_period_has_ended(cast: Cast) -> None:
    challenge = factories.decided(cast)
    join(cast.bo, cast.luoyang)
    db.session.expire_all()
    with pytest.raises(Conflict) as refused:
        services.settle(SYSTEM, challenge.id)
    assert not isinstance(refused.value, services.Held)
    factories.move_dates(challenge, appeals_until=now() - timedelta(minutes=1))
    with pytest.raises(services.Held):
        services.settle(SYSTEM, challenge.id)


def test_what_the_council_holds_and_releases_is_recorded(cast: Cast) -> None:
    challenge = due(cast)
    assert services.hold(SYSTEM, challenge.id) == 0, "nothing is wrong yet"
    assert challenge.held_at is None
    join(cast.bo, cast.luoyang)
    db.session.expire_all()
    assert services.hold(SYSTEM, challenge.id) == 1
    assert challenge.held_at is not None
    (award,) = award_queries.awards(challenge.id)
    assert [event.subject_id for event in recorded("award.held")] == [award.id]
    most = limits().max_reason_length
    for reason in ("", " ", "x" * (most + 1)):
        with pytest.raises(Invalid):
            services.clear(cast.gu, award.id, reason=reason)
    assert services.clear(cast.gu, award.id, reason="x" * most) is challenge
    assert challenge.held_at is None, "no other waits"
    (event,) = recorded("award.cleared")
    assert (event.actor_id, event.subject_id, award.cleared_by) == (cast.gu.id, award.id, cast.gu.id)


def test_what_is_settled_waits_for_nobody(cast: Cast) -> None:
    """Also where nothing is held any more without the council's word, as when a wrong membership was corrected."""
    challenge = due(cast)
    factories.move_dates(challenge, held_at=now())
    assert services.settle(SYSTEM, challenge.id).held_at is None


def test_the_net_counts_what_it_finds(cast: Cast) -> None:
    assert services.settle_due(SYSTEM) == 0
    due(cast)
    assert services.settle_due(SYSTEM) == 1


# ---- award by award


def two(cast: Cast) -> Challenge:
    """A decided challenge with awards for Bo and Bea, whose appeal period has ended."""
    challenge = factories.decided(cast, "bo", "bea", awards=2)
    return factories.move_dates(challenge, appeals_until=now() - timedelta(minutes=1))


def test_the_decision_fixes_the_fee_of_each_award(cast: Cast) -> None:
    challenge = two(cast)
    awards = award_queries.awards(challenge.id)
    whole = apply_basis_points(sum(award.amount for award in awards), challenge.fee_basis_points)
    assert [award.fee for award in awards] == payments.fees([one.amount for one in awards], challenge.fee_basis_points)
    assert sum(award.fee or 0 for award in awards) == whole > 0


@pytest.mark.parametrize("first", [0, 1])
def test_awards_are_paid_one_by_one_in_any_order_and_what_is_left_is_returned_last(cast: Cast, first: int) -> None:
    challenge = two(cast)
    awards = award_queries.awards(challenge.id)
    here, there = awards[first], awards[1 - first]
    assert services.pay_award(SYSTEM, here.id)
    assert not services.pay_award(SYSTEM, here.id), "once"
    assert (here.state, there.state) == (AwardState.POSTED, AwardState.ANNOUNCED)
    assert ledger.in_escrow(challenge.id, "CNY") == challenge.cost - here.amount - (here.fee or 0)
    assert challenge.state == ChallengeState.DECIDED
    assert check.errors(check.run_checks()) == []
    with pytest.raises(services.Held):
        services.finish(SYSTEM, challenge.id)
    assert ledger.free_balance(cast.luoyang.id, "CNY") == 0, "nothing is returned while an award is open"
    assert services.settle(SYSTEM, challenge.id).state == ChallengeState.SETTLED
    assert ledger.in_escrow(challenge.id, "CNY") == 0
    assert [event.subject_id for event in recorded("award.paid")] == [here.id, there.id]
    assert len(recorded("awards.paid")) == len(recorded("challenge.settled")) == 1
    assert check.errors(check.run_checks()) == []


def test_an_award_that_waits_for_the_council_holds_no_other(cast: Cast, browser: Browser) -> None:
    challenge = two(cast)
    held, other = award_queries.awards(challenge.id)
    join(cast.bo, cast.luoyang)
    db.session.expire_all()
    assert jobs.settle(challenge.id)() == {"held": 1}
    assert (held.state, other.state) == (AwardState.ANNOUNCED, AwardState.POSTED)
    assert balance(cast.bea) == other.amount
    assert balance(cast.bo) == 0
    assert check.errors(check.run_checks()) == []
    page = browser.get(f"/challenges/{challenge.id}/results").text
    mine, theirs = (page.split(f'id="award-{one.id}"')[1].split("</li>")[0] for one in (held, other))
    assert "Not paid before the council has reviewed it" in mine
    assert "Paid " in theirs
    left = challenge.cost - other.amount - (other.fee or 0)
    assert f"{left // 100:,}" in page
    services.clear(cast.gu, held.id, reason="Hired long after the decision.")
    assert jobs.settle(challenge.id)() == {"state": {"term": ["settled", "challenge"]}}
    assert (balance(cast.bo), balance(cast.bea)) == (held.amount, other.amount)
    assert check.errors(check.run_checks()) == []


def balance(person: User) -> int:
    return ledger.balance(LedgerAccountKind.PAYABLE, OwnerType.USER, person.id, "CNY")


def test_a_job_that_ends_between_two_awards_goes_on_where_it_was(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    challenge = two(cast)
    first, second = award_queries.awards(challenge.id)
    paid = services.pay_award

    def fails(actor: Actor, award_id: int) -> bool:
        if award_id == second.id:
            raise RuntimeError
        return paid(actor, award_id)

    monkeypatch.setattr(services, "pay_award", fails)
    with pytest.raises(RuntimeError):
        jobs.settle(challenge.id)
    assert (first.state, second.state) == (AwardState.POSTED, AwardState.ANNOUNCED)
    monkeypatch.undo()
    assert jobs.settle(challenge.id)() == {"state": {"term": ["settled", "challenge"]}}
    assert [event.subject_id for event in recorded("award.paid")] == [first.id, second.id]
