"""Assigning reviewers to proposals: as valuable as possible, the worst-served proposal as well off as possible.

A pure calculation on arrays. The value of an assignment is the sum of its affinities. The optimum comes from a
min-cost flow (ortools), the floor, which is the least sum of a proposal, from a mixed-integer program (HiGHS) where the
field is small enough, and from a search for the best worst pair where it is not. Each result has a certificate: prices
of proposals and reviewers that bound the value of every other assignment (linear programming duality), which
`bound` recomputes without the flow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
from ortools.graph.python import max_flow, min_cost_flow
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csgraph

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

METHOD = "flow-1"  # stored with each panel
CANDIDATES = 50  # of each proposal and reviewer, the most affine first, while these suffice
EXACT_EDGES = 12_000  # possible pairs, up to which the floor is the best there is
UNIT = 1_000_000  # of affinity, in the flow: it counts in whole numbers
TIES = 1_000  # parts of such a unit by which the seed decides between equals
NODES = 2_000  # of the search for the floor, at most
NEAR = 1e-6
LOOKED_AT = 1_500  # pairs on each side, where two parts of the review graph are connected


class Infeasible(ValueError):
    """Not every proposal can get its reviews: `missing` (P,) counts what each lacks in one of the best assignments,
    `more` is the smallest number of further reviewers, without conflicts and with the usual load, that would do.
    """

    def __init__(self, missing: Ints, more: int) -> None:
        super().__init__(f"{int(missing.sum())} reviews cannot be assigned; {more} more reviewers would do")
        self.missing, self.more = missing, more


@dataclass(frozen=True)
class Assigned:
    """`pairs` (n, 2) of reviewer and proposal, in order. `total` and `floor` are what they reach, `total_bound` and
    `floor_bound` what no assignment exceeds; `best` is the highest total, whatever the floor. The prices prove the
    first bound. `linked` counts the exchanges that connected the review graph, which cost `link_loss` of the total.
    """

    pairs: Ints
    total: float
    floor: float
    best: float
    total_bound: float
    floor_bound: float
    proposal_price: Floats = field(repr=False)
    reviewer_price: Floats = field(repr=False)
    linked: int = 0
    link_loss: float = 0.0


@dataclass(frozen=True)
class _Problem:
    """The possible pairs: reviewers and proposals of the edges (e,), their affinities, and what is wanted."""

    reviewer: Ints
    proposal: Ints
    value: Floats
    shape: tuple[int, int]
    reviews: int
    load: Ints
    seed: int

    @property
    def wanted(self) -> int:
        return self.shape[1] * self.reviews

    @cached_property
    def worth(self) -> Ints:
        """The affinities in whole numbers, (e,): no two sums are equal but by chance, which the seed decides."""
        chance = np.random.default_rng(self.seed).integers(0, TIES, self.shape, dtype=np.uint16)
        return np.round(self.value * UNIT).astype(np.int64) * TIES + chance[self.reviewer, self.proposal]

    def only(self, kept: Bools) -> "_Problem":
        """With these edges alone."""
        edges = self.reviewer[kept], self.proposal[kept], self.value[kept]
        return _Problem(*edges, self.shape, self.reviews, self.load, self.seed)

    def sums(self, chosen: Bools) -> Floats:
        """The sum of each proposal's affinities, (P,)."""
        return np.asarray(np.bincount(self.proposal[chosen], self.value[chosen], self.shape[1]), dtype=float)


