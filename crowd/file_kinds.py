"""Which files may be uploaded, and whether a file's contents match its name.

A file is read from an open binary file in chunks, however large it is; nothing here knows requests or the store.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

import puremagic
from flask_babel import lazy_gettext as _

from crowd.errors import Sentence
from crowd.text import normalise

CHUNK = 2**20
HEAD = 4096  # bytes at the beginning that identify a kind
PDF_WITHIN = 1024  # bytes before `%PDF-` that readers skip (ISO 32000-1, annex H, implementation note 13)
OFFICE = "application/vnd.openxmlformats-officedocument."
ZIP = (b"PK\x03\x04",)
TEXTS = ("utf-8", "gb18030", "cp1252")  # text without a byte order mark
MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
CONTROLS = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # what no text contains: they identify binary data
OTHER_BRANDS = (b"qt  ", b"heic", b"heix", b"mif1", b"avif")  # files like MP4 that are something else
DXF = re.compile(rb"\A(?:\xef\xbb\xbf)?(?:\s*999\s*?\n[^\n]*\n)*\s*0\s*?\n\s*SECTION\s", re.M)


def _starts(*beginnings: bytes) -> Callable[[IO[bytes]], bool]:
    return lambda file: _head(file).startswith(beginnings)


def _zip_with(*names: bytes) -> Callable[[IO[bytes]], bool]:
    """A ZIP file with entries whose names begin like these."""
    return lambda file: _head(file).startswith(ZIP) and all(_holds(file, name) for name in names)


def _is_pdf(file: IO[bytes]) -> bool:
    return b"%PDF-" in _head(file)[: PDF_WITHIN + 5]


def _is_picture(media_type: str) -> Callable[[IO[bytes]], bool]:
    """Whether a second library agrees, and the image contains no markup (polyglots)."""

    def check(file: IO[bytes]) -> bool:
        head = next(_chunks(file), b"")
        try:
            found = {match.mime_type for match in puremagic.magic_string(head)}
        except puremagic.PureError:
            return False
        return media_type in found and b"<script" not in head.lower() and b"<html" not in head.lower()

    return check


def _is_odt(file: IO[bytes]) -> bool:
    """The media type is the first entry, uncompressed (OpenDocument 1.3, part 2, section 3.3)."""
    head = _head(file)
    return head.startswith(ZIP) and head[30:].startswith(b"mimetypeapplication/vnd.oasis.opendocument.text")


def _is_doc(file: IO[bytes]) -> bool:
    return _head(file).startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") and _holds(
        file, "WordDocument".encode("utf-16-le")
    )


def _is_step(file: IO[bytes]) -> bool:
    return b"ISO-10303-21;" in _head(file) and is_text(file)


def _is_dxf(file: IO[bytes]) -> bool:
    head = _head(file)
    return head.startswith(b"AutoCAD Binary DXF\r\n\x1a\x00") or (DXF.search(head) is not None and is_text(file))


def _is_mp4(file: IO[bytes]) -> bool:
    head = _head(file)
    return head[4:8] == b"ftyp" and head[8:12] not in OTHER_BRANDS


def _is_json(file: IO[bytes]) -> bool:
    """Text that begins and ends like one object or list; it is not read as a whole."""
    first = _head(file).removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    size = file.seek(0, 2)
    file.seek(max(0, size - HEAD))
    last = file.read(HEAD).rstrip()[-1:]
    return (first, last) in ((b"{", b"}"), (b"[", b"]")) and is_text(file, ("utf-8",))


def is_text(file: IO[bytes], encodings: tuple[str, ...] = TEXTS) -> bool:
    """Whether a file is text in one of the encodings (or in UTF-16, where it begins with its byte order mark)."""
    marked = MARKS.get(_head(file)[:2]) if encodings == TEXTS else None
    left = {name: codecs.getincrementaldecoder(name)() for name in ((marked,) if marked else encodings)}
    for chunk in _with_end(_chunks(file)):
        for name, decoder in list(left.items()):
            try:
                good = not CONTROLS.search(decoder.decode(chunk or b"", final=chunk is None))
            except UnicodeDecodeError:
                good = False
            if not good:
                del left[name]
        if not left:
            return False
    return True


def _with_end(chunks: Iterator[bytes]) -> Iterator[bytes | None]:
    yield from chunks
    yield None


@dataclass(frozen=True, slots=True)
class FileKind:
    """`media_type` of a download, and `check`, which reads its contents."""

    media_type: str
    check: Callable[[IO[bytes]], bool]


KINDS: dict[str, FileKind] = {
    "pdf": FileKind("application/pdf", _is_pdf),
    "png": FileKind("image/png", _is_picture("image/png")),
    "jpg": FileKind("image/jpeg", _is_picture("image/jpeg")),
    "jpeg": FileKind("image/jpeg", _is_picture("image/jpeg")),
    "webp": FileKind("image/webp", _is_picture("image/webp")),
    "gif": FileKind("image/gif", _is_picture("image/gif")),
    "doc": FileKind("application/msword", _is_doc),
    "docx": FileKind(OFFICE + "wordprocessingml.document", _zip_with(b"[Content_Types].xml", b"word/")),
    "xlsx": FileKind(OFFICE + "spreadsheetml.sheet", _zip_with(b"[Content_Types].xml", b"xl/")),
    "pptx": FileKind(OFFICE + "presentationml.presentation", _zip_with(b"[Content_Types].xml", b"ppt/")),
    "odt": FileKind("application/vnd.oasis.opendocument.text", _is_odt),
    "txt": FileKind("text/plain", is_text),
    "md": FileKind("text/plain", is_text),
    "csv": FileKind("text/csv", is_text),
    "json": FileKind("application/json", _is_json),
    "step": FileKind("model/step", _is_step),
    "stp": FileKind("model/step", _is_step),
    "dwg": FileKind("image/vnd.dwg", _starts(b"AC10")),
    "dxf": FileKind("image/vnd.dxf", _is_dxf),
    "zip": FileKind("application/zip", _starts(*ZIP, b"PK\x05\x06")),
    "7z": FileKind("application/x-7z-compressed", _starts(b"7z\xbc\xaf\x27\x1c")),
    "mp4": FileKind("video/mp4", _is_mp4),
}


def ending_of(name: str) -> str:
    """The ending after the last dot of a file's name, in half-width lower case; empty where there is none."""
    return normalise(name.rpartition(".")[2], "NFKC").lower() if "." in name else ""


def megabytes(size: int) -> str:
    """A size as people read it: `100 MB`, `0.5 MB`, `0.01 MB`; rounded up, so that a size above a limit shows it."""
    hundredths = -(-size * 100 // 2**20)
    return f"{hundredths / 100:g} MB"


def too_large(size: str, limit: str, name: str = "") -> Sentence:
    """The sentence that rejects a file for its size; without a name, of the file in question."""
    if not name:
        return _("The file has %(size)s; the limit is %(limit)s.", size=size, limit=limit)
    return _("%(file)s has %(size)s; the limit is %(limit)s.", file=name, size=size, limit=limit)


def too_large_together(size: str, limit: str) -> Sentence:
    """The sentence that rejects several files for their total size."""
    return _("Together the files have %(size)s; at most %(limit)s are taken.", size=size, limit=limit)


def _head(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(HEAD)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk


def _holds(file: IO[bytes], needle: bytes) -> bool:
    """Whether the bytes occur somewhere in the file."""
    tail = b""
    for chunk in _chunks(file):
        if needle in tail + chunk:
            return True
        tail = chunk[1 - len(needle) :]
    return False
