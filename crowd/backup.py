"""`crowd backup` and `crowd restore`: the whole platform as one file, and back into an empty place.

The file is a tar: the database as pg_dump writes it, every stored file under its digest, and last a manifest with the
version, the migration, the counts of rows and the digest of each member; the manifest's name carries its own digest.
The dump is one snapshot and the files that it names are copied after it: they are only ever added, so nothing that the
dump names can be missing. The secret is not in the file, and neither are roles and passwords of the database.
"""

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import redis
import sqlalchemy as sa
from rq import Queue
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import SQLAlchemyError

from crowd import background, files, local, schema
from crowd.config import Misconfigured, Settings
from crowd.errors import Conflict, Invalid, Unavailable

FORMAT = 1
DUMP = "database.dump"
MANIFEST = re.compile(r"manifest-([0-9a-f]{64})\.json")
STORED = re.compile(r"files/([0-9a-f]{64})")
PROGRESS_EVERY = 500  # files
FULL = (errno.ENOSPC, errno.EDQUOT)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `members` maps a member's name to its SHA-256; `missing` are digests of stored
    files that the store could not give, `role` the application's role there."""

    crowd: str
    migration: str
    postgres: int
    role: str
    created_at: str
    counts: dict[str, int]
    members: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    format: int = FORMAT


# ---- making one


def backup(settings: Settings, path: Path, say: Say) -> dict[str, Any]:
    """Write the platform to `path`, which must not exist; call it inside the application. What was done, as JSON.

    Raises Conflict, Unavailable or Misconfigured in plain words; then no file is left.
    """
    if path.exists():
        raise Conflict(f"{path} exists already, and a backup replaces nothing. Choose another name.")
    part = path.with_name(f".{path.name}.part")
    with _in_words(path):
        try:
            with open(part, "wb", opener=_private) as file:
                with tarfile.open(fileobj=file, mode="w") as tar:
                    manifest = _write(settings, tar, path.parent, say)
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)
    return _summary(path, manifest)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write(settings: Settings, tar: tarfile.TarFile, folder: Path, say: Say) -> Manifest:
    with _owner(settings) as owner, tempfile.TemporaryFile(dir=folder) as dump:
        with owner.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            manifest = _describe(connection, schema.role_of(str(settings.database_url)))
            digests = list(connection.scalars(sa.text("SELECT DISTINCT digest FROM stored_file ORDER BY digest")))
            say(f"The database ({sum(manifest.counts.values())} rows) ...")
            snapshot = connection.scalar(sa.text("SELECT pg_export_snapshot()"))
            command = [_program("pg_dump", manifest.postgres), "--format=custom", "--no-owner"]
            _run(settings, [*command, f"--snapshot={snapshot}"], output=dump)
        dump.seek(0)
        manifest.members[DUMP] = _add(tar, DUMP, dump)
    for number, digest in enumerate(digests, 1):
        _add_stored(tar, digest, manifest, say)
        if number % PROGRESS_EVERY == 0 or number == len(digests):
            say(f"Stored files: {number} of {len(digests)}")
    body = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
    _add(tar, f"manifest-{hashlib.sha256(body).hexdigest()}.json", BytesIO(body))
    return manifest


def _describe(connection: sa.Connection, role: str) -> Manifest:
    at = schema.current(connection)
    if at is None:
        raise Conflict("This database is empty: there is nothing to back up.")
    created = datetime.now(UTC).isoformat(timespec="seconds")
    return Manifest(version("crowd"), at, _major(connection), role, created, _counts(connection))


def _add(tar: tarfile.TarFile, name: str, stream: IO[bytes]) -> str:
    """Add what a stream holds from here on; its digest."""
    info = tarfile.TarInfo(name)
    start = stream.tell()
    info.size = stream.seek(0, os.SEEK_END) - start
    info.mode = 0o600
    info.mtime = int(datetime.now(UTC).timestamp())
    stream.seek(start)
    hashed = _Hashed(stream)
    tar.addfile(info, hashed)  # type: ignore[arg-type]
    return hashed.digest.hexdigest()


