"""Ranking, whatever the reviews: an order that depends on them alone, and prizes that follow it."""

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from challenges.criteria import CriterionLine, kind_of
from challenges.rubric import Criterion, CriterionKind
from scoring.ranking import RankedProposal, RankingEntry, agreement, bands, in_line, rank, tally, weighted_total

RATING, YES_NO = CriterionKind.RATING, CriterionKind.YES_NO
T = datetime(2026, 11, 1, tzinfo=UTC)
TOTALS = st.lists(st.sampled_from([0.0, 10.1, 20.2, 33.333333, 66.666667, 70.0, 100.0]), max_size=4).map(tuple)


@st.composite
def entries(draw: st.DrawFn) -> list[RankingEntry]:
    """Proposals of which several are equal, were submitted at once, or have no review."""
    judged = draw(st.lists(st.tuples(TOTALS, st.integers(0, 3)), max_size=9))
    return [RankingEntry(n, totals, T + timedelta(hours=hours)) for n, (totals, hours) in enumerate(judged, 1)]


def seen(ranked: list[RankedProposal]) -> list[tuple[Any, ...]]:
    return [(one.proposal, one.rank, one.mean, one.tied) for one in ranked]


@given(entries(), st.data())
def test_neither_the_order_of_proposals_nor_of_reviews_matters(field: list[RankingEntry], data: st.DataObject) -> None:
    shuffled = [
        RankingEntry(one.proposal, tuple(data.draw(st.permutations(one.totals))), one.submitted_at)
        for one in data.draw(st.permutations(field))
    ]
    assert seen(rank(shuffled)) == seen(rank(field))


@given(entries())
def test_a_rank_is_one_more_than_the_number_of_better_ones(field: list[RankingEntry]) -> None:
    ranked = rank(field)
    assert {one.proposal for one in ranked} == {one.proposal for one in field}
    assert len(ranked) == len(field)
    means = [one.mean for one in ranked if one.mean is not None]
    for one in ranked:
        if one.mean is None:
            assert (one.rank, one.totals, one.tied, one.low, one.high) == (None, (), False, None, None)
            continue
        assert one.rank == 1 + sum(mean > one.mean for mean in means)
        assert one.tied is (means.count(one.mean) > 1)
        assert one.low <= one.mean + 1e-6
        assert one.mean <= one.high + 1e-6
    order = [one.rank for one in ranked]
    assert order == sorted(order, key=lambda number: (number is None, number or 0)), "best first, unread last"


@given(entries())
def test_those_of_one_rank_stand_in_the_order_of_submission(field: list[RankingEntry]) -> None:
    at = {one.proposal: one.submitted_at for one in field}
    ranked = rank(field)
    for band in bands(ranked):
        assert band == sorted(band, key=lambda one: (at[one.proposal], one.proposal))
        assert len({one.rank for one in band}) == 1
    assert sum(map(len, bands(ranked))) == sum(one.rank is not None for one in ranked)


@given(entries(), st.lists(st.sampled_from(["first", "second", "third", "equal"]), max_size=8))
def test_nobody_better_is_left_out_of_the_prizes(field: list[RankingEntry], prizes: list[str]) -> None:
    ranked = rank(field)
    line = in_line(ranked, prizes)
    inside = [one.rank for one in ranked if one.proposal in line]
    outside = [one.rank for one in ranked if one.proposal not in line and one.rank is not None]
    assert not inside or not outside or max(inside) < min(outside)
    assert all(given and set(given) <= set(prizes) for given in line.values())
    assert len(line) >= min(len(prizes), sum(one.rank is not None for one in ranked))
    alone = [one for one in ranked if one.rank is not None and not one.tied]
    assert all(line[one.proposal] == (prizes[one.rank - 1],) for one in alone if one.rank <= len(prizes))


@given(entries())
def test_a_spread_is_called_wide_only_far_above_the_usual_one(field: list[RankingEntry]) -> None:
    ranked = rank(field)
    spreads = {one.proposal: max(one.totals) - min(one.totals) for one in field if len(one.totals) > 1}
    found = agreement(ranked)
    assert (found is None) is (not spreads)
    if found is not None:
        assert abs(found.spread - sum(spreads.values()) / len(spreads)) < 1e-9
        assert found.widest == max(spreads.values())
        assert found.wide == {p for p, spread in spreads.items() if spread >= 15 and spread >= 2 * found.spread}


HUNDREDTHS = st.integers(1, 10_000).map(lambda number: Decimal(number) / 100)
WORDS = st.lists(st.text(min_size=1, max_size=5), min_size=2, max_size=7, unique=True)
WEIGHTS = st.integers(1, 100)


@st.composite
def points_lines(draw: st.DrawFn) -> CriterionLine:
    """Points with any step, up to a scale that is so many steps."""
    step = draw(HUNDREDTHS)
    steps = draw(st.integers(1, max(int(100 / step), 1)))
    return CriterionLine(title="Points", weight=draw(WEIGHTS), step=step, scale=step * steps)


LINES = st.lists(
    st.one_of(
        points_lines(),
        st.builds(CriterionLine, title=st.just("Rating"), weight=WEIGHTS, kind=st.just(RATING), labels=WORDS),
        st.builds(CriterionLine, title=st.just("Yes or no"), weight=WEIGHTS, kind=st.just(YES_NO)),
    ),
    min_size=1,
    max_size=6,
)


@given(LINES, st.data())
def test_a_total_lies_between_nothing_and_everything_and_grows_with_each_point(
    lines: list[CriterionLine], data: st.DataObject
) -> None:
    """Whatever the mixture of kinds is, and without any tolerance."""
    criteria = [Criterion(id=number, **asdict(line)) for number, line in enumerate(lines, 1)]
    points = {one.id: one.step * data.draw(st.integers(0, int(one.scale / one.step))) for one in criteria}
    assert all(kind_of(one).accepts(one, points[one.id]) for one in criteria)
    total = weighted_total(points, criteria)
    assert 0 <= total <= 100
    assert weighted_total({one.id: one.scale for one in criteria}, criteria) == 100
    assert weighted_total(dict.fromkeys(points, 0), criteria) == 0
    for one in criteria:
        more = points[one.id] + one.step
        assert kind_of(one).accepts(one, more) == (more <= one.scale)
        if more <= one.scale:
            assert weighted_total(points | {one.id: more}, criteria) > total
    progress = tally(points, criteria)
    assert (progress.scored, progress.asked) == (len(criteria), len(criteria))
    assert progress.total == total
    kept = data.draw(st.sets(st.sampled_from(sorted(points))))
    some = tally({key: number if key in kept else None for key, number in points.items()}, criteria)
    assert some.scored == len(kept) == Counter(key in kept for key in points)[True]
    assert (some.total is None) is (not kept)
