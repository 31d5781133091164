"""Ranking, settlement and reputation, as pure calculations."""

import random
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from challenges.criteria import CriterionLine
from challenges.rubric import Criterion
from crowd.ledger.models import OwnerType
from crowd.money import apply_basis_points
from scoring import ranking
from scoring.profiles.sponsor_record import of_sponsor
from scoring.ranking import RankingEntry, rank, weighted_total
from scoring.reputation import points
from scoring.reputation.points import Credit, JudgedProposal
from scoring.settlement.payments import fees, shares

T = datetime(2026, 11, 1, tzinfo=UTC)


def rubric(*lines: tuple[int, int]) -> list[Criterion]:
    """Criteria 1, 2, ... with these weights and scales."""
    written = (CriterionLine(title="", weight=weight, scale=Decimal(scale)) for weight, scale in lines)
    return [Criterion(id=number, **asdict(line)) for number, line in enumerate(written, 1)]


def entry(number: int, *totals: float, hours: int = 0) -> RankingEntry:
    return RankingEntry(number, totals, T + timedelta(hours=hours))


def test_the_total_is_the_weighted_mean_of_all_scales() -> None:
    criteria = rubric((50, 100), (30, 10), (20, 5))
    assert weighted_total({1: 80, 2: 8, 3: 4}, criteria) == pytest.approx(80)
    assert weighted_total({1: 100, 2: 0, 3: 0}, criteria) == pytest.approx(50)
    assert weighted_total({1: 0, 2: 0, 3: 0}, criteria) == 0
    assert weighted_total({1: 100, 2: 10, 3: 5}, criteria) == pytest.approx(100)
    with pytest.raises(KeyError):
        weighted_total({1: 100}, criteria)


def test_best_first_and_unreviewed_last_without_a_rank() -> None:
    places = rank([entry(1, 50), entry(2), entry(3, 90, 80), entry(4, 70)])
    assert [(p.proposal, p.rank, p.mean) for p in places] == [(3, 1, 85), (4, 2, 70), (1, 3, 50), (2, None, None)]


def test_ties_share_a_rank_in_the_order_of_finalising() -> None:
    places = rank([entry(1, 70, hours=2), entry(2, 70, hours=1), entry(3, 60), entry(4, 80)])
    assert [(p.proposal, p.rank, p.tied) for p in places] == [(4, 1, False), (2, 2, True), (1, 2, True), (3, 4, False)]


def test_all_equal_is_one_tie() -> None:
    assert {(p.rank, p.tied) for p in rank([entry(n, 55.5) for n in range(9)])} == {(1, True)}


def test_one_review_in_all_and_none_in_all() -> None:
    assert [(p.proposal, p.rank) for p in rank([entry(1), entry(2, 3.0)])] == [(2, 1), (1, None)]
    assert [p.rank for p in rank([entry(1), entry(2)])] == [None, None]
    assert rank([]) == []


OWNER = st.tuples(st.sampled_from(OwnerType), st.integers(1, 5), st.integers(1, 9_999))
OWNERS = st.lists(OWNER, min_size=1, max_size=5)
AMOUNTS = st.lists(st.integers(1, 10**9), max_size=12)


@given(AMOUNTS, st.sampled_from([0, 1, 333, 500, 777, 10_000]))
def test_fees_together_are_the_fee_on_the_sum(amounts: list[int], points: int) -> None:
    made = fees(amounts, points)
    assert sum(made) == apply_basis_points(sum(amounts), points)
    for amount, fee in zip(amounts, made, strict=True):
        assert fee >= 0
        assert abs(fee - Fraction(amount * points, 10_000)) <= 1


@given(AMOUNTS, st.integers(0, 10_000), st.data())
def test_the_order_of_awards_changes_nothing_of_the_fee_in_all(
    amounts: list[int], points: int, data: st.DataObject
) -> None:
    assert sum(fees(amounts, points)) == sum(fees(data.draw(st.permutations(amounts)), points))


