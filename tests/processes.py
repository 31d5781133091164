"""Real processes on a test's own database and Redis: `crowd worker`, `crowd clock`, `crowd web`.

Each is a process group of its own, with its log in the test's folder. A worker forks a work-horse for every job, and
that one leaves the group: killing a worker can mean the parent alone, the work-horse alone, or both.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

import redis
import sqlalchemy as sa
from flask import Flask

from crowd.app import create_app
from crowd.background import Job
from crowd.config import ROOT, Settings
from crowd.db import db
from crowd.limits import Limits
from crowd.supervisor import crowd_command
from tests.contract_dates import follow
from tests.forks import Fork
from tests.worlds import as_known

T = TypeVar("T")
POLL = 0.1
STOP_SECONDS = 15
OWN_REDIS = 32  # the upper half of the Redis databases belongs to tests with processes


def process_number() -> int:
    """Which of the run's test processes this is; 0 where there is one."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def hash_quickly(app: Flask) -> Flask:
    """Let this application hash a password in no time; in earnest it takes a fifth of a second."""
    app.extensions["security"].pwd_context.update(argon2__rounds=1, argon2__memory_cost=64, argon2__parallelism=1)
    return app


class Process:
    """One running `crowd ...` command."""

    def __init__(self, name: str, words: tuple[str, ...], environment: dict[str, str], log: Path) -> None:
        self.name, self.words, self.log = name, words, log
        self.orphans: list[int] = []
        self.popen = self._begin(environment)

    def _begin(self, environment: dict[str, str]) -> "Fork | subprocess.Popen[bytes]":
        return Fork(self.words, environment, self.log, self.log)

    @property
    def runs(self) -> bool:
        return self.popen.poll() is None

    def horses(self) -> list[int]:
        """The work-horses that it has at this moment."""
        return children_of(self.popen.pid)

    def kill_horse(self) -> bool:
        """Kill -9 the work-horse alone; False where there was none."""
        killed = [_signal(pid, signal.SIGKILL) for pid in self.horses()]
        return any(killed)

    def kill_parent(self) -> None:
        """Kill -9 the worker alone; a work-horse that runs is left as an orphan and goes on."""
        self.orphans = self.horses()
        _signal(self.popen.pid, signal.SIGKILL)
        self.popen.wait(STOP_SECONDS)

    def kill(self) -> None:
        """Kill -9 all of it."""
        if self.runs:
            self.kill_parent()
        for pid in self.orphans:
            if b"crowd" in _command(pid):  # the number may be another process's by now
                _signal(pid, signal.SIGKILL)

    def pause(self) -> list[int]:
        """SIGSTOP the worker and its work-horse, as a machine that hangs; returns what `resume` wants."""
        below = [self.popen.pid, *self.horses()]
        return [pid for pid in below if _signal(pid, signal.SIGSTOP)]

    @staticmethod
    def resume(paused: list[int]) -> None:
        """SIGCONT what was paused."""
        for pid in reversed(paused):
            _signal(pid, signal.SIGCONT)

    def stop(self) -> None:
        """Ask it to end, as the supervisor does, and end it where it does not."""
        _signal(self.popen.pid, signal.SIGTERM)
        try:
            self.popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def tail(self, lines: int = 25) -> str:
        """The end of its log."""
        text = self.log.read_text(errors="replace").splitlines()
        return "\n".join([f"--- {self.name} ({'runs' if self.runs else self.popen.returncode})", *text[-lines:]])


class NewProcess(Process):
    """One that a new Python runs, as an operator starts it."""

    def _begin(self, environment: dict[str, str]) -> "Fork | subprocess.Popen[bytes]":
        with self.log.open("ab") as out:
            return subprocess.Popen(
                crowd_command(*self.words), stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, cwd=ROOT,
                start_new_session=True,
            )  # fmt: skip


