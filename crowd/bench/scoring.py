"""Calibration and assignment on made-up fields whose truth is known."""

import time
from collections.abc import Callable

import numpy as np
from scipy.stats import kendalltau

from crowd.bench.fields import KINDS, Floats, Ints, MadeField, MadeKind, make
from scoring.calibration import calibrate
from scoring.panels.assign import CANDIDATES, assign, bound

Say = Callable[[str], None]
MANY = MadeKind(5_000, 3, 6)
ASSIGNMENTS, REVIEWS, LOAD = (1_000, 5_000), 3, 4
INSTANCES = 1_000


def run(seeds: int, sizes: tuple[int, ...], say: Say) -> dict[str, object]:
    """The table of docs/scoring.md: Kendall's tau-b against the truth by method, coverage, times, violations."""
    found: dict[str, object] = {"seeds": seeds}
    for name, kind in KINDS.items():
        found[name] = _agreement(kind, seeds)
        say(f"{name}: {found[name]}")
    started, field = time.process_time(), make(MANY, 0)
    calibrate(field.proposal, field.reviewer, field.score)
    found["5000 x 3, processor seconds"] = round(time.process_time() - started, 2)
    for size in sizes:
        found[f"assign {size} x {size}"] = _assignment(size)
        say(f"assign {size}: {found[f'assign {size} x {size}']}")
    found["violations in random instances"] = _violations(INSTANCES)
    return found


def _agreement(kind: MadeKind, seeds: int) -> dict[str, float]:
    rows = []
    for seed in range(seeds):
        field = make(kind, seed)
        result = calibrate(field.proposal, field.reviewer, field.score)
        covered = (result.low <= field.expected) & (field.expected <= result.high)
        taus = [_tau(one, field) for one in (result.raw, _by_z_scores(field), result.score)]
        rows.append([*taus, float(covered.mean()), float(taus[2] > taus[0]), float(result.is_calibrated)])
    names = ("raw", "z", "calibrated", "coverage of 90 %", "better than raw", "calibrated at all")
    means = np.mean(np.array(rows), axis=0)
    return {name: round(float(mean), 4) for name, mean in zip(names, means, strict=True)}


def _tau(score: Floats, field: MadeField) -> float:
    return float(kendalltau(score, field.merit).statistic)


def _by_z_scores(field: MadeField) -> Floats:
    """The mean of scores that were standardised for each reviewer."""
    each = np.bincount(field.reviewer)
    mean = np.bincount(field.reviewer, field.score) / each
    away = field.score - mean[field.reviewer]
    spread = np.sqrt(np.bincount(field.reviewer, away**2) / each)
    spread[spread == 0] = 1
    return np.bincount(field.proposal, away / spread[field.reviewer]) / np.bincount(field.proposal)


def affinities(chance: np.random.Generator, reviewers: int, proposals: int) -> Floats:
    """Affinities (R, P) from 0 to 1 between people and texts with eight topics."""
    people, texts = chance.normal(size=(reviewers, 8)), chance.normal(size=(proposals, 8))
    return np.asarray(1 / (1 + np.exp(-(people @ texts.T) / 2)))


def _assignment(size: int) -> dict[str, float]:
    chance = np.random.default_rng(size)
    affinity, conflict = affinities(chance, size, size), chance.random((size, size)) < 0.02
    started = time.process_time()
    found = assign(affinity, conflict, REVIEWS, LOAD)
    return {
        "candidates": CANDIDATES,
        "processor seconds": round(time.process_time() - started, 2),
        "share of the bound": round(found.total / found.total_bound, 6),
        "floor": round(found.floor, 4),
        "floor's bound": round(found.floor_bound, 4),
    }


def _violations(instances: int) -> int:
    """How many of many small assignments break a conflict, a load, a number of reviews or their own bound."""
    wrong = 0
    for seed in range(instances):
        chance = np.random.default_rng(seed)
        reviewers, proposals = chance.integers(8, 20, size=2)
        affinity = affinities(chance, reviewers, proposals)
        conflict = chance.random(affinity.shape) < 0.1
        load = chance.integers(6, 9, size=reviewers)
        found = assign(affinity, conflict, 2, load, seed=seed)
        wrong += not _holds(found.pairs, conflict, load)
        wrong += found.total > bound(affinity, conflict, 2, load, found.proposal_price, found.reviewer_price) + 1e-6
    return wrong


def _holds(pairs: Ints, conflict: np.ndarray[tuple[int, int], np.dtype[np.bool_]], load: Ints) -> bool:
    reviewer, proposal = pairs.T
    right = (np.bincount(proposal, minlength=conflict.shape[1]) == 2).all()
    usual = (np.bincount(reviewer, minlength=len(load)) <= load).all()
    return bool(
        right and usual and not conflict[reviewer, proposal].any() and len(np.unique(pairs, axis=0)) == len(pairs)
    )
