"""The pictures of proposals: a proposal's way, and the entries of a challenge over time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from challenges.models import Challenge
from crowd.db import db
from submissions import pictures
from submissions.models import Proposal
from tests import factories
from tests.cast import Cast


@pytest.fixture(autouse=True)
def reader(isolated: Flask) -> Iterator[None]:
    """A request of somebody who reads English."""
    with isolated.test_request_context("/", headers={"Accept-Language": "en"}):
        yield


@pytest.fixture
def challenge(cast: Cast) -> Challenge:
    return factories.opened(cast)


def test_a_proposals_way_is_a_picture_with_its_table(cast: Cast, challenge: Challenge) -> None:
    draft: Proposal = factories.proposal(cast.bo, challenge, submitted=False)
    chart = pictures.way(draft)
    assert [row[0] for row in chart.rows] == [
        "Begun", "Final", "Challenge closed", "Decision published", "Paid and settled",
    ]  # fmt: skip
    assert [row[2] for row in chart.rows] == ["done", "now", "to come", "to come", "to come"]


def test_entries_are_counted_by_day_and_a_long_call_by_week(challenge: Challenge) -> None:
    opened = datetime(2026, 3, 1, 9, tzinfo=UTC)
    challenge.published_at, challenge.closed_at = opened, opened + timedelta(days=3)
    short = pictures.entries(challenge, [opened, opened + timedelta(days=2), opened + timedelta(days=2)])
    assert short is not None
    assert [row[1] for row in short.rows] == ["1", "0", "2", "0"]
    challenge.closed_at = opened + timedelta(days=90)
    long = pictures.entries(challenge, [opened + timedelta(days=6), opened + timedelta(days=7)])
    assert long is not None
    assert [row[1] for row in long.rows][:3] == ["1", "1", "0"]
    assert pictures.entries(challenge, []) is None
    db.session.rollback()
