"""Paths of an installation's embedded servers, how their processes are started, and error messages."""

import errno
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from crowd.errors import Unavailable

SOCKET_PATH_MOST = 107  # bytes, Linux; the field has 108 with its closing zero
SOCKET_NAME_LONGEST = ".s.PGSQL.5432"
LOG_BYTES = 5 * 2**20
TAIL_BYTES = 64 * 2**10


class LocalError(Unavailable):
    """An embedded server cannot run here; the message says why and what to do, as a sentence."""

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True, slots=True)
class RuntimePaths:
    """The folders of one installation, and the options of its servers."""

    home: Path
    data: Path
    logs: Path
    sockets: Path
    postgres: bool = True
    redis: bool = True
    fsync: bool = True
    connections: int = 60

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"


_children: dict[int, subprocess.Popen[bytes]] = {}  # what this process started, so that it can reap them


def locate(
    home: Path, *, postgres: bool = True, redis: bool = True, fsync: bool = True, connections: int = 60
) -> RuntimePaths:
    """The folders that belong to the data folder `home`; sockets always get a short path of their own."""
    data = home.absolute().resolve() / "postgres"
    name = f"crowd-{os.getuid()}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
    try:
        sockets = Path(tempfile.gettempdir()) / name
    except FileNotFoundError as error:
        raise LocalError(f"{error.strerror}. Set TMPDIR to a folder that this account may write.") from error
    return RuntimePaths(data.parent, data, data.parent / "log", sockets, postgres, redis, fsync, connections)


def make_folders(place: RuntimePaths) -> None:
    """Create the data folder and its logs, for this account only. Raises OSError."""
    place.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.logs.mkdir(mode=0o700, exist_ok=True)
    if not os.access(place.home, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "not writable", str(place.home))


def make_socket_folder(place: RuntimePaths) -> None:
    """The folder's name can be guessed and its parent is public, so existing contents are not trusted."""
    if len(os.fsencode(place.sockets / SOCKET_NAME_LONGEST)) > SOCKET_PATH_MOST:
        raise LocalError(
            f"The folder for temporary files, {place.sockets.parent}, has too long a path for a socket. "
            "Set TMPDIR to a shorter one."
        )
    try:
        place.sockets.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError:
        pass  # not a folder: rejected below
    except OSError as error:
        raise LocalError(
            f"The folder for temporary files, {place.sockets.parent}, cannot be used by {name_of(os.getuid())}: "
            f"{error.strerror}. Set TMPDIR to another folder, and start again."
        ) from error
    found = place.sockets.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise LocalError(
            f"{place.sockets} is there already and is not a private folder of this account. "
            "Remove it, or set TMPDIR to another folder, and start again."
        )


def binary(package: str, *parts: str) -> Path | None:
    """A program inside an installed package, found without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.origin:
        return None
    program = Path(spec.origin).parent.joinpath(*parts)
    return program if program.is_file() else None  # the caller reports whether it can be started


def trim_logs(home: Path) -> None:
    """Keep each log of the data folder below 5 MiB: the older part goes to `.1`. Safe while servers write."""
    for log in (home / "log").glob("*.log"):
        if log.stat().st_size > LOG_BYTES:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)  # the servers append, so they continue at the new end


def spawn(place: RuntimePaths, command: list[str], log: str) -> int:
    """Start a server in a session of its own, so that no terminal and no signal to our group reaches it."""
    with open(place.logs / log, "ab") as output, started(command):
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment(),
            cwd=place.home,
            start_new_session=True,
        )
    _children[child.pid] = child
    return child.pid


@contextmanager
def started(command: list[str]) -> Iterator[None]:
    """Report the program that the operating system refuses to start, and why; the data folder is not the cause."""
    try:
        yield
    except OSError as error:
        raise LocalError(
            f"{command[0]} cannot be started here: {error.strerror}. It may be made for another machine, or lie on a "
            "disk from which nothing may be started (noexec); then put the clone on another."
        ) from error


def tail(log: Path, start: int = 0) -> str:
    """The log's text since it had `start` bytes; its end, where that is long."""
    with suppress(OSError), open(log, "rb") as file:
        file.seek(max(start, log.stat().st_size - TAIL_BYTES))
        return file.read(TAIL_BYTES).decode(errors="replace")
    return ""


def environment() -> dict[str, str]:
    """English messages (which are parsed), and no variables that would configure a server from outside."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LD_"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def runs(pid: int) -> bool:
    """Whether a process lives. A dead one that its parent has not reaped yet counts as dead."""
    if child := _children.get(pid):
        if child.poll() is None:
            return True
        del _children[pid]
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return True


def until(done: Callable[[], bool], seconds: float) -> bool:
    """Wait for `done` at most that long; returns its last value."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@contextmanager
def in_words(place: RuntimePaths) -> Iterator[None]:
    """Turn the operating system's errors about our own folders into a sentence with a remedy."""
    try:
        yield
    except OSError as error:
        where = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else place.home
        if not (where.is_relative_to(place.home) or place.home.is_relative_to(where)):
            raise LocalError(f"{where} cannot be used by {name_of(os.getuid())}: {error.strerror}.") from error
        raise sentence(place, error.errno or 0, str(error)) from error


def sentence(place: RuntimePaths, number: int, words: str) -> LocalError:
    """The error for an `errno` met below the data folder."""
    if number in (errno.ENOSPC, errno.EDQUOT):
        return LocalError(
            f"The disk under {place.home} is full. Make room and start again; what was stored before is still there."
        )
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return LocalError(
            f"The data folder {place.home} cannot be written by {name_of(os.getuid())}. Start Crowd from the account "
            f"that owns it, or choose another folder in CROWD_DATA_DIR. ({words.strip().splitlines()[-1]})"
        )
    if number in (errno.ENOTDIR, errno.EEXIST):
        return LocalError(
            f"{place.home} cannot be a folder: a file of that name is in the way. Choose another in CROWD_DATA_DIR."
        )
    return LocalError(f"The data folder {place.home} cannot be used: {words}")


def name_of(uid: int) -> str:
    """The account's name, or its number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"account {uid}"
