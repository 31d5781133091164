"""Calibration: what the reviews of a field say about its proposals once reviewers' habits are taken out.

A pure calculation on arrays. Reviewers are lenient or severe, use more or less of the scale, and are more or less
precise; where proposals share reviewers, this can be estimated and taken into account:

    score = mean + leniency[reviewer] + slope[reviewer] * merit[proposal] + noise,  noise ~ N(0, variance[reviewer])

with normal priors for leniency, slope and merit and a scaled inverse chi-squared one for the variances, whose
parameters are estimated, too. It is fitted by a Gibbs sampler (Gelman et al., Bayesian Data Analysis, 3rd edition,
parts 11 and 15): its draws give intervals, chances of a prize and bands which all include the uncertainty about the
reviewers. Where a field is too small for that, or its reviews do not hang together, the raw means stand, with a
reason. The same reviews in another order give the same bits.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse import csgraph

from scoring.calibration_draws import Field, Floats, Ints, Posterior, sample

METHOD, RAW_METHOD = "gibbs-1", "raw"  # stored with what was published: a later method has another name
SEED = 20_261_130
INTERVAL = 0.90  # low and high hold so much of the posterior
APART = 0.95  # a chance to be better, from which on two proposals are told apart
FREEDOM = (
    15  # reviews beyond one for each proposal and reviewer; with fewer the raw means are as good (docs/scoring.md)
)
REVIEWS = 3  # of a proposal, on average
DRAWS = 4_000  # where the raw means stand


class Caution(StrEnum):
    """Why the raw means stand, or what else a reader must know."""

    NO_REVIEW = "no_review"  # proposals without a review are not ranked
    ONE_REVIEWER = "one_reviewer"
    ALL_EQUAL = "all_equal"
    FEW_REVIEWS = "few_reviews"
    DISCONNECTED = "disconnected"
    SMALL_FIELD = "small_field"
    NO_DIFFERENCE = "no_difference"  # reviewers do not differ measurably


@dataclass(frozen=True)
class Calibration:
    """What came out. Arrays by proposal have the shape (P,), those by reviewer (R,); scores are on the scale given.

    `raw` is the mean of a proposal's scores, `score` the calibrated one, `low` and `high` its interval of 90 %. NaN
    stands for a proposal without a review, and for limits that cannot be calculated. `island` numbers groups of
    proposals that are connected by common reviewers. `draws` (draws, P) are those of the posterior. By reviewer:
    `leniency` on the scale of the scores, `slope` (1 is usual), and `weight` of their reviews (1 on average).
    """

    raw: Floats
    score: Floats
    low: Floats
    high: Floats
    method: str
    warnings: tuple[Caution, ...]
    island: Ints
    draws: Floats = field(repr=False)
    leniency: Floats
    slope: Floats
    weight: Floats

    @property
    def is_calibrated(self) -> bool:
        """Whether reviewers' habits were taken out; else `score` is `raw`."""
        return self.method != RAW_METHOD

    @cached_property
    def places(self) -> Ints:
        """The place of each proposal in each draw, (draws, P), 0 for the best; those without a review come last."""
        order = np.argsort(np.where(np.isnan(self.draws), np.inf, -self.draws), axis=1, kind="stable")
        return np.argsort(order, axis=1, kind="stable")

    def p_top(self, number: int) -> Floats:
        """The chance of each proposal to be among the best `number`, (P,); NaN where there are no draws."""
        chance = (self.places < number).mean(axis=0)
        return np.where(np.isnan(self.draws).any(axis=0), np.nan, chance)

    def bands(self) -> Ints:
        """The band of each proposal, (P,), 0 for the best, -1 without a review: in a band are those that cannot be told
        apart from its best.
        """
        band = np.full(len(self.score), -1)
        number, anchor = -1, -1
        for one in np.argsort(-self.score, kind="stable"):
            if np.isnan(self.score[one]):
                continue
            if anchor < 0 or self._is_better(anchor, one):
                number, anchor = number + 1, int(one)
            band[one] = number
        return band

    def _is_better(self, anchor: int, one: int) -> bool:
        """Whether the anchor is better than the other in enough of the draws; without draws, by the score."""
        if np.isnan(self.draws[:, [anchor, one]]).any():
            return bool(self.score[anchor] > self.score[one])
        return bool((self.draws[:, anchor] > self.draws[:, one]).mean() >= APART)

    def extra_review(self, number: int, possible: npt.NDArray[np.bool_]) -> tuple[int, int] | None:
        """The (reviewer, proposal) whose review would say most about who is among the best `number`.

        `possible` (R, P) are the reviews that may be asked for. A review says as much as its proposal is uncertain
        (variance of the one-or-zero "is among them") and as the reviewer is precise. None where none is possible.
        """
        if not possible.any():
            return None
        chance = self.p_top(number)
        open_question = np.nan_to_num(chance * (1 - chance), nan=0.25)
        value = np.where(possible, self.weight[:, None] * open_question[None, :], -1.0)
        reviewer, proposal = np.unravel_index(int(np.argmax(value)), value.shape)
        return int(reviewer), int(proposal)


def calibrate(proposal: npt.ArrayLike, reviewer: npt.ArrayLike, score: npt.ArrayLike) -> Calibration:
    """Calibrate the reviews of a field: one entry of the three arrays (n,) for each review, ids dense from 0.

    Raises ValueError where the arrays differ in length, an id is negative, a score is not finite, or a reviewer has
    two reviews of one proposal.
    """
    reviews = _checked(proposal, reviewer, score)
    island = _islands(reviews)
    found = _reasons(reviews, island)
    if found and found != (Caution.NO_REVIEW,):
        return _uncalibrated(reviews, found, island)
    return _calibrated(reviews, found, island, sample(reviews, SEED))


