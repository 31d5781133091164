"""Calibration: reviewers' habits are taken out where that can be done, and the raw means stand where it cannot."""

import numpy as np
import pytest
from scipy.stats import kendalltau

from crowd.bench.fields import KINDS, MadeField, MadeKind, make
from scoring.calibration import METHOD, RAW_METHOD, Calibration, Caution, calibrate

USUAL = MadeKind(60, 3, 6)


def calibrated(field: MadeField) -> Calibration:
    return calibrate(field.proposal, field.reviewer, field.score)


def tau(score: np.ndarray, field: MadeField) -> float:
    return kendalltau(score, field.merit).statistic


@pytest.mark.parametrize("name", ["100 x 3, load 6", "300 x 4, severe bias"])
def test_calibrated_scores_are_nearer_to_the_truth_than_raw_ones(name: str) -> None:
    for seed in range(3):
        field = make(KINDS[name], seed)
        found = calibrated(field)
        assert found.method == METHOD
        assert tau(found.score, field) > tau(found.raw, field)


def test_the_interval_of_90_percent_holds_about_90_percent_of_the_truth() -> None:
    fields = [make(USUAL, seed) for seed in range(6)]
    results = [calibrated(field) for field in fields]
    inside = [
        (one.low <= field.expected) & (field.expected <= one.high)
        for one, field in zip(results, fields, strict=True)
    ]  # fmt: skip
    assert 0.8 < np.mean(inside) < 0.97


def test_the_order_of_the_reviews_does_not_change_a_bit() -> None:
    field = make(USUAL, 1)
    order = np.random.default_rng(5).permutation(len(field.score))
    one, other = calibrated(field), calibrate(field.proposal[order], field.reviewer[order], field.score[order])
    for name in ("raw", "score", "low", "high", "draws", "leniency", "slope", "weight"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_points_for_everybody_change_no_rank_and_those_of_one_reviewer_less_than_in_raw_means() -> None:
    field = make(USUAL, 2)
    before = calibrated(field)
    everybody = calibrate(field.proposal, field.reviewer, field.score + 2)
    assert np.array_equal(np.argsort(-everybody.score), np.argsort(-before.score))
    one = calibrate(field.proposal, field.reviewer, field.score + 2 * (field.reviewer == 0))
    assert moved(before.score, one.score) < moved(before.raw, one.raw)


def moved(before: np.ndarray, after: np.ndarray) -> int:
    """How many pairs have changed their order."""
    ahead = np.sign(before[:, None] - before) * np.sign(after[:, None] - after)
    return int((ahead < 0).sum() // 2)


def test_a_lenient_reviewer_is_found_to_be_lenient_and_a_random_one_counts_little() -> None:
    field = make(MadeKind(120, 4, 12, leniency=0.3, slope=0.1), 3)
    score = field.score + 2 * (field.reviewer == 0)
    chance = np.random.default_rng(0)
    score[field.reviewer == 1] = chance.uniform(1, 10, int((field.reviewer == 1).sum()))
    found = calibrate(field.proposal, field.reviewer, score)
    assert found.leniency.argmax() == 0
    assert found.leniency[0] > 1
    assert found.weight.argmin() == 1
    assert found.weight[1] < 0.5


@pytest.mark.parametrize(
    ("reviews", "reason"),
    [
        ([], Caution.ALL_EQUAL),
        ([(0, 0, 7.0)], Caution.ALL_EQUAL),
        ([(p, r, 5.0) for p in range(9) for r in range(9)], Caution.ALL_EQUAL),
        ([(p, 0, float(p)) for p in range(9)], Caution.ONE_REVIEWER),
        ([(p, r, float(p + r)) for p in range(9) for r in range(2)], Caution.FEW_REVIEWS),
        ([(p, r, float(p * r % 7)) for p in range(5) for r in range(3)], Caution.SMALL_FIELD),
        (
            [(p + 20 * k, r + 9 * k, float((p * r + k) % 7)) for k in range(2) for p in range(20) for r in range(9)],
            Caution.DISCONNECTED,
        ),
        (
            [(p, r, float((p + r) % 3)) for p in range(42) for r in range(3)],
            Caution.NO_DIFFERENCE,
        ),
    ],
    ids=lambda one: one if isinstance(one, Caution) else "",
)
def test_the_raw_means_stand_with_a_reason(reviews: list[tuple[int, int, float]], reason: Caution) -> None:
    proposal, reviewer, score = np.array(reviews).reshape(-1, 3).T
    found = calibrate(proposal, reviewer, score)
    assert found.method == RAW_METHOD
    assert found.warnings == (reason,)
    assert np.array_equal(found.score, found.raw)


def test_islands_are_numbered_for_ranking_within_them() -> None:
    found = calibrate([0, 0, 1, 1, 3, 3], [0, 1, 0, 1, 2, 3], [1, 2, 3, 4, 5, 6])
    assert found.island.tolist() == [0, 0, -1, 1]


def test_a_proposal_without_a_review_is_not_ranked_and_does_not_stop_the_others() -> None:
    field = make(USUAL, 4)
    found = calibrate(field.proposal + (field.proposal >= 7), field.reviewer, field.score)
    assert found.is_calibrated
    assert found.warnings == (Caution.NO_REVIEW,)
    assert np.isnan([found.raw[7], found.score[7], found.low[7], found.high[7], found.p_top(3)[7]]).all()
    assert found.bands()[7] == -1
    assert (np.delete(found.bands(), 7) >= 0).all()


def test_a_constant_reviewer_is_no_error() -> None:
    field = make(USUAL, 5)
    score = np.where(field.reviewer == 2, 5.0, field.score)
    assert np.isfinite(calibrate(field.proposal, field.reviewer, score).score).all()


def test_chances_of_prizes_add_up_and_bands_begin_with_their_best() -> None:
    found = calibrated(make(USUAL, 6))
    assert found.p_top(3).sum() == pytest.approx(3)
    assert (found.p_top(1) <= found.p_top(2) + 1e-12).all()
    order, bands = np.argsort(-found.score), found.bands()
    assert (np.diff(bands[order]) >= 0).all()
    for band in range(bands.max()):
        first, following = order[bands[order] == band][0], order[bands[order] == band + 1][0]
        assert (found.draws[:, first] > found.draws[:, following]).mean() >= 0.95


def test_the_extra_review_is_one_that_may_be_asked_for_and_about_an_open_question() -> None:
    found = calibrated(make(USUAL, 7))
    possible = np.zeros((found.weight.size, found.score.size), dtype=bool)
    assert found.extra_review(3, possible) is None
    open_question, settled = int(np.argmin(abs(found.p_top(3) - 0.5))), int(np.argmin(found.p_top(3)))
    possible[4, [open_question, settled]] = True
    assert found.extra_review(3, possible) == (4, open_question)


def test_nonsense_is_refused() -> None:
    for proposal, reviewer, score in [([0], [0, 1], [1.0]), ([-1], [0], [1.0]), ([0], [0], [np.inf]),
                                      ([0, 0], [1, 1], [2.0, 3.0])]:  # fmt: skip
        with pytest.raises(ValueError, match=r"review|ids|finite"):
            calibrate(proposal, reviewer, score)


@pytest.mark.long
def test_a_field_with_severe_bias_is_always_calibrated_and_nearly_always_better() -> None:
    fields = [make(KINDS["300 x 4, severe bias"], seed) for seed in range(100)]
    results = [(calibrated(field), field) for field in fields]
    assert all(one.is_calibrated for one, _field in results)
    assert sum(tau(one.score, field) > tau(one.raw, field) for one, field in results) >= 95
