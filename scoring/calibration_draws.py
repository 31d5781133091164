"""The sampler of `scoring.calibration`: draws from a field's posterior, one group of unknowns at a time."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BURN, KEPT = 200, 1_000  # rounds until the start is forgotten, and those that count
SLOPE_VARIANCE, SLOPE_WEIGHT = 0.09, 4.0  # where the slopes' variance begins, and how many reviewers that is worth
FREEDOMS = np.array([2.0, 3.0, 4.0, 6.0, 8.0, 12.0])  # how alike the reviewers' noise may be: the larger, the more
LEAST = 1e-6  # of a variance, in variances of the scores


@dataclass(frozen=True)
class Field:
    """Reviews in one order: their proposals, reviewers and scores (n,), and how many of both there are."""

    proposal: Ints
    reviewer: Ints
    score: Floats
    proposals: int
    reviewers: int

    def sum_by_proposal(self, values: Floats) -> Floats:
        """Sums of values of reviews, (P,)."""
        return np.asarray(np.bincount(self.proposal, values, self.proposals), dtype=float)

    def sum_by_reviewer(self, values: Floats) -> Floats:
        """Sums of values of reviews, (R,)."""
        return np.asarray(np.bincount(self.reviewer, values, self.reviewers), dtype=float)

    @cached_property
    def reviews_of_proposals(self) -> Ints:
        """How many reviews each has, (P,)."""
        return np.bincount(self.proposal, minlength=self.proposals)

    @cached_property
    def reviews_of_reviewers(self) -> Ints:
        """How many reviews each has written, (R,)."""
        return np.bincount(self.reviewer, minlength=self.reviewers)

    @cached_property
    def raw(self) -> Floats:
        """The mean score of each proposal, (P,), NaN without a review."""
        with np.errstate(invalid="ignore"):
            return self.sum_by_proposal(self.score) / self.reviews_of_proposals


@dataclass(frozen=True)
class Posterior:
    """What the draws say, on the scale of the scores: see `Calibration`."""

    score: Floats
    draws: Floats
    leniency: Floats
    slope: Floats
    weight: Floats


class _Sampler:
    """The unknowns at present; each method draws one group of them, given all others."""

    def __init__(self, reviews: Field, scores: Floats, seed: int) -> None:
        self.reviews, self.scores, self.chance = reviews, scores, np.random.default_rng(seed)
        people = reviews.reviewers
        self.mean, self.merit = 0.0, np.zeros(reviews.proposals)
        self.leniency, self.slope = np.zeros(people), np.ones(people)
        self.noise, self.usual_noise, self.freedom = np.full(people, 0.4), 0.4, 6.0
        self.merits, self.leniencies, self.slopes = 0.5, 0.2, SLOPE_VARIANCE  # variances of the three

    @property
    def _precision(self) -> Floats:
        return np.asarray((1 / self.noise)[self.reviews.reviewer])

    def _rest(self) -> Floats:
        """What merit, leniency and slope leave of the scores, without the mean."""
        who, what = self.reviews.reviewer, self.reviews.proposal
        return self.scores - self.leniency[who] - self.slope[who] * self.merit[what]

    def draw_merit(self) -> Floats:
        """Draws the merits, and returns their expected values."""
        who, precision = self.reviews.reviewer, self._precision
        slope, explained = self.slope[who], self.scores - self.mean - self.leniency[who]
        known = 1 / self.merits + self.reviews.sum_by_proposal(precision * slope**2)
        expected = self.reviews.sum_by_proposal(precision * slope * explained) / known
        self.merit = expected + self.chance.normal(size=len(known)) / np.sqrt(known)
        return expected

    def draw_habits(self) -> None:
        """Leniency and slope of each reviewer together: a normal distribution in two dimensions."""
        total, precision = self.reviews.sum_by_reviewer, self._precision
        merit, explained = self.merit[self.reviews.proposal], self.scores - self.mean
        one, both = total(precision) + 1 / self.leniencies, total(precision * merit)
        two = total(precision * merit**2) + 1 / self.slopes
        first, second = total(precision * explained), total(precision * explained * merit) + 1 / self.slopes
        size = one * two - both**2
        self.slope = (one * second - both * first) / size
        self.slope += self.chance.normal(size=len(size)) * np.sqrt(one / size)
        self.leniency = (first - both * self.slope) / one
        self.leniency += self.chance.normal(size=len(size)) / np.sqrt(one)

    def draw_noise(self) -> None:
        """The variance of each reviewer's noise, what is usual, and how alike they are."""
        left, people = self._rest() - self.mean, len(self.noise)
        sums = self.freedom * self.usual_noise + self.reviews.sum_by_reviewer(left**2)
        drawn = sums / self.chance.chisquare(self.freedom + self.reviews.reviews_of_reviewers)
        self.noise = np.maximum(drawn, LEAST)
        inverse, half = float((1 / self.noise).sum()), FREEDOMS / 2
        fit = people * (half * np.log(half * self.usual_noise) - gammaln(half))
        fit -= (half + 1) * float(np.log(self.noise).sum()) + half * self.usual_noise * inverse
        share = np.cumsum(np.exp(fit - fit.max()))
        self.freedom = float(FREEDOMS[np.searchsorted(share / share[-1], self.chance.random())])
        self.usual_noise = self.chance.gamma(people * self.freedom / 2 + 1) / (self.freedom / 2 * inverse)

    def draw_mean(self) -> None:
        """The mean; then what it and the leniencies share is moved between them, which forgets the start faster."""
        precision = self._precision
        known = float(precision.sum())
        self.mean = float(precision @ self._rest()) / known + self.chance.normal() / np.sqrt(known)
        people = len(self.leniency)
        moved = float(self.leniency.mean()) + self.chance.normal() * np.sqrt(self.leniencies / people)
        self.leniency, self.mean = self.leniency - moved, self.mean + moved

    def draw_variances(self) -> None:
        """Those of merits, leniencies and slopes, each with a weak prior of its own."""
        proposals, people, chance = len(self.merit), len(self.leniency), self.chance
        self.merits = max((0.5 + float(self.merit @ self.merit)) / chance.chisquare(proposals + 1), LEAST)
        squares = float(self.leniency @ self.leniency)
        self.leniencies = max((0.1 + squares) / chance.chisquare(people + 1), LEAST)
        away = self.slope - 1
        self.slopes = (SLOPE_WEIGHT * SLOPE_VARIANCE + float(away @ away)) / chance.chisquare(people + SLOPE_WEIGHT)


