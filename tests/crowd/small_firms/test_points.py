"""Points of a firm: each step of each table at its edge, and one below it."""

import pytest

from crowd.small_firms.points import CLASS_TWO, OF_COSTS, OF_REVENUE, STAFF, Figures, points

NOTHING = {"staff": 1000, "rd_staff": 0, "revenue": 10**12, "costs": 10**12, "rd_expenses": 0, "class_one": 0,
           "class_two": 0}  # fmt: skip


def figures(**changes: int) -> Figures:
    return Figures(**{**NOTHING, **changes})


@pytest.mark.parametrize(("percent", "given"), STAFF)
def test_staff(percent: int, given: int) -> None:
    assert points(figures(rd_staff=percent * 10)).staff == given
    assert points(figures(rd_staff=percent * 10 - 1)).staff < given


@pytest.mark.parametrize(("percent", "given"), OF_REVENUE)
def test_expenses_of_the_revenue(percent: int, given: int) -> None:
    exact = {"revenue": 10**10, "rd_expenses": percent * 10**8}
    assert points(figures(**exact)).expenses == given
    assert points(figures(**exact | {"rd_expenses": percent * 10**8 - 1})).expenses < given


@pytest.mark.parametrize(("percent", "given"), OF_COSTS)
def test_expenses_of_the_costs(percent: int, given: int) -> None:
    exact = {"costs": 10**10, "rd_expenses": percent * 10**8}
    assert points(figures(**exact, revenue=10**15)).expenses == given
    assert points(figures(**exact | {"rd_expenses": percent * 10**8 - 1}, revenue=10**15)).expenses < given


@pytest.mark.parametrize(("number", "given"), CLASS_TWO)
def test_rights(number: int, given: int) -> None:
    assert points(figures(class_two=number)).rights == given
    assert points(figures(class_two=number - 1)).rights < given
    assert points(figures(class_two=number, class_one=1)).rights == 30


def test_nothing_gives_no_points_and_all_of_it_a_hundred() -> None:
    assert points(figures(staff=0, revenue=0, costs=0, rd_expenses=5)).total == 0
    assert points(figures(rd_staff=1000, rd_expenses=10**12, class_one=3)).total == 100
