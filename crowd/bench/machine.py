"""Processes of the platform under measurement: started as `crowd up` starts them, and read from /proc."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path

from crowd import schema, supervisor
from crowd.config import ROOT, Settings
from crowd.embedded import postgres
from crowd.embedded import servers as crowd_servers
from crowd.embedded.paths import locate
from crowd.limits import Limits

TICKS = os.sysconf("SC_CLK_TCK")
KIB = 1024
SERVED = ("CROWD_DATA_DIR", "CROWD_MODE", "CROWD_HOST", "CROWD_PORT", "CROWD_DATABASE_URL", "CROWD_REDIS_URL")
PATIENCE = 180.0  # seconds for a server to answer
FREE = Limits(writes_per_minute=10**9, api_per_minute=10**9)  # the limiter counts as usual, and never rejects


@contextmanager
def platform(settings: Settings, name: str, limits: Limits = FREE) -> Iterator[Settings]:
    """Settings of a separate demonstration platform below the home, with running embedded servers and a migrated
    database.
    """
    own = replace(
        settings, data_dir=settings.data_dir / name, mode="demo", host="127.0.0.1", port=free_port(), base_url=None,
        database_url=None, owner_database_url=None, redis_url=None, secret_key=None, limits=limits,
    )  # fmt: skip
    with crowd_servers.servers(own.data_dir) as servers:
        own = supervisor.outside(own, servers)
        schema.upgrade(str(own.owner_database_url), schema.role_of(str(own.database_url)))
        yield own


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(settings: Settings) -> dict[str, str]:
    """The environment of this platform's processes; without the caller's own settings."""
    changed = {
        f"CROWD_LIMIT_{spec.name.upper()}": getattr(settings.limits, spec.name)
        for spec in fields(Limits)
        if getattr(settings.limits, spec.name) != spec.default
    } | {"CROWD_FRAGMENT_SECONDS": settings.fragment_seconds}
    served = supervisor.environment(settings)
    kept = {name: value for name, value in served.items() if not name.startswith("CROWD_") or name in SERVED}
    return kept | {name: str(value) for name, value in changed.items()}


@contextmanager
def process(command: Sequence[str], env: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A process for the length of the block; what it prints goes to standard error."""
    running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=env, cwd=ROOT)
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextmanager
def web(settings: Settings, application: str = "crowd.app:create_web()") -> Iterator[int]:
    """Serve an application with the platform's own gunicorn settings; the pid of its master, once it answers."""
    command = (*supervisor.web_command(settings)[:-1], application)
    with process(command, environment(settings)) as running:
        _wait_for(settings.port, running)
        yield running.pid


def _wait_for(port: int, running: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and running.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
            return
        time.sleep(0.1)
    raise crowd_servers.LocalError(f"Nothing answered on port {port}.")


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def database_pid(settings: Settings) -> int:
    """The pid of the embedded PostgreSQL's first process."""
    return int(postgres.postmaster(locate(settings.data_dir)) or 0)


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and its descendants, including dead children."""
    total = 0
    for one in family(pid):
        with suppress(OSError):
            total += sum(map(int, Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return total / TICKS


@dataclass(frozen=True, slots=True)
class Memory:
    """In MiB: a process' memory with its part of shared memory, and its peak with all of it."""

    pss: float
    peak_rss: float


def memory(pid: int) -> Memory:
    """The memory of one process."""
    rolled, status = (_table(pid, name) for name in ("smaps_rollup", "status"))
    return Memory(round(rolled.get("Pss", 0) / KIB, 1), round(status.get("VmHWM", 0) / KIB, 1))


def _table(pid: int, name: str) -> dict[str, int]:
    found = {}
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/{name}").read_text().splitlines():
            key, _colon, value = line.partition(":")
            words = value.split()
            if len(words) == 2 and words[1] == "kB":
                found[key] = int(words[0])
    return found
