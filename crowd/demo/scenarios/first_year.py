"""The first year: settled challenges, one of them without an award."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from challenges.brief import Changes
from challenges.deciding import Silence, TieRule
from crowd.demo.plan import ChallengePlan
from crowd.demo.simulator import Script, Simulator
from crowd.demo.timeline import life

# Days before the end on which each opened; `payday` relies on them
OPENED = {
    "cell-swelling": 515, "spindle-drift": 506, "dyeing-wastewater": 470, "scrap-sorting": 330, "rice-wine": 290,
    "blade-recycling": 250, "sinter-dust": 190,
}  # fmt: skip
SENT_BACK = frozenset({"cell-swelling", "rice-wine"})
PAID_IN_TWO = frozenset({"spindle-drift"})
WITHOUT = frozenset({"sinter-dust"})  # an award
SILENT = frozenset({"blade-recycling"})  # its sponsor does not decide, and the prizes go by ranking
CLAUSES: dict[str, Changes] = {
    "blade-recycling": {"silence": Silence.RANKING, "tie_rule": TieRule.SHARE},
    "sinter-dust": {"review_fee": 300_00, "proposals_limit": 40},
}


def scripts(simulator: Simulator, end: datetime) -> Iterator[Script]:
    """A script for each challenge that is settled by now."""
    for key, days in OPENED.items():
        opens = end - timedelta(days=days)
        yield life(
            simulator,
            ChallengePlan(
                key,
                opens,
                sent_back=key in SENT_BACK,
                paid_in_two=key in PAID_IN_TWO,
                award=key not in WITHOUT,
                clauses=CLAUSES.get(key, {}),
                silent=key in SILENT,
            ),
        )