@given(st.integers(1, 10**9), OWNERS)
def test_shares_of_an_award_add_up_to_it(amount: int, owners: list[tuple[OwnerType, int, int]]) -> None:
    made = shares(amount, owners)
    assert [who for *who, _part in made] == [who for *who, _weight in owners]
    assert sum(part for *_who, part in made) == amount
    whole = sum(weight for *_who, weight in owners)
    for (*_who, part), (*_owner, weight) in zip(made, owners, strict=True):
        assert abs(part - Fraction(amount * weight, whole)) < 1


def test_a_share_of_a_third_is_paid_to_the_cent() -> None:
    made = shares(100, [(OwnerType.USER, user, 1) for user in (1, 2, 3)])
    assert [part for *_who, part in made] == [34, 33, 33]
    assert fees([100], 500) == [5]


def answer(number: int, *people: tuple[int, int], **data: object) -> JudgedProposal:
    whole = {"organisation": None, "position": None, "prize": "", "rank": 1, "mean": 50.0} | data
    return JudgedProposal(number, people, **whole)  # type: ignore[arg-type]


def test_points_of_a_table() -> None:
    assert [points.for_award(n) for n in (1, 2, 3, 4, 99)] == [50, 30, 20, 10, 10]
    assert [points.for_rank(m) for m in (0, 4.9, 5, 49.9, 55, 100)] == [0, 0, 1, 5, 6, 10]
    assert points.for_review(late=1, reviews=3) == 24
    assert points.for_decision(True) > points.for_decision(False)


def test_a_team_shares_the_points_and_the_agency_has_them_in_full() -> None:
    credits = points.for_proposals([answer(1, (1, 7000), (2, 3000), organisation=9, position=1, prize="First")])
    assert {(c.user, c.organisation): c.points for c in credits} == {(1, None): 35, (2, None): 15, (None, 9): 50}
    assert credits[0].data["items"][0]["part"] == 7000


def test_two_awards_of_one_person_are_one_credit_with_two_items() -> None:
    credits = points.for_proposals(
        [answer(1, (1, 10_000), position=1), answer(2, (1, 4000), (2, 6000), position=2), answer(3, (1, 10_000))]
    )
    by_kind = {(c.kind, c.user): c for c in credits}
    assert by_kind["awarded", 1].points == 50 + 12
    assert len(by_kind["awarded", 1].data["items"]) == 2
    assert by_kind["placed", 1].points == 5


def test_who_was_never_read_gets_nothing_and_loses_nothing() -> None:
    assert points.for_proposals([answer(1, (1, 10_000), mean=None, rank=None)]) == []


def test_reviewers_are_credited_by_time() -> None:
    credits = points.for_reviews([(5, False), (4, True), (5, True)])
    assert [(c.user, c.points, c.data) for c in credits] == [
        (4, 4, {"reviews": 1, "late": 1}),
        (5, 14, {"reviews": 2, "late": 1}),
    ]


def test_a_tally_is_the_weighted_mean_of_what_is_scored() -> None:
    criteria = rubric((50, 100), (30, 10), (20, 5))
    assert ranking.tally({1: None, 2: None}, criteria) == ranking.ReviewProgress(0, 3, None)
    some = ranking.tally({1: 80, 2: None, 3: 5}, criteria)
    assert (some.scored, some.asked) == (2, 3)
    assert some.total == pytest.approx((50 * 0.8 + 20 * 1) * 100 / 70)
    assert ranking.tally({1: 80, 2: 8, 3: 4}, criteria).total == pytest.approx(80)


def test_agreement_marks_what_lies_far_above_the_usual_spread() -> None:
    places = rank([entry(1, 70, 72), entry(2, 60, 90), entry(3, 50, 51), entry(4, 40, 41), entry(5, 33)])
    found = ranking.agreement(places)
    assert found is not None
    assert found.spread == pytest.approx((2 + 30 + 1 + 1) / 4)
    assert found.widest == 30
    assert found.wide == {2}
    assert ranking.agreement(rank([entry(1, 70), entry(2)])) is None


