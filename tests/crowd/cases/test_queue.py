"""What waits for whom: the dashboard and the queue of bodies, substitutes and units."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd.accounts.models import PlatformRole, User
from crowd.cases import queries, queues, services
from crowd.cases.models import Case, CaseStep
from crowd.cases.workflow import Finding, VoteChoice
from crowd.db import db
from crowd.feature import Feature, declare
from crowd.features import FEATURES
from crowd.web.tasks import MAX_TASKS
from tests import factories
from tests.cast import Cast
from tests.client import Browser
from tests.counting import statements
from tests.crowd.accounts.test_units import QINGDAO, ZIBO, officer, term_id
from tests.crowd.cases.test_cases import IN_CONFLICT, WELL, case, council, to_vote, wells
from tests.submissions.test_pages import words

__all__ = ["case", "council", "wells"]  # fixtures
REPORT = {"ground": "advertising", "what": "It sells pills."}


@pytest.fixture
def roomy(cast: Cast, isolated: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """One person may file as many as a test needs, about Bea."""
    cast.bea.name = "Bea"
    settings = isolated.config["CROWD"]
    monkeypatch.setitem(isolated.config, "CROWD", replace(settings, limits=replace(settings.limits, cases_per_day=100)))


def urls(person: User) -> Counter[str]:
    """The tasks of a person on the dashboard: how many things are behind each link."""
    return Counter({task.url: task.count or 1 for task in queues.waiting(person)})


def page_of(case: Case) -> str:
    return f"/cases/{case.public_id}"


@pytest.mark.usefixtures("roomy", "council")
def test_what_somebody_has_taken_is_never_lost_among_the_rest(cast: Cast, isolated: Flask) -> None:
    """It is due last, after more than a dashboard shows."""
    fen = cast.fen
    for number in range(MAX_TASKS + 1):
        services.file_case(cast.bo, "well", str(100 + number), answers={"depth": "10"})
    mine = services.file_case(cast.bo, "well", "7", answers={"depth": "10"})
    services.take(fen, mine.public_id, 1, holder=None)
    with isolated.test_request_context():
        assert urls(fen) == {page_of(mine): 1, "/cases/queue?unit=all": MAX_TASKS + 1}
        services.release(fen, mine.public_id, 1)
        assert urls(fen) == {"/cases/queue?unit=all": MAX_TASKS + 2}
        assert urls(cast.bo) == {}


def test_a_vote_is_a_task_until_it_is_cast(cast: Cast, case: Case, council: list[User], isolated: Flask) -> None:
    una, ugo, _uta = council
    with isolated.test_request_context():
        assert page_of(case) not in urls(una), "its vote is not open yet"
        to_vote(cast, case)
        assert urls(una)[page_of(case)] == urls(ugo)[page_of(case)] == 1
        services.vote(una, case.public_id, 4, choice=VoteChoice.FOR, reasons="Yes.")
        assert page_of(case) not in urls(una)
        assert urls(ugo)[page_of(case)] == 1
        IN_CONFLICT.add(ugo.id)
        assert urls(ugo) == {}


def test_who_replies_has_it_as_a_task(cast: Cast, case: Case, isolated: Flask) -> None:
    with isolated.test_request_context():
        assert urls(cast.bea) == {}
        services.conclude(cast.fen, case.public_id, 1, finding=Finding.YES, reasons="Yes.")
        services.conclude(cast.adm, case.public_id, 2, finding=Finding.YES, reasons="Yes.")
        assert urls(cast.bea) == {page_of(case): 1}


def test_a_substitute_has_the_step_as_a_task_and_in_a_queue(
    cast: Cast, case: Case, council: list[User], browser: Browser
) -> None:
    expert = factories.user("Exa", PlatformRole.EXPERT)
    to_vote(cast, case)
    IN_CONFLICT.update(set(queries.voters(case.steps[3])) - {row.id for row in council})
    services.vote(council[0], case.public_id, 4, choice=VoteChoice.RECUSED, reasons="It is my neighbour's.")
    browser.sign_in(expert)
    assert page_of(case) not in browser.get("/dashboard").text
    assert page_of(case) not in browser.get("/cases/queue").text
    services.name_substitute(cast.eve, case.public_id, 4, user_id=expert.id)
    shown = browser.get("/dashboard").text
    assert page_of(case) in shown
    assert 'href="/cases/queue"' in shown
    assert page_of(case) in browser.get("/cases/queue").text
    services.vote(expert, case.public_id, 4, choice=VoteChoice.FOR, reasons="Yes.")
    assert page_of(case) not in browser.get("/dashboard").text


@pytest.mark.usefixtures("roomy")
def test_who_has_a_conflict_has_no_row_no_count_and_no_next_page(cast: Cast, browser: Browser) -> None:
    """Of the person's rows only those of the other kind are left."""
    lake = replace(WELL, name="lake", conflicts=lambda _user_id, subjects: {one for one in subjects if one < 200})
    declare([*FEATURES, Feature(name="wells", case_kinds=(WELL, lake), job_labels={"wells.dig": "Dig a well"})])
    for number in range(25):
        services.file_case(cast.bo, "lake", str(100 + number), answers={"depth": "10"})
    page = browser.sign_in(cast.fen).get("/cases/queue")
    assert "No case waits for you" in words(page.text)
    assert "after=" not in page.text
    last = services.file_case(cast.bo, "lake", "300", answers={"depth": "10"})
    page = browser.get("/cases/queue")
    others = sum(page.text.count(f'href="/cases/{word}') for word in ("queue", "days-off"))
    assert page.text.count('href="/cases/') - others == 1
    assert page_of(last) in page.text
    assert "after=" not in page.text
    assert sum(queues.queues(cast.fen).counts.values()) == 1


