"""An interrupted scenario is played again by the next start, and a complete one is not."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crowd.config import ROOT
from crowd.demo import personas
from crowd.supervisor import crowd_command
from tests.browser.running import free_port
from tests.browser.test_story import KEPT

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@contextmanager
def crowd(home: Path, *, port: int) -> Iterator["subprocess.Popen[str]"]:
    """`crowd up --demo` on embedded servers, as `make run` starts it; what it says on both ways comes in one."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("CROWD_")}
    env |= {"CROWD_DATA_DIR": str(home), "CROWD_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        crowd_command("up", "--demo"), cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        process.kill() if process.poll() is None else None
        process.communicate()


def said(process: "subprocess.Popen[str]", until: str) -> list[str]:
    """The lines up to one in which a pattern is found. Raises AssertionError where it never comes."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if re.search(until, line):
            return lines
    raise AssertionError(f"{until!r} was never said: {lines[-20:]}")


def interrupt(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Ctrl-C; the exit status, and what it said on its way out."""
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    return process.returncode, rest


def test_one_that_was_interrupted_is_loaded_again_and_a_whole_one_is_not(tmp_path: Path) -> None:
    home, port = tmp_path / "var", free_port()
    with crowd(home, port=port) as first:
        for _month in range(4):
            said(first, r"^  \d{4}-\d\d$")
        status, words = interrupt(first)
        assert (status, "stopped before everything was up" in words) == (130, True)
    with crowd(home, port=port) as second:
        lines = said(second, f"Crowd is at http://127.0.0.1:{port}")
        assert "loaded again" in "".join(lines)
        assert interrupt(second)[0] == 0
    with crowd(home, port=port) as third:
        lines = said(third, f"Crowd is at http://127.0.0.1:{port}")
        assert "Telling" not in "".join(lines)
        said(third, personas.person("adm").email)
        assert interrupt(third)[0] == 0
    env = {name: value for name, value in os.environ.items() if not name.startswith("CROWD_")}
    command = crowd_command("demo", "--json")
    done = subprocess.run(command, cwd=ROOT, env=env | {"CROWD_DATA_DIR": str(home)}, capture_output=True, check=True)
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    told = json.loads(done.stdout.splitlines()[-1])["totals"]
    assert {name: told[name] for name in kept} == kept
