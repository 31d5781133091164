"""The charts of scores, from what the panel gave."""

from dataclasses import asdict
from decimal import Decimal

from flask import Flask
from flask_babel import force_locale

from challenges.criteria import CriterionLine
from challenges.rubric import Criterion
from scoring import charts
from scoring.queries import RankingRow
from scoring.ranking import RankedProposal

EFFECT, COST = (
    Criterion(id=i, **asdict(CriterionLine(title=title, weight=50, scale=Decimal(scale))))
    for i, title, scale in ((1, "Effect", 10), (2, "Cost", 100))
)


def row(proposal: int, rank: int | None, title: str) -> RankingRow:
    place = RankedProposal(proposal, rank, 80.0 if rank else None, (80.0,) if rank else (), False)
    return RankingRow(place, title, "en", "Bo", None, (), 0)


def test_points_of_every_scale_are_told_with_their_mean_and_their_ends(shared_app: Flask) -> None:
    points = {(7, 1): [8, 10], (7, 2): [50, 50], (8, 1): [1, 5]}
    with shared_app.test_request_context(), force_locale("en"):
        made = charts.heat([row(7, 1, "A"), row(8, 2, "B"), row(9, None, "C")], [EFFECT, COST], points)
        assert made is not None
        assert made.columns == ("Proposal", "Effect", "Cost")
        assert made.rows == (("1. A", "9.0 (8 to 10)", "50.0"), ("2. B", "3.0 (1 to 5)", "–"))
        assert [share in made.svg for share in ('"0.90"', '"0.50"', '"0.30"')] == [True] * 3
        assert charts.heat([row(9, None, "C")], [EFFECT, COST], {}) is None
