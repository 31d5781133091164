"""The sponsor's numbers: counts by day, for whom they are, and what stays sealed until the close."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from challenges.discussion import services as discussion
from challenges.models import Challenge
from challenges.workflow import ChallengeState
from crowd import clock
from crowd.audit import AuditEvent
from crowd.db import db
from crowd.following import services as following
from submissions import services as submissions
from submissions.numbers.policy import can_view_numbers
from submissions.numbers.queries import MAX_DAYS, CountsByDay, numbers_of
from tests import factories
from tests.cast import Cast, commit
from tests.challenges.test_views import selects
from tests.client import Browser


@pytest.fixture
def busy(cast: Cast) -> Challenge:
    """Two have registered and begun, one of them has left; one follows; of two questions one is published; one
    person is invited.
    """
    challenge = factories.opened(cast)
    for person in (cast.bo, cast.bea):
        factories.proposal(person, challenge, submitted=False)
    submissions.register(cast.dee, challenge.id, accepted=True)
    submissions.unregister(cast.dee, challenge.id)
    following.follow(cast.dee, "challenge", challenge.id)
    for text in ("How loud?", "How deep?"):
        question = discussion.ask(cast.bo, challenge.id, text=text)
    discussion.publish_question(cast.eve, challenge.id, question.public_id)
    factories.invite(challenge, "lin@people.example")
    return challenge


COUNTED = {"registrations": 2, "questions": 1, "followers": 1, "invitations": 1}


def totals(numbers: CountsByDay) -> dict[str, int]:
    return {count.series.name: count.total for count in numbers.counts}


def test_what_is_counted(busy: Challenge, cast: Cast) -> None:
    assert totals(numbers_of(busy, clock.now())) == COUNTED
    factories.closed(cast, busy)
    assert totals(numbers_of(busy, clock.now())) == COUNTED | {"drafts": 2}


def test_each_count_stands_at_its_day(busy: Challenge) -> None:
    now = clock.now()
    busy.published_at = now - timedelta(days=5)
    numbers = numbers_of(busy, now)
    (count,) = [one for one in numbers.counts if one.series.name == "registrations"]
    assert (numbers.step, len(numbers.days)) == (1, 6)
    assert list(count.numbers) == [0, 0, 0, 0, 0, 2]


def test_a_long_time_is_counted_by_the_week(busy: Challenge) -> None:
    now = clock.now()
    busy.published_at = now - timedelta(days=MAX_DAYS)
    numbers = numbers_of(busy, now)
    assert (numbers.step, len(numbers.days)) == (7, MAX_DAYS // 7 + 1)
    assert totals(numbers)["registrations"] == 2


def test_an_acceptance_of_a_changed_contract_is_no_registration(busy: Challenge) -> None:
    now = clock.now()
    busy.published_at = now - timedelta(days=3)
    db.session.execute(sa.text("UPDATE registration SET accepted_at = accepted_at - interval '2 days'"))
    commit()
    (count,) = [one for one in numbers_of(busy, now).counts if one.series.name == "registrations"]
    assert count.numbers[-1] == 2


WHO = {"ada": True, "abe": True, "eve": True, "bo": False, "dee": False, "cy": False, "fen": False, "aud": False,
       "adm": False}  # fmt: skip
MAKERS: dict[ChallengeState, Callable[[Cast], Challenge]] = {
    ChallengeState.DRAFT: lambda cast: factories.challenge(cast.ada, cast.luoyang),
    ChallengeState.SCREENING: factories.screened,
    ChallengeState.FUNDED: factories.funded,
    ChallengeState.OPEN: factories.opened,
    ChallengeState.JUDGING: factories.closed,
}


@pytest.mark.parametrize("state", MAKERS)
def test_for_whom_they_are(state: ChallengeState, cast: Cast, browser: Browser) -> None:
    challenge = MAKERS[state](cast)
    for name, may in WHO.items():
        person = getattr(cast, name)
        allowed = may and challenge.published_at is not None
        assert can_view_numbers(person, challenge) is allowed, name
        browser.sign_in(person)
        for path in ("numbers", "numbers.csv"):
            status = browser.get(f"/challenges/{challenge.id}/{path}").status_code
            assert (status == 200) is allowed, (name, path)
    assert not can_view_numbers(None, challenge)


def test_what_was_begun_is_sealed_until_the_close(busy: Challenge, cast: Cast, browser: Browser) -> None:
    here = f"/challenges/{busy.id}/numbers"
    browser.sign_in(cast.ada)
    assert "Proposals begun" not in browser.get(here).text
    assert "Proposals begun" not in browser.get(f"{here}.csv").text
    factories.closed(cast, busy)
    assert "Proposals begun" in browser.get(here).text
    lines = browser.get(f"{here}.csv").text.lstrip("\ufeff").splitlines()
    assert lines[0] == "Day,Registrations,Questions published,Followers,Invitations sent,Proposals begun"
    assert [sum(int(line.split(",")[place]) for line in lines[1:]) for place in range(1, 6)] == [2, 1, 1, 1, 2]


def test_no_name_stands_there_and_nothing_is_written(busy: Challenge, cast: Cast, browser: Browser) -> None:
    here = f"/challenges/{busy.id}/numbers"
    browser.sign_in(cast.ada)
    before = db.session.scalar(sa.select(sa.func.count(AuditEvent.id)))
    page = browser.get(here).text.partition("<main")[2] + browser.get(f"{here}.csv").text
    assert not {"Bo", "Bea", "Dee", "lin"} & set(re.findall(r"\w+", page))
    assert db.session.scalar(sa.select(sa.func.count(AuditEvent.id))) == before


def test_many_registrations_need_no_more_statements(cast: Cast, browser: Browser) -> None:
    challenge = factories.opened(cast)
    browser.sign_in(cast.ada)
    here = f"/challenges/{challenge.id}/numbers"
    browser.get(here)
    few = selects(lambda: browser.get(here))
    for number in range(5):
        submissions.register(factories.user(f"Solver{number}"), challenge.id, accepted=True)
    browser.get(here)
    assert selects(lambda: browser.get(here)) == few
