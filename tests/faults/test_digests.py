"""Digests of some hundred people, written and sent by workers that are killed in the middle: everybody has one."""

import email
import email.policy
import random
import time
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from crowd import clock
from crowd.background import Job, enqueue
from crowd.db import commit, db
from crowd.notifications import digests
from crowd.notifications.models import Digest, Notification, OutgoingEmail
from tests.processes import Platform, platform_like

PEOPLE = 3 * digests.AT_ONCE // 2  # more than one transaction writes
KILLS = 4
SEED = 11
KIND = "challenges.followed_opened"
NEW_PEOPLE = """
INSERT INTO "user" (email, name, name_keys, active, fs_uniquifier, confirmed_at, locale, time_zone, bio, expertise,
    demonstration)
SELECT 'reader' || n || '@crowd.example', 'Reader ' || n, '{}', true, 'reader-' || n, crowd_now(),
    (ARRAY['en', 'zh_Hans_CN'])[1 + n % 2], 'Asia/Shanghai', '', '{}', false
FROM generate_series(1, :people) AS n RETURNING id
"""
PARAMS = dict.fromkeys(("title", "organisation", "prizes", "closes_at"), "Leaks in heating pipes")

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


def prepared(app: Flask) -> None:
    """It is morning, and two notifications of each person are due."""
    with app.app_context():
        people = list(db.session.scalars(sa.text(NEW_PEOPLE), {"people": PEOPLE}))
        due = clock.db_now()
        db.session.add_all(
            Notification(user_id=person, key=f"{number}:{person}", kind=KIND, params=PARAMS, path="/challenges",
                         batch="morning", due_at=due)
            for person in people for number in range(2)
        )  # fmt: skip
        enqueue("digests.write")
        commit()


def kill_in_the_middle(platform: Platform) -> Counter[str]:
    """Kill workers while they write or send, and free their jobs at once; returns the kinds of the jobs hit."""
    dice, hit = random.Random(SEED), Counter[str]()
    workers = platform.start_workers(2)
    platform.start_clock()
    while sum(hit.values()) < KILLS and (platform.due() or not hit):
        running = [kind for kind, state in platform.due() if state == "running"]
        worker = dice.choice(workers)
        if running and worker.kill_horse():
            hit.update(running[:1])
            free(platform)
        time.sleep(dice.uniform(0.05, 0.3))
    workers[0].kill()
    platform.start_workers(1)
    return hit


def free(platform: Platform) -> None:
    """The leases of what runs end now: that of a killed process, and also of one that is alive and must lose."""
    platform.as_owner("UPDATE job SET lease_until = now() WHERE state = 'running'")


def sent_files(folder: Path) -> Counter[str]:
    """How many emails each address has, by the files; the same message sent again is the same file."""
    found = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in folder.glob("*.eml")]
    return Counter(str(letter["To"]) for letter in found)


def test_everybody_has_one_digest_whichever_workers_die(committed: Flask, tmp_path: Path) -> None:
    prepared(committed)
    with platform_like(committed, tmp_path) as platform:
        hit = kill_in_the_middle(platform)
        free(platform)
        platform.wait_until(lambda: unsent(platform) == 0, "all digests are sent", 200)
        with platform.app.app_context():
            rows = Counter(db.session.scalars(sa.select(OutgoingEmail.recipient)))
            assert set(rows.values()) == {1}, "one email each"
            assert len(rows) == PEOPLE, "and nobody without"
            assert Counter(db.session.scalars(sa.select(Digest.user_id))).total() == PEOPLE
            assert set(db.session.scalars(sa.select(Notification.mailed_at.is_not(None)))) == {True}
            tried = db.session.scalar(sa.select(sa.func.count()).where(Job.attempts > 1))
        assert sent_files(platform.settings.data_dir / "mail") == rows
    assert hit, "no worker was killed at work, so nothing was proved"
    assert tried, "no job was tried again, so nothing was proved"


def unsent(platform: Platform) -> int:
    """How many digests are not written or not sent."""
    sent = platform.as_owner("SELECT count(*) FROM outgoing_email WHERE sent_at IS NOT NULL")
    return PEOPLE - int(sent[0][0]) + len(platform.due())
