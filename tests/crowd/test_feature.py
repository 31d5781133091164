"""A package works by one line in the list of features, and leaves nothing behind when the line is taken out."""

import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import ModuleType
from typing import Any

import click
import pytest
import sqlalchemy as sa
from flask import Blueprint, Flask

from crowd import app as crowd_app
from crowd import background, features, scheduler
from crowd.app import create_app
from crowd.audit import record
from crowd.background import Job
from crowd.cli import crowd as crowd_command
from crowd.db import atomic, db, joined
from crowd.events import Event, publish
from crowd.feature import (
    DeclaredTwice,
    Feature,
    FollowedKind,
    Label,
    NotificationKind,
    Registry,
    Tab,
    TermUse,
    UnitWork,
    declare,
    declared,
)
from crowd.features import FEATURES
from crowd.ledger import check
from crowd.ledger.check import LedgerFinding
from crowd.notifications import kinds, services
from crowd.site import navigation
from crowd.values import term
from crowd.web import guards
from crowd.web.tasks import Task
from tests import factories
from tests.cast import Cast
from tests.client import Browser


@dataclass(frozen=True, slots=True)
class SwarmSeen(Event):
    """An event of a package below that of the beehives."""

    bees: int


@guards.public
def counter(number: int) -> str:
    """The page of the package."""
    return f"Beehive {number}"


def beehives() -> Feature:
    """A package of beehives: a page and a tab, a job on a schedule, an operation, a state, a kind of notification and
    its group, a task, a check, a command.
    """
    blueprint = Blueprint("beehives", __name__)
    blueprint.add_url_rule("/beehives/<int:number>", "show", counter)
    return Feature(
        name="beehives",
        blueprints=(blueprint,),
        jobs="beehives_jobs",
        schedule={"beehives.count": timedelta(hours=1)},
        on={SwarmSeen: ("beehives.count",)},
        audit={"beehive.opened": "Opened a beehive"},
        subjects={"beehive": "Beehive"},
        job_labels={"beehives.count": "Count the bees"},
        checks="beehives_jobs",
        commands="beehives_jobs",
        labels={"beehive": {"swarming": Label("Swarming", "warn")}},
        notifications={"beehives.swarmed": NotificationKind("Beehive %(number)s swarmed", "It is %(state)s.")},
        notification_group="Beehives: swarms",
        link_access={"beehives.show": lambda actor, number: None},
        tabs={"administration": lambda actor: [Tab(99, "Beehives", "notifications.inbox", "All of them", count=4)]},
        sections={"beehives.": ("challenges",)},
        dashboard_tasks=(lambda actor: [Task("Feed the bees", "/beehives/1", "Today", due_at=datetime.now(UTC))],),
    )


@pytest.fixture(autouse=True)
def jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module of the package's jobs, checks and commands, which only workers and commands import."""
    module = ModuleType("beehives_jobs")

    @background.job("beehives.count")
    def count(bees: int = 3) -> dict[str, int]:
        return {"bees": bees}

    @click.group("beehives")
    def group() -> None:
        """Beehives."""

    module.count = count  # type: ignore[attr-defined]
    module.findings = lambda: [LedgerFinding("bees_missing", "beehive 7", "3 of 4 bees")]  # type: ignore[attr-defined]
    module.group = group  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "beehives_jobs", module)


