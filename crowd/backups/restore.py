"""Restores a backup into an empty platform."""

import hashlib
import json
import re
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import IO

import redis
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from crowd import files, rights, schema, wake_ups
from crowd.backups.archive import (
    DUMP,
    FORMAT,
    MANIFEST,
    PROGRESS_EVERY,
    STORED,
    Manifest,
    Say,
    in_words,
    of_the_disk,
    summary,
)
from crowd.backups.pg_tools import as_owner, find_program, major_version, row_counts, run
from crowd.config import Settings
from crowd.errors import Conflict, Invalid, Unavailable


def restore_backup(settings: Settings, path: Path, say: Say) -> dict[str, object]:
    """Restore a backup into an empty database and the store; call it inside the application. Returns a summary.

    Everything is checked before anything is written. Raises Invalid (an incomplete backup), Conflict (the platform is
    not empty, or the backup is of a newer Crowd), Unavailable or Misconfigured with a sentence.
    """
    with in_words(path), closing(_opened(path)) as tar, as_owner(settings) as owner:
        say("Checking the backup ...")
        manifest = _verified(tar, path)
        role = schema.role_of(str(settings.database_url))
        with owner.connect() as connection:
            program = find_program("pg_restore", _check_target(connection, manifest, role))
        _bring_files(tar, manifest, say)
        say(f"The database ({sum(manifest.counts.values())} rows) ...")
        _bring_database(settings, tar, program)
        with owner.begin() as connection:
            for statement in _rights(settings, tar, program, manifest.role, role):
                connection.exec_driver_sql(statement)
            rights.withdraw(connection, role)
            _close_transfers(connection)
            _compare(manifest.counts, row_counts(connection))
    _silence(settings, say)
    if manifest.migration != schema.head():
        say(f"The backup is of migration {manifest.migration}, this code of {schema.head()}. Run: crowd db upgrade")
    return summary(path, manifest)


def _opened(path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(path, "r:")
    except tarfile.TarError as error:
        raise _damaged(path, "it is not a tar file") from error


def _damaged(path: Path, why: str) -> Invalid:
    return Invalid(f"{path} is not a whole backup of Crowd: {why}. Nothing was written.")


def _verified(tar: tarfile.TarFile, path: Path) -> Manifest:
    """The manifest, after every member was read and compared with it."""
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
            "Name an empty database, or an empty data folder in CROWD_DATA_DIR."
        )
    if manifest.migration < schema.BASELINE:
        raise Conflict(
            f"The backup is of a Crowd before 0.2 (migration {manifest.migration}), which this one cannot restore. "
            "Begin anew with an empty platform, or restore it with the version that made it."
        )
    if manifest.migration > schema.head():
        raise Conflict(
            f"The backup is of a newer Crowd ({manifest.crowd}, migration {manifest.migration}), and this code knows "
            f"migrations up to {schema.head()}. Check out that version and restore with it."
        )
    major = major_version(connection)
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
    """Files first: they are stored under their digests, so a run that ends here has done no harm."""
    names = [name for name in manifest.members if STORED.fullmatch(name)]
    for number, name in enumerate(names, 1):
        try:
            files.bring_back(manifest.members[name], _member(tar, name))
        except Exception as error:  # the store's own errors; the message tells whether the disk is full
            raise Unavailable(of_the_disk(str(error)) or f"The store did not take a file: {error}") from error
        if number % PROGRESS_EVERY == 0 or number == len(names):
            say(f"Stored files: {number} of {len(names)}")


def _bring_database(settings: Settings, tar: tarfile.TarFile, program: str) -> None:
    """All of it in one transaction, as the owner: an error leaves the database empty."""
    command = [program, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    run(settings, command, feed=_member(tar, DUMP))


def _rights(settings: Settings, tar: tarfile.TarFile, program: str, there: str, here: str) -> list[str]:
    """Statements that give the role `here` what `there` had in the dump, and PUBLIC no more; no other role's rights."""
    with tempfile.TemporaryFile() as text:
        command = [program, "--schema-only", "--no-owner", "--file=-"]
        run(settings, command, feed=_member(tar, DUMP), output=text, connect=False)
        text.seek(0)
        words = text.read().decode()
    quote = postgresql.dialect().identifier_preparer.quote
    line = rf"^((?:GRANT|REVOKE) [^;]+ (?:TO|FROM)) ({re.escape(quote(there))}|PUBLIC);$"
    found = re.findall(line, words, re.MULTILINE)
    return [f"{act} {'PUBLIC' if whom == 'PUBLIC' else quote(here)}" for act, whom in found]


def _close_transfers(connection: sa.Connection) -> None:
    """A transfer accepts postings only in the transaction whose number it stores. Numbers of another server would occur
    here again one day: 0 belongs to no transaction.
    """
    connection.exec_driver_sql("ALTER TABLE transfer DISABLE TRIGGER transfer_append_only")
    connection.exec_driver_sql("UPDATE transfer SET transaction_id = 0")
    connection.exec_driver_sql("ALTER TABLE transfer ENABLE TRIGGER transfer_append_only")


def _compare(wanted: dict[str, int], found: dict[str, int]) -> None:
    wrong = [
        f"{table}: {found.get(table, 0)} of {number}" for table, number in wanted.items() if found.get(table) != number
    ]
    if wrong:
        raise Unavailable(f"The database did not come back whole ({'; '.join(wrong)}). Drop it and try again.")


def _silence(settings: Settings, say: Say) -> None:
    """Remove wake-ups of the previous data; the scheduler sends them again for due jobs."""
    if settings.redis_url is None:
        return
    try:
        wake_ups.drop()
    except redis.RedisError as error:
        say(f"Redis is away ({error}). Before workers start, empty it.")
