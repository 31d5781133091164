"""Days off: who is away is not assigned a step and does not substitute; the clock does not wait for them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from crowd import clock
from crowd.accounts.models import PlatformRole, User
from crowd.accounts.personal_data import services as personal_data
from crowd.audit import SYSTEM
from crowd.cases import queries, services
from crowd.cases.days_off import services as days_off
from crowd.cases.days_off.models import DaysOff
from crowd.cases.models import Case
from crowd.cases.workflow import CaseState, Finding, VoteChoice
from crowd.db import db
from crowd.errors import Forbidden, Invalid, NotFound
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.cases.test_cases import IN_CONFLICT, case, council, pass_time, to_vote, wells
from tests.submissions.test_pages import words

__all__ = ["case", "council", "wells"]  # fixtures
DAY = timedelta(days=1)
REPORT = {"ground": "advertising", "what": "It sells pills."}


def away(person: User, first: int = 0, last: int = 2) -> DaysOff:
    """From so many days from today to so many."""
    return days_off.add(person, first_day=clock.today() + first * DAY, last_day=clock.today() + last * DAY)


@pytest.fixture
def report(cast: Cast) -> Case:
    """At the check of the service centre."""
    assert cast.eve.id
    assert cast.bea.id
    row = services.file_case(cast.bo, "profile_report", str(cast.bea.id), answers=REPORT)
    return services.conclude(cast.bea, row.public_id, 1, finding=Finding.GIVEN, reasons="No.")


@pytest.mark.parametrize("locale", ["en", "zh_Hans_CN"])
def test_a_person_enters_days_off_and_removes_them(cast: Cast, browser: Browser, locale: str) -> None:
    cast.eve.locale = locale
    browser.sign_in(cast.eve)
    assert 'href="/cases/days-off"' in browser.get("/cases/queue").text
    first, last = clock.today(), clock.today() + 3 * DAY
    sent = {"first_day": first.isoformat(), "last_day": last.isoformat()}
    assert browser.post("/cases/days-off", sent).status_code == 303
    assert browser.post("/cases/days-off", sent).status_code == 422, "the same days once more"
    row = db.session.scalars(sa.select(DaysOff)).one()
    page = browser.get("/cases/days-off").text
    assert f'datetime="{last.isoformat()}"' in page
    assert ("休假" in page) == (locale != "en")
    shown = words(browser.get("/cases/queue").text)
    assert ("Away: Eve" if locale == "en" else "不在: Eve") in shown
    assert browser.post(f"/cases/days-off/{row.id}/remove", {}).status_code == 303
    assert db.session.scalars(sa.select(DaysOff)).all() == []


@pytest.mark.parametrize(("first", "last"), [(2, 1), (-3, -1), (0, 400)])
def test_days_that_cannot_be_are_refused(cast: Cast, first: int, last: int) -> None:
    with pytest.raises(Invalid):
        away(cast.eve, first, last)


def test_only_people_of_bodies_have_days_off_and_each_their_own(cast: Cast, browser: Browser) -> None:
    with pytest.raises(Forbidden):
        away(cast.bo)
    assert browser.sign_in(cast.bo).get("/cases/days-off").status_code == 403
    row = away(cast.eve)
    with pytest.raises(NotFound):
        days_off.remove(cast.gu, row.id)
    assert browser.sign_in(cast.gu).post(f"/cases/days-off/{row.id}/remove", {}).status_code == 404


def test_nothing_is_assigned_to_who_is_away_until_they_are_back(cast: Cast, report: Case, browser: Browser) -> None:
    zoe = factories.user("Zoe", PlatformRole.SERVICE_CENTRE)
    row = away(zoe)
    away(cast.eve, 5, 6)
    assert zoe.id not in queries.assignable(report.steps[1])
    assert cast.eve.id in queries.assignable(report.steps[1]), "only from the day on"
    with pytest.raises(Invalid, match="Zoe is away until"):
        services.assign(cast.eve, report.public_id, 2, user_id=zoe.id)
    page = words(browser.sign_in(cast.eve).get("/cases/queue").text)
    assert "Away: Zoe (until" in page
    services.take(zoe, report.public_id, 2, holder=None)
    assert report.steps[1].taken_by == zoe.id, "who is back early takes it"
    services.release(zoe, report.public_id, 2)
    days_off.remove(zoe, row.id)
    services.assign(cast.eve, report.public_id, 2, user_id=zoe.id)
    assert report.steps[1].taken_by == zoe.id
    assert "Away:" not in words(browser.get("/cases/queue").text)


def test_a_colleague_of_another_body_does_not_read_who_is_away(cast: Cast, browser: Browser) -> None:
    away(cast.eve)
    assert "Away:" not in words(browser.sign_in(cast.gu).get("/cases/queue").text)


def test_the_clock_does_not_wait_for_who_is_away(cast: Cast, report: Case) -> None:
    due = report.steps[1].due_at
    services.take(cast.eve, report.public_id, 2, holder=None)
    away(cast.eve, 0, 60)
    assert report.steps[1].due_at == due
    pass_time(report)
    assert report.state == CaseState.REFUSED


def test_who_is_away_does_not_substitute_and_a_vote_does_not_wait_for_them(
    cast: Cast, case: Case, council: list[User]
) -> None:
    """One of three members is away until after the date: a substitute may be named, and the member may still vote."""
    to_vote(cast, case)
    vote = case.steps[3]
    IN_CONFLICT.update(set(queries.voters(vote)) - {row.id for row in council})
    assert not queries.needs_substitute(vote)
    days = away(council[0], 0, 2)
    assert not queries.needs_substitute(vote), "back before the date"
    days_off.remove(council[0], days.id)
    away(council[0], 0, 60)
    assert queries.needs_substitute(vote)
    assert queries.count_voters(vote) == 3
    assert cast.cy.id in queries.possible_substitutes(vote)
    of_expert = away(cast.cy)
    with pytest.raises(Invalid):
        services.name_substitute(cast.eve, case.public_id, 4, user_id=cast.cy.id)
    days_off.remove(cast.cy, of_expert.id)
    services.name_substitute(cast.eve, case.public_id, 4, user_id=cast.cy.id)
    services.vote(council[0], case.public_id, 4, choice=VoteChoice.FOR, reasons="From the train.")
    assert [one.member_id for one in vote.votes] == [council[0].id]


def test_they_go_with_the_account(cast: Cast) -> None:
    away(cast.eve)
    cast.eve.roles = []
    personal_data.erase_account(SYSTEM, cast.eve.id)
    assert db.session.scalars(sa.select(DaysOff)).all() == []
