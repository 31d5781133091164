"""Reviewers' fees: paid in with the prizes, earned by reviews that come in time, the rest returned."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from challenges.brief import PrizeLine
from challenges.contract import queries as contracts
from challenges.contract import services as amendments
from challenges.honoraria import fee_of_each, reserve
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from crowd.accounts.models import MemberRole, PlatformRole
from crowd.audit import SYSTEM
from crowd.clock import now
from crowd.db import db
from crowd.errors import Conflict, Forbidden, Invalid
from crowd.ledger import check
from crowd.ledger import queries as ledger
from crowd.ledger.check import errors
from crowd.ledger.models import LedgerAccountKind, OwnerType, Transfer
from crowd.notifications.models import Notification
from scoring.awards import services as awards
from scoring.honoraria import queries, services
from scoring.models import Assignment
from scoring.reviews import services as reviews
from scoring.settlement import services as settlement
from submissions import services as submissions
from tests import factories
from tests.cast import Cast, join

FEE = 20_000  # 200 yuan
ONE = [PrizeLine(title="One", amount=1_000_000)]  # with a platform fee of five percent


def paid_for(cast: Cast, **clauses: Any) -> Challenge:
    """Bo's proposal with three reviewers, each of whom has a fee."""
    return factories.judging(cast, "bo", **({"review_fee": FEE, "proposals_limit": 4, "prizes": ONE} | clauses))


def earned(user_id: int) -> int:
    return ledger.balance(LedgerAccountKind.PAYABLE, OwnerType.USER, user_id, "CNY")


def free(cast: Cast) -> int:
    return ledger.balance(LedgerAccountKind.SPONSOR, OwnerType.ORGANISATION, cast.luoyang.id, "CNY")


def held(challenge: Challenge) -> int:
    return ledger.in_escrow(challenge.id, "CNY")


def one_late(challenge: Challenge) -> list[Assignment]:
    """Two reviews come in time, the third a minute late."""
    rows = factories.assignments(challenge)
    for row in rows:
        factories.review(row)
    rows[2].due_at = now() - timedelta(minutes=1)
    db.session.flush()
    return rows


def decided(cast: Cast, challenge: Challenge) -> None:
    awards.decide(cast.ada, challenge.id, reason="Nothing fits.")
    assert factories.run_jobs("honoraria.pay") == 1


@pytest.mark.parametrize(
    ("fee", "cap", "proposals", "expected"),
    [(0, None, 500, 0), (7, None, 10, 210), (7, 100, 10, 100), (7, 1_000, 10, 210), (7, 7, 1, 7)],
)
def test_what_is_paid_in(fee: int, cap: int | None, proposals: int, expected: int) -> None:
    assert reserve(fee, cap, reviews=3, proposals=proposals) == expected


@pytest.mark.parametrize(
    ("reserved", "number", "expected"), [(210, 0, 0), (210, 30, 7), (100, 30, 3), (100, 14, 7), (100, 15, 6), (2, 3, 0)]
)
def test_what_each_review_earns_never_exceeds_what_was_paid_in(reserved: int, number: int, expected: int) -> None:
    assert fee_of_each(7, reserved, reviews=number) == expected
    assert expected * number <= reserved


def test_the_sponsor_pays_them_in_without_a_platform_fee(cast: Cast) -> None:
    challenge = paid_for(cast)
    assert challenge.honoraria == 3 * 4 * FEE
    assert challenge.cost == 1_000_000 + 50_000 + 3 * 4 * FEE
    assert held(challenge) == challenge.cost
    assert errors(check.run_checks()) == []


def test_who_comes_in_time_is_paid_and_the_rest_returns(cast: Cast) -> None:
    challenge = paid_for(cast)
    first, second, late = one_late(challenge)
    assert [(row.amount, row.reviews) for row in queries.awaited(first.reviewer_id)] == [(FEE, 1)]
    assert queries.awaited(late.reviewer_id) == []
    decided(cast, challenge)
    assert [earned(row.reviewer_id) for row in (first, second, late)] == [FEE, FEE, 0]
    assert held(challenge) == challenge.cost - 2 * FEE
    assert errors(check.run_checks()) == []
    assert services.pay(SYSTEM, challenge.id) == 0
    factories.move_dates(challenge, appeals_until=now() - timedelta(minutes=1))
    settlement.settle(SYSTEM, challenge.id)
    assert free(cast) == challenge.cost - 2 * FEE
    kinds = sa.select(Transfer.kind).where(Transfer.challenge_id == challenge.id).order_by(Transfer.id)
    assert list(db.session.scalars(kinds)) == ["fund", "honorarium", "honorarium", "refund"]
    assert errors(check.run_checks()) == []
    told = sa.select(Notification.kind, Notification.user_id).where(Notification.kind.contains("honorari"))
    assert set(db.session.execute(told).tuples()) == {
        ("scoring.honorarium", first.reviewer_id),
        ("scoring.honorarium", second.reviewer_id),
        ("scoring.honoraria_paid", cast.ada.id),
    }


def test_the_settlement_pays_whom_the_job_has_not(cast: Cast) -> None:
    challenge = paid_for(cast)
    rows = one_late(challenge)
    awards.decide(cast.ada, challenge.id, reason="Nothing fits.")
    factories.move_dates(challenge, appeals_until=now() - timedelta(minutes=1))
    settlement.settle(SYSTEM, challenge.id)
    factories.run_jobs("honoraria.pay")
    assert [earned(row.reviewer_id) for row in rows] == [FEE, FEE, 0]
    assert errors(check.run_checks()) == []


