"""Standing from places: fields of every size, ties, forgetting, attacks, and the same bits again."""

import numpy as np
import pytest

from scoring.reputation.rating import LIMIT, MEMORY, PRIOR_MEAN, PRIOR_SIGMA, YEAR, Ratings, rate

DAY = 86_400.0
Contest = tuple[np.ndarray, np.ndarray, np.ndarray, float]


def contest(players: list[int], places: list[int], time: float = 0.0) -> Contest:
    """A contest by places that may be shared, in any numbers."""
    place = np.array(places)
    low = (place[:, None] > place[None, :]).sum(axis=1)
    return np.array(players), low, low + (place[:, None] == place[None, :]).sum(axis=1) - 1, time


def history(size: int, contests: int, seed: int, spread: float = 300.0) -> tuple[list[Contest], np.ndarray]:
    """Contests of some players each, whose skills are known."""
    chance = np.random.default_rng(seed)
    skill = chance.normal(PRIOR_MEAN, spread, size)
    played = []
    for number in range(contests):
        players = chance.permutation(size)[: chance.integers(2, size + 1)]
        results = skill[players] + chance.normal(0, 150, len(players))
        played.append(contest(players.tolist(), np.argsort(np.argsort(-results)).tolist(), number * DAY))
    return played, skill


def test_the_better_place_gains_and_everybody_is_surer_afterwards() -> None:
    ratings = Ratings(3)
    change = ratings.update(*contest([0, 1, 2], [0, 1, 2]))
    assert ratings.mu[0] > PRIOR_MEAN > ratings.mu[2]
    assert ratings.mu[1] == pytest.approx(PRIOR_MEAN)
    assert (ratings.sigma < PRIOR_SIGMA).all()
    assert change is not None
    assert (change.after == ratings.mu[[0, 1, 2]]).all()
    assert change.performance[0] > change.performance[1] > change.performance[2]


def test_who_ties_has_one_performance_and_a_tie_of_equals_changes_no_skill() -> None:
    ratings = Ratings(4)
    change = ratings.update(*contest([0, 1, 2, 3], [0, 1, 1, 2]))
    assert change is not None
    assert change.performance[1] == change.performance[2]
    equals = Ratings(2)
    equals.update(*contest([0, 1], [0, 0]))
    assert equals.mu.tolist() == pytest.approx([PRIOR_MEAN, PRIOR_MEAN])


@pytest.mark.parametrize("size", [2, 3, 50, 1_000, 20_000])
def test_fields_of_every_size_are_rated(size: int) -> None:
    ratings = Ratings(size)
    for _ in range(2):
        ratings.update(np.arange(size), np.arange(size), np.arange(size), 0.0)
    assert np.isfinite(ratings.mu).all()
    assert (np.diff(ratings.mu) < 1e-3).all()
    assert ratings.mu[0] > ratings.mu[-1]


def test_a_field_of_one_or_none_changes_nothing() -> None:
    ratings = Ratings(2)
    assert ratings.update([0], [0], [0], 1.0) is None
    assert ratings.update([], [], [], 1.0) is None
    assert ratings.mu.tolist() == [PRIOR_MEAN] * 2
    assert ratings.sigma.tolist() == [PRIOR_SIGMA] * 2


def test_a_history_finds_the_order_of_skills_and_has_the_same_bits_again() -> None:
    played, skill = history(40, 120, 1)
    one, other = rate(played, 40), rate(played, 40)
    assert np.corrcoef(one.mu, skill)[0, 1] > 0.9
    assert np.array_equal(one.mu, other.mu)
    assert np.array_equal(one.sigma, other.sigma)
    turned = rate([(p[::-1], low[::-1], high[::-1], t) for p, low, high, t in played], 40)
    assert turned.mu == pytest.approx(one.mu, abs=1e-4)  # the order within a contest is no information


def test_certainty_grows_to_a_limit_and_is_lost_without_contests() -> None:
    ratings = Ratings(2)
    for number in range(60):
        ratings.update(*contest([0, 1], [number % 2, 1 - number % 2], number * DAY))
    assert ratings.sigma[0] == pytest.approx(LIMIT, rel=0.05)
    before = ratings.mu[0]
    ratings.update(*contest([0, 1], [0, 0], 60 * DAY + 30 * YEAR))
    assert ratings.sigma[0] > 1.5 * LIMIT
    assert ratings.mu[0] == pytest.approx(before, abs=30)


def test_performances_beyond_the_memory_become_part_of_the_prior() -> None:
    played = [contest([0, 1], [number % 3 == 0, number % 3 != 0], number * DAY) for number in range(3 * MEMORY)]
    ratings = rate(played, 2)
    assert ratings.mu[0] + ratings.mu[1] == pytest.approx(2 * PRIOR_MEAN, abs=1)
    assert np.isfinite(ratings.mu).all()


def improved(seed: int) -> tuple[float, float]:
    """The rating of player 0 after a history, and after one in which one of their places was better by one."""
    chance = np.random.default_rng(seed)
    size, number = int(chance.integers(2, 8)), int(chance.integers(1, 9))
    orders = [chance.permutation(size) for _ in range(number)]
    which = int(chance.integers(number))
    better = orders[which].tolist()
    place = better.index(0)
    if place:
        better[place - 1], better[place] = 0, better[place - 1]

    def after(changed: list[int]) -> float:
        every = [changed if k == which else order.tolist() for k, order in enumerate(orders)]
        return float(rate([contest(one, list(range(size)), k * DAY) for k, one in enumerate(every)], size).mu[0])

    return after(orders[which].tolist()), after(better)


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_a_better_place_in_the_past_never_lowers_the_rating_of_today(first: int) -> None:
    for seed in range(first, first + 50):
        before, now = improved(seed)
        assert now >= before - 1e-3, seed


@pytest.mark.long
def test_a_better_place_never_lowers_a_rating_in_ten_thousand_histories() -> None:
    for seed in range(10_000):
        before, now = improved(seed)
        assert now >= before - 1e-3, seed


def test_losing_on_purpose_does_not_pay_and_fresh_accounts_lift_a_player_little() -> None:
    played, _skill = history(30, 60, 2)
    honest = rate(played, 31)
    losses = [contest([0, *range(1, 8)], [7, *range(7)], (60 + k) * DAY) for k in range(10)]
    wins = [contest([0, *range(1, 8)], [0, *range(1, 8)], (70 + k) * DAY) for k in range(3)]
    tanked = rate([*played, *losses, *wins], 31)
    assert tanked.mu[0] < rate([*played, *wins], 31).mu[0] + 60
    sybils = rate([(np.append(p, 30), np.append(low, len(p)), np.append(high, len(p)), t)
                   for p, low, high, t in played], 31)  # fmt: skip
    assert abs(sybils.mu[:30] - honest.mu[:30]).mean() < 0.2 * honest.mu[:30].std()


@pytest.mark.parametrize(
    ("players", "low", "high"),
    [([0, 0], [0, 1], [0, 1]), ([0, 1], [0, 1], [1, 1]), ([0, 1], [0], [0, 0]), ([0, 1, 2], [0, 1, 1], [0, 1, 1])],
)
def test_places_that_are_no_ranking_are_refused(players: list[int], low: list[int], high: list[int]) -> None:
    with pytest.raises(ValueError, match=r"place|player"):
        Ratings(3).update(players, low, high, 0.0)
