"""The points of a firm, by the tables of the Measures of 2017 (article 7): a pure calculation.

Shares are compared as whole numbers, so that exactly ten percent is ten percent.
"""

from dataclasses import dataclass

STAFF = ((30, 20), (25, 16), (20, 12), (15, 8), (10, 4))  # (from so many percent, points): R&D staff of all staff
OF_REVENUE = ((6, 50), (5, 40), (4, 30), (3, 20), (2, 10))  # R&D expenses of the revenue
OF_COSTS = ((30, 50), (25, 40), (20, 30), (15, 20), (10, 10))  # R&D expenses of all costs
CLASS_ONE = 30  # one right of class I or more, such as an invention patent
CLASS_TWO = ((4, 24), (3, 18), (2, 12), (1, 6))  # (from so many rights of class II, points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a firm says of its last year; amounts in minor units."""

    staff: int
    rd_staff: int
    revenue: int
    costs: int
    rd_expenses: int
    class_one: int
    class_two: int


@dataclass(frozen=True, slots=True)
class Points:
    """The points for R&D staff, for R&D expenses and for intellectual property."""

    staff: int
    expenses: int
    rights: int

    @property
    def total(self) -> int:
        """All together, at most 100."""
        return self.staff + self.expenses + self.rights


def points(figures: Figures) -> Points:
    """The points of a firm; of the two shares of its R&D expenses the better one counts."""
    expenses = max(
        _of_share(figures.rd_expenses, figures.revenue, OF_REVENUE),
        _of_share(figures.rd_expenses, figures.costs, OF_COSTS),
    )
    rights = CLASS_ONE if figures.class_one else _from(figures.class_two, CLASS_TWO)
    return Points(_of_share(figures.rd_staff, figures.staff, STAFF), expenses, rights)


def _of_share(part: int, whole: int, table: tuple[tuple[int, int], ...]) -> int:
    return next((given for percent, given in table if part * 100 >= percent * whole), 0) if whole else 0


def _from(number: int, table: tuple[tuple[int, int], ...]) -> int:
    return next((given for least, given in table if number >= least), 0)