def assign(
    affinity: npt.ArrayLike, conflict: npt.ArrayLike, reviews: int, load: int | Sequence[int] | Ints, seed: int = 0
) -> Assigned:
    """Give each of P proposals `reviews` of R reviewers without a conflict.

    `affinity` is (R, P) float, `conflict` (R, P) bool, `load` the most of one reviewer, for all or each (R,). The seed
    decides between equals. Raises Infeasible where it cannot be done, ValueError where shapes do not fit.
    """
    table = _table(affinity, conflict)
    limits = reviews, np.broadcast_to(np.asarray(load, dtype=np.int64), len(table)), seed
    problem, chosen = _best(table, *limits)
    prices, floored = _prices(problem, chosen), _floor(problem, chosen)
    pairs, links = _linked(table, np.stack([problem.reviewer[floored], problem.proposal[floored]], axis=1))
    values = table[pairs[:, 0], pairs[:, 1]]
    total, sums = float(values.sum()), np.bincount(pairs[:, 1], values, table.shape[1])
    return Assigned(
        pairs=pairs,
        total=total,
        floor=float(sums.min(initial=np.inf)),
        best=float(problem.value[chosen].sum()),
        total_bound=bound(affinity, conflict, reviews, load, *prices),
        floor_bound=_floor_bound(table, reviews),
        proposal_price=prices[0],
        reviewer_price=prices[1],
        linked=links,
        link_loss=float(problem.value[floored].sum()) - total,
    )


def bound(
    affinity: npt.ArrayLike, conflict: npt.ArrayLike, reviews: int, load: int | Sequence[int] | Ints,
    proposal_price: Floats, reviewer_price: Floats,
) -> float:  # fmt: skip
    """What no assignment exceeds, by any prices of proposals (P,) and reviewers (R,): each review pays the two prices,
    and a pair that is worth more adds the rest once.
    """
    values, limit = np.asarray(affinity, dtype=float), np.broadcast_to(np.asarray(load), len(reviewer_price))
    price = np.maximum(reviewer_price, 0.0)
    rest = np.maximum(values - proposal_price[None, :] - price[:, None], 0.0)
    rest[np.asarray(conflict, dtype=bool)] = 0.0
    return float(reviews * proposal_price.sum() + (limit * price).sum() + rest.sum())


def _table(affinity: npt.ArrayLike, conflict: npt.ArrayLike) -> Floats:
    """The affinities (R, P), minus infinity where there is a conflict."""
    values, barred = np.asarray(affinity, dtype=float), np.asarray(conflict, dtype=bool)
    if values.ndim != 2 or values.shape != barred.shape:
        raise ValueError("affinity and conflict are tables of reviewers by proposals")
    if not np.isfinite(values).all():
        raise ValueError("an affinity is a finite number")
    return np.where(barred, -np.inf, values)


def _best(table: Floats, reviews: int, load: Ints, seed: int) -> tuple[_Problem, Bools]:
    """The most valuable assignment, among the candidates where these suffice. Raises Infeasible."""
    candidates, most = max(CANDIDATES, 4 * reviews), max(table.shape)
    while True:
        problem = _Problem(*_edges(table, candidates), table.shape, reviews, load, seed)
        chosen = _flow(problem)
        if chosen is not None:
            return problem, chosen
        if candidates >= most:
            raise _infeasible(problem)
        candidates *= 4


def _edges(table: Floats, candidates: int) -> tuple[Ints, Ints, Floats]:
    """The pairs of each proposal with its most affine reviewers, and of each reviewer with their most affine proposals:
    so many of both. Without the second, a few reviewers would be the candidates of all.
    """
    near = np.zeros(table.shape, dtype=bool)
    for axis in (0, 1):
        if candidates >= table.shape[axis]:
            near[:] = True
        else:
            best = np.argpartition(-table, candidates - 1, axis=axis).take(np.arange(candidates), axis=axis)
            np.put_along_axis(near, best, values=True, axis=axis)
    proposal, reviewer = np.nonzero((near & np.isfinite(table)).T)
    return reviewer, proposal, table[reviewer, proposal]


