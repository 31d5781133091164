"""Assigning reviewers: as valuable as possible, fair to the worst-served, proved, and never a partial answer."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from crowd.bench.scoring import affinities
from scoring.panels import assign as module
from scoring.panels.assign import Assigned, Infeasible, assign, bound


def field(reviewers: int, proposals: int, seed: int = 0, conflicts: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    return affinities(chance, reviewers, proposals), chance.random((reviewers, proposals)) < conflicts


def is_right(found: Assigned, conflict: np.ndarray, reviews: int, load: object) -> bool:
    reviewer, proposal = found.pairs.T
    limit = np.broadcast_to(np.asarray(load), len(conflict))
    return bool(
        (np.bincount(proposal, minlength=conflict.shape[1]) == reviews).all()
        and (np.bincount(reviewer, minlength=len(conflict)) <= limit).all()
        and not conflict[reviewer, proposal].any()
        and len(np.unique(found.pairs, axis=0)) == len(found.pairs)
    )


def every(affinity: np.ndarray, conflict: np.ndarray, reviews: int, load: int) -> list[tuple[float, float]]:
    """Total and floor of every assignment of a small field."""
    panels = [[c for c in combinations(range(len(affinity)), reviews) if not conflict[list(c), p].any()]
              for p in range(affinity.shape[1])]  # fmt: skip
    found = []
    for choice in product(*panels):
        if np.bincount([one for panel in choice for one in panel], minlength=len(affinity)).max() <= load:
            sums = [affinity[list(panel), p].sum() for p, panel in enumerate(choice)]
            found.append((sum(sums), min(sums)))
    return found


@pytest.mark.parametrize("seed", range(8))
def test_a_small_field_gets_the_best_total_and_the_best_floor(seed: int) -> None:
    affinity, conflict = field(5, 4, seed, conflicts=0.05)
    found, others = assign(affinity, conflict, 2, 2, seed=seed), every(affinity, conflict, 2, 2)
    assert is_right(found, conflict, 2, 2)
    assert found.best == pytest.approx(max(total for total, _floor in others), abs=1e-5)
    assert found.total_bound == pytest.approx(found.best, abs=1e-4)
    if not found.linked:
        highest = max(floor for _total, floor in others)
        assert found.floor == pytest.approx(highest, abs=1e-5)
        assert found.total >= max(total for total, floor in others if floor >= highest - 1e-9) - 1e-4


def test_many_fields_keep_every_conflict_and_load_and_their_own_bound() -> None:
    for seed in range(40):
        affinity, conflict = field(12, 14, seed)
        load = np.random.default_rng(seed).integers(4, 8, 12)
        found = assign(affinity, conflict, 2, load, seed=seed)
        assert is_right(found, conflict, 2, load)
        assert found.total <= found.total_bound + 1e-6
        assert found.floor <= found.floor_bound + 1e-9


def test_the_bound_holds_for_any_prices_and_falls_apart_where_the_field_is_altered() -> None:
    affinity, conflict = field(10, 12)
    found = assign(affinity, conflict, 3, 4)
    prices = found.proposal_price, found.reviewer_price
    assert bound(affinity, conflict, 3, 4, *prices) == found.total_bound >= found.total
    chance = np.random.default_rng(1)
    for _ in range(50):
        assert bound(affinity, conflict, 3, 4, chance.random(12), chance.random(10)) >= found.best - 1e-9
    altered = affinity.copy()
    altered[found.pairs[0, 0], found.pairs[0, 1]] += 5
    assert bound(altered, conflict, 3, 4, *prices) > found.total_bound + 1


def test_larger_fields_are_searched_for_a_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    affinity, conflict = field(40, 50, 3)
    exact = assign(affinity, conflict, 3, 5)
    monkeypatch.setattr(module, "EXACT_EDGES", 10)
    found = assign(affinity, conflict, 3, 5)
    assert is_right(found, conflict, 3, 5)
    assert found.floor <= exact.floor + 1e-6
    assert found.total >= 0.95 * found.total_bound


def test_candidates_suffice_or_all_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    affinity, conflict = field(60, 60, 4)
    affinity[:5] += 1  # everybody wants the same few
    monkeypatch.setattr(module, "CANDIDATES", 1)
    assert is_right(assign(affinity, conflict, 1, 1), conflict, 1, 1)


def test_the_seed_decides_between_equals_and_repeats() -> None:
    affinity, conflict = np.ones((8, 8)), np.zeros((8, 8), dtype=bool)
    panels = [assign(affinity, conflict, 2, 2, seed=seed).pairs.tolist() for seed in (1, 1, 2)]
    assert panels[0] == panels[1] != panels[2]


def test_what_cannot_be_assigned_is_counted_with_the_smallest_remedy() -> None:
    with pytest.raises(Infeasible) as few:
        assign(np.ones((4, 10)), np.zeros((4, 10), dtype=bool), 3, 4)
    assert few.value.missing.sum() == 14
    assert few.value.more == 4
    conflict = np.zeros((6, 3), dtype=bool)
    conflict[:, 1] = True
    with pytest.raises(Infeasible) as conflicted:
        assign(np.ones((6, 3)), conflict, 2, 9)
    assert conflicted.value.missing.tolist() == [0, 2, 0]
    assert conflicted.value.more == 2


def test_the_review_graph_is_connected_where_exchanges_can_do_it() -> None:
    affinity = np.kron(np.eye(2), np.ones((4, 6)))  # two camps with nothing in common
    found = assign(affinity, np.zeros(affinity.shape, dtype=bool), 2, 3)
    assert found.linked == 1
    assert found.link_loss == pytest.approx(2)
    graph = coo_array((np.ones(len(found.pairs)), (found.pairs[:, 0], 8 + found.pairs[:, 1])), shape=(20, 20))
    assert connected_components(graph, directed=False)[0] == 1
    apart = np.kron(np.eye(2), np.ones((4, 6))) == 0
    assert assign(affinity, apart, 2, 3).linked == 0


@pytest.mark.parametrize(
    ("affinity", "conflict"),
    [(np.ones(3), np.zeros(3)), (np.ones((2, 3)), np.zeros((3, 2))), (np.full((2, 2), np.nan), np.zeros((2, 2)))],
)
def test_nonsense_is_refused(affinity: np.ndarray, conflict: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"affinity"):
        assign(affinity, conflict, 1, 1)