class _Hashed:
    """A stream that counts the digest of what is read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.digest.update(data)
        return data


def _add_stored(tar: tarfile.TarFile, digest: str, manifest: Manifest, say: Say) -> None:
    """A lost or damaged upload must not stand in the way of saving all the rest: it is noted and told."""
    try:
        data = b"".join(files.chunks(digest))
    except Unavailable:
        data = b""
    if hashlib.sha256(data).hexdigest() != digest:
        manifest.missing.append(digest)
        say(f"Missing or damaged in the store: {digest}")
        return
    manifest.members[f"files/{digest}"] = _add(tar, f"files/{digest}", BytesIO(data))


# ---- bringing one back


def restore(settings: Settings, path: Path, say: Say) -> dict[str, Any]:
    """Bring a backup back into an empty database and the store; call it inside the application. What was done.

    Everything is checked before anything is written. Raises Invalid (not a whole backup), Conflict (the platform is
    not empty, or the backup is of a newer Crowd), Unavailable or Misconfigured in plain words.
    """
    with _in_words(path), closing(_opened(path)) as tar, _owner(settings) as owner:
        say("Checking the backup ...")
        manifest = _verified(tar, path)
        role = schema.role_of(str(settings.database_url))
        with owner.connect() as connection:
            program = _program("pg_restore", _check_target(connection, manifest, role))
        _bring_files(tar, manifest, say)
        say(f"The database ({sum(manifest.counts.values())} rows) ...")
        _bring_database(settings, tar, program)
        with owner.begin() as connection:
            for statement in _rights(settings, tar, program, manifest.role, role):
                connection.exec_driver_sql(statement)
            _close_transfers(connection)
            _compare(manifest.counts, _counts(connection))
    _silence(settings, say)
    if manifest.migration != schema.head():
        say(f"The backup is of migration {manifest.migration}, this code of {schema.head()}. Run: crowd db upgrade")
    return _summary(path, manifest)


def _opened(path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(path, "r:")
    except tarfile.TarError as error:
        raise _damaged(path, "it is not a tar file") from error


def _damaged(path: Path, why: str) -> Invalid:
    return Invalid(f"{path} is not a whole backup of Crowd: {why}. Nothing was written.")


def _verified(tar: tarfile.TarFile, path: Path) -> Manifest:
    """The manifest, once every member was read and found to be what the manifest says."""
    found: dict[str, str] = {}
    try:
        for member in tar:
            stream = tar.extractfile(member)
            digest = hashlib.file_digest(stream, "sha256").hexdigest() if stream else ""  # type: ignore[arg-type]
            if member.name in found:
                raise _damaged(path, f"{member.name} is in it twice")
            found[member.name] = digest
    except (tarfile.TarError, OSError, EOFError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise _damaged(path, "it is cut off or damaged") from error
    names = [name for name in found if MANIFEST.fullmatch(name)]
    if len(names) != 1 or f"manifest-{found[names[0]]}.json" != names[0]:
        raise _damaged(path, "its manifest is missing or damaged")
    manifest = _manifest(tar, names[0], path)
    found.pop(names[0])
    if found != manifest.members or DUMP not in found:
        wrong = sorted(
            name for name in found.keys() | manifest.members if found.get(name) != manifest.members.get(name)
        )
        raise _damaged(path, f"{', '.join(wrong[:5]) or DUMP} is damaged or missing")
    return manifest


def _manifest(tar: tarfile.TarFile, name: str, path: Path) -> Manifest:
    whole = json.loads(_member(tar, name).read())
    if whole.get("format") != FORMAT:
        raise _damaged(path, f"its format is {whole.get('format')!r}, and this Crowd reads {FORMAT}")
    return Manifest(**whole)


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    stream = tar.extractfile(name)
    assert stream is not None
    return stream


def _check_target(connection: sa.Connection, manifest: Manifest, role: str) -> int:
    """The server's major version, where its database is empty and fits the backup. Raises Conflict."""
    tables = sa.inspect(connection).get_table_names()
    if tables:
        raise Conflict(
            f"This platform is not empty (its database has {len(tables)} tables), and restoring replaces nothing. "
            "Name an empty database, or an empty data folder in CROWD_HOME."
        )
    if manifest.migration > schema.head():
        raise Conflict(
            f"The backup is of a newer Crowd ({manifest.crowd}, migration {manifest.migration}), and this code knows "
            f"migrations up to {schema.head()}. Check out that version and restore with it."
        )
    major = _major(connection)
    if manifest.postgres > major:
        raise Conflict(
            f"The backup is of PostgreSQL {manifest.postgres}, and this server is {major}. Take a newer one."
        )
    if not connection.scalar(sa.text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}):
        raise Conflict(
            f"The database has no role {role}. As its administrator: CREATE ROLE {role} LOGIN PASSWORD '...'"
        )
    return major


