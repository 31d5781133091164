"""The file of a backup: its manifest, and its errors as sentences."""

import errno
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

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
    """A backup's manifest. `members` maps a member's name to its SHA-256; `missing` are digests of stored
    files that the store could not return, `role` the application's role there.
    """

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
    """A sentence where an error's text means that the disk is full; empty for other errors."""
    full = "No space left on device" in words or "os error 28" in words
    return "The disk is full. Make room and try again; nothing that was there before was changed." if full else ""


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """The operating system's error about the backup's file, as a sentence with a remedy."""
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


def summary(path: Path, manifest: Manifest) -> dict[str, object]:
    """The commands' output about a backup, as JSON."""
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
