"""What the front page shows: every figure counts challenges of this platform only, and links to what it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from challenges import queries as challenges
from crowd.ledger import queries as ledger
from scoring.awarding import queries as awarding

SHOWN = 6


@dataclass(frozen=True)
class Front:
    """`escrow` and `paid` are (currency, minor units) pairs, the largest first; `counts` maps a state to a number."""

    open: Sequence[Any]
    counts: dict[str, int]
    escrow: list[tuple[str, int]]
    paid: list[tuple[str, int]]
    results: Sequence[Any]


def gather() -> Front:
    """Everything for the front page in a constant number of queries."""
    totals = ledger.totals()
    return Front(
        open=challenges.open_challenges(SHOWN),
        counts=challenges.counts_by_state(),
        escrow=totals.escrow,
        paid=totals.paid,
        results=awarding.latest_results(SHOWN),
    )
