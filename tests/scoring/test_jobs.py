"""The jobs of this package, run as the workers run them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from challenges.lifecycle import services as lifecycle
from challenges.workflow import ChallengeState
from crowd import background
from crowd.background import Job, JobState
from crowd.clock import now
from crowd.db import db
from scoring import candidates, jobs
from scoring.reviews import queries
from scoring.workflow import AssignmentState
from tests import factories
from tests.cast import Cast


def job(kind: str) -> Job:
    return db.session.scalars(sa.select(Job).where(Job.kind == kind).execution_options(populate_existing=True)).one()


def test_the_panel_and_the_settlement_are_done_by_jobs(cast: Cast) -> None:
    for reviewer in cast.reviewers():
        assert reviewer.id
    challenge = factories.opened(cast)
    factories.proposal(cast.bo, challenge)
    factories.closed(cast, challenge)
    assert background.run(job("panels.form").id)
    assert job("panels.form").result["candidates"] == 3
    assert len(factories.assignments(challenge)) == 3


def test_a_settlement_before_its_time_is_tried_again(cast: Cast) -> None:
    challenge = factories.decided(cast)
    asked = job("settlement.settle")
    assert not background.run(asked.id)  # not due
    asked.run_at = now() - timedelta(seconds=1)
    db.session.flush()
    assert not background.run(asked.id)  # due by mistake: the service refuses
    assert job("settlement.settle").state == JobState.READY
    assert job("settlement.settle").attempts == 1
    factories.move_dates(challenge, appeals_until=now() - timedelta(seconds=1))
    job("settlement.settle").run_at = now() - timedelta(seconds=1)
    db.session.flush()
    assert background.run(asked.id)
    db.session.refresh(challenge)
    assert challenge.state == ChallengeState.SETTLED
    assert not background.run(asked.id)


def test_a_challenge_that_was_cancelled_gets_no_panel_and_keeps_nobody(cast: Cast) -> None:
    early = factories.closed(cast)
    lifecycle.cancel(cast.eve, early.id, reason="The sponsor is bankrupt.")
    assert "skipped" in jobs.form_panel(early.id)
    late = factories.judging(cast, "bo")
    lifecycle.cancel(cast.eve, late.id, reason="The sponsor is bankrupt.")
    assert candidates.open_assignments() == {}
    assert queries.due_reviews(now() + timedelta(days=99)) == []
    assert jobs.remind_reviewers()["released"] == 3
    assert {row.state for row in factories.assignments(late)} == {AssignmentState.RELEASED}
    assert jobs.remind_reviewers()["released"] == 0


@pytest.mark.parametrize("again", [1, 2])
def test_the_other_jobs_say_what_they_did(cast: Cast, again: int) -> None:
    factories.settled(cast)
    for _ in range(again):
        assert jobs.settle_due() == {"due": 0}
        assert jobs.check_ledger()["errors"] == 0
