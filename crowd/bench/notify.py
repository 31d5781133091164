"""`crowd bench notify`: thousands follow one field, a challenge of it opens, and everybody gets one digest of it.

Workers write and send while some of their processes are killed. The job of a killed process is free again after two
minutes, whatever its lease: what is measured is the work, not the wait.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import sqlalchemy as sa

from crowd import supervisor
from crowd.app import create_app
from crowd.background import Job, JobState, enqueue
from crowd.bench import crew, machine
from crowd.config import Settings
from crowd.db import atomic, commit, db
from crowd.notifications import digests
from crowd.notifications.models import Digest, Notification, OutgoingEmail
from crowd.taxonomy.schemes import FIELD
from crowd.taxonomy.vocabulary import current

WORKERS = 2
PATIENCE = 1800.0  # seconds for each part
POLL = 0.25
FIELD_NAME = crew.TAGS[0]
PEOPLE = """
INSERT INTO "user" (email, name, name_keys, active, fs_uniquifier, confirmed_at, locale, time_zone, bio, expertise,
    demonstration)
SELECT 'follower' || n || '@' || :mark, 'Follower ' || n, '{}', true, 'bench-follower-' || n, crowd_now(),
    (ARRAY['en', 'zh_Hans_CN'])[1 + n % 2], (ARRAY['Asia/Shanghai', 'Europe/Berlin', 'UTC'])[1 + n % 3], '', '{}', false
FROM generate_series(1, :people) AS n
"""
FOLLOWS = """
INSERT INTO follow (user_id, subject_type, subject_id)
SELECT id, 'term', :term FROM "user" WHERE email LIKE 'follower%'
"""


def run(settings: Settings, people: int, kills: int, say: Callable[[str], None]) -> dict[str, object]:
    """Let so many people follow a field, open a challenge, and send their digests while workers are killed."""
    with machine.platform(settings, "bench-notify") as own, ExitStack() as stack:
        app = create_app(own)
        with app.app_context():
            say(f"{people} people follow one field ...")
            _followers(people)
            env = machine.environment(own)
            words = [*["worker"] * WORKERS, "scheduler"]
            pids = [stack.enter_context(machine.process(supervisor.crowd_command(word), env)).pid for word in words]
            attack = _Attack(pids[:WORKERS], kills)
            opening = _seconds(lambda: crew.opened("bench: notify"))
            say(f"the challenge is open; its followers are notified, with {kills} processes killed ...")
            found: dict[str, object] = {
                "people": people,
                "opening_s": opening,
                "notified_s": attack.until(lambda: _count(_due()) >= people),
                "memory_notified_mb": attack.peak,
            }
            say("it is morning: the digests are written and sent ...")
            _morning()
            found["digests_s"] = attack.until(lambda: _count(_sent()) >= people and not _working())
            found |= {"memory_mb": attack.peak, "killed": attack.killed, **_twice(people)}
            found["people_at_once"] = digests.AT_ONCE
            db.session.remove()
            db.engine.dispose()
    return {"notify": found}


@atomic
def _followers(people: int) -> None:
    entry = current().find(FIELD, FIELD_NAME)
    assert entry is not None
    db.session.execute(sa.text(PEOPLE), {"people": people, "mark": crew.MARK})
    db.session.execute(sa.text(FOLLOWS), {"term": entry.id})


@atomic
def _morning() -> None:
    """What waits for the morning is due now."""
    due = sa.update(Notification).where(Notification.due_at.is_not(None), Notification.mailed_at.is_(None))
    db.session.execute(due.values(due_at=sa.func.crowd_now()), execution_options={"synchronize_session": False})
    enqueue("digests.write")


class _Attack:
    """Kills work-horses at random, and knows the largest memory that a process of the workers had (MiB)."""

    def __init__(self, workers: list[int], kills: int) -> None:
        self.workers, self.left, self.killed, self.peak = workers, kills, 0, 0.0
        self.dice = random.Random(kills)

    def until(self, done: Callable[[], bool]) -> float:
        """Seconds until it is done, after some kills in between."""
        began, half = time.monotonic(), self.left // 2 or self.left
        while not done():
            if time.monotonic() - began > PATIENCE:
                raise TimeoutError("the jobs were not done in time")
            horses = list(self._horses())
            self.peak = max([self.peak, *(machine.memory(pid).peak_rss for pid in horses)])
            if half and horses and self.dice.random() < POLL:
                half -= self._kill(self.dice.choice(horses))
            _free()
            time.sleep(POLL)
        return round(time.monotonic() - began, 1)

    def _horses(self) -> Iterator[int]:
        for worker in self.workers:
            yield from machine.family(worker)[1:]

    def _kill(self, pid: int) -> int:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.left, self.killed = self.left - 1, self.killed + 1
            return 1
        return 0


@atomic
def _free() -> None:
    """The jobs of killed processes are free again; no job here works for two minutes."""
    held = sa.update(Job).where(
        Job.state == JobState.RUNNING, Job.started_at < sa.func.crowd_now() - sa.text("interval '120 s'")
    )
    db.session.execute(held.values(lease_until=sa.func.crowd_now()), execution_options={"synchronize_session": False})


def _seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    commit()
    return round(time.monotonic() - began, 2)


def _due() -> sa.Select[int]:
    """The notifications of followers that wait for a digest."""
    return sa.select(sa.func.count()).where(
        Notification.kind == "challenges.followed_opened", Notification.due_at.is_not(None)
    )


def _sent() -> sa.Select[int]:
    return sa.select(sa.func.count()).where(OutgoingEmail.kind == "digest", OutgoingEmail.sent_at.is_not(None))


def _count(query: sa.Select[int]) -> int:
    return int(db.session.scalar(query) or 0)


def _working() -> bool:
    waits = Job.state.in_((JobState.READY, JobState.RUNNING)), Job.kind.in_(("digests.write", "digests.send"))
    return bool(_count(sa.select(sa.func.count()).where(*waits, Job.run_at <= sa.func.crowd_now())))


def _twice(people: int) -> dict[str, int]:
    """Whether everybody has one notification and one digest: what is missing, and what there is too much."""
    notified = _count(sa.select(sa.func.count()).where(Notification.kind == "challenges.followed_opened"))
    mailed = _count(sa.select(sa.func.count()).where(OutgoingEmail.kind == "digest"))
    several = sa.select(OutgoingEmail.recipient).where(OutgoingEmail.kind == "digest").group_by(OutgoingEmail.recipient)
    twice = several.having(sa.func.count() > 1).subquery()
    return {
        "notifications": notified,
        "digests": _count(sa.select(sa.func.count()).select_from(Digest)),
        "emails": mailed,
        "missing": people
        - _count(sa.select(sa.func.count(OutgoingEmail.recipient.distinct())).where(OutgoingEmail.kind == "digest")),
        "twice": _count(sa.select(sa.func.count()).select_from(twice)),
    }
