"""One ZIP while it is sent: names as they are, each once, and the memory of one chunk whatever the size."""

import io
import os
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from challenges.entry import archive
from crowd import files

AT = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)
CHUNK = 2**20


def test_a_zip_has_every_file_under_a_name_of_its_own() -> None:
    names = ["管网.csv", "plan.pdf", "Plan.pdf", "plan.pdf", "plan (2).pdf", ".txt"]
    sent = [(name, str(number).encode()) for number, name in enumerate(names)]
    written = b"".join(archive.stream((name, AT, [data]) for name, data in sent))
    with zipfile.ZipFile(io.BytesIO(written)) as found:
        assert found.testzip() is None
        assert found.namelist() == ["管网.csv", "plan.pdf", "Plan (2).pdf", "plan (3).pdf", "plan (2) (2).pdf", ".txt"]
        assert [found.read(name) for name in found.namelist()] == [data for _name, data in sent]
        assert found.getinfo("管网.csv").flag_bits & 0x800, "the name is UTF-8"


def test_a_file_is_read_when_its_turn_comes() -> None:
    begun = []

    def entry(name: str) -> Iterator[bytes]:
        begun.append(name)
        yield name.encode()

    parts = archive.stream((name, AT, entry(name)) for name in ("a", "b"))
    next(parts)
    assert begun == ["a"]
    assert b"".join(parts)
    assert begun == ["a", "b"]


def _peak(size: int) -> tuple[int, int]:
    """The bytes of a ZIP of one file of this size, and how much memory Python took at most meanwhile."""
    tracemalloc.start()
    chunks = (os.urandom(CHUNK) for _number in range(size // CHUNK))
    sent = sum(len(part) for part in archive.stream([("data.zip", AT, chunks)]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return sent, peak


def test_the_memory_does_not_grow_with_the_file() -> None:
    small, little = _peak(4 * CHUNK)
    large, much = _peak(32 * CHUNK)
    assert large - small == 28 * CHUNK
    assert much < little + 2 * CHUNK


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as numbers:
        return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.long
@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="the memory of a process is read as Linux tells it")
def test_two_hundred_megabytes_from_the_store_take_the_memory_of_a_few_chunks(isolated: Flask) -> None:
    with isolated.app_context():
        data = io.BytesIO(b"PK\x05\x06" + os.urandom(200 * 2**20))
        kept = files.keep(data, "data.zip", limit=2**30)
        data.close()
        del data
        before, most, sent = _resident(), 0, 0
        for part in archive.stream([("data.zip", AT, files.chunks(kept.digest))]):
            sent += len(part)
            most = max(most, _resident())
    assert sent > 200 * 2**20
    print(f"{sent / 2**20:.0f} MiB sent; {(most - before) / 2**20:.1f} MiB more in memory at most")
    assert most - before < 32 * 2**20
