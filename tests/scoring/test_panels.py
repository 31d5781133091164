"""Choosing a panel and finding conflicts, as pure calculations."""

from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import conflicts
from scoring.conflicts import Reviewer
from scoring.panels import greedy
from scoring.panels.greedy import Candidate, PanelPlan, choose
from submissions.parties import Parties

TAGS = frozenset({"water", "acoustics"})


def people(*ids: int, tags: frozenset[str] = TAGS, open: int = 0) -> list[Candidate]:
    return [Candidate(i, tags, open) for i in ids]


def plan(
    wanted: dict[int, int],
    candidates: list[Candidate],
    left_out: set[tuple[int, int]] | None = None,
    *,
    load: int = 9,
    most_open: int = 40,
    held: dict[int, int] | None = None,
    seed: int = 0,
) -> PanelPlan:
    return choose(wanted, candidates, TAGS, left_out or set(), load=load, most_open=most_open, held=held, seed=seed)


def test_shared_tags_come_first_then_the_fewest_open_assignments() -> None:
    expert = Candidate(1, TAGS, 5)
    idle = Candidate(2, frozenset({"water"}), 0)
    busy = Candidate(3, frozenset({"water"}), 3)
    (choice,) = plan({10: 1}, [busy, idle, expert]).choices
    assert (choice.reviewer, choice.shared, choice.open, choice.possible) == (1, ("acoustics", "water"), 5, 3)
    assert [c.reviewer for c in plan({10: 3}, [busy, idle, expert]).choices] == [1, 2, 3]


def test_equals_fall_by_the_seed_and_the_same_seed_replays() -> None:
    found = {seed: plan({10: 1}, people(*range(20)), seed=seed).choices[0].reviewer for seed in range(30)}
    assert len(set(found.values())) > 5
    assert all(plan({10: 1}, people(*range(20)), seed=s).choices[0].reviewer == r for s, r in found.items())


@dataclass(frozen=True)
class Panel:
    """What a panel is to be chosen from."""

    wanted: dict[int, int]
    candidates: list[Candidate]
    left_out: set[tuple[int, int]]
    load: int
    most_open: int
    held: dict[int, int]
    seed: int

    def plan(self, *, candidates: list[Candidate] | None = None, wanted: dict[int, int] | None = None) -> PanelPlan:
        return choose(
            self.wanted if wanted is None else wanted, candidates or self.candidates, TAGS, self.left_out,
            load=self.load, most_open=self.most_open, held=self.held, seed=self.seed,
        )  # fmt: skip


@st.composite
def drawn(draw: st.DrawFn) -> Panel:
    """Few reviewers for the proposals, or enough; with conflicts, work in hand, and many equals."""
    wanted = draw(st.dictionaries(st.integers(100, 109), st.integers(0, 4), max_size=8))
    tags = st.sampled_from([frozenset(), frozenset({"water"}), TAGS, TAGS | {"other"}])
    facts = draw(st.lists(st.tuples(tags, st.integers(0, 5)), max_size=8))
    pairs = st.tuples(st.integers(1, 8), st.integers(100, 109))
    return Panel(
        wanted, [Candidate(n, *fact) for n, fact in enumerate(facts, 1)], draw(st.sets(pairs, max_size=25)),
        draw(st.integers(1, 6)), draw(st.integers(1, 8)),
        draw(st.dictionaries(st.integers(1, 8), st.integers(0, 3), max_size=4)), draw(st.integers(0, 99)),
    )  # fmt: skip


@given(drawn(), st.data())
def test_shuffled_input_gives_the_same_output(panel: Panel, data: st.DataObject) -> None:
    candidates = data.draw(st.permutations(panel.candidates))
    wanted = dict(data.draw(st.permutations(list(panel.wanted.items()))))
    assert panel.plan(candidates=candidates, wanted=wanted) == panel.plan()


@given(drawn())
def test_conflicts_never_meet_and_no_load_is_exceeded(panel: Panel) -> None:
    found = panel.plan()
    pairs = [(one.reviewer, one.proposal) for one in found.choices]
    assert not panel.left_out & set(pairs)
    assert len(pairs) == len(set(pairs)), "nobody reads a proposal twice"
    given_now = Counter(reviewer for reviewer, _proposal in pairs)
    for one in panel.candidates:
        assert given_now[one.id] <= max(0, panel.load - panel.held.get(one.id, 0))
        assert given_now[one.id] == 0 or one.open + given_now[one.id] <= panel.most_open