def sample(reviews: Field, seed: int) -> Posterior:
    """Draw from the posterior of a field whose scores are not all equal. The same field and seed give the same bits."""
    centre, spread = float(np.mean(reviews.score)), float(np.std(reviews.score))
    # Rounded, so that a constant added to all scores changes nothing.
    sampler = _Sampler(reviews, np.round((reviews.score - centre) / spread, 9), seed)
    drawn = np.empty((KEPT, reviews.proposals))
    expected, leniency = np.zeros(reviews.proposals), np.zeros(reviews.reviewers)
    slope, precision = np.zeros(reviews.reviewers), np.zeros(reviews.reviewers)
    for turn in range(-BURN, KEPT):
        merit = sampler.draw_merit()
        if turn >= 0:  # as a reviewer with usual habits would score
            usual, level = sampler.slope.mean(), sampler.mean + sampler.leniency.mean()
            drawn[turn] = level + usual * sampler.merit
            expected += level + usual * merit
            leniency += sampler.leniency - sampler.leniency.mean()
            slope += sampler.slope / usual
            precision += sampler.slope**2 / sampler.noise
        sampler.draw_habits()
        sampler.draw_noise()
        sampler.draw_mean()
        sampler.draw_variances()
    return Posterior(
        score=centre + spread * expected / KEPT,
        draws=centre + spread * drawn,
        leniency=spread * leniency / KEPT,
        slope=slope / KEPT,
        weight=precision / precision.mean(),
    )
