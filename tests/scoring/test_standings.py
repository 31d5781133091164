"""What pages read as rows: reputation totals and published ranks, compared with their sources."""

from typing import Any

import pytest
import sqlalchemy as sa

from crowd.db import db
from crowd.ledger import check
from scoring import queries
from scoring.models import PublishedRanking, ReputationEvent
from scoring.profiles.models import ReputationTotal
from scoring.reputation import points
from scoring.reputation.points import Credit
from tests import factories, recount
from tests.cast import Cast

SUMS = ("points", "solving", "reviewing", "awarded", "placed", "reviewed", "decided")


def kept() -> dict[tuple[Any, Any], tuple[int, ...]]:
    """The standings, by party."""
    rows = db.session.scalars(sa.select(ReputationTotal).execution_options(populate_existing=True))
    return {(row.user_id, row.organisation_id): tuple(getattr(row, name) for name in SUMS) for row in rows}


def rebuilt() -> dict[tuple[Any, Any], tuple[int, ...]]:
    """The same from the events."""
    events = db.session.scalars(sa.select(ReputationEvent))
    credits = [Credit(str(e.kind), e.points, user=e.user_id, organisation=e.organisation_id) for e in events]
    return {(row.user, row.organisation): tuple(getattr(row, name) for name in SUMS) for row in points.add_up(credits)}


def break_it(statement: str) -> None:
    db.session.flush()
    db.session.execute(sa.text(statement))


def test_standings_are_the_sums_of_the_events_after_each_settlement(cast: Cast) -> None:
    assert kept() == {}
    factories.settled(cast)
    assert kept() == rebuilt() != {}
    factories.settled(cast, "bo", "bea", "nils", awards=2)
    assert kept() == rebuilt()


def test_a_settlement_that_is_rolled_back_leaves_no_standing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from scoring.settlement import notifications
    from scoring.settlement import services as settlement

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the mail room burns")

    challenge = factories.decided(cast)
    factories.move_dates(challenge, appeals_until=challenge.decided_at)
    monkeypatch.setattr(notifications, "settled", fails)
    number = challenge.id
    with pytest.raises(RuntimeError):
        settlement.settle(factories.SYSTEM, number)
    assert kept() == {}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ReputationEvent)) == 0


def test_the_check_of_the_books_warns_of_a_wrong_standing(cast: Cast) -> None:
    factories.settled(cast)
    assert check.run_checks() == []
    break_it(f"UPDATE reputation_total SET points = points + 1 WHERE user_id = {cast.bo.id}")
    break_it(f"UPDATE reputation_total SET user_id = {cast.dee.id} WHERE user_id = {cast.bea.id}")
    found = {finding.subject: finding for finding in check.run_checks()}
    assert {f"user {cast.bo.id}", f"user {cast.bea.id}"} < found.keys()
    assert len(found) == 3
    assert all(finding.name == "standing_wrong" and finding.warning for finding in found.values())


def test_the_places_are_published_with_the_decision_and_equal_the_ranking(cast: Cast) -> None:
    challenge = factories.judged(cast, "bo", "bea", "nils")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PublishedRanking)) == 0
    before = [standing.ranked for standing in queries.ranked(challenge.id)]
    factories.award_services.decide(cast.ada, challenge.id, reason="None of them can be built.")
    rows = db.session.scalars(sa.select(PublishedRanking).order_by(PublishedRanking.rank, PublishedRanking.id)).all()
    assert [(row.proposal_id, row.rank, row.mean) for row in rows] == [(p.proposal, p.rank, p.mean) for p in before]
    assert [(row.low, row.high, row.reviews) for row in rows] == [
        (min(p.totals), max(p.totals), len(p.totals)) for p in before
    ]
    again = recount.ranks()
    assert [tuple(row) for row in again] == [
        (row.challenge_id, row.proposal_id, row.rank, row.mean, row.low, row.high, row.reviews) for row in rows
    ]


def test_a_tie_shares_its_published_rank_and_who_was_not_read_has_none(cast: Cast) -> None:
    challenge = factories.judging(cast, "bo", "bea", "nils")
    for assignment in factories.assignments(challenge):
        if assignment.proposal.user_id != cast.nils.id:
            factories.review(assignment)
    factories.move_dates(challenge, reviews_due_at=challenge.closed_at)
    factories.award_services.decide(cast.ada, challenge.id, reason="None of them can be built.")
    rows = db.session.scalars(sa.select(PublishedRanking).order_by(PublishedRanking.rank)).all()
    assert [row.rank for row in rows] == [1, 1, None]
    assert [tuple(row)[2] for row in recount.ranks()] == [1, 1, None]
    assert rows[2].mean is None
    assert check.run_checks() == []


def test_the_check_of_the_books_warns_of_a_decision_without_places(cast: Cast) -> None:
    challenge = factories.judged(cast)
    break_it(f"UPDATE challenge SET state = 'decided', decided_at = crowd_now() WHERE id = {challenge.id}")
    found = check.run_checks()
    assert {(finding.name, finding.warning) for finding in found} == {("place_missing", True), ("month_wrong", True)}


@pytest.mark.parametrize("statement", ["DELETE FROM published_ranking", "UPDATE published_ranking SET rank = 1"])
def test_published_places_are_never_changed(cast: Cast, statement: str) -> None:
    factories.decided(cast)
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        break_it(statement)
