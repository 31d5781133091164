"""Clocks of cases while workers are killed: each reminder and each end of a step happens once."""

import random
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import clock
from crowd.accounts.models import PlatformRole, User
from crowd.audit import AuditEvent
from crowd.background import Job
from crowd.cases import services
from crowd.cases.models import Case, CaseStep
from crowd.cases.workflow import CaseState, Finding, StepState
from crowd.db import commit, db
from crowd.notifications.models import Notification
from tests import factories
from tests.cast import Cast
from tests.processes import Platform, platform_like

SEED = 31
ANSWERS = {"ground": "advertising", "what": "It sells pills."}
KINDS = ("cases.remind_step", "cases.end_step")
# (cases, processes killed at work)
SIZES = [(20, 4), pytest.param((300, 40), marks=[pytest.mark.long, pytest.mark.timeout(3600)])]

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


def prepared(app: Flask, number: int) -> list[int]:
    """Reports, each about somebody else, at the check of the service centre: somebody has taken every second one."""
    settings = app.config["CROWD"]
    app.config["CROWD"] = replace(settings, limits=replace(settings.limits, cases_per_day=number))
    with app.app_context():
        cast = Cast()
        eve, _zoe = cast.eve, factories.user("Zoe", PlatformRole.SERVICE_CENTRE)
        found = []
        for place in range(number):
            case = services.file_case(cast.bo, "profile_report", str(factories.user(f"P{place}").id), answers=ANSWERS)
            other = db.session.get_one(User, case.subject_id)
            services.conclude(other, case.public_id, 1, finding=Finding.GIVEN, reasons="It is none.")
            if place % 2:
                services.take(eve, case.public_id, 2, holder=None)
            found.append(case.id)
        commit()
        db.session.remove()
        return found


def let_come(platform: Platform, kind: str) -> None:
    """The clocks of this kind of all open steps are due."""
    if kind == "cases.end_step":
        platform.as_owner("UPDATE case_step SET due_at = now() - interval '1 hour' WHERE state = 'open'")
    platform.as_owner("UPDATE job SET run_at = now() WHERE kind = :kind AND state = 'ready'", kind=kind)


def kill_in_the_middle(platform: Platform, kind: str, kills: int) -> int:
    """Kill work-horses of workers while they remind or end steps, then a whole worker, and start another one; returns
    how many were hit at it.
    """
    dice, hit, until = random.Random(SEED), 0, time.monotonic() + 60 + kills
    workers = [one for one in platform.processes if one.runs and one.words == ("worker",)]
    while hit < kills and time.monotonic() < until and unfinished(platform, kind):
        running = any(one == (kind, "running") for one in platform.due())
        if running and dice.choice(workers).kill_horse():
            hit += 1
            free(platform)
        time.sleep(dice.uniform(0.02, 0.1))
    workers[0].kill()
    platform.start_workers(1)
    free(platform)
    return hit


def free(platform: Platform) -> None:
    """The leases of what runs end now: that of a killed process, and also of one that is alive and must lose."""
    platform.as_owner("UPDATE job SET lease_until = now() WHERE state = 'running'")


def unfinished(platform: Platform, kind: str) -> int:
    """How many clocks of this kind that are due are not done."""
    query = "SELECT id FROM job WHERE kind = :kind AND state <> 'done' AND run_at <= now()"
    return len(platform.as_owner(query, kind=kind))


@pytest.mark.parametrize("size", SIZES)
def test_each_reminder_and_each_end_comes_once_whichever_workers_die(
    committed: Flask, tmp_path: Path, size: tuple[int, int]
) -> None:
    number, kills = size
    cases = prepared(committed, number)
    with platform_like(committed, tmp_path) as platform:
        platform.start_workers(2)
        platform.start_clock()
        hit = {}
        for kind in KINDS:
            let_come(platform, kind)
            hit[kind] = kill_in_the_middle(platform, kind, kills // len(KINDS))
            platform.wait_until(lambda: not unfinished(platform, kind), "all clocks have run", 120 + number)  # noqa: B023
    with committed.app_context():
        states = Counter(db.session.scalars(sa.select(Case.state).where(Case.id.in_(cases))))
        assert states == {CaseState.REFUSED: number}
        checks = db.session.scalars(sa.select(CaseStep).where(CaseStep.position == 2)).all()
        assert {(one.state, one.finding) for one in checks} == {(StepState.SILENT, Finding.NO)}
        assert {one.done_at <= clock.db_now() for one in checks if one.done_at} == {True}
        for action in ("case.step_silent", "case.decided"):
            query = sa.select(AuditEvent.subject_id).where(AuditEvent.action == action)
            assert Counter(db.session.scalars(query)) == dict.fromkeys(cases, 1), action
        assert_told_once(number)
        tried = db.session.scalar(sa.select(sa.func.count()).where(Job.attempts > 1, Job.kind.in_(KINDS)))
        db.session.remove()
    assert all(hit.values()), "no worker was killed at work, so nothing was proved"
    assert tried, "no job was tried again, so nothing was proved"


def assert_told_once(number: int) -> None:
    """Who has taken a step is reminded alone, else both of the staff; the parties hear once that it has ended."""
    query = sa.select(Notification.kind, Notification.path, sa.func.count()).group_by(
        Notification.kind, Notification.path
    )
    told: dict[str, Counter[int]] = {}
    for kind, _path, times in db.session.execute(query):
        told.setdefault(kind, Counter())[times] += 1
    assert told["cases.step_reminded"] == {1: number // 2, 2: number - number // 2}
    assert told["cases.ended"] == {2: number}
