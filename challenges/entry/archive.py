"""One ZIP of several files, made while it is sent: the memory that it takes does not grow with the files.

Python's `zipfile` writes to a stream that cannot be rewound: the size of each entry follows its bytes. The files are
stored, not compressed: most are compressed already.
"""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, cast

Entry = tuple[str, datetime, Iterable[bytes]]  # name, time, bytes


class _Pipe:
    """What `zipfile` writes into, and from where the response takes it."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._held.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        """What was written since the last time."""
        data = b"".join(self._held)
        self._held.clear()
        return data


def stream(entries: Iterable[Entry]) -> Iterator[bytes]:
    """The bytes of a ZIP file. Names may have any characters, and are made distinct."""
    pipe, taken = _Pipe(), set[str]()
    with zipfile.ZipFile(cast(IO[bytes], pipe), "w", zipfile.ZIP_STORED) as archive:
        for name, at, chunks in entries:
            info = zipfile.ZipInfo(distinct(name, taken), at.timetuple()[:6])
            info.external_attr = 0o644 << 16
            with archive.open(info, "w", force_zip64=True) as entry:
                for chunk in chunks:
                    entry.write(chunk)
                    yield pipe.take()
            yield pipe.take()
    yield pipe.take()


def distinct(name: str, taken: set[str]) -> str:
    """The name, or the name with a number where it is taken, by one of another case, too: `plan (2).pdf`."""
    stem, dot, ending = name.rpartition(".")
    stem, tail = (stem, f".{ending}") if dot and stem else (name, "")
    number, found = 1, name
    while found.casefold() in taken:
        number += 1
        found = f"{stem} ({number}){tail}"
    taken.add(found.casefold())
    return found