def _bring_files(tar: tarfile.TarFile, manifest: Manifest, say: Say) -> None:
    """Files first: they lie under their digests, so a try that ends here has done no harm."""
    names = [name for name in manifest.members if STORED.fullmatch(name)]
    for number, name in enumerate(names, 1):
        try:
            files.bring_back(_member(tar, name).read())
        except Exception as error:  # the store's own errors; a full disk is told by what it says
            raise Unavailable(_of_the_disk(str(error)) or f"The store did not take a file: {error}") from error
        if number % PROGRESS_EVERY == 0 or number == len(names):
            say(f"Stored files: {number} of {len(names)}")


def _bring_database(settings: Settings, tar: tarfile.TarFile, program: str) -> None:
    """All of it in one transaction, as the owner: what fails leaves the database empty."""
    command = [program, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run(settings, command, feed=_member(tar, DUMP))


def _rights(settings: Settings, tar: tarfile.TarFile, program: str, there: str, here: str) -> list[str]:
    """Statements that give the role `here` what `there` had in the dump, and PUBLIC no more; no other role's rights."""
    with tempfile.TemporaryFile() as text:
        command = [program, "--schema-only", "--no-owner", "--file=-"]
        _run(settings, command, feed=_member(tar, DUMP), output=text, connect=False)
        text.seek(0)
        words = text.read().decode()
    quote = postgresql.dialect().identifier_preparer.quote  # type: ignore[no-untyped-call]
    line = rf"^((?:GRANT|REVOKE) [^;]+ (?:TO|FROM)) ({re.escape(quote(there))}|PUBLIC);$"
    found = re.findall(line, words, re.MULTILINE)
    return [f"{act} {'PUBLIC' if whom == 'PUBLIC' else quote(here)}" for act, whom in found]


def _close_transfers(connection: sa.Connection) -> None:
    """A transfer takes postings only in the transaction whose number it carries. Numbers of another server would come
    up here again, one day: none is nobody's."""
    connection.exec_driver_sql("ALTER TABLE transfer DISABLE TRIGGER transfer_append_only")
    connection.exec_driver_sql("UPDATE transfer SET xact = 0")
    connection.exec_driver_sql("ALTER TABLE transfer ENABLE TRIGGER transfer_append_only")


def _compare(wanted: dict[str, int], found: dict[str, int]) -> None:
    wrong = [
        f"{table}: {found.get(table, 0)} of {number}" for table, number in wanted.items() if found.get(table) != number
    ]
    if wrong:
        raise Unavailable(f"The database did not come back whole ({'; '.join(wrong)}). Drop it and try again.")


def _silence(settings: Settings, say: Say) -> None:
    """Bells that were rung for another past are taken away; the sweeper rings again for what is due."""
    if settings.redis_url is None:
        return
    try:
        Queue(background.QUEUE, connection=background.connection()).empty()
    except redis.RedisError as error:
        say(f"Redis is away ({error}). Before workers start, empty it.")


# ---- what both need


@contextmanager
def _owner(settings: Settings) -> Iterator[sa.Engine]:
    """The database as its owner: the application's role may not read sequences and may create nothing."""
    if not settings.owner_database_url:
        raise Misconfigured("Set CROWD_OWNER_DATABASE_URL to the address of the database's owner.")
    engine = sa.create_engine(settings.owner_database_url, poolclass=sa.NullPool)
    try:
        yield engine
    except SQLAlchemyError as error:
        told = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise Unavailable(_of_the_disk(told) or f"The database said: {told}") from error
    finally:
        engine.dispose()


def _major(connection: sa.Connection) -> int:
    return int(connection.scalar(sa.text("SHOW server_version_num"))) // 10000


def _counts(connection: sa.Connection) -> dict[str, int]:
    names = sorted(sa.inspect(connection).get_table_names())
    return {name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0 for name in names}


def _program(name: str, major: int) -> str:
    """A program of the server's own major version: the package's, Debian's, or the one on PATH. Raises Unavailable."""
    places = (local.program(name), Path(f"/usr/lib/postgresql/{major}/bin/{name}"), shutil.which(name))
    found = {str(place): _version_of(str(place)) for place in places if place and os.access(place, os.X_OK)}
    for place, its in found.items():
        if its == major:
            return place
    others = ", ".join(f"{place} ({its})" for place, its in found.items()) or "none"
    raise Unavailable(
        f"This needs the program {name} of PostgreSQL {major} on PATH. Found: {others}. "
        f"On Debian and Ubuntu: apt-get install postgresql-client-{major}"
    )


def _version_of(program: str) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"\) (\d+)", told)
    return int(match[1]) if match else 0