def _checked(proposal: npt.ArrayLike, reviewer: npt.ArrayLike, score: npt.ArrayLike) -> Field:
    """The reviews in one order, whatever the order given."""
    p, r = np.asarray(proposal, dtype=np.int64), np.asarray(reviewer, dtype=np.int64)
    y = np.asarray(score, dtype=np.float64)
    if not len(p) == len(r) == len(y):
        raise ValueError("one proposal, reviewer and score for each review")
    if len(p) and min(p.min(), r.min()) < 0:
        raise ValueError("ids count from 0")
    if not np.isfinite(y).all():
        raise ValueError("a score is a finite number")
    order = np.lexsort((r, p))
    p, r, y = p[order], r[order], y[order]
    if ((np.diff(p) == 0) & (np.diff(r) == 0)).any():
        raise ValueError("a reviewer has one review of a proposal")
    return Field(p, r, y, int(p.max(initial=-1)) + 1, int(r.max(initial=-1)) + 1)


def _islands(reviews: Field) -> Ints:
    """The number of the connected part of the review graph in which each proposal lies, (P,); -1 without a review."""
    size = reviews.proposals + reviews.reviewers
    edges = (np.ones(len(reviews.score)), (reviews.proposal, reviews.proposals + reviews.reviewer))
    _number, labels = csgraph.connected_components(sparse.coo_array(edges, shape=(size, size)), directed=False)
    island = np.where(reviews.reviews_of_proposals > 0, labels[: reviews.proposals], -1)
    _old, numbered = np.unique(island[island >= 0], return_inverse=True)
    island[island >= 0] = numbered
    return island


def _reasons(reviews: Field, island: Ints) -> tuple[Caution, ...]:
    """What a reader must know; all but NO_REVIEW are reasons to let the raw means stand."""
    has, by = reviews.reviews_of_proposals > 0, int((reviews.reviews_of_reviewers > 0).sum())
    number = len(reviews.score)
    freedom = number - int(has.sum()) - by + 1
    found = [] if has.all() else [Caution.NO_REVIEW]
    if number == 0 or np.ptp(reviews.score) == 0:
        found.append(Caution.ALL_EQUAL)
    elif by == 1:
        found.append(Caution.ONE_REVIEWER)
    elif number < REVIEWS * has.sum():
        found.append(Caution.FEW_REVIEWS)
    elif island.max() > 0:
        found.append(Caution.DISCONNECTED)
    elif freedom < FREEDOM:
        found.append(Caution.SMALL_FIELD)
    elif _reviewer_variance(reviews) <= 0:
        found.append(Caution.NO_DIFFERENCE)
    return tuple(found)


def _reviewer_variance(reviews: Field) -> float:
    """The variance of the reviewers' leniency by moments (Henderson's method III), which may be negative: what their
    effects explain within proposals, beyond what noise alone would. The field must be connected.
    """
    number, by_proposal, by_reviewer = len(reviews.score), reviews.proposals, reviews.reviewers
    each = np.maximum(reviews.reviews_of_proposals, 1)
    within = reviews.score - (reviews.sum_by_proposal(reviews.score) / each)[reviews.proposal]
    pairs = sparse.coo_array(
        (np.ones(number), (reviews.reviewer, reviews.proposal)), shape=(by_reviewer, by_proposal)
    ).tocsr()
    normal = np.diag(reviews.reviews_of_reviewers.astype(float)) - (pairs / each @ pairs.T).toarray()
    total = reviews.sum_by_reviewer(within)
    effects = np.linalg.lstsq(normal + 1 / by_reviewer, total, rcond=None)[0]  # the effects add up to nothing
    explained, rest = float(effects @ total), float(within @ within - effects @ total)
    rated, active = int((reviews.reviews_of_proposals > 0).sum()), int((reviews.reviews_of_reviewers > 0).sum())
    noise = rest / (number - rated - active + 1)
    return (explained - (active - 1) * noise) / (number - rated)


def _uncalibrated(reviews: Field, found: tuple[Caution, ...], island: Ints) -> Calibration:
    """The raw means, with intervals from the spread that the reviews of a proposal have on average."""
    raw, error = reviews.raw, _standard_errors(reviews)
    draws = np.random.default_rng(SEED).normal(size=(DRAWS, reviews.proposals)) * error + raw
    low, high = _limits(draws)
    nothing, whole = np.zeros(reviews.reviewers), np.ones(reviews.reviewers)
    return Calibration(raw, raw, low, high, RAW_METHOD, found, island, draws, nothing, whole, whole)


def _standard_errors(reviews: Field) -> Floats:
    """That of each mean (P,): NaN where no proposal has two reviews."""
    each = reviews.reviews_of_proposals
    within = reviews.score - reviews.raw[reviews.proposal]
    freedom = len(within) - int((each > 0).sum())
    if freedom < 1:
        return np.full(reviews.proposals, np.nan)
    with np.errstate(divide="ignore"):
        error = np.sqrt(float(within @ within) / freedom / each)
    return np.where(each > 0, error, np.nan)


def _limits(draws: Floats) -> tuple[Floats, Floats]:
    tail = (1 - INTERVAL) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    return low, high


def _calibrated(reviews: Field, found: tuple[Caution, ...], island: Ints, posterior: Posterior) -> Calibration:
    unread = reviews.reviews_of_proposals == 0
    draws = np.where(unread, np.nan, posterior.draws)
    low, high = _limits(draws)
    score = np.where(unread, np.nan, posterior.score)
    return Calibration(
        reviews.raw, score, low, high, METHOD, found, island, draws,
        posterior.leniency, posterior.slope, posterior.weight,
    )  # fmt: skip