@pytest.fixture
def with_beehives(isolated: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application whose list of features has one line more, on the same database."""
    monkeypatch.setattr(crowd_app, "FEATURES", (*FEATURES, beehives()))
    yield create_app(replace(isolated.config["CROWD"]))
    declare(FEATURES)
    assert "beehive" not in str(declared())


@pytest.fixture
def declared_beehives(isolated: Flask) -> Iterator[None]:
    """The registry with one feature more, in the application that the pages are asked of."""
    declare([*FEATURES, replace(beehives(), blueprints=())])
    yield
    declare(FEATURES)


TWICE: dict[str, Any] = {
    "audit": {"bee.fed": "Fed a bee"},
    "subjects": {"bee.fed": "Bee"},
    "job_labels": {"bee.fed": "Feed"},
    "schedule": {"bee.fed": timedelta(hours=1)},
    "labels": {"bee": {"bee.fed": Label("Fed")}},
    "notifications": {"bee.fed": NotificationKind("Fed", "Fed")},
    "link_access": {"bee.fed": lambda actor: None},
    "followed": {"bee.fed": FollowedKind("Bees", lambda actor, number: None, lambda actor, numbers: {})},
    "sections": {"bee.fed": ("people",)},
    "term_uses": {"bee.fed": TermUse(str, lambda entry: None)},
    "unit_work": {"bee.fed": UnitWork(str, lambda number: [], lambda actor, number: None)},
    "personal_data": {"bee.fed": lambda user_id: user_id},
}


@pytest.mark.parametrize("part", TWICE)
def test_a_key_that_two_features_declare_is_refused(part: str, shared_app: Flask) -> None:
    first = Feature(name="a", **{part: TWICE[part]})
    with pytest.raises(DeclaredTwice, match=r"bee\.fed"):
        declare([*FEATURES, first, replace(first, name="b")])
    assert declared().features == FEATURES, "what was declared before stays"


def test_a_name_or_a_command_that_two_features_have_is_refused(
    isolated: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DeclaredTwice, match="beehives"):
        declare([*FEATURES, Feature(name="beehives"), Feature(name="beehives")])
    first = Feature(name="a", commands="beehives_jobs")
    with pytest.raises(DeclaredTwice, match="beehives"):
        Registry((first, replace(first, name="b"))).load_commands()


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_every_dotted_name_is_there(feature: Feature, isolated: Flask) -> None:
    """Modules of jobs, checks and commands; the jobs of the schedule; endpoints of links, tabs and sections."""
    for part in ("jobs", "checks", "commands"):
        if name := getattr(feature, part):
            module = import_module(name)
            assert part == "jobs" or callable(getattr(module, {"checks": "findings", "commands": "group"}[part]))
    declared().load_jobs()
    subscribed = {job for jobs in feature.on.values() for job in jobs}
    for job in {*feature.schedule, *feature.job_labels, *subscribed}:
        assert background.kind(job).name == job
    endpoints = isolated.view_functions.keys()
    assert feature.link_access.keys() <= endpoints
    for begin in feature.sections:
        assert any(endpoint.startswith(begin) for endpoint in endpoints), begin


def test_every_tab_is_a_page(cast: Cast, isolated: Flask) -> None:
    challenge = factories.settled(cast)
    with isolated.test_request_context():
        about = {"challenge": (challenge,)}
        for group, tabs in declared().tabs.items():
            pages = [tab for each in tabs for tab in each(cast.adm, *about.get(group, ()))]
            assert len({tab.order for tab in pages}) == len(pages) > 1
            assert {tab.endpoint for tab in pages} | {page for tab in pages for page in tab.pages} <= (
                isolated.view_functions.keys()
            )


def test_a_section_is_an_entry_of_the_navigation() -> None:
    """Each name that a manifest gives is one of those that the site composes."""
    source = inspect.getsource(navigation)
    for feature in FEATURES:
        for name in {name for names in feature.sections.values() for name in names}:
            assert f'("{name}", _("' in source, (feature.name, name)


def test_pages_words_groups_and_slots_of_a_package_are_there(with_beehives: Flask) -> None:
    answer = with_beehives.test_client().get("/beehives/7")
    assert (answer.status_code, answer.text) == (200, "Beehive 7")
    assert declared().audit["beehive.opened"] == "Opened a beehive"
    assert "beehives" in kinds.groups()
    assert declared().schedule["beehives.count"] == timedelta(hours=1)
    declared().load_jobs()


def test_without_its_line_nothing_of_it_is_left(isolated: Flask, browser: Browser, cast: Cast) -> None:
    assert browser.get("/beehives/7").status_code == 404
    assert "beehives" not in kinds.groups()
    assert "beehives.swarmed" not in declared().notifications
    assert "beehive" not in declared().labels
    assert "beehives" not in crowd_command.list_commands(click.Context(crowd_command))
    assert "bees_missing" not in {finding.name for finding in check.run_checks()}
    assert "Beehives" not in browser.sign_in(cast.adm).get("/admin").text
    page = browser.sign_in(cast.adm).get("/admin/jobs").text
    assert "Count the bees" not in page
    assert "Feed the bees" not in browser.get("/dashboard").text
    atomic(publish)(SwarmSeen(7))
    assert _jobs() == []


def test_its_task_tab_job_and_operation_stand_on_the_pages(
    declared_beehives: None, browser: Browser, cast: Cast
) -> None:
    _act(cast)
    browser.sign_in(cast.adm)
    assert "Feed the bees" in browser.get("/dashboard").text
    assert "Opened a beehive" in browser.get("/admin/audit").text
    assert "Count the bees" in browser.get("/admin/jobs").text
    assert "Beehives: swarms" in browser.get("/inbox/preferences").text
    assert re.search(r"Beehives</a>.*All of them.*4 to do", browser.get("/admin").text, re.DOTALL)
    assert scheduler.tick({"beehives.count": declared().schedule["beehives.count"]}) == ["beehives.count"]
    atomic(publish)(SwarmSeen(7))
    assert [job.args for job in _jobs()] == [[], [7]]


def test_its_notification_says_its_state_by_its_label(declared_beehives: None, browser: Browser, cast: Cast) -> None:
    facts = {"number": 7, "state": term("swarming", "beehive")}
    with joined():
        services.notify(cast.adm.id, kind="beehives.swarmed", key="swarmed", path="/inbox", params=facts)
    page = browser.sign_in(cast.adm).get("/inbox").text
    assert "Beehive 7 swarmed" in page
    assert "It is Swarming." in page


def test_its_check_and_its_command_are_run(
    declared_beehives: None, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ("bees_missing", "beehive 7") in {(finding.name, finding.subject) for finding in check.run_checks()}
    monkeypatch.setattr(features, "FEATURES", (*FEATURES, beehives()))
    assert "beehives" in crowd_command.list_commands(click.Context(crowd_command))


@atomic
def _act(cast: Any) -> None:
    record(cast.adm, "beehive.opened", cast.bo)


def _jobs() -> list[Job]:
    return list(db.session.scalars(sa.select(Job).where(Job.kind == "beehives.count").order_by(Job.id)))
