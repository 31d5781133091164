"""`crowd ...` in a process that begins with Crowd's modules loaded: it is forked from one that has loaded them.

Loading them takes a second of processor, for each worker and scheduler that journeys and faults start and kill.
The commands of documents and the supervisor's children are started by a new Python (tests/crowd/test_production.py,
tests/crowd/test_supervisor.py, tests/browser).
"""

import multiprocessing
import os
import subprocess
import sys
from multiprocessing import forkserver
from pathlib import Path

from crowd.config import ROOT

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["crowd.cli", "crowd.worker", "tests.forks"])


class Fork:
    """A running `crowd <words>`; the part of `subprocess.Popen` that tests use."""

    def __init__(
        self, words: tuple[str, ...], environment: dict[str, str], log: Path, errors: Path | None = None
    ) -> None:
        """What it says goes to the log; its errors, too, or to a file of their own."""
        _load(log.parent)
        # As a daemon it does not keep a test process from ending.
        self._process = _context.Process(target=_be, args=(words, environment, log, errors or log), daemon=True)
        self._process.start()
        assert self._process.pid
        self.pid: int = self._process.pid

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def poll(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        """Its exit status, once it has ended. Raises TimeoutExpired."""
        self._process.join(timeout)
        if (status := self.poll()) is None:
            raise subprocess.TimeoutExpired("crowd", timeout)
        return status


def finished(words: tuple[str, ...], environment: dict[str, str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """What `crowd <words>` has answered; its output is in the folder meanwhile."""
    said, errors = folder / "said", folder / "errors"
    for file in (said, errors):
        file.write_bytes(b"")
    status = Fork(words, environment, said, errors).wait(200)
    return subprocess.CompletedProcess(words, status, said.read_text(), errors.read_text())


def _load(folder: Path) -> None:
    """Start what has the modules. By its environment, which those that it forks have too, it ends with the run that
    has the folder (tests/afterwards.py).
    """
    os.environ["CROWD_DATA_DIR"] = str(folder)
    try:
        forkserver.ensure_running()
    finally:
        del os.environ["CROWD_DATA_DIR"]


def _be(words: tuple[str, ...], environment: dict[str, str], log: Path, errors: Path) -> None:
    """Be `crowd <words>`, as a process group of its own, with these files for its output."""
    from crowd.cli import main

    os.setsid()
    with open(os.devnull, "rb") as nothing, log.open("ab") as out, errors.open("ab") as error:
        for ours, theirs in ((nothing, 0), (out, 1), (error, 2)):
            os.dup2(ours.fileno(), theirs)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    sys.argv = ["crowd", *words]
    main()