def test_a_challenge_that_is_cancelled_in_judging_pays_first(cast: Cast) -> None:
    challenge = paid_for(cast)
    rows = one_late(challenge)
    cost = challenge.cost
    lifecycle.cancel(cast.eve, challenge.id, reason="The mains were replaced.")
    assert [earned(row.reviewer_id) for row in rows] == [FEE, FEE, 0]
    assert (held(challenge), free(cast)) == (0, cost - 2 * FEE)
    assert errors(check.run_checks()) == []


def test_a_challenge_that_is_cancelled_before_returns_all(cast: Cast) -> None:
    challenge = factories.opened(cast, review_fee=FEE, proposals_limit=4, prizes=ONE)
    cost = challenge.cost
    lifecycle.cancel(cast.ada, challenge.id, reason="The mains were replaced.")
    assert free(cast) == cost
    assert errors(check.run_checks()) == []


def test_a_cap_is_shared_by_all_reviews(cast: Cast) -> None:
    challenge = paid_for(cast, review_fee_cap=FEE + 1)
    assert challenge.honoraria == FEE + 1
    assert {row.fee for row in factories.assignments(challenge)} == {(FEE + 1) // 3}


def test_a_replaced_review_earns_nothing_and_its_replacement_does(cast: Cast) -> None:
    challenge = paid_for(cast)
    extra = factories.user("Dora", PlatformRole.EXPERT, expertise=["acoustics"])
    close, *others = factories.assignments(challenge)
    for row in (close, *others):
        factories.review(row)
    join(close.reviewer, cast.luoyang, MemberRole.MEMBER)
    assert reviews.replace_conflicted(SYSTEM) == 1
    (fresh,) = [row for row in factories.assignments(challenge) if row.reviewer_id == extra.id]
    assert fresh.fee == FEE
    factories.review(fresh)
    decided(cast, challenge)
    assert (earned(close.reviewer_id), earned(extra.id)) == (0, FEE)
    assert held(challenge) == challenge.cost - 3 * FEE
    assert errors(check.run_checks()) == []


def test_only_the_platform_pays(cast: Cast) -> None:
    challenge = paid_for(cast)
    with pytest.raises(Forbidden):
        services.pay(cast.ada, challenge.id)
    assert services.pay(SYSTEM, challenge.id) == 0  # not decided yet


# ---- the contract


def change(cast: Cast, challenge: Challenge, **fields: Any) -> amendments.Plan:
    return amendments.plan(challenge, replace(contracts.brief_in_force(challenge), **fields))


def test_a_raised_fee_is_a_material_change_that_must_be_paid(cast: Cast) -> None:
    challenge = factories.opened(cast, review_fee=FEE, proposals_limit=4, prizes=ONE)
    planned = change(cast, challenge, review_fee=2 * FEE)
    assert (planned.change_class, planned.cost) == ("material", 3 * 4 * FEE)
    brief = replace(contracts.brief_in_force(challenge), review_fee=2 * FEE)
    amendments.amend(cast.ada, challenge.id, brief=brief, reason="Hard to read.", shown=planned.digest)
    assert challenge.review_fee == FEE
    factories.pay_in(cast, cast.luoyang, planned.cost)
    amendments.fund(cast.ada, challenge.id)
    assert (challenge.review_fee, challenge.honoraria, held(challenge)) == (2 * FEE, 24 * FEE, challenge.cost)
    assert errors(check.run_checks()) == []


def test_more_proposals_mean_more_fees(cast: Cast) -> None:
    challenge = factories.opened(cast, review_fee=FEE, proposals_limit=4, prizes=ONE)
    assert change(cast, challenge, proposals_limit=5).cost == 3 * FEE
    assert change(cast, challenge, proposals_limit=3).cost == 0  # what is in escrow stays until the end


def test_once_somebody_has_registered_the_fee_is_not_lowered(cast: Cast) -> None:
    challenge = factories.opened(cast, review_fee=FEE, proposals_limit=4, prizes=ONE)
    assert change(cast, challenge, review_fee=FEE - 1).cost == 0
    submissions.register(cast.bo, challenge.id, accepted=True)
    with pytest.raises(Invalid) as refused:
        change(cast, challenge, review_fee=FEE - 1)
    assert set(refused.value.fields) == {"review_fee"}
    with pytest.raises(Invalid) as refused:
        change(cast, challenge, review_fee_cap=FEE)
    assert set(refused.value.fields) == {"review_fee_cap"}


@pytest.mark.parametrize(
    ("clauses", "field"),
    [({"review_fee": 5, "review_fee_cap": 4}, "review_fee_cap"), ({"review_fee": 10**15}, "review_fee_cap")],
)
def test_a_draft_with_impossible_fees_is_not_saved(cast: Cast, clauses: dict[str, int], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        factories.challenge(cast.ada, cast.luoyang, **clauses)
    assert field in refused.value.fields


def test_the_cost_that_was_shown_has_the_fees(cast: Cast) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang, review_fee=FEE, proposals_limit=4, prizes=ONE)
    with pytest.raises(Conflict):
        lifecycle.submit(cast.ada, draft.id, cost=1_050_000)
    lifecycle.submit(cast.ada, draft.id, cost=1_050_000 + 12 * FEE)
