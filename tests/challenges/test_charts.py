"""The picture of a challenge's time: each part with its real or its planned end."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from challenges import charts
from challenges.lifecycle import services as lifecycle
from challenges.models import Challenge
from crowd import clock
from tests import factories
from tests.cast import Cast


@pytest.fixture(autouse=True)
def spoken(isolated: Flask) -> Iterator[None]:
    """Parts are named in the reader's language."""
    with isolated.test_request_context("/", headers={"Accept-Language": "en"}):
        yield


def statuses(challenge: Challenge, inside: bool = False) -> dict[str, str]:
    return {part.label: part.status for part in charts.phases(challenge, clock.now(), inside=inside)}


def opened_long_ago(cast: Cast) -> Challenge:
    past = clock.now()
    return factories.move_dates(
        factories.opened(cast),
        created_at=past - timedelta(days=20),
        approved_at=past - timedelta(days=15),
        funded_at=past - timedelta(days=12),
        opens_at=past - timedelta(days=9),
        published_at=past - timedelta(days=9),
    )


def test_parts_are_past_present_and_planned(cast: Cast) -> None:
    assert statuses(opened_long_ago(cast)) == {
        "In escrow, not open yet": "done", "Proposals": "now", "Review and decision": "next", "Appeal period": "next",
    }  # fmt: skip


def test_what_was_before_the_money_is_for_those_inside(cast: Cast) -> None:
    assert list(statuses(opened_long_ago(cast), inside=True))[:2] == ["Draft and screening", "Payment"]


def test_what_follows_an_overdue_part_has_no_date(cast: Cast) -> None:
    challenge = factories.judging(cast)
    factories.move_dates(
        challenge, closed_at=clock.now() - timedelta(days=40), decision_due_at=clock.now() - timedelta(days=1)
    )
    assert list(statuses(challenge).items())[-1] == ("Review and decision", "now")


def test_a_cancelled_challenge_ends_where_it_was(cast: Cast) -> None:
    challenge = lifecycle.cancel(cast.ada, opened_long_ago(cast).id, reason="No longer needed.")
    assert statuses(challenge) == {"In escrow, not open yet": "done", "Proposals": "done"}
    chart = charts.picture(challenge, clock.now(), inside=False)
    assert chart is not None
    assert chart.rows[0][3:] == ("3 days", "done")


def test_a_draft_without_dates_has_no_picture(cast: Cast) -> None:
    draft = factories.challenge(cast.ada, cast.luoyang, closes_at=None)
    assert charts.picture(draft, clock.now(), inside=True) is None
