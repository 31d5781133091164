"""The rating on a history of contests whose results are known: how many pairs it puts right, and how fast."""

import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
from scipy.stats import kendalltau

from scoring.reputation.rating import Ratings

Say = Callable[[str], None]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
EXPERIENCED = 5  # contests before this one
COMPARED, CUT = 50, 150  # contests that the others rate, too; players of each in the second comparison


@dataclass(frozen=True)
class Contest:
    """The results of one contest: players, the range of the places that each shares, and its time."""

    players: Ints
    low: Ints
    high: Ints
    time: float


def run(path: Path, say: Say) -> dict[str, object]:
    """Rate the history of a file with the arrays `ci`, `pi`, `lo`, `hi` (one entry for each result) and `t`."""
    history = list(_contests(path))
    size = 1 + max(int(one.players.max()) for one in history)
    found: dict[str, object] = {"contests": len(history), "results": sum(len(one.players) for one in history)}
    found |= _ours(history, size)
    say(f"whole history: {found}")
    found["first contests"] = _beside(history[:COMPARED], size, {"BradleyTerryPart", "PlackettLuce"})
    say(f"beside others: {found['first contests']}")
    cut = [_first(one, CUT) for one in history[:COMPARED]]
    found["the same, cut"] = _beside(cut, size, {"BradleyTerryFull"})
    return found


def _contests(path: Path) -> Iterator[Contest]:
    with np.load(path) as file:
        contest, players, low, high, times = (file[name].astype(np.int64) for name in ("ci", "pi", "lo", "hi", "t"))
    starts = np.searchsorted(contest, np.arange(len(times) + 1))
    for number, moment in enumerate(times):
        part = slice(starts[number], starts[number + 1])
        yield Contest(players[part], low[part], high[part], float(moment))


def _first(one: Contest, number: int) -> Contest:
    """A contest of so many of its players, drawn by their number alone."""
    kept = np.sort(np.random.default_rng(len(one.players)).permutation(len(one.players))[:number])
    place = one.low[kept]
    low = (place[:, None] > place[None, :]).sum(axis=1)
    return Contest(one.players[kept], low, low + (place[:, None] == place[None, :]).sum(axis=1) - 1, one.time)


class _Right:
    """How many pairs of players a forecast puts in the order of the result; equal forecasts count half."""

    def __init__(self) -> None:
        self.right, self.all = 0.0, 0

    def count(self, forecast: Floats, low: Ints) -> None:
        """Every pair of a contest in which the places differ, by Kendall's tau-b, which sorts instead of comparing."""
        pairs, equal, shared = _pairs(len(low)), _equal(forecast), _equal(low)
        if pairs > shared:
            said = pairs - equal - shared + _equal(np.stack([forecast, low], axis=1))
            tau = float(np.nan_to_num(kendalltau(forecast, -low).statistic))
            ahead = tau * np.sqrt(float(pairs - equal) * float(pairs - shared))  # right less wrong
            self.right += (said + ahead) / 2 + (pairs - shared - said) / 2
            self.all += pairs - shared

    @property
    def share(self) -> float:
        return round(self.right / max(self.all, 1), 4)


def _pairs(number: int) -> int:
    return number * (number - 1) // 2


def _equal(values: Floats | Ints) -> int:
    """How many pairs of rows are equal."""
    return sum(_pairs(int(one)) for one in np.unique(values, axis=0, return_counts=True)[1])


def _ours(history: list[Contest], size: int) -> dict[str, object]:
    ratings, played, spent = Ratings(size), np.zeros(size, dtype=np.int64), 0.0
    everyone, experienced = _Right(), _Right()
    for one in history:
        standing, known = ratings.standing[one.players], played[one.players] >= EXPERIENCED
        everyone.count(standing, one.low)
        experienced.count(standing[known], one.low[known])
        started = time.process_time()
        ratings.update(one.players, one.low, one.high, one.time)
        spent += time.process_time() - started
        played[one.players] += 1
    results = sum(len(one.players) for one in history)
    return {
        "pairs right, everyone": everyone.share,
        "pairs right, experienced": experienced.share,
        "us an update": round(spent / results * 1e6, 2),
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _beside(history: list[Contest], size: int, names: set[str]) -> dict[str, object]:
    """Our figures and those of openskill's models for the same contests."""
    found: dict[str, object] = {"ours": _ours(history, size)}
    if find_spec("openskill") is None:
        return found | {"others": "openskill is not installed"}
    from openskill import models

    return found | {name: _theirs(getattr(models, name)(), history) for name in sorted(names)}


class Known(Protocol):
    """A player as openskill's models know them."""

    def ordinal(self) -> float:
        """The number by which players are ordered."""


class Model(Protocol):
    """One of openskill's models."""

    def rating(self) -> Known:
        """Of somebody who has not played."""

    def rate(self, teams: list[list[Known]], *, ranks: list[float]) -> list[list[Known]]:
        """The players after a contest."""


def _theirs(model: Model, history: list[Contest]) -> dict[str, object]:
    """An openskill model (`rating`, `rate`), ordered by its ordinal."""
    known: dict[int, Known] = {}
    right, spent, results = _Right(), 0.0, 0
    for one in history:
        teams = [[known.setdefault(int(player), model.rating())] for player in one.players]
        right.count(np.array([team[0].ordinal() for team in teams]), one.low)
        started = time.process_time()
        try:
            rated = model.rate(teams, ranks=[float(place) for place in one.low])
        except (OverflowError, ZeroDivisionError) as error:
            return {"failed": f"{type(error).__name__} in a contest of {len(teams)}"}
        spent, results = spent + time.process_time() - started, results + len(teams)
        known |= {int(player): team[0] for player, team in zip(one.players, rated, strict=True)}
    return {"pairs right": right.share, "us an update": round(spent / results * 1e6, 2)}
