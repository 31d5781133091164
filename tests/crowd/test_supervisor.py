"""The supervisor: children come up, come back, and are all gone when it is asked to stop."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from crowd.config import Settings
from crowd.embedded.paths import locate
from crowd.embedded.servers import LocalError
from crowd.supervisor import check_port, web_command

ROOT = Path(__file__).resolve().parents[2]
SUPERVISOR = """
import http.client, json, os, sys
from crowd import supervisor
from crowd.supervisor import Child, _signals, supervise

supervisor.STOP_SECONDS = 1

children = [Child(name, tuple(command), rank) for name, command, rank in json.loads(sys.argv[1])]
port = int(sys.argv[2])

def answer():
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        line.request("GET", "/")
        return str(line.getresponse().status)
    except OSError:
        return None

with _signals() as asked:
    asked.interrupts = False
    ready = lambda words: print("ready", words, flush=True)
    sys.exit(supervise(children, dict(os.environ), answer, ready, lambda: None, asked))
"""
# A child that notes its name when it starts and ends; like RQ's workers it has a child of its own in another group.
SLEEPER = """
import os, signal, subprocess, sys, time
name, notes, stubborn = sys.argv[1], sys.argv[2], sys.argv[3] == "stubborn"
def note(what):
    with open(notes, "a") as file:
        file.write(f"{name} {what} {os.getpid()}\\n")
def end(*_):
    note("ended")
    if not stubborn:
        own.kill()
        sys.exit(0)
signal.signal(signal.SIGTERM, end)
own = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", notes], process_group=0)
note("started")
while True:
    time.sleep(0.05)
"""


class Story:
    """One supervisor with a web and three sleepers, and what they noted."""

    def __init__(self, folder: Path, stubborn: str = "") -> None:
        self.notes = folder / "notes"
        self.notes.touch()
        self.port = free_port()
        web = [sys.executable, "-m", "http.server", str(self.port), "--bind", "127.0.0.1", "-d", str(folder)]
        sleepers = [("scheduler", 1), ("worker 1", 2), ("worker 2", 2)]
        children = [("web", web, 0)] + [
            (name, [sys.executable, "-c", SLEEPER, name, str(self.notes), stubborn], rank) for name, rank in sleepers
        ]
        self.errors = folder / "errors"
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SUPERVISOR, json.dumps(children), str(self.port)],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=ROOT,
            )

    def started(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready 200\n"
        until(lambda: self.notes.read_text().count("started") == 3)

    def pid_of(self, name: str) -> int:
        return int(re.findall(rf"^{name} started (\d+)$", self.notes.read_text(), re.M)[-1])

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Its exit status, and what it said on the way."""
        self.process.send_signal(number)
        self.process.communicate(timeout=30)
        return self.process.returncode, self.errors.read_text()

    def left(self) -> list[int]:
        """The processes that this scenario started and that still run."""
        marks = {os.fsencode(self.notes), str(self.port).encode()}
        return [pid for pid, words in command_lines() if marks & set(words)]


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Callable[..., Story]]:
    """Start a scenario; its remaining processes are killed when a test fails."""
    told: list[Story] = []

    def start(**options: str) -> Story:
        told.append(Story(tmp_path, **options))
        told[-1].started()
        return told[-1]

    yield start
    for story in told:
        for pid in story.left():
            os.kill(pid, signal.SIGKILL)
        story.process.communicate()