def _flow(problem: _Problem) -> Bools | None:
    """The edges of the most valuable assignment; None where there is none."""
    people, proposals = problem.shape
    edges = len(problem.value)
    flow = min_cost_flow.SimpleMinCostFlow()
    source, sink = people + proposals, people + proposals + 1
    flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([problem.reviewer, np.full(people, source), people + np.arange(proposals)]),
        np.concatenate([people + problem.proposal, np.arange(people), np.full(proposals, sink)]),
        np.concatenate([np.ones(edges, np.int64), problem.load, np.full(proposals, problem.reviews)]),
        np.concatenate([-problem.worth, np.zeros(people + proposals, np.int64)]),
    )
    flow.set_nodes_supplies(np.array([source, sink]), np.array([problem.wanted, -problem.wanted]))
    if flow.solve() != flow.OPTIMAL:
        return None
    return np.asarray(flow.flows(np.arange(edges))) > 0


def _infeasible(whole: _Problem) -> Infeasible:
    missing, _rest = _lacking(whole, 0)
    usual = max(int(whole.load.max(initial=0)), 1)
    low, high = -(-int(missing.sum()) // usual), whole.wanted
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _lacking(whole, middle)[1] == 0 else (middle + 1, high)
    return Infeasible(missing, low)


def _lacking(whole: _Problem, more: int) -> tuple[Ints, int]:
    """What each proposal lacks in a maximal flow, (P,), and in all, with so many more reviewers for everything."""
    people, proposals = whole.shape
    extra, usual = people + np.arange(more), max(int(whole.load.max(initial=0)), 1)
    first, source = people + more, people + more + proposals
    flow = max_flow.SimpleMaxFlow()
    flow.add_arcs_with_capacity(
        np.concatenate([first + np.arange(proposals), whole.reviewer, np.repeat(extra, proposals),
                        np.full(people + more, source)]),
        np.concatenate([np.full(proposals, source + 1), first + whole.proposal,
                        first + np.tile(np.arange(proposals), more), np.arange(people + more)]),
        np.concatenate([np.full(proposals, whole.reviews), np.ones(len(whole.value) + more * proposals, np.int64),
                        whole.load, np.full(more, usual)]),
    )  # fmt: skip
    if flow.solve(source, source + 1) != flow.OPTIMAL:
        raise ArithmeticError("the flow was not solved")
    missing = whole.reviews - np.asarray(flow.flows(np.arange(proposals)))
    return missing, int(missing.sum())


def _prices(problem: _Problem, chosen: Bools) -> tuple[Floats, Floats]:
    """Prices of proposals (P,) and reviewers (R,) at which nobody would exchange a pair: shortest distances in the
    residual network of the optimal flow (Bellman and Ford), in the whole numbers of the flow.
    """
    people, proposals = problem.shape
    price, discount = np.full(proposals, np.iinfo(np.int64).max), np.zeros(people, dtype=np.int64)
    given, open_ = np.flatnonzero(chosen), np.flatnonzero(~chosen)
    for _round in range(people + proposals + 1):
        before = discount.copy()
        np.minimum.at(price, problem.proposal[given], discount[problem.reviewer[given]] + problem.worth[given])
        np.minimum.at(discount, problem.reviewer[open_], price[problem.proposal[open_]] - problem.worth[open_])
        if (before == discount).all():
            return price / (UNIT * TIES), -discount / (UNIT * TIES)
    raise ArithmeticError("the flow was not optimal")


def _floor(problem: _Problem, chosen: Bools) -> Bools:
    """Another assignment whose worst-served proposal is better off, where there is one."""
    if len(problem.value) <= EXACT_EDGES:
        return _exact_floor(problem, chosen)
    return _searched_floor(problem, chosen)


def _exact_floor(problem: _Problem, chosen: Bools) -> Bools:
    """First the highest floor, then the highest total with it."""
    edges, (people, proposals) = len(problem.value), problem.shape
    column = np.arange(edges)
    each = sparse.csr_array((np.ones(edges), (problem.proposal, column)), shape=(proposals, edges + 1))
    work = sparse.csr_array((np.ones(edges), (problem.reviewer, column)), shape=(people, edges + 1))
    worth = sparse.csr_array((problem.value, (problem.proposal, column)), shape=(proposals, edges + 1))
    floor = sparse.csr_array((-np.ones(proposals), (np.arange(proposals), np.full(proposals, edges))), worth.shape)
    rules = [
        LinearConstraint(each, problem.reviews, problem.reviews),
        LinearConstraint(work, 0, problem.load),
        LinearConstraint(worth + floor, 0, np.inf),
    ]
    whole, options = np.append(np.ones(edges), 0), {"node_limit": NODES}
    least = float(problem.sums(chosen).min(initial=np.inf))
    limits = Bounds(np.append(np.zeros(edges), least - NEAR), np.append(np.ones(edges), np.inf))
    first = milp(np.append(np.zeros(edges), -1), constraints=rules, integrality=whole, bounds=limits, options=options)
    if first.x is None or first.x[-1] <= least + NEAR:
        return chosen
    limits.lb[-1] = first.x[-1] - NEAR
    second = milp(np.append(-problem.value, 0), constraints=rules, integrality=whole, bounds=limits, options=options)
    return np.asarray((second.x if second.x is not None else first.x)[:edges] > 0.5)


def _searched_floor(problem: _Problem, chosen: Bools) -> Bools:
    """The most valuable assignment without pairs below the highest limit for which there is one, by halves."""
    levels = np.unique(np.quantile(problem.value, np.linspace(0, 1, 257)))
    low, high, found = 0, len(levels), chosen
    while high - low > 1:
        middle = (low + high) // 2
        kept = problem.value >= levels[middle]
        part = _flow(problem.only(kept))
        if part is None:
            high = middle
            continue
        low, taken = middle, np.zeros(len(kept), dtype=bool)
        taken[np.flatnonzero(kept)[part]] = True
        if problem.sums(taken).min() > problem.sums(found).min():
            found = taken
    return found


def _floor_bound(table: Floats, reviews: int) -> float:
    """The least sum of a proposal, where each had its most affine reviewers."""
    return float(np.partition(table, len(table) - reviews, axis=0)[-reviews:].sum(axis=0).min(initial=np.inf))


def _linked(table: Floats, pairs: Ints) -> tuple[Ints, int]:
    """Exchange reviewers of proposals until the review graph is connected, or no exchange connects more; returns the
    pairs in order, and how many exchanges that were.
    """
    pairs, links = pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))], 0
    parts, number = _parts(pairs, table.shape)
    while number > 1:
        exchange = _exchange(table, pairs, parts)
        if exchange is None:
            break
        swapped = pairs.copy()
        one, other = exchange
        swapped[[one, other], 0] = swapped[[other, one], 0]
        parts, now = _parts(swapped, table.shape)
        if now >= number:
            break
        pairs, number, links = swapped, now, links + 1
    return pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))], links