def test_the_dashboard_counts_the_persons_unit(cast: Cast, browser: Browser) -> None:
    qi, zi = officer("Qi", QINGDAO, cast), officer("Zi", ZIBO, cast)
    cast.northlight.region_id = term_id(QINGDAO)
    assert cast.nils.id
    row = services.file_case(cast.bo, "organisation_report", str(cast.northlight.id), answers=REPORT)
    services.conclude(cast.nils, row.public_id, 1, finding=Finding.GIVEN, reasons="No.")
    assert "/cases/queue?unit=mine" in browser.sign_in(qi).get("/dashboard").text
    assert "/cases/queue?unit=" not in browser.sign_in(zi).get("/dashboard").text


@pytest.mark.usefixtures("roomy")
def test_more_rows_cost_no_more_statements(cast: Cast, browser: Browser) -> None:
    """Reports of challenges: who is a party of a proposal, or was of the sponsor, has a conflict of interest."""

    def cost(path: str, rows: int) -> int:
        assert len(set(db.session.scalars(waiting))) == rows
        assert browser.get(path).status_code == 200
        db.session.expire_all()
        with statements() as sent:
            assert browser.get(path).text.count('href="/cases/') >= (rows if path == "/cases/queue" else 1)
        return len(sent)

    def report() -> None:
        case = services.file_case(cast.bo, "challenge_report", str(factories.opened(cast).id), answers=REPORT)
        services.conclude(cast.ada, case.public_id, 1, finding=Finding.GIVEN, reasons="It is none.")

    waiting = sa.select(CaseStep.id).where(CaseStep.state == "open", CaseStep.body == "service_centre")
    browser.sign_in(cast.eve)
    report()
    few = [cost(path, 1) for path in ("/cases/queue", "/dashboard")]
    for _turn in range(4):
        report()
    assert [cost(path, 5) for path in ("/cases/queue", "/dashboard")] == few


def test_a_page_computes_each_conflict_once(cast: Cast, council: list[User], browser: Browser) -> None:
    asked: Counter[int] = Counter()

    def conflicts(user_id: int, _subjects: Collection[int]) -> set[int]:
        asked[user_id] += 1
        return set()

    kinds = (replace(WELL, conflicts=conflicts),)
    declare([*FEATURES, Feature(name="wells", case_kinds=kinds, job_labels={"wells.dig": "Dig a well"})])
    cast.bea.name = "Bea"
    row = to_vote(cast, services.file_case(cast.bo, "well", "7", answers={"depth": "10"}))
    asked.clear()
    assert browser.sign_in(council[0]).get(page_of(row)).status_code == 200
    others = {number: times for number, times in asked.items() if number != council[0].id}
    assert set(others.values()) == {1}
    assert asked[council[0].id] <= 3, "by who may open it, for the page, and for the link to the subject"