def children_of(pid: int) -> list[int]:
    """The processes that a process started and that run."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def _signal(pid: int, number: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False


class Platform:
    """A platform under test: an application on real servers, and the processes that were started for it."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self.app = hash_quickly(create_app(settings))
        self.app.config["RATELIMIT_ENABLED"] = False
        with self.app.app_context():
            as_known(db.engine)
        self.processes: list[Process] = []
        self._started = 0
        self._owner = sa.create_engine(str(settings.owner_database_url), pool_pre_ping=True)

    # ---- processes

    def start(self, *words: str, **environment: str) -> Process:
        """Start `crowd <words>`; it is stopped at the end of the test."""
        self._started += 1
        name = f"{self._started}-{'-'.join(words)}"
        process = Process(name, words, environment_of(self.settings) | environment, self.folder / f"{name}.log")
        self.processes.append(process)
        return process

    def start_workers(self, number: int = 2) -> list[Process]:
        """`number` workers."""
        return [self.start("worker") for _ in range(number)]

    def start_clock(self) -> Process:
        """One scheduler."""
        return self.start("scheduler")

    def start_web(self) -> tuple[str, int]:
        """The web under gunicorn; its host and port, once it is ready."""
        host, port = "127.0.0.1", free_port()
        process = self.start("web", CROWD_PORT=str(port), CROWD_WEB_WORKERS="1")
        self.wait_until(lambda: _listens(host, port) or not process.runs, "the web listens", 60)
        return host, port

    def stop(self, *processes: Process) -> None:
        """Stop these, or all that run."""
        for process in processes or tuple(self.processes):
            if process.runs:
                process.stop()

    def close(self) -> None:
        """Leave nothing behind. Where lines are counted, processes end by themselves: a killed one writes no counts."""
        if "COVERAGE_PROCESS_CONFIG" in os.environ:
            self.stop()
        for process in self.processes:
            process.kill()
        self._owner.dispose()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    # ---- looking and waiting

    def wait_until(self, true: Callable[[], T], what: str, seconds: float = 60, more: Callable[[], Any] = str) -> T:
        """Wait for something to become true in the database; says what was awaited, with jobs and logs, if not."""
        until = time.monotonic() + seconds
        while True:
            with self.app.app_context():
                found = true()
            if found:
                return found
            if time.monotonic() > until:
                raise AssertionError(f"waited {seconds:.0f} s in vain: {what} {more()}\n{self.report()}")
            time.sleep(POLL)

    def wait_for_quiet(self, seconds: float = 60) -> None:
        """Wait until no job is due or running."""
        self.wait_until(lambda: not self.due(), "every due job is done", seconds)

    def due(self) -> list[tuple[str, str]]:
        """(kind, state) of the jobs that should run or do run."""
        query = "SELECT kind, state FROM job WHERE state IN ('ready', 'running') AND run_at <= now() ORDER BY id"
        return [(str(row[0]), str(row[1])) for row in self.as_owner(query)]

    def jobs(self, kind: str, challenge_id: int | None = None) -> list[Job]:
        """The jobs of a kind, as rows that outlive the look at them."""
        query = sa.select(Job).where(Job.kind == kind).order_by(Job.id)
        if challenge_id is not None:
            query = query.where(Job.challenge_id == challenge_id)
        with self.app.app_context():
            rows = list(db.session.scalars(query))
            db.session.expunge_all()
        return rows

    def report(self) -> str:
        """Unfinished jobs and the ends of all logs, for the message of a failed test."""
        rows = self.as_owner(
            "SELECT id, kind, state, attempts, run_at::text, lease_until::text, last_error FROM job "
            "WHERE state <> 'done' ORDER BY run_at, id LIMIT 40"
        )
        return "\n".join([*(" ".join(map(str, row)) for row in rows), *(p.tail() for p in self.processes)])

    # ---- what only time, or the owner of the database, can do

    def as_owner(self, statement: str, **values: Any) -> list[Any]:
        """Run a statement as the database's owner; its rows, if it has any."""
        with self._owner.begin() as connection:
            result = connection.execute(sa.text(statement), values)
            return list(result) if result.returns_rows else []

    def let_close(self, challenge_id: int) -> None:
        """Set the closing date and grace to the past, and make the waiting job due."""
        dates = "opens_at = now() - interval '30 days', closes_at = now() - make_interval(secs => grace_seconds)"
        self._bring_forward(challenge_id, dates, "challenges.close")

    def let_date_pass(self, challenge_id: int) -> None:
        """Let the sponsor's date for the decision pass now; the reviews were due before."""
        dates = "reviews_due_at = now() - interval '1 hour', decision_due_at = now()"
        self._bring_forward(challenge_id, dates, "decisions.notify_overdue")

    def let_silence_pass(self, challenge_id: int) -> None:
        """Let the last date for the decision pass now."""
        self.let_date_pass(challenge_id)
        self._bring_forward(challenge_id, "silence_at = now()", "decisions.carry_out_silence")

    def let_appeals_pass(self, challenge_id: int) -> None:
        """Let the appeal window end now."""
        self._bring_forward(challenge_id, "appeals_until = now()", "settlement.settle")

    def _bring_forward(self, challenge_id: int, dates: str, kind: str) -> None:
        self.as_owner(f"UPDATE challenge SET {dates} WHERE id = :id", id=challenge_id)
        follow(self.as_owner)
        self.as_owner(
            "UPDATE job SET run_at = now() WHERE challenge_id = :id AND kind = :kind AND state = 'ready'",
            id=challenge_id,
            kind=kind,
        )

    def let_slot_come(self, schedule: str) -> None:
        """Make the next run of a schedule due now."""
        self.as_owner("DELETE FROM schedule_run WHERE schedule = :name", name=schedule)
        self.as_owner("DELETE FROM job WHERE dedup_key LIKE :key AND state = 'done'", key=f"schedule:{schedule}:%")


NOT_PASSED_ON = ("limits", "owner_database_url", "trusted_hosts", "upload_kinds")


def environment_of(settings: Settings) -> dict[str, str]:
    """The `CROWD_*` variables that say what `settings` say; the owner's database is left out, as in production."""
    found = {name: value for name, value in os.environ.items() if not name.startswith("CROWD_")}
    for spec in fields(Settings):
        value = getattr(settings, spec.name)
        if spec.name not in NOT_PASSED_ON and value not in (None, "", ()):
            text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
            found[f"CROWD_{spec.name.upper()}"] = text
    for spec in fields(Limits):
        value = getattr(settings.limits, spec.name)
        if value != spec.default:
            found[f"CROWD_LIMIT_{spec.name.upper()}"] = str(value)
    return found | {"CROWD_LOG_LEVEL": "INFO", "PYTHONUNBUFFERED": "1"}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(host: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def own_redis(url: str) -> str:
    """A Redis database that no other test of this process uses, empty."""
    number = OWN_REDIS + process_number() % OWN_REDIS
    own = f"{url.partition('?')[0]}?db={number}"
    redis.Redis.from_url(own).flushdb()
    return own


@contextmanager
def platform_like(app: Flask, folder: Path, **limits: int) -> Iterator[Platform]:
    """A platform on the database of the `committed` fixture, with other limits and a Redis database of its own."""
    settings: Settings = app.config["CROWD"]
    settings = replace(settings, redis_url=own_redis(str(settings.redis_url)), limits=Limits(**limits))
    platform = Platform(settings, folder)
    try:
        yield platform
    finally:
        platform.close()
