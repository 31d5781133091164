"""A package works by one line in the list of features, and leaves nothing behind when the line is taken out."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Blueprint, Flask

from crowd import app as crowd_app
from crowd import background, scheduler
from crowd.app import create_app
from crowd.audit import record
from crowd.background import Job
from crowd.db import atomic, db
from crowd.events import Event, publish
from crowd.feature import DeclaredTwice, Feature, declare, declared
from crowd.features import FEATURES
from crowd.notifications import kinds
from crowd.web import guards
from crowd.web.tasks import Task
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
    """A package of beehives: a page, a job on a schedule, an operation, a group of notifications, a task."""
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
        notification_group="Beehives: swarms",
        link_access={"beehives.show": lambda actor, number: None},
        dashboard_tasks=(lambda actor: [Task("Feed the bees", "/beehives/1", "Today", due_at=datetime.now(UTC))],),
    )


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module of the package's jobs, which only workers import."""
    module = ModuleType("beehives_jobs")

    @background.job("beehives.count")
    def count(bees: int = 3) -> dict[str, int]:
        return {"bees": bees}

    module.count = count  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "beehives_jobs", module)


@pytest.fixture
def with_beehives(isolated: Flask, jobs: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application whose list of features has one line more, on the same database."""
    monkeypatch.setattr(crowd_app, "FEATURES", (*FEATURES, beehives()))
    yield create_app(replace(isolated.config["CROWD"]))
    declare(FEATURES)
    assert "beehive" not in str(declared())


def test_a_key_that_two_features_declare_is_refused(shared_app: Flask) -> None:
    first = Feature(name="a", audit={"bee.fed": "Fed a bee"})
    with pytest.raises(DeclaredTwice, match=r"bee\.fed"):
        declare([*FEATURES, first, replace(first, name="b")])
    assert declared().features == FEATURES, "what was declared before stays"


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
    page = browser.sign_in(cast.adm).get("/admin/jobs").text
    assert "Count the bees" not in page
    assert "Feed the bees" not in browser.get("/dashboard").text
    atomic(publish)(SwarmSeen(7))
    assert _jobs() == []


def test_its_task_job_and_operation_stand_on_the_pages(isolated: Flask, browser: Browser, cast: Cast) -> None:
    declare([*FEATURES, replace(beehives(), blueprints=())])
    try:
        _act(cast)
        browser.sign_in(cast.adm)
        assert "Feed the bees" in browser.get("/dashboard").text
        assert "Opened a beehive" in browser.get("/admin/audit").text
        assert "Count the bees" in browser.get("/admin/jobs").text
        assert "Beehives: swarms" in browser.get("/inbox/preferences").text
        assert scheduler.tick({"beehives.count": declared().schedule["beehives.count"]}) == ["beehives.count"]
        atomic(publish)(SwarmSeen(7))
        assert [job.args for job in _jobs()] == [[], [7]]
    finally:
        declare(FEATURES)


@atomic
def _act(cast: Any) -> None:
    record(cast.adm, "beehive.opened", cast.bo)


def _jobs() -> list[Job]:
    return list(db.session.scalars(sa.select(Job).where(Job.kind == "beehives.count").order_by(Job.id)))
