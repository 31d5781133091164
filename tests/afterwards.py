"""What a test run has started ends with it, also where its processes were killed: `python -m tests.afterwards FOLDER`.

The first process of a run starts this, in a session of its own. It waits until no process of the run is left, and then
ends what still runs in the run's folder, and removes its databases.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from crowd.config import ROOT
from crowd.embedded.paths import LocalError
from crowd.embedded.servers import stop_servers

LOCK = "run.lock"
SECONDS = 15


def watch(folder: Path) -> IO[bytes]:
    """Take part in a run; the first of its processes starts the watch. The file is to stay open until the end."""
    held = open(folder / LOCK, "ab")  # noqa: SIM115 - it is held for as long as this process lives
    fcntl.flock(held, fcntl.LOCK_SH)
    with suppress(FileExistsError):
        (folder / "watched").touch(exist_ok=False)
        command = [sys.executable, "-m", "tests.afterwards", str(folder)]
        subprocess.Popen(command, cwd=ROOT, start_new_session=True, stdin=subprocess.DEVNULL)
    return held


def processes_in(folder: Path) -> Iterator[int]:
    """The processes of Crowd whose data are in the folder."""
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if b"CROWD_DATA_DIR=" + os.fsencode(folder) in (path / "environ").read_bytes():
                yield int(path.name)


def end(folder: Path) -> None:
    """Ask Crowd's processes to end, end those that do not, stop the servers that are left, and remove their data."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in processes_in(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        until = time.monotonic() + SECONDS
        while any(processes_in(folder)) and time.monotonic() < until:
            time.sleep(0.2)
    for lock in folder.glob("**/servers.lock"):
        with suppress(LocalError, OSError):
            stop_servers(lock.parent)
    for data in list(folder.glob("**/PG_VERSION")):  # of a cluster, and of each of its databases: they may be in memory
        shutil.rmtree(data.parent, ignore_errors=True)


if __name__ == "__main__":
    of_run = Path(sys.argv[1])
    with open(of_run / LOCK, "ab") as last:
        fcntl.flock(last, fcntl.LOCK_EX)
    end(of_run)