def _parts(pairs: Ints, shape: tuple[int, int]) -> tuple[Ints, int]:
    """The connected part of each pair (n,), and how many there are."""
    size = sum(shape)
    graph = sparse.coo_array((np.ones(len(pairs)), (pairs[:, 0], shape[0] + pairs[:, 1])), shape=(size, size))
    labels = csgraph.connected_components(graph, directed=False)[1][pairs[:, 0]]
    _old, part = np.unique(labels, return_inverse=True)
    return np.asarray(part), int(part.max(initial=-1)) + 1


def _exchange(table: Floats, pairs: Ints, parts: Ints) -> tuple[int, int] | None:
    """The two pairs, one of the smallest part, whose reviewers are exchanged at the least loss; None without one."""
    smallest = np.argmin(np.bincount(parts))
    inside, outside = np.flatnonzero(parts == smallest)[:LOOKED_AT], np.flatnonzero(parts != smallest)[:LOOKED_AT]
    (r, p), (s, q) = pairs[inside].T[:, :, None], pairs[outside].T[:, None, :]
    loss = table[r, p] + table[s, q] - table[r, q] - table[s, p]
    one, other = np.unravel_index(int(np.argmin(loss)), loss.shape)
    return (int(inside[one]), int(outside[other])) if np.isfinite(loss[one, other]) else None
