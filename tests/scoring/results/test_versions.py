"""What a decision publishes is a version of the result: append-only, with a digest, readable for good."""

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd.canonical import canonical, digest
from crowd.db import db
from crowd.ledger import check
from scoring.awards import queries as award_queries
from scoring.models import PublishedRanking, ResultVersion
from scoring.results import differences, queries, services
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.races.solvers import as_owner
from tests.scoring.appeals.appealing import PARTLY, appeal, council, ended, proposal_of
from tests.scoring.test_consistency import break_it
from tests.submissions.test_pages import words


def test_a_decision_publishes_version_one_with_ranks_awards_and_fees(cast: Cast) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=2)
    (version,) = queries.versions(challenge.id)
    assert (version.number, version.note, version.published_at) == (1, "", challenge.decided_at)
    lines, awards = queries.lines(version.id), award_queries.awards(challenge.id)
    assert [(one.rank, one.amount, one.fee, one.reason) for one in lines] == [
        (place, award.amount, award.fee, award.reason) for place, award in enumerate(awards, start=1)
    ]
    assert {award.result_version_id for award in awards} == {version.id}
    assert version.digest == digest(canonical(services.document(version, lines)))
    assert check.run_checks() == []


def test_the_digest_follows_every_part(cast: Cast) -> None:
    challenge = factories.decided(cast)
    version = queries.newest(challenge.id)
    assert version is not None
    with db.session.no_autoflush:
        first, second = queries.lines(version.id)
        for line, name, value in ((first, "amount", 1), (first, "reason", "x"), (second, "mean", 1.0)):
            before = getattr(line, name)
            setattr(line, name, value)
            assert digest(canonical(services.document(version, [first, second]))) != version.digest
            setattr(line, name, before)


def test_nothing_awarded_has_its_reason_as_the_note(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast)
    factories.award_services.decide(cast.ada, challenge.id, reason="No proposal can be built.")
    (version,) = queries.versions(challenge.id)
    assert version.note == "No proposal can be built."
    assert version.note in browser.get(f"/challenges/{challenge.id}/results").text


@pytest.mark.parametrize("table", ["result_version", "published_ranking"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "UPDATE {} SET challenge_id = 1", "TRUNCATE {} CASCADE"])
def test_not_even_the_owner_changes_what_was_published(committed: Flask, table: str, act: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        as_owner(committed, act.format(table))


def test_the_page_of_a_version_shows_what_was_published(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast)
    page = browser.get(f"/challenges/{challenge.id}/results?version=1").text
    version = queries.newest(challenge.id)
    assert version is not None
    assert version.digest in page
    assert "Two geophones and a correlator, by Bo" in words(page)
    assert "by Bea" not in page, "only winners are named"
    for odd in ("2", "0", "-1", "abc", "", "1e9", "9" * 30):
        assert browser.get(f"/challenges/{challenge.id}/results?version={odd}").status_code == 404, odd
    open_one = factories.opened(cast)
    assert browser.get(f"/challenges/{open_one.id}/results?version=1").status_code == 404


def test_the_ledger_check_compares_awards_with_the_newest_version(cast: Cast) -> None:
    challenge = factories.decided(cast)
    break_it(f"UPDATE award SET tie_rank = 3 WHERE challenge_id = {challenge.id}")
    assert "result_wrong" in {finding.name for finding in check.run_checks()}


def line(proposal: int, rank: int | None, prize: int | None = None, amount: int | None = None) -> PublishedRanking:
    position = None if prize is None else 1
    return PublishedRanking(proposal_id=proposal, rank=rank, prize_id=prize, amount=amount, position=position)


def test_the_difference_of_two_versions() -> None:
    before = [line(1, 1, 7, 100), line(2, 2), line(3, 3, 8, 50)]
    after = [line(2, 1, 7, 100), line(1, 2), line(3, 3, 8, 50)]
    found = differences.changes(before, after)
    assert [(one.proposal, one.rank, one.amount) for one in found] == [
        (2, (2, 1), (None, 100)),
        (1, (1, 2), (100, None)),
    ]
    assert all(one.award_changed and one.rank_changed for one in found)
    assert differences.changes(before, before) == []


def test_another_reason_is_a_difference_that_no_award_or_rank_shows() -> None:
    first, second = line(1, 1, 7, 100), line(1, 1, 7, 100)
    first.reason, second.reason = "The cheapest.", "The best."
    (found,) = differences.changes([first], [second])
    assert (found.award_changed, found.rank_changed, found.reason_changed) == (False, False, True)


def test_the_page_lists_other_reasons_and_the_statement(cast: Cast, browser: Browser) -> None:
    challenge = factories.decided(cast, "bo", "bea", awards=1)
    (award,) = award_queries.awards(challenge.id)
    before = award.reason
    ended(cast, appeal(challenge, cast.bea), council(), PARTLY)
    chosen = {"prize_id": challenge.prizes[0].id, "proposal_id": proposal_of(challenge, cast.bo).id}
    factories.award_services.select_award(cast.ada, challenge.id, **chosen, reason="Looked at again.")
    factories.award_services.decide(cast.ada, challenge.id, reason="")
    page = words(browser.get(f"/challenges/{challenge.id}/results").text)
    assert "No award has changed." in page
    assert "The reason of 1 award has changed." in page
    assert f"Before: {before}" in page


def test_versions_are_rows_of_one_challenge(cast: Cast) -> None:
    first, second = factories.decided(cast), factories.decided(cast, "dee")
    rows = db.session.execute(sa.select(ResultVersion.challenge_id, ResultVersion.number).order_by(ResultVersion.id))
    assert [tuple(row) for row in rows] == [(first.id, 1), (second.id, 1)]
