"""The clock's jobs: twice, late, and one that fails among others."""

from datetime import timedelta

from challenges import jobs
from challenges.feature import FEATURE
from challenges.workflow import ChallengeState
from crowd import background, clock
from crowd.db import commit
from crowd.limits import Limits
from tests import factories
from tests.cast import Cast
from tests.challenges.test_views import imported

PAST = timedelta(seconds=1)
GRACE = timedelta(seconds=Limits().grace_seconds)


def test_opening_and_closing_twice_is_once(cast: Cast) -> None:
    challenge = factories.funded(cast)
    assert "skipped" in jobs.open_one(challenge.id)
    assert challenge.state == ChallengeState.FUNDED, "a refused verb leaves nothing behind in the job's own transaction"
    factories.move_dates(challenge, opens_at=clock.now() - PAST)
    assert jobs.open_one(challenge.id) == {"state": {"term": ["open", "challenge"]}}
    assert "skipped" in jobs.open_one(challenge.id)
    long_ago = clock.now() - timedelta(days=9)
    factories.move_dates(challenge, opens_at=long_ago, closes_at=clock.now() - challenge.grace + PAST)
    assert "skipped" in jobs.close_one(challenge.id), "what arrived in time is still taken in"
    factories.move_dates(challenge, closes_at=clock.now() - challenge.grace)
    assert jobs.close_one(challenge.id) == {"state": {"term": ["judging", "challenge"]}}
    assert "skipped" in jobs.close_one(challenge.id)
    assert "skipped" in jobs.close_one(999_999)


def test_a_refused_verb_leaves_nothing_behind(cast: Cast) -> None:
    challenge = factories.opened(cast)
    jobs.close_one(challenge.id)
    commit()
    assert challenge.state == ChallengeState.OPEN


def test_a_turn_does_all_that_is_due(cast: Cast) -> None:
    opening = factories.funded(cast, title="Opens")
    waiting = factories.funded(cast, title="Waits")
    closing = [factories.opened(cast, title=f"Closes {n}") for n in range(2)]
    running = factories.opened(cast, title="Runs")
    factories.move_dates(opening, opens_at=clock.now() - PAST)
    for challenge in closing:
        factories.move_dates(challenge, opens_at=clock.now() - timedelta(days=9), closes_at=clock.now() - GRACE)
    factories.move_dates(running, opens_at=clock.now() - timedelta(days=9), closes_at=clock.now() - PAST)
    assert jobs.open_and_close_due()() == {"open": 1, "close": 2}
    assert [c.state for c in (opening, waiting, *closing, running)] == [
        ChallengeState.OPEN, ChallengeState.FUNDED, ChallengeState.JUDGING, ChallengeState.JUDGING, ChallengeState.OPEN,
    ]  # fmt: skip
    assert jobs.open_and_close_due()() == {}


def test_what_is_not_paid_lapses(cast: Cast) -> None:
    late, early = factories.approved(cast, title="Late"), factories.approved(cast, title="Early")
    factories.move_dates(late, funding_due_at=clock.now() - PAST)
    assert jobs.open_and_close_due()() == {}
    assert jobs.expire_unfunded()() == {"expire_funding": 1}
    assert (late.state, early.state) == (ChallengeState.DRAFT, ChallengeState.APPROVED)


def test_ended_records_are_archived(cast: Cast) -> None:
    row = imported()
    assert jobs.archive_listed() == {"archived": 0}
    factories.move_dates(row, closes_at=clock.now() - PAST)
    assert jobs.archive_listed() == {"archived": 1}
    assert row.state == ChallengeState.ARCHIVED


def test_every_job_asked_for_by_this_room_exists() -> None:
    for name in FEATURE.job_labels:
        assert background.kind(name).name == name
