"""A run that is killed leaves no process and no socket."""

import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from crowd.config import ROOT
from crowd.embedded.paths import locate
from tests.afterwards import processes_in
from tests.holding import postmaster

RUN = """
import subprocess, sys, time
from pathlib import Path
from crowd.embedded.servers import servers
from tests.afterwards import watch
folder = Path(sys.argv[1])
held = watch(folder)
with servers(folder / "servers", fsync=False):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True,
                             env={"CROWD_DATA_DIR": str(folder / "data")})
    print(child.pid, flush=True)
    time.sleep(600)
"""
PATIENCE = 60


def test_a_killed_run_leaves_nothing_behind(tmp_path: Path) -> None:
    run = subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    child, home = int(run.stdout.readline()), tmp_path / "servers"
    assert postmaster(home)
    run.send_signal(signal.SIGKILL)
    run.wait()
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and (postmaster(home) or locate(home).sockets.exists()):
        time.sleep(0.2)
    assert postmaster(home) is None
    assert not locate(home).sockets.exists()
    assert not list(processes_in(tmp_path))
    with suppress(OSError):
        assert Path(f"/proc/{child}/cmdline").read_bytes() == b"", "it has ended, though nobody may have asked how"
