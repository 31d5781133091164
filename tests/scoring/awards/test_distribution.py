"""Places by the contract's rules: every unit of a prize is given once, and nobody with a better mean gets less."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from challenges.deciding import TieRule
from scoring.awards.distribution import Allotment, Place, as_chosen, by_ranking, unfair
from scoring.ranking import RankedProposal, RankingEntry, rank

T = datetime(2026, 11, 1, tzinfo=UTC)
PLACES = [Place(1, 1, 10, 100), Place(2, 1, 20, 50), Place(2, 2, 20, 50)]


def ranked(*means: float) -> list[RankedProposal]:
    """Proposals 1, 2, 3, ... with these means, submitted one after the other."""
    return rank([RankingEntry(n, (mean,), T + timedelta(hours=n)) for n, mean in enumerate(means, 1)])


def amounts(found: list[Allotment]) -> dict[int, int]:
    return {one.proposal: one.amount for one in found}


@pytest.mark.parametrize("rule", TieRule)
def test_without_a_tie_each_place_goes_to_its_rank(rule: TieRule) -> None:
    assert amounts(by_ranking(ranked(70, 90, 80, 60), PLACES, rule)) == {2: 100, 3: 50, 1: 50}


@pytest.mark.parametrize("rule", [TieRule.SHARE, TieRule.SPONSOR])  # the sponsor was silent
def test_equal_means_share_the_places_that_they_cover(rule: TieRule) -> None:
    assert amounts(by_ranking(ranked(90, 90, 80), PLACES, rule)) == {1: 75, 2: 75, 3: 50}


def test_what_cannot_be_divided_goes_to_those_submitted_first() -> None:
    found = by_ranking(ranked(90, 90, 90, 90), [Place(1, 1, 10, 101), Place(2, 1, 20, 2)], TieRule.SHARE)
    assert amounts(found) == {1: 26, 2: 26, 3: 26, 4: 25}
    assert [(one.prize, one.position, one.tie_rank) for one in found] == [
        (10, 1, 1), (20, 1, 1), (20, None, 1), (20, None, 1),
    ]  # fmt: skip


def test_a_part_of_nothing_is_no_award() -> None:
    assert amounts(by_ranking(ranked(90, 90), [Place(1, 1, 10, 1)], TieRule.SHARE)) == {1: 1}


def test_of_equal_means_the_one_submitted_first_goes_ahead() -> None:
    assert amounts(by_ranking(ranked(80, 90, 90, 90), PLACES[:2], TieRule.EARLIEST)) == {2: 100, 3: 50}


def test_a_proposal_without_a_review_gets_nothing() -> None:
    unread = rank([RankingEntry(1, (), T), RankingEntry(2, (50.0,), T)])
    assert amounts(by_ranking(unread, PLACES, TieRule.SHARE)) == {2: 100}


@given(
    st.lists(st.sampled_from([10.0, 20.0, 30.0]), max_size=8),
    st.lists(st.integers(1, 1_000), max_size=6),
    st.sampled_from(list(TieRule)),
)
def test_every_unit_of_a_given_place_is_given_once(means: list[float], prizes: list[int], rule: TieRule) -> None:
    places = [Place(n, 1, n, amount) for n, amount in enumerate(sorted(prizes, reverse=True), 1)]
    field = ranked(*means)
    found = by_ranking(field, places, rule)
    assert sum(one.amount for one in found) == sum(place.amount for place in places[: len(means)])
    own = [(one.prize, one.position) for one in found if one.position is not None]
    assert len(own) == len(set(own))
    got = amounts(found)
    for better in field:
        for worse in field:
            if better.mean > worse.mean:
                assert got.get(better.proposal, 0) >= got.get(worse.proposal, 0)
            elif better.mean == worse.mean and rule != TieRule.EARLIEST:
                assert abs(got.get(better.proposal, 0) - got.get(worse.proposal, 0)) <= 1


def test_a_choice_of_one_of_equal_means_is_shared_by_all_of_them() -> None:
    field, second = ranked(90, 80, 80, 80), PLACES[1]
    assert amounts(as_chosen(field, {1: PLACES[0], 3: second}, TieRule.SHARE)) == {1: 100, 2: 17, 3: 17, 4: 16}
    assert amounts(as_chosen(field, {1: PLACES[0], 3: second}, TieRule.SPONSOR)) == {1: 100, 3: 50}


def test_a_choice_keeps_what_is_not_ranked() -> None:
    unread = rank([RankingEntry(1, (), T), RankingEntry(2, (50.0,), T)])
    assert amounts(as_chosen(unread, {1: PLACES[0]}, TieRule.SHARE)) == {1: 100}


@pytest.mark.parametrize(
    ("chosen", "passed_over"),
    [
        ({}, None),
        ({1: PLACES[0]}, None),
        ({1: PLACES[0], 2: PLACES[1]}, None),
        ({2: PLACES[0]}, 1),
        ({1: PLACES[1], 2: PLACES[0]}, 1),
        ({1: PLACES[0], 3: PLACES[1]}, 2),
        ({4: PLACES[0]}, None),  # another mean: a choice against the ranking is the sponsor's
    ],
)
def test_a_choice_may_not_pass_over_an_earlier_one(chosen: dict[int, Place], passed_over: int | None) -> None:
    field = ranked(90, 90, 90, 80)
    assert unfair(field, chosen, TieRule.EARLIEST) == passed_over
    assert unfair(field, chosen, TieRule.SPONSOR) is None
    assert unfair(field, chosen, TieRule.SHARE) is None
