"""A backup's file: what it says of itself, and what goes wrong with it, in words."""

import errno
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crowd.errors import Unavailable

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


def of_the_disk(words: str) -> str:
    """A sentence where an error's words mean that the disk is full; empty where they mean something else."""
    full = "No space left on device" in words or "os error 28" in words
    return "The disk is full. Make room and try again; nothing that was there before was changed." if full else ""


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """What the operating system says about the backup's file, as a sentence with a way out."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise Unavailable(of_the_disk("No space left on device")) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise Unavailable(f"{path} cannot be used by this account: {error.strerror}.") from error
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            raise Unavailable(f"{error.filename or path} does not exist.") from error
        raise Unavailable(f"{path}: {error.strerror or error}") from error


def summary(path: Path, manifest: Manifest) -> dict[str, Any]:
    """What the commands print of a backup, as JSON."""
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
