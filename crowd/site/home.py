"""Data of the home page: every figure counts challenges of this platform only, and links to what it counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from challenges import queries as challenges
from challenges.models import Challenge
from crowd.site import statistics
from crowd.site.statistics import Statistics
from scoring.awards import queries as award_queries

SHOWN = 6


@dataclass(frozen=True)
class HomePage:
    """What closes next, what was decided last, and the figures."""

    open: Sequence[Challenge]
    figures: Statistics
    results: Sequence[award_queries.Result]


def home_page_data() -> HomePage:
    """Everything for the home page in a constant number of queries."""
    return HomePage(challenges.open_challenges(SHOWN), statistics.load(), award_queries.latest_results(SHOWN))