def test_small_differences_are_never_called_wide() -> None:
    found = ranking.agreement(rank([entry(1, 70, 70), entry(2, 60, 60), entry(3, 50, 60)]))
    assert found is not None
    assert found.wide == frozenset()


def test_prizes_end_where_their_places_do_and_a_tie_stands_for_all_that_it_may_get() -> None:
    places = rank([entry(1, 90), entry(2, 80, hours=1), entry(3, 80, hours=2), entry(4, 70), entry(5)])
    assert ranking.in_line(places, ["first", "second", "third"]) == {
        1: ("first",),
        2: ("second", "third"),
        3: ("second", "third"),
    }
    assert ranking.in_line(places, ["first", "second"]) == {1: ("first",), 2: ("second",), 3: ("second",)}
    assert ranking.in_line(places, ["one", "one"]) == {1: ("one",), 2: ("one",), 3: ("one",)}
    assert ranking.in_line(places, []) == {}


def test_bands_hold_those_of_one_rank() -> None:
    places = rank([entry(1, 90), entry(2, 80, hours=1), entry(3, 80, hours=2), entry(4)])
    assert [[place.proposal for place in band] for band in ranking.bands(places)] == [[1], [2, 3]]


def test_means_by_criterion() -> None:
    assert ranking.means_by_criterion([{1: (7, ""), 2: (5, "so")}, {1: (8, "")}]) == {1: 7.5, 2: 5}


def test_credits_add_up_by_party_and_kind() -> None:
    credits = [
        Credit("awarded", 50, user=2), Credit("placed", 8, user=2), Credit("reviewed", 30, user=1),
        Credit("awarded", 50, organisation=1), Credit("decided", 20, organisation=1),
    ]  # fmt: skip
    rows = points.add_up(credits)
    assert [(row.user, row.organisation, row.points, row.solving, row.reviewing) for row in rows] == [
        (1, None, 30, 0, 30),
        (2, None, 58, 58, 0),
        (None, 1, 70, 50, 0),
    ]
    assert (rows[1].awarded, rows[1].placed, rows[2].decided) == (1, 1, 1)
    shuffled = random.Random(3).sample(credits, len(credits))
    assert points.add_up(shuffled) == rows


def test_points_over_time_know_what_is_older_than_a_year() -> None:
    year = timedelta(days=365)
    moments = points.over_time([(T - 2 * year, 50), (T - year / 2, 20)], T)
    assert [(m.points, m.older, m.event) for m in moments] == [(50, 0, 0), (50, 50, None), (70, 50, 1)]
    assert points.over_time([], T) == []


class Posted:
    """A challenge with the instants of its course, in days after `T`."""

    def __init__(
        self, closed: int, decided: int | None, decision_due_at: int = 20, settled: int | None = None,
        released: int | None = None,
    ) -> None:  # fmt: skip
        def at(days: int | None) -> datetime | None:
            return None if days is None else T + timedelta(days=days)

        self.closed_at, self.decided_at, self.decision_due_at = at(closed), at(decided), at(decision_due_at)
        self.settled_at, self.appeals_until = at(settled), at(None if decided is None else decided + 7)
        self.released_at = at(released)


def test_a_sponsors_record() -> None:
    assert of_sponsor([Posted(0, None)]) is None
    record = of_sponsor([Posted(0, 10, settled=17), Posted(0, 30, settled=40), Posted(0, 5), Posted(0, None)])
    assert record is not None
    assert (record.decided, record.in_time, record.days) == (3, 2, 15)
    assert (record.paid, record.paid_in_time) == (2, 1)


def test_a_hold_is_no_delay_of_the_sponsor() -> None:
    held = [Posted(0, 10, settled=40, released=40), Posted(0, 10, settled=40, released=20), Posted(0, 10, settled=17)]
    record = of_sponsor(held)
    assert record is not None
    assert (record.paid, record.paid_in_time) == (3, 2)
