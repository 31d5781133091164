"""Roles of the demonstration's people have realistic terms: nobody loses one and gets it back within a minute."""

from itertools import pairwise

from crowd.demo.scenarios.duties import TURNS


def test_a_role_that_ends_begins_again_hours_later() -> None:
    for who, role in {(row[1], row[3]) for row in TURNS}:
        days = sorted((row[0] for row in TURNS if (row[1], row[3]) == (who, role)), reverse=True)
        assert all(before - after > 0.5 for before, after in pairwise(days)), (who, role)
