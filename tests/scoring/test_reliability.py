"""Agreement of reviewers, against published worked examples."""

import math

import numpy as np
import pytest

from scoring.reliability import alpha, icc

# Krippendorff 2011, the example with four observers and twelve units; None is missing.
KRIPPENDORFF = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
# Shrout and Fleiss 1979, table 2: six targets, four judges.
TABLE = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
TARGETS, JUDGES = np.indices(TABLE.shape)


def by_pairs(units: list[list[float]]) -> float:
    """Alpha as it is defined: over all pairs of values."""
    pairable = [unit for unit in units if len(unit) > 1]
    every = [one for unit in pairable for one in unit]
    within = sum(sum((a - b) ** 2 for a in unit for b in unit) / (len(unit) - 1) for unit in pairable)
    among = sum((a - b) ** 2 for a in every for b in every) / (len(every) - 1)
    return 1 - within / among


def test_alpha_of_krippendorffs_example() -> None:
    given = [(unit, one) for row in KRIPPENDORFF for unit, one in enumerate(row) if one is not None]
    unit, score = zip(*given, strict=True)
    assert alpha(unit, score) == pytest.approx(0.849107, abs=1e-6)


def test_alpha_is_what_its_definition_says_and_ignores_the_order() -> None:
    chance = np.random.default_rng(3)
    for _ in range(20):
        unit, score = chance.integers(0, 6, 30), chance.integers(1, 11, 30).astype(float)
        expected = by_pairs([score[unit == one].tolist() for one in range(6)])
        order = chance.permutation(30)
        assert alpha(unit, score) == pytest.approx(expected, abs=1e-9)
        assert alpha(unit[order], score[order]) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("unit", "score"), [([], []), ([0, 1, 2], [1, 2, 3]), ([0, 0, 1, 1], [4, 4, 4, 4])])
def test_alpha_says_nothing_without_two_reviews_or_a_difference(unit: list[int], score: list[float]) -> None:
    assert math.isnan(alpha(unit, score))


def test_icc_of_shrout_and_fleiss() -> None:
    found = icc(TARGETS.ravel(), JUDGES.ravel(), TABLE.ravel())
    assert (found.single, found.mean, found.model) == (
        pytest.approx(0.289764, abs=1e-6), pytest.approx(0.620051, abs=1e-6), 2,
    )  # fmt: skip


def test_icc_of_the_same_table_where_every_target_has_judges_of_its_own() -> None:
    found = icc(TARGETS.ravel(), np.arange(TABLE.size), TABLE.ravel())
    assert (found.single, found.mean, found.model) == (
        pytest.approx(0.165742, abs=1e-6), pytest.approx(0.442797, abs=1e-6), 1,
    )  # fmt: skip


def test_icc_ignores_gaps_in_numbers_and_says_nothing_of_too_little() -> None:
    shifted = icc(TARGETS.ravel() * 7 + 3, JUDGES.ravel() * 2, TABLE.ravel())
    assert shifted == icc(TARGETS.ravel(), JUDGES.ravel(), TABLE.ravel())
    for proposal, score in [([], []), ([0, 0], [1, 2]), ([0, 1], [1, 2]), ([0, 0, 1, 1], [5, 5, 5, 5])]:
        assert math.isnan(icc(proposal, list(range(len(score))), score).single)
