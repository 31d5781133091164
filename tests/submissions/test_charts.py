"""Charts of proposals: a proposal's steps, and the submissions of a challenge over time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from challenges.models import Challenge
from crowd import clock
from crowd.db import db
from crowd.web.chart_kit import Chart
from submissions import charts, queries
from submissions.models import Proposal
from submissions.status import status_of
from tests import factories
from tests.cast import Cast

IF_IT_WINS = "Payment, should it win"


@pytest.fixture(autouse=True)
def reader(isolated: Flask) -> Iterator[None]:
    """A request of somebody who reads English."""
    with isolated.test_request_context("/", headers={"Accept-Language": "en"}):
        yield


def way(proposal: Proposal, won: bool = False) -> Chart:
    paid_at = proposal.challenge.settled_at if won else None
    return charts.progress_chart(proposal, status_of(proposal, won=won, now=clock.now()), paid_at)


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    return factories.opened(cast)


def test_a_proposals_way_is_a_picture_with_its_table(cast: Cast, challenge: Challenge) -> None:
    draft: Proposal = factories.proposal(cast.bo, challenge, submitted=False)
    chart = way(draft)
    assert [row[0] for row in chart.rows] == ["Started", "Being written", "Submitted", "Close", "Decision", IF_IT_WINS]
    assert [row[2] for row in chart.rows] == ["done", "now", "to come", "to come", "to come", "to come"]
    final, close = chart.rows[2][1], chart.rows[3][1]
    assert final.startswith("by ")
    assert final.endswith("Bo")
    assert close.endswith("automatically")


def test_what_comes_next_is_told_with_who_and_by_when(cast: Cast) -> None:
    judged = factories.judging(cast, "bo")
    (row,) = queries.submitted(judged.id)
    told = {label: (at, state) for label, at, state in way(row).rows}
    assert [label for label, (_at, state) in told.items() if state == "now"] == ["In judging"]
    assert told["In judging"][0].endswith("the panel")
    assert told["Decision"][0].endswith("Luoyang Water Group")
    assert told["Decision"][0].startswith("by ")
    assert "Decision published" not in told


def test_a_settled_proposals_way_is_done(cast: Cast) -> None:
    settled = factories.settled(cast, "bo")
    (row,) = queries.submitted(settled.id)
    chart = way(row, won=True)
    assert [label for label, _at, _state in chart.rows] == [
        "Started", "Submitted", "Challenge closed", "Decision published", "Appeal period ended", "Paid",
    ]  # fmt: skip
    assert {state for _label, _at, state in chart.rows} == {"done"}


def test_what_was_not_final_in_time_is_said(cast: Cast, challenge: Challenge) -> None:
    draft = factories.proposal(cast.bo, challenge, submitted=False)
    factories.closed(cast, challenge)
    assert [row[0] for row in way(draft).rows] == ["Started", "Was not submitted, so it does not count"]


def test_entries_are_counted_by_day_and_a_long_call_by_week(challenge: Challenge) -> None:
    opened = datetime(2026, 3, 1, 9, tzinfo=UTC)
    challenge.published_at, challenge.closed_at = opened, opened + timedelta(days=3)
    short = charts.entries(challenge, [opened, opened + timedelta(days=2), opened + timedelta(days=2)])
    assert short is not None
    assert [row[1] for row in short.rows] == ["1", "2"]  # few: days without any are left out
    challenge.closed_at = opened + timedelta(days=90)
    long = charts.entries(challenge, [opened + timedelta(days=6), opened + timedelta(days=7)])
    assert long is not None
    assert [row[1] for row in long.rows] == ["1", "1"]
    assert charts.entries(challenge, []) is None
    db.session.rollback()
