"""Entries whose end has come while workers are killed: each expires once, and its role goes with it."""

import random
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import clock
from crowd.accounts import entries
from crowd.accounts.models import PlatformRole
from crowd.audit import SYSTEM, AuditEvent
from crowd.background import Job
from crowd.db import db
from crowd.notifications.models import Notification
from crowd.registers import services
from crowd.registers.models import RegisterEvent
from crowd.registers.workflow import EventKind
from tests import factories
from tests.processes import Platform, platform_like

PEOPLE, KILLS, SEED = 40, 4, 23
KINDS = ("registers.expire", "certificates.make")

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


def prepared(app: Flask) -> list[int]:
    """Experts whose entries end in a moment."""
    with app.app_context():
        until = clock.db_now() + timedelta(seconds=20)
        people = [factories.user(f"Expert{number}", PlatformRole.EXPERT).id for number in range(PEOPLE)]
        for user_id in people:
            services.grant(SYSTEM, entries.EXPERTS, user_id, {}, valid_until=until)
        db.session.remove()
        return people


def test_each_ends_once_whichever_workers_die(committed: Flask, tmp_path: Path) -> None:
    people = prepared(committed)
    with platform_like(committed, tmp_path) as platform:
        hit = kill_in_the_middle(platform)
        free(platform)
        platform.wait_until(lambda: unfinished(platform) == 0, "all entries have ended", 200)
    with committed.app_context():
        ended = sa.select(RegisterEvent.entry_id).where(RegisterEvent.kind == EventKind.EXPIRED)
        found = list(db.session.scalars(ended))
        assert len(found) == len(set(found)) == PEOPLE
        told = sa.select(Notification.user_id).where(Notification.kind == "registers.expired")
        assert sorted(db.session.scalars(told)) == sorted(people)
        taken = sa.select(AuditEvent.subject_id).where(AuditEvent.action == "role.revoked")
        assert sorted(db.session.scalars(taken)) == sorted(people)
        assert db.session.scalar(sa.text("SELECT count(*) FROM user_role")) == 0
        made = sa.text("SELECT count(*) FROM pdf_document GROUP BY subject_id")
        assert list(db.session.scalars(made)) == [2] * PEOPLE, "one certificate in each language"
        tried = db.session.scalar(sa.select(sa.func.count()).where(Job.attempts > 1, Job.kind.in_(KINDS)))
        db.session.remove()
    assert hit, "no worker was killed at work, so nothing was proved"
    assert tried, "no job was tried again, so nothing was proved"


def kill_in_the_middle(platform: Platform) -> int:
    """Kill workers while they expire entries or make certificates, and free their jobs at once."""
    dice, hit, until = random.Random(SEED), 0, time.monotonic() + 60
    workers = platform.start_workers(2)
    platform.start_clock()
    while hit < KILLS and time.monotonic() < until and unfinished(platform):
        running = any(kind in KINDS for kind, state in platform.due() if state == "running")
        if running and dice.choice(workers).kill_horse():
            hit += 1
            free(platform)
        time.sleep(dice.uniform(0.02, 0.1))
    return hit


def free(platform: Platform) -> None:
    """The leases of what runs end now: that of a killed process, and also of one that is alive and must lose."""
    platform.as_owner("UPDATE job SET lease_until = now() WHERE state = 'running'")


def unfinished(platform: Platform) -> int:
    """How many jobs of registers are not done yet, without reminders of what has ended."""
    return len(platform.as_owner("SELECT id FROM job WHERE state <> 'done' AND kind IN ('registers.expire', "
                                 "'certificates.make')"))  # fmt: skip
