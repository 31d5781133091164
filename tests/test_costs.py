"""The seconds of processor of tests are those of their processes and of what these start."""

import os
import subprocess
import sys
import time

import pytest

from crowd.config import ROOT
from tests.costs import spent

pytest_plugins = ["pytester"]
BUSY = """
import subprocess, sys, time

def be_busy(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
"""
TESTS = {
    "tests/one/test_one.py": BUSY + "def test_one(): be_busy(0.4)",
    "tests/two/test_two.py": BUSY
    + """
def test_two():
    subprocess.run([sys.executable, "-c", "import time\\nwhile time.process_time() < 0.8: pass"])

def test_idle():
    time.sleep(0.3)
""",
}


def test_each_kind_has_its_own_and_that_of_what_it_starts(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for path, text in TESTS.items():
        file = pytester.path / path
        file.parent.mkdir(parents=True)
        file.write_text(text)
    for processes in ((), ("-n", "2")):
        run = pytester.runpytest_subprocess("-p", "tests.costs", "--import-mode", "importlib", *processes, "tests")
        said = [line.split(maxsplit=1) for line in run.outlines[run.outlines.index(_title(run.outlines)) + 1 :]]
        costs = {words[1]: float(words[0]) for words in said if len(words) == 2 and words[0][:1].isdigit()}
        assert 0.35 < costs["tests/one"] < 0.75 <= costs["tests/two"]
        assert costs["all"] == pytest.approx(costs["tests/one"] + costs["tests/two"], abs=0.2)


def _title(lines: list[str]) -> str:
    return next(line for line in lines if "seconds of processor" in line)


def test_a_child_counts_while_it_runs_and_once_it_has_ended() -> None:
    before = spent(os.getpid())
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as child:
        until = time.monotonic() + 20
        while spent(os.getpid()) < before + 0.3 and time.monotonic() < until:
            time.sleep(0.05)
        running = spent(os.getpid()) - before
        child.kill()
    assert running >= 0.3
    assert spent(os.getpid()) - before >= running - 0.05
