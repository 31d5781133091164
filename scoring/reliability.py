"""How far the reviewers of a field agree: pure calculations on arrays of proposals, reviewers and scores.

Krippendorff's alpha for interval data (Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011), and intraclass
correlations (Shrout and Fleiss, Intraclass Correlations, Psychological Bulletin 86, 1979). Both are 1 where reviewers
agree and 0 where proposals explain nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class IntraclassCorrelation:
    """`single` is the reliability of one review, `mean` that of the mean of a proposal's. `model` is 2 where every
    reviewer has reviewed every proposal (two-way random effects, absolute agreement), else 1 (one-way).
    """

    single: float
    mean: float
    model: int


def alpha(proposal: npt.ArrayLike, score: npt.ArrayLike) -> float:
    """Krippendorff's alpha of interval data: 1 - (disagreement within proposals) / (disagreement in all).

    One entry (n,) for each review; proposals with one review do not count. NaN where no proposal has two, or where all
    scores are equal.
    """
    unit, y = np.asarray(proposal, dtype=np.int64), np.asarray(score, dtype=np.float64)
    each = np.bincount(unit)
    pairable = each[unit] > 1
    unit, y = unit[pairable], y[pairable]
    if not len(y) or np.ptp(y) == 0:
        return float("nan")
    y = y - y.mean()
    size, sums, squares = np.bincount(unit), np.bincount(unit, y), np.bincount(unit, y * y)
    used = size > 0
    # The squared differences of all pairs of m values add up to 2 (m sum(y^2) - sum(y)^2).
    within = 2 * (size * squares - sums**2)[used] / (size[used] - 1)
    among = 2 * (len(y) * float(y @ y) - float(y.sum()) ** 2) / (len(y) - 1)
    return float(1 - within.sum() / among)


def icc(proposal: npt.ArrayLike, reviewer: npt.ArrayLike, score: npt.ArrayLike) -> IntraclassCorrelation:
    """The intraclass correlation of reviews, one entry (n,) for each: ICC(2,1) and ICC(2,k) of a complete table, else
    ICC(1,1) and ICC(1,k), k being the mean number of reviews as it counts with unequal numbers.

    NaN where there are not two proposals with reviews and one with two of them, or all scores are equal.
    """
    unit, who = _dense(proposal), _dense(reviewer)
    y = np.asarray(score, dtype=np.float64)
    units, people = int(unit.max(initial=-1)) + 1, int(who.max(initial=-1)) + 1
    if units < 2 or len(y) <= units or np.ptp(y) == 0:
        return IntraclassCorrelation(float("nan"), float("nan"), 1)
    if len(y) == units * people and people > 1:
        return _two_way(unit, who, y, units, people)
    return _one_way(unit, y, units)


def _dense(ids: npt.ArrayLike) -> Ints:
    _values, numbered = np.unique(np.asarray(ids, dtype=np.int64), return_inverse=True)
    return np.asarray(numbered, dtype=np.int64)


def _one_way(unit: Ints, y: Floats, units: int) -> IntraclassCorrelation:
    each = np.bincount(unit)
    means = np.bincount(unit, y) / each
    between = float(each @ (means - y.mean()) ** 2) / (units - 1)
    within = float(((y - means[unit]) ** 2).sum()) / (len(y) - units)
    usual = (len(y) - float(each @ each) / len(y)) / (units - 1)
    single = (between - within) / (between + (usual - 1) * within)
    return IntraclassCorrelation(single, (between - within) / between if between else float("nan"), 1)


def _two_way(unit: Ints, who: Ints, y: Floats, units: int, people: int) -> IntraclassCorrelation:
    mean = y.mean()
    rows, columns = np.bincount(unit, y) / people, np.bincount(who, y) / units
    left = y - rows[unit] - columns[who] + mean
    between = people * float(((rows - mean) ** 2).sum()) / (units - 1)
    judges = units * float(((columns - mean) ** 2).sum()) / (people - 1)
    error = float(left @ left) / ((units - 1) * (people - 1))
    single = (between - error) / (between + (people - 1) * error + people * (judges - error) / units)
    return IntraclassCorrelation(single, (between - error) / (between + (judges - error) / units), 2)
