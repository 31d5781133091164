"""The ledger check: each invariant is broken once, as the database's owner could, and is named."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from challenges.deciding import Silence
from crowd.audit import SYSTEM
from crowd.clock import now
from crowd.db import db
from crowd.ledger import check
from crowd.ledger.check import errors
from crowd.notifications.models import Notification
from scoring import services
from tests import factories
from tests.cast import Cast


def names() -> set[str]:
    return {finding.name for finding in check.run_checks()}


def break_it(statement: str, **values: Any) -> None:
    db.session.flush()
    db.session.execute(sa.text(statement), values)
    db.session.flush()


@pytest.fixture
def settled(cast: Cast) -> int:
    """A settled challenge with a correct ledger."""
    challenge = factories.settled(cast)
    assert errors(check.run_checks()) == []
    return challenge.id


def test_right_books_have_no_findings_in_any_state(cast: Cast) -> None:
    factories.opened(cast)
    factories.judged(cast)
    factories.decided(cast, "nils")
    assert errors(check.run_checks()) == []


def test_escrow_against_the_state(cast: Cast) -> None:
    challenge = factories.opened(cast)
    break_it("UPDATE challenge SET prize_total = prize_total + 100 WHERE id = :id", id=challenge.id)
    assert "escrow_state" in names()


def test_escrow_of_nothing(cast: Cast) -> None:
    challenge = factories.opened(cast)
    break_it("UPDATE challenge SET currency = 'EUR' WHERE id = :id", id=challenge.id)
    assert {"escrow_stray", "escrow_state"} <= names()


def test_an_award_posted_with_another_amount(settled: int) -> None:
    break_it("UPDATE award SET amount = amount + 1 WHERE challenge_id = :id", id=settled)
    assert {"award_unpaid", "award_wrong", "fee_wrong"} & names() >= {"award_unpaid", "award_wrong"}


def test_an_award_paid_but_not_posted(settled: int) -> None:
    break_it("UPDATE award SET state = 'announced', paid_at = NULL WHERE challenge_id = :id", id=settled)
    assert {"award_paid_early", "award_open"} <= names()


def test_an_award_that_vanished(settled: int) -> None:
    break_it("DELETE FROM award WHERE challenge_id = :id", id=settled)
    assert "award_paid_early" in names()


def test_an_award_posted_and_never_paid(cast: Cast) -> None:
    challenge = factories.decided(cast)
    break_it("UPDATE award SET state = 'posted', paid_at = crowd_now() WHERE challenge_id = :id", id=challenge.id)
    assert {"award_unpaid", "award_fee_wrong", "escrow_state"} <= names()


def test_a_place_that_the_prize_does_not_have(cast: Cast) -> None:
    challenge = factories.decided(cast)
    break_it("UPDATE award SET position = 2 WHERE challenge_id = :id", id=challenge.id)
    assert names() & {"award_wrong"}


def test_a_proposal_whose_parts_are_not_the_whole(settled: int) -> None:
    break_it(
        "INSERT INTO share (proposal_id, user_id, basis_points, agreed_at)"
        " SELECT id, user_id, 9000, now() FROM proposal WHERE challenge_id = :id AND state = 'submitted'",
        id=settled,
    )
    assert "split_wrong" in names()


def test_equal_means_that_do_not_share(cast: Cast) -> None:
    challenge = factories.decided(cast, awards=2)
    assert "tie_wrong" not in names()
    break_it("UPDATE award SET tie_rank = 1 WHERE challenge_id = :id", id=challenge.id)  # parts that are not equal
    assert "tie_wrong" in names()


def paid_reviews(cast: Cast) -> int:
    """A challenge whose reviewers are paid: it is decided, its settlement is not due."""
    challenge = factories.decided(cast, "bo", review_fee=1_000)
    assert factories.run_jobs("honoraria.pay") == 1
    assert errors(check.run_checks()) == []
    return challenge.id


def test_a_reviewer_who_is_paid_something_else(cast: Cast) -> None:
    challenge_id = paid_reviews(cast)
    break_it("UPDATE assignment SET fee = fee + 1 WHERE challenge_id = :id", id=challenge_id)
    assert "honorarium_wrong" in names()


def test_a_review_that_came_late_and_is_paid(cast: Cast) -> None:
    challenge_id = paid_reviews(cast)
    break_it("UPDATE assignment SET due_at = done_at - interval '1 minute' WHERE challenge_id = :id", id=challenge_id)
    assert "honorarium_wrong" in names()


def test_a_review_that_came_in_time_and_is_not_paid(cast: Cast) -> None:
    challenge_id = paid_reviews(cast)
    break_it("UPDATE assignment SET fee_paid_at = NULL WHERE challenge_id = :id", id=challenge_id)
    assert {"honorarium_wrong", "escrow_state"} <= names()
    break_it("UPDATE challenge SET state = 'settled', settled_at = now() WHERE id = :id", id=challenge_id)
    assert "honorarium_missing" in names()


def test_fees_at_another_rate(settled: int) -> None:
    break_it("UPDATE challenge SET fee_basis_points = fee_basis_points + 7 WHERE id = :id", id=settled)
    assert "fee_wrong" in names()


def test_fees_that_are_not_what_the_decision_fixed(cast: Cast, settled: int) -> None:
    break_it("UPDATE award SET fee = fee + 1 WHERE challenge_id = :id", id=settled)
    assert {"fee_wrong", "award_fee_wrong"} <= names()


def test_a_fee_that_was_fixed_wrong_is_found_before_anything_is_paid(cast: Cast) -> None:
    challenge = factories.decided(cast)
    break_it("UPDATE award SET fee = fee + 1 WHERE challenge_id = :id", id=challenge.id)
    assert "fee_wrong" in names()


def test_a_review_that_is_done_and_not_there(cast: Cast) -> None:
    challenge = factories.judged(cast)
    break_it(
        "UPDATE review SET submitted_at = NULL WHERE assignment_id IN"
        " (SELECT id FROM assignment WHERE challenge_id = :id)",
        id=challenge.id,
    )
    assert "review_missing" in names()


def test_a_settlement_that_was_only_written_down(cast: Cast) -> None:
    challenge = factories.decided(cast)
    break_it("UPDATE challenge SET state = 'settled' WHERE id = :id", id=challenge.id)
    assert {"reputation_missing", "escrow_state", "award_open"} <= names()


@pytest.mark.parametrize(
    ("state", "column"),
    [
        ("opened", "closes_at"),
        ("funded", "opens_at"),
        ("approved", "funding_due_at"),
        ("judged", "silence_at"),
        ("decided", "appeals_until"),
    ],
)
def test_what_stands_still_is_a_warning(cast: Cast, state: str, column: str) -> None:
    challenge = getattr(factories, state)(cast)
    assert "stuck" not in names()
    times = {"opens_at": now() - timedelta(days=3)} if column == "closes_at" else {}
    factories.move_dates(challenge, **times, **{column: now() - timedelta(hours=2)})
    (found,) = [finding for finding in check.run_checks() if finding.name == "stuck"]
    assert found.subject == f"challenge {challenge.id}"
    assert found.warning
    assert errors(check.run_checks()) == []


def test_judging_without_a_panel_and_without_a_decision(cast: Cast) -> None:
    unformed, silent = factories.closed(cast), factories.judged(cast, silence=Silence.CENTRE_OR_COUNCIL)
    factories.move_dates(unformed, closed_at=now() - timedelta(hours=2))
    factories.move_dates(silent, decision_due_at=now() - timedelta(days=8))
    subjects = {finding.subject for finding in check.run_checks() if finding.name == "stuck"}
    assert subjects == {f"challenge {unformed.id}", f"challenge {silent.id}"}


def test_finance_is_told_of_wrong_books_only(cast: Cast, settled: int) -> None:
    assert cast.fen.id != cast.finn.id
    told = sa.select(sa.func.count()).select_from(Notification).where(Notification.kind == "scoring.books_broken")
    assert services.check_ledger(SYSTEM).errors == 0
    assert db.session.scalar(told) == 0
    break_it("UPDATE challenge SET fee_basis_points = fee_basis_points + 7 WHERE id = :id", id=settled)
    row = services.check_ledger(SYSTEM)
    assert {finding["name"] for finding in row.findings} == {"fee_wrong", "contract_projection"}
    assert row.errors == 2
    assert db.session.scalar(told) == 2, "both people of finance"
