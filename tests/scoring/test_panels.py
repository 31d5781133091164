"""Choosing a panel and finding conflicts, as pure calculations."""

import random
from collections import Counter

import pytest

from scoring import conflicts, panels
from scoring.conflicts import Reviewer
from scoring.panels import Candidate, PanelPlan, choose
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


def test_shuffled_input_gives_the_same_output() -> None:
    chance = random.Random(4)
    wanted = dict.fromkeys(range(100, 130), 3)
    candidates = [Candidate(i, frozenset(chance.sample(sorted(TAGS), i % 3)), i % 4) for i in range(25)]
    left_out = {(i, p) for i in range(25) for p in wanted if chance.random() < 0.2}
    first = plan(wanted, candidates, left_out, load=5)
    for _ in range(5):
        keys = list(wanted)
        chance.shuffle(keys)
        chance.shuffle(candidates)
        assert plan(dict.fromkeys(keys, 3), candidates, set(left_out), load=5) == first


def test_conflicts_never_meet_and_nobody_reads_a_proposal_twice() -> None:
    wanted = dict.fromkeys(range(100, 120), 3)
    left_out = {(i, p) for i in range(8) for p in wanted if (i + p) % 4 == 0}
    pairs = [(c.reviewer, c.proposal) for c in plan(wanted, people(*range(8)), left_out).choices]
    assert not left_out & set(pairs)
    assert len(pairs) == len(set(pairs)) == 60


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


def test_work_is_spread_evenly_among_equals() -> None:
    load = Counter(c.reviewer for c in plan(dict.fromkeys(range(40), 3), people(*range(12))).choices)
    assert max(load.values()) - min(load.values()) <= 1


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
    assert conflicts.find([judge], [party], sponsor=7, participants={20, 30}) == (
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
    assert panels.RULE