def _run(
    settings: Settings,
    command: list[str],
    *,
    feed: IO[bytes] | None = None,
    output: IO[bytes] | None = None,
    connect: bool = True,
) -> None:
    """Run one of PostgreSQL's programs as the owner; its password goes by the environment. Raises Unavailable."""
    url = sa.make_url(str(settings.owner_database_url))
    environment = os.environ | {"LC_ALL": "C"} | ({"PGPASSWORD": str(url.password)} if url.password else {})
    if connect:
        address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
        command = [*command, f"--dbname={address}"]
    with tempfile.TemporaryFile() as told:
        source = subprocess.PIPE if feed else subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=source, stdout=output, stderr=told, env=environment)
        if feed is not None and process.stdin is not None:
            try:
                with process.stdin:
                    shutil.copyfileobj(feed, process.stdin)
            except BrokenPipeError:
                pass  # it has ended, and says why
        if process.wait():
            told.seek(0)
            lines = told.read().decode(errors="replace").strip().splitlines() or ["nothing"]
            words = next((line for line in lines if "error:" in line), lines[-1])
            raise Unavailable(_of_the_disk("\n".join(lines)) or f"{Path(command[0]).name} said: {words}")


def _of_the_disk(words: str) -> str:
    full = "No space left on device" in words or "os error 28" in words
    return "The disk is full. Make room and try again; nothing that was there before was changed." if full else ""


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """What the operating system says about the backup's file, as a sentence with a way out."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise Unavailable(_of_the_disk("No space left on device")) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise Unavailable(f"{path} cannot be used by this account: {error.strerror}.") from error
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            raise Unavailable(f"{error.filename or path} does not exist.") from error
        raise Unavailable(f"{path}: {error.strerror or error}") from error


def _summary(path: Path, manifest: Manifest) -> dict[str, Any]:
    stored = sum(1 for name in manifest.members if STORED.fullmatch(name))
    return {
        "file": str(path),
        "bytes": path.stat().st_size,
        "created_at": manifest.created_at,
        "crowd": manifest.crowd,
        "migration": manifest.migration,
        "rows": sum(manifest.counts.values()),
        "counts": manifest.counts,
        "files": stored,
        "missing": manifest.missing,
    }
