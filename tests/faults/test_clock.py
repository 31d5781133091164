"""The scheduler must never stop: it logs errors, and tries again in its next round."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import scheduler, worker

SCHEDULE = {"challenges.open_and_close_due": timedelta(days=1)}

pytestmark = pytest.mark.faults


def test_a_slot_that_another_clock_holds_for_too_long_stops_nothing(committed: Flask) -> None:
    """A scheduler that hangs in the middle of its transaction (a machine that swaps) blocks the others."""
    engine = sa.create_engine(committed.config["CROWD"].database_url, poolclass=sa.NullPool)
    with engine.connect() as hanging:
        day = "date_trunc('day', crowd_now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"
        hanging.execute(
            sa.text(f"INSERT INTO schedule_run (schedule, due_at) VALUES ('challenges.open_and_close_due', {day})")
        )
        worker._turn(committed, lambda: scheduler.tick(SCHEDULE))
        hanging.rollback()
    with committed.app_context():
        assert scheduler.tick(SCHEDULE) == ["challenges.open_and_close_due"]
