"""The dashboard: tasks by due time, changes, money, the next step; it has links for everybody."""

import re
from datetime import timedelta

from crowd.accounts import services as accounts
from crowd.accounts.models import PlatformRole
from crowd.clock import now
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.crowd.site.test_statistics import counted


def main(page: str) -> str:
    """The page without its frame, as words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split('id="main"')[1].split("<footer")[0]))


def test_a_sponsor_sees_what_waits_since_when_and_where_the_money_is(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast)
    page = browser.sign_in(cast.ada).get("/dashboard").text
    assert "Decide on the awards" in page
    assert challenge.title in page
    assert "due" in main(page)
    assert "In escrow" in main(page)
    assert "¥315,000" in page or "¥300,000" in page
    assert "Overdue" not in page


def test_what_should_be_done_by_now_is_marked(cast: Cast, browser: Browser) -> None:
    challenge = factories.judged(cast)
    factories.move_dates(challenge, decision_due_at=now() - timedelta(hours=2))
    page = main(browser.sign_in(cast.ada).get("/dashboard").text)
    assert "1 task is overdue." in page
    assert "Overdue" in page


def test_a_queue_is_never_overdue_but_says_since_when_it_waits(cast: Cast, browser: Browser) -> None:
    challenge = factories.screened(cast)
    factories.move_dates(challenge, submitted_at=now() - timedelta(days=3))
    page = main(browser.sign_in(cast.eve).get("/dashboard").text)
    assert "Challenges to screen 1" in page
    assert "since" in page
    assert "Overdue" not in page


def test_everybody_has_a_next_step_that_is_his(cast: Cast, browser: Browser) -> None:
    for person, step in (
        (cast.ada, "Post a challenge"),
        (cast.bo, "Find a challenge"),
        (cast.cy, "Declare your conflicts of interest"),
        (cast.dee, "Register or join an organisation"),
        (cast.eve, "See the status of the platform"),
        (cast.fen, "See what is to be paid out"),
        (cast.gu, "Read the latest decisions"),
        (cast.aud, "View the ledger"),
        (cast.adm, "People and their roles"),
    ):
        page = main(browser.sign_in(person).get("/dashboard").text)
        assert step in page, person.name
    for staff in (cast.eve, cast.fen, cast.gu, cast.aud, cast.adm):
        page = main(browser.sign_in(staff).get("/dashboard").text)
        assert "Register or join an organisation" not in page
        assert "Find a challenge" not in page


def test_who_has_no_money_is_told_of_none_unless_he_is_new(cast: Cast, browser: Browser) -> None:
    assert "No money yet" in browser.sign_in(cast.dee).get("/dashboard").text
    cast.dee.created_at = now() - timedelta(days=30)
    factories.commit()
    assert "My balance" not in main(browser.get("/dashboard").text)


def test_a_notice_about_a_role_says_which(cast: Cast, browser: Browser) -> None:
    accounts.grant(cast.adm, cast.dee.id, role=PlatformRole.AUDITOR)
    page = main(browser.sign_in(cast.dee).get("/dashboard").text)
    assert "You have a new role: Auditor" in page
    assert "New" in page


def test_more_work_costs_no_more_statements(cast: Cast, browser: Browser) -> None:
    factories.judged(cast)
    browser.sign_in(cast.ada).get("/dashboard")
    with counted() as few:
        browser.get("/dashboard")
    for _ in range(3):
        factories.judged(cast)
    with counted() as many:
        browser.get("/dashboard")
    assert len(many) == len(few)
