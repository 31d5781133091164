"""Fields of made-up reviews, of which the truth is known: the simulation of docs/scoring.md."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class MadeKind:
    """A kind of field. `leniency` and `slope` are the standard deviations of what reviewers add, and of the logarithm
    of what they multiply by; `random` is the share of those whose scores say nothing.
    """

    proposals: int
    reviews: int
    load: int
    leniency: float = 0.7
    slope: float = 0.3
    random: float = 0.0


@dataclass(frozen=True)
class MadeField:
    """Reviews (n,), and by proposal (P,) the merit, and the score that the average reviewer of the field would give."""

    proposal: Ints
    reviewer: Ints
    score: Floats
    merit: Floats
    expected: Floats


KINDS = {
    "100 x 3, load 6": MadeKind(100, 3, 6),
    "300 x 4, load 8": MadeKind(300, 4, 8),
    "300 x 3, load 4, sparse": MadeKind(300, 3, 4),
    "1000 x 5, load 15": MadeKind(1000, 5, 15),
    "300 x 4, severe bias": MadeKind(300, 4, 8, leniency=1.5, slope=0.5),
    "300 x 4, 15 % at random": MadeKind(300, 4, 8, random=0.15),
}


def make(kind: MadeKind, seed: int) -> MadeField:
    """A field: scores of 1 to 10 are 5.5 + 1.5 (leniency + slope * merit + noise), rounded."""
    chance = np.random.default_rng(seed)
    people = -(-kind.proposals * kind.reviews // kind.load)
    merit = chance.normal(0, 1, kind.proposals)
    proposal, reviewer = np.repeat(np.arange(kind.proposals), kind.reviews), _panels(chance, kind, people).ravel()
    leniency, slope = chance.normal(0, kind.leniency, people), np.exp(chance.normal(0, kind.slope, people))
    noise = 0.7 * chance.lognormal(0, 0.4, people)[reviewer] * chance.normal(size=len(proposal))
    score = 5.5 + 1.5 * (leniency[reviewer] + slope[reviewer] * merit[proposal] + noise)
    at_random = np.isin(reviewer, chance.choice(people, round(kind.random * people), replace=False))
    score[at_random] = chance.uniform(1, 10, int(at_random.sum()))
    expected = 5.5 + 1.5 * (leniency.mean() + slope.mean() * merit)
    return MadeField(proposal, reviewer, np.clip(np.round(score), 1, 10), merit, expected)


def _panels(chance: np.random.Generator, kind: MadeKind, people: int) -> Ints:
    """The reviewers of each proposal (P, reviews): drawn, and exchanged until nobody has a proposal twice."""
    slots = np.repeat(np.arange(people), kind.load)
    chance.shuffle(slots)
    panels = slots[: kind.proposals * kind.reviews].reshape(kind.proposals, kind.reviews)
    while True:
        ordered = np.sort(panels, axis=1)
        twice = np.flatnonzero((ordered[:, 1:] == ordered[:, :-1]).any(axis=1))
        if not len(twice):
            return panels
        for row in twice:
            other = chance.integers(kind.proposals)
            here, there = chance.integers(kind.reviews, size=2)
            panels[row, here], panels[other, there] = panels[other, there], panels[row, here]
