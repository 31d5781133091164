"""What a reader takes away of a version: its files, the full text, and how the digests are checked."""

from collections.abc import Iterator

from challenges.entry import gate
from challenges.entry.archive import Entry
from challenges.entry.clause import Readership
from challenges.entry.queries import Materials
from crowd import clock, files

TEXT = "full-text.md"
SUMS = "digests.txt"
# What recomputes a digest of the contract from a salt and a file; a test of the documents runs it.
COMMAND = (
    'python3 -c "import hashlib, sys; print(hashlib.sha256('
    "bytes.fromhex(sys.argv[1]) + open(sys.argv[2], 'rb').read()).hexdigest())\" SALT FILE"
)


def entries(found: Materials) -> Iterator[Entry]:
    """The entries of the ZIP: each file is read when its turn comes."""
    yield SUMS, clock.now(), [digests(found).encode()]
    if found.text is not None:
        yield TEXT, clock.now(), [gate.text_bytes(found.text.text)]
    for row, _audience in found.files:
        yield row.name, row.added_at, files.read(row.file)


def digests(found: Materials) -> str:
    """The digests of the contract with the salts, one file a line."""
    lines = ["# digest of the contract, salt (- where there is none), file", f"# {COMMAND}"]
    if found.text is not None:
        lines.append(f"{found.text.digest} {found.text.salt} {TEXT}")
    for row, audience in found.files:
        public = audience == Readership.PUBLIC
        lines.append(f"{row.sha256} - {row.name}" if public else f"{row.salted} {row.salt} {row.name}")
    return "\n".join(lines) + "\n"