def command_lines() -> Iterator[tuple[int, list[bytes]]]:
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            yield int(entry.name), entry.joinpath("cmdline").read_bytes().split(b"\0")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def until(done: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_stops_all_in_order_and_leaves_nothing(tell: Callable[..., Story], number: signal.Signals) -> None:
    story = tell()
    assert story.end(number)[0] == 0
    ends = re.findall(r"^(\w+)(?: \d)? ended", story.notes.read_text(), re.M)
    assert ends == ["scheduler", "worker", "worker"]
    assert story.left() == []


def test_a_dead_child_comes_back_and_its_remains_do_not_stay(tell: Callable[..., Story]) -> None:
    story = tell()
    first = story.pid_of("worker 1")
    os.kill(first, signal.SIGKILL)
    until(lambda: story.pid_of("worker 1") != first)
    until(lambda: len(story.left()) == 8)  # the supervisor, web, three sleepers, and one child of each
    status, said = story.end()
    assert status == 0
    assert "worker 1 ended (SIGKILL) and starts again in 0.5 s" in said
    assert story.left() == []


def test_children_end_with_a_killed_supervisor(tell: Callable[..., Story]) -> None:
    story = tell()
    story.end(signal.SIGKILL)
    until(lambda: story.notes.read_text().count("ended") == 3)
    until(lambda: story.left() == [])


def test_a_child_that_will_not_end_is_ended_with_all_it_started(tell: Callable[..., Story]) -> None:
    story = tell(stubborn="stubborn")
    assert story.end()[0] == 0
    assert story.left() == []


def test_a_web_that_never_starts_ends_the_supervisor(tmp_path: Path) -> None:
    port = free_port()
    broken = [("web", [sys.executable, "-c", "raise SystemExit('no such module')"], 0)]
    ended = subprocess.run(
        [sys.executable, "-c", SUPERVISOR, json.dumps(broken), str(port)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=30,
    )
    assert ended.returncode == 1
    assert "no such module" in ended.stderr
    assert "web does not start; what it said stands above" in ended.stderr


def test_a_taken_port_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(LocalError, match=rf"Port {port} on 127.0.0.1 is taken .* CROWD_PORT={port + 1}"):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_said() -> None:
    with pytest.raises(LocalError, match="cannot be served here"):
        check_port("192.0.2.1", 8000)


def test_the_web_is_bound_where_the_settings_say(tmp_path: Path) -> None:
    command = web_command(Settings(data_dir=tmp_path, host="::1", port=8123, web_workers=3))
    assert command[command.index("--bind") + 1] == "[::1]:8123"
    assert command[command.index("--workers") + 1] == "3"


UP = """
import sys
from crowd import cli, environment, supervisor

announce = lambda settings: print("announced", flush=True)
sys.exit(supervisor.up(environment.from_env(), prepare=cli.ensure_migrated, announce=announce))
"""


def up(home: Path, port: int) -> "subprocess.Popen[str]":
    """All of Crowd, announced."""
    env = os.environ | {"CROWD_DATA_DIR": str(home), "CROWD_PORT": str(port), "CROWD_MODE": "demo"}
    env |= {"CROWD_JOB_WORKERS": "1", "CROWD_WEB_WORKERS": "1"}
    errors = home.with_name("errors")
    with open(errors, "ab") as said_badly:
        process = subprocess.Popen(
            [sys.executable, "-c", UP], env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=said_badly, text=True
        )
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        if line == "announced\n":
            assert said == [f"Crowd is at http://127.0.0.1:{port}  (Ctrl-C stops it)"]
            return process
        said += [line.strip()] if line.strip() else []
    raise AssertionError(f"Crowd did not come up: {errors.read_text()}")


def test_all_of_crowd_serves_stops_and_serves_again(tmp_path: Path) -> None:
    port, home = free_port(), tmp_path / "var"
    first = up(home, port)
    until(lambda: len(children_of(home, b"scheduler") + children_of(home, b"worker")) == 2)
    for _, env in children_of(home, b"worker"):
        assert b"crowd_app@" in env, "children are given the application's role"
        assert b"crowd_owner" not in env, "and never the owner's"
    first.terminate()
    assert first.wait(timeout=30) == 0
    assert left_of(home) == []
    second = up(home, port)
    second.send_signal(signal.SIGINT)
    assert second.wait(timeout=30) == 0
    assert left_of(home) == []


def children_of(home: Path, command: bytes) -> list[tuple[int, bytes]]:
    """The processes of this data folder that do this command, each with its environment."""
    found = []
    for pid, words in command_lines():
        if command in words:
            with suppress(OSError):
                env = Path(f"/proc/{pid}/environ").read_bytes()
                found += [(pid, env)] if os.fsencode(home) in env else []
    return found


def left_of(home: Path) -> list[int]:
    """Servers and children of this data folder that still run."""
    sockets = os.fsencode(locate(home).sockets)
    marks = [os.fsencode(home), sockets]
    of_servers = [pid for pid, words in command_lines() if any(mark in word for mark in marks for word in words)]
    return of_servers + [pid for name in (b"scheduler", b"worker") for pid, _ in children_of(home, name)]
