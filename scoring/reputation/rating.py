"""Standing from places: Elo-MMR with logistic performances (Ebtekar and Liu, Elo-MMR: A Rating System for Massive
Multiplayer Competitions, 2021, algorithms 1 to 3), as a pure calculation on arrays.

A player has a belief (`mu`, `sigma`) about their skill. A contest gives each a performance: the skill at which their
place is as good as expected against this field. The belief after it follows from all their performances, recent ones
weighing more; each pulls with a force that has a limit, so that a single disaster, or triumph, moves it little.

The same contests in the same order give the same bits. A contest with fewer than two players changes nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PRIOR_MEAN, PRIOR_SIGMA = 1500.0, 350.0  # of whoever has not played
BETA = 200.0  # how far a performance lies from the skill
LIMIT = 80.0  # what sigma comes down to after many contests
DRIFT = 1 / (1 / LIMIT**2 - 1 / BETA**2) - LIMIT**2  # variance that a skill gains before each contest
TRANSFER = 1.0  # rho of the paper: how much of an old performance's weight becomes part of the prior
MEMORY = 32  # performances kept; older ones, whose weight is less than a ten-thousandth, become part of the prior
YEAR = 365.25 * 86_400
IDLE = 3_000.0  # variance that a skill gains in a year without a contest: a sigma of 80 becomes 97
GRID, REACH = 256, 8.0  # points at which a field is tabulated, and how many of its widest deltas beyond its players
STEPS = 60  # of the bisections, at most; they end earlier
EXACT = 1e-6  # rating points
TO_LOGISTIC = np.sqrt(3.0) / np.pi  # the scale of a logistic distribution by its standard deviation

Contest = tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike, float]  # players, low, high, time


@dataclass(frozen=True)
class RatingChange:
    """What a contest did to one of its players (n,), for the explanation of a rating."""

    performance: Floats
    before: Floats
    after: Floats
    sigma_before: Floats
    sigma_after: Floats


class Ratings:
    """The beliefs about `size` players with dense ids: `mu` and `sigma`, each (size,)."""

    def __init__(self, size: int) -> None:
        self.mu, self.sigma = np.full(size, PRIOR_MEAN), np.full(size, PRIOR_SIGMA)
        self._base, self._base_weight = np.full(size, PRIOR_MEAN), np.full(size, PRIOR_SIGMA**-2)
        self._performances = np.zeros((size, MEMORY), dtype=np.float32)
        self._weights = np.zeros((size, MEMORY), dtype=np.float32)
        self._number, self._seen = np.zeros(size, dtype=np.int64), np.full(size, np.nan)

    @property
    def standing(self) -> Floats:
        """What is shown: a skill that the player has very likely, `mu - 2 sigma` (size,)."""
        return self.mu - 2 * self.sigma

    def update(
        self, players: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, time: float
    ) -> RatingChange | None:
        """Rate one contest: its players, each once, with the first and last place that they share, counted from 0, and
        its time in seconds. None where there are fewer than two. Raises ValueError where the places do not fit.
        """
        who, first = np.asarray(players, dtype=np.int64), np.asarray(low, dtype=np.int64)
        _check(who, first, np.asarray(high, dtype=np.int64))
        if len(who) < 2:
            return None
        before, sigma_before = self.mu[who], self.sigma[who]
        self._diffuse(who, time)
        performance = _performances(self.mu[who], np.hypot(self.sigma[who], BETA), first)
        self._remember(who, performance)
        self.sigma[who] = 1 / np.sqrt(self.sigma[who] ** -2 + BETA**-2)
        self.mu[who] = self._belief(who)
        return RatingChange(performance, before, self.mu[who], sigma_before, self.sigma[who])

    def _diffuse(self, who: Ints, time: float) -> None:
        """Skills have moved since the last contest: what is known of them weighs less."""
        idle = np.nan_to_num(np.maximum(time - self._seen[who], 0.0)) / YEAR
        variance = self.sigma[who] ** 2
        gained = np.where(np.isnan(self._seen[who]), 0.0, np.minimum(DRIFT + IDLE * idle, PRIOR_SIGMA**2 - variance))
        kept = variance / (variance + np.maximum(gained, 0.0))
        old = self._weights[who].astype(np.float64)
        stays, moves = kept**TRANSFER * self._base_weight[who], (1 - kept**TRANSFER) * old.sum(axis=1)
        self._base[who] = (stays * self._base[who] + moves * self.mu[who]) / (stays + moves)
        self._base_weight[who] = kept * (stays + moves)
        self._weights[who] = old * kept[:, None] ** (1 + TRANSFER)
        self.sigma[who] = np.sqrt(variance / kept)
        self._seen[who] = time

    def _remember(self, who: Ints, performance: Floats) -> None:
        """Each performance takes the place of the oldest, which goes into the prior."""
        slot = self._number[who] % MEMORY
        weight = self._weights[who, slot].astype(np.float64)
        total = self._base_weight[who] + weight
        self._base[who] += (self._performances[who, slot] - self._base[who]) * weight / total
        self._base_weight[who] = total
        self._performances[who, slot], self._weights[who, slot] = performance, BETA**-2
        self._number[who] += 1

    def _belief(self, who: Ints) -> Floats:
        """The skill at which the prior and all performances balance."""
        used = min(int(self._number[who].max()), MEMORY)
        played = self._performances[who, :used].astype(np.float64)
        weights = self._weights[who, :used].astype(np.float64) * BETA / TO_LOGISTIC
        base, base_weight = self._base[who], self._base_weight[who]

        def pull(skill: Floats) -> tuple[Floats, Floats]:
            away = np.tanh((skill[:, None] - played) / (2 * TO_LOGISTIC * BETA))
            slope = (weights * (1 - away**2)).sum(axis=1) / (2 * TO_LOGISTIC * BETA)
            return base_weight * (skill - base) + (weights * away).sum(axis=1), base_weight + slope

        ends = np.where(weights > 0, played, base[:, None])
        return _zero(pull, np.minimum(ends.min(axis=1), base), np.maximum(ends.max(axis=1), base))


def rate(contests: Iterable[Contest], size: int) -> Ratings:
    """The ratings of `size` players after a history: contests in the order of their times, each `(players, low, high,
    time)` as `Ratings.update` takes them.
    """
    ratings = Ratings(size)
    for contest in contests:
        ratings.update(*contest)
    return ratings


def _check(who: Ints, low: Ints, high: Ints) -> None:
    """Raises ValueError where a player stands twice, or the places are not those of a ranking with ties."""
    if not len(who) == len(low) == len(high):
        raise ValueError("one player and two places for each result")
    if len(np.unique(who)) < len(who):
        raise ValueError("a player has one place in a contest")
    _first, group, number = np.unique(low, return_inverse=True, return_counts=True)
    starts = np.concatenate([[0], np.cumsum(number)[:-1]])
    if (low != starts[group]).any() or (high != (starts + number - 1)[group]).any():
        raise ValueError("places are ranges from 0 that those who tie share")


def _performances(mu: Floats, delta: Floats, first: Ints) -> Floats:
    """The performance of each player (n,): where the pull of the field balances wins and losses. Who ties counts as
    beaten and as beating; so does everybody towards themselves, which keeps the first and the last finite.
    """
    scale, force = 2 * TO_LOGISTIC * delta, 1 / delta
    _places, group = np.unique(first, return_inverse=True)
    together = np.bincount(group, force)
    before = np.cumsum(together) - together
    balance = float(force.sum()) - together - 2 * before  # wins less losses
    grid = np.linspace(float(mu.min()) - REACH * float(delta.max()), float(mu.max()) + REACH * float(delta.max()), GRID)
    values, slopes = _field(mu, scale, force, grid)

    def pull(skill: Floats) -> tuple[Floats, Floats]:
        away = np.tanh((skill[group] - mu) / scale)
        field, steep = _between(grid, values, slopes, skill)
        own = np.bincount(group, force * away)
        return field + own - balance, steep + np.bincount(group, force * (1 - away**2) / scale)

    ends = np.full(len(together), grid[0]), np.full(len(together), grid[-1])
    return np.asarray(_zero(pull, *ends)[group])


def _field(mu: Floats, scale: Floats, force: Floats, grid: Floats) -> tuple[Floats, Floats]:
    """The pull of all players at the points of the grid, and its slope, both (GRID,)."""
    values, slopes = np.zeros(len(grid)), np.zeros(len(grid))
    for start in range(0, len(mu), 1024):  # so many players at a time stay in the processor's cache
        part = slice(start, start + 1024)
        away = np.tanh((grid[None, :] - mu[part, None]) / scale[part, None])
        values += force[part] @ away
        slopes += (force[part] / scale[part]) @ (1 - away**2)
    return values, slopes


def _between(grid: Floats, values: Floats, slopes: Floats, at: Floats) -> tuple[Floats, Floats]:
    """Value and slope between the points of the grid, by cubic Hermite interpolation."""
    width = float(grid[1] - grid[0])
    left = np.clip(((at - grid[0]) / width).astype(np.int64), 0, len(grid) - 2)
    t = (at - grid[left]) / width
    rise, start, end = values[left + 1] - values[left], slopes[left] * width, slopes[left + 1] * width
    two, three = 3 * rise - 2 * start - end, start + end - 2 * rise
    value = values[left] + t * (start + t * (two + t * three))
    return value, (start + t * (2 * two + t * 3 * three)) / width


def _zero(function: Callable[[Floats], tuple[Floats, Floats]], low: Floats, high: Floats) -> Floats:
    """Where increasing functions, of which each call gives values and slopes, are 0 between two ends: by Newton's
    steps, and by halves where these leave what is known of the place.
    """
    low, high = low.copy(), high.copy()
    at = (low + high) / 2
    for _step in range(STEPS):
        value, slope = function(at)
        low, high = np.where(value <= 0, at, low), np.where(value >= 0, at, high)
        following = at - value / slope
        outside = (following < low) | (following > high)
        following[outside] = (low + high)[outside] / 2
        if float(np.abs(following - at).max()) < EXACT:
            return np.asarray(following)
        at = following
    return np.asarray(at)