@given(drawn())
def test_nothing_is_missing_while_somebody_is_free(panel: Panel) -> None:
    found = panel.plan()
    chosen = Counter(one.proposal for one in found.choices)
    assert {p: n for p, n in panel.wanted.items() if n - chosen[p]} == {p: panel.wanted[p] for p in found.missing}
    given_now = Counter(one.reviewer for one in found.choices)
    pairs = {(one.reviewer, one.proposal) for one in found.choices}
    for proposal, number in found.missing.items():
        assert number == panel.wanted[proposal] - chosen[proposal] > 0
        for one in panel.candidates:
            room = min(panel.load - panel.held.get(one.id, 0), panel.most_open - one.open) - given_now[one.id]
            assert room <= 0 or (one.id, proposal) in panel.left_out | pairs


@given(drawn())
def test_a_choice_tells_why(panel: Panel) -> None:
    by_id = {one.id: one for one in panel.candidates}
    choices = panel.plan().choices
    for one in choices:
        able = [c for c in panel.candidates if (c.id, one.proposal) not in panel.left_out and c.open < panel.most_open]
        assert one.possible == len(able)
        assert one.shared == tuple(sorted(by_id[one.reviewer].tags & TAGS))
    for reviewer, person in by_id.items():
        numbers = sorted(one.open for one in choices if one.reviewer == reviewer)
        assert numbers == list(range(person.open, person.open + len(numbers)))


@given(st.integers(1, 12), st.integers(0, 12), st.integers(1, 4), st.integers(0, 99))
def test_work_is_spread_among_equals(number: int, proposals: int, each: int, seed: int) -> None:
    """To one proposal where each has one review; a greedy choice of several may differ by as many."""
    everybody = range(1, number + 1)
    found = plan(dict.fromkeys(range(100, 100 + proposals), each), people(*everybody), load=99, most_open=99, seed=seed)
    load = Counter(one.reviewer for one in found.choices)
    assert max(load[one] for one in everybody) - min(load[one] for one in everybody) <= each


def test_an_infeasible_load_says_what_is_missing() -> None:
    found = plan({10: 3, 11: 3}, people(1, 2), load=2)
    assert len(found.choices) == 4
    assert found.missing == {10: 1, 11: 1}
    assert plan({10: 2}, []).missing == {10: 2}
    assert plan({10: 2}, people(1, 2), {(1, 10), (2, 10)}).missing == {10: 2}


def test_loads_and_open_assignments_are_kept() -> None:
    found = plan(dict.fromkeys(range(10), 2), people(1, 2, 3, open=38), load=15, most_open=40)
    assert Counter(c.reviewer for c in found.choices) == {1: 2, 2: 2, 3: 2}
    assert sum(found.missing.values()) == 14
    held = plan(dict.fromkeys(range(10), 1), people(1), load=4, held={1: 3})
    assert len(held.choices) == 1


def test_each_proposal_may_want_another_number() -> None:
    found = plan({10: 1, 11: 0, 12: 3}, people(1, 2, 3, 4))
    assert Counter(c.proposal for c in found.choices) == {10: 1, 12: 3}
    assert plan({}, people(1)).choices == ()


@pytest.mark.parametrize(
    ("judge", "kind"),
    [
        (Reviewer(1, frozenset({7})), "sponsor"),
        (Reviewer(20, frozenset()), "self"),
        (Reviewer(21, frozenset()), "self"),
        (Reviewer(1, frozenset({8})), "organisation"),
        (Reviewer(22, frozenset()), "organisation"),
        (Reviewer(30, frozenset()), "rival"),
        (Reviewer(1, frozenset(), conflicting_people=frozenset({21})), "declared"),
        (Reviewer(1, frozenset(), conflicting_organisations=frozenset({8})), "declared"),
        (Reviewer(1, frozenset(), conflicting_organisations=frozenset({7})), "declared"),
        (Reviewer(1, frozenset({9}), frozenset({23}), frozenset({9})), None),
    ],
)
def test_who_must_not_judge_what(judge: Reviewer, kind: str | None) -> None:
    party = Parties(100, frozenset({20, 21}), frozenset({20, 21, 22}), frozenset({8}))
    assert conflicts.find([judge], [party], sponsors=[7], participants={20, 30}) == (
        {} if kind is None else {(judge.id, 100): kind}
    )


def test_every_kind_is_counted() -> None:
    assert conflicts.count({(1, 2): "declared", (1, 3): "declared"}) == {
        "sponsor": 0,
        "self": 0,
        "organisation": 0,
        "rival": 0,
        "declared": 2,
    }


def test_the_rule_has_a_name() -> None:
    assert greedy.RULE
