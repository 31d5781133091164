"""How short a challenge may be: minutes where one person plays it, days where money is real."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from challenges import brief as briefs
from challenges.brief import Brief
from challenges.criteria import CriterionLine
from crowd.config import Settings

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = 24 * 3600
SHORTEST = {"demo": (120, 60), "production": (DAY, 3 * DAY)}  # seconds: open, and to appeal


def complaints(isolated: Flask, mode: str, open_for: float, appeal: int) -> set[str]:
    """The fields that a challenge of these lengths is refused for."""
    limits = Settings(data_dir=Path("unused"), mode=mode).limits
    asked = Brief(title="Find a leak", opens_at=NOW, closes_at=NOW + timedelta(seconds=open_for), appeal_seconds=appeal)
    with isolated.test_request_context():
        found = [*briefs.errors(asked, limits), *briefs.missing_fields(asked, limits, NOW)]
    return {name for name, _message in found} & {"closes_at", "appeal_seconds"}


@pytest.mark.parametrize("mode", SHORTEST)
def test_the_shortest_lengths_of_each_mode(isolated: Flask, mode: str) -> None:
    open_for, appeal = SHORTEST[mode]
    assert complaints(isolated, mode, open_for, appeal) == set()
    assert complaints(isolated, mode, open_for - 1, appeal) == {"closes_at"}
    assert complaints(isolated, mode, open_for, appeal - 1) == {"appeal_seconds"}


def test_production_refuses_what_a_demonstration_allows(isolated: Flask) -> None:
    assert complaints(isolated, "production", *SHORTEST["demo"]) == {"closes_at", "appeal_seconds"}


def test_a_mark_is_of_values_not_of_how_they_are_written() -> None:
    """Also of a scale of points, which the database writes with more zeros than a form."""

    def mark(scale: str) -> str:
        line = CriterionLine(title="Cost", weight=100, scale=Decimal(scale))
        return briefs.mark(Brief(title="Find a leak", criteria=[line], closes_at=NOW), ("criteria", "closes_at"))

    assert mark("10") == mark("10.000") != mark("9.5")
