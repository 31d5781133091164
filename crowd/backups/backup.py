"""Creates a backup."""

import hashlib
import json
import os
import tarfile
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from crowd import files, schema
from crowd.backups.archive import DUMP, PROGRESS_EVERY, Manifest, Say, in_words, summary
from crowd.backups.pg_tools import as_owner, find_program, major_version, row_counts, run
from crowd.config import Settings
from crowd.errors import Conflict, Unavailable


def create_backup(settings: Settings, path: Path, say: Say) -> dict[str, Any]:
    """Write the platform to `path`, which must not exist; call it inside the application. Returns a summary as JSON.

    Raises Conflict, Unavailable or Misconfigured with a sentence; then no file is left.
    """
    if path.exists():
        raise Conflict(f"{path} exists already, and a backup replaces nothing. Choose another name.")
    part = path.with_name(f".{path.name}.part")
    with in_words(path):
        try:
            with open(part, "wb", opener=_private) as file:
                with tarfile.open(fileobj=file, mode="w") as tar:
                    manifest = _write(settings, tar, path.parent, say)
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)
    return summary(path, manifest)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write(settings: Settings, tar: tarfile.TarFile, folder: Path, say: Say) -> Manifest:
    with as_owner(settings) as owner, tempfile.TemporaryFile(dir=folder) as dump:
        with owner.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            manifest = _describe(connection, schema.role_of(str(settings.database_url)))
            digests = list(connection.scalars(sa.text("SELECT DISTINCT digest FROM stored_file ORDER BY digest")))
            say(f"The database ({sum(manifest.counts.values())} rows) ...")
            snapshot = connection.scalar(sa.text("SELECT pg_export_snapshot()"))
            command = [find_program("pg_dump", manifest.postgres), "--format=custom", "--no-owner"]
            run(settings, [*command, f"--snapshot={snapshot}"], output=dump)
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
    return Manifest(version("crowd"), at, major_version(connection), role, created, row_counts(connection))


def _add(tar: tarfile.TarFile, name: str, stream: IO[bytes]) -> str:
    """Add the rest of a stream; returns its digest."""
    info = tarfile.TarInfo(name)
    start = stream.tell()
    info.size = stream.seek(0, os.SEEK_END) - start
    info.mode = 0o600
    info.mtime = int(datetime.now(UTC).timestamp())
    stream.seek(start)
    hashed = _Hashed(stream)
    tar.addfile(info, hashed)
    return hashed.digest.hexdigest()


class _Hashed:
    """A stream that computes the digest of what is read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.digest.update(data)
        return data


def _add_stored(tar: tarfile.TarFile, digest: str, manifest: Manifest, say: Say) -> None:
    """A lost or damaged upload must not prevent the backup of the rest: it is recorded and reported."""
    with tempfile.TemporaryFile() as copy:
        if not _fetch(digest, copy):
            manifest.missing.append(digest)
            say(f"Missing or damaged in the store: {digest}")
            return
        copy.seek(0)
        manifest.members[f"files/{digest}"] = _add(tar, f"files/{digest}", copy)


def _fetch(digest: str, copy: IO[bytes]) -> bool:
    """Copy a stored file; returns whether the store has all of it."""
    found = hashlib.sha256()
    try:
        for chunk in files.chunks(digest):
            found.update(chunk)
            copy.write(chunk)
    except Unavailable:
        return False
    return found.hexdigest() == digest
