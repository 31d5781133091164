"""Files as people really send them: what a name says is checked against what is in the file."""

import codecs
import io
import json
import zipfile
from collections.abc import Iterator
from typing import IO

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from crowd import files
from crowd.errors import Invalid
from crowd.file_kinds import CHUNK, is_text, megabytes

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
DOC = OLE + "Root Entry".encode("utf-16-le") + bytes(64) + "WordDocument".encode("utf-16-le") + bytes(64)
XLS = OLE + "Workbook".encode("utf-16-le")
STEP = b"ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION(('valve'),'2;1');\nENDSEC;\nDATA;\nENDSEC;\nEND-ISO-10303-21;\n"
MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(100)
DXF = b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n  0\r\nENDSEC\r\n  0\r\nEOF\r\n"
GERMAN = "Prüfstand für Müller & Söhne – 12,5 % größer"


def zipped(*entries: tuple[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(entries):
            archive.writestr(name, content, zipfile.ZIP_STORED if number == 0 and name == "mimetype" else None)
    return made.getvalue()


ODT = zipped(("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<office:document-content/>"))
ODS = zipped(("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "<a/>"))
DOCX = zipped(("[Content_Types].xml", "<Types/>"), ("word/document.xml", "<w:document/>"))
XLSX = zipped(("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<workbook/>"))
PPTX = zipped(("[Content_Types].xml", "<Types/>"), ("ppt/presentation.xml", "<p:presentation/>"))
PLAIN_ZIP = zipped(("drawings/valve.dxf", "0\nSECTION"))

TAKEN = [
    ("plan.pdf", b"%PDF-1.7\n1 0 obj"),
    ("全角.ｐｄｆ", b"%PDF-1.7\n1 0 obj"),
    ("scanned by an MFP.pdf", b"\r\n\r\n%PDF-1.4\n"),
    ("from a mail gateway.pdf", b"\x00" * 1019 + b"%PDF-1.6\n"),
    ("with a byte order mark.PDF", codecs.BOM_UTF8 + b"%PDF-1.5\n"),
    ("技术方案（终稿）.docx", DOCX),
    ("报价单.xlsx", XLSX),
    ("Vorstellung der Firma.pptx", PPTX),
    ("Angebot.odt", ODT),
    ("旧版方案.doc", DOC),
    ("valve.step", STEP),
    ("VALVE.STP", b"/* made by hand */\r\n" + STEP),
    ("plan of site.dwg", b"AC1032\x00\x00\x00" + bytes(200)),
    ("oldest plan.dwg", b"AC1015" + bytes(200)),
    ("floor.dxf", DXF),
    ("floor with a remark.dxf", b"999\nmade by LibreCAD\n" + DXF.replace(b"\r\n", b"\n")),
    ("binary.dxf", b"AutoCAD Binary DXF\r\n\x1a\x00" + bytes(40)),
    ("data.json", json.dumps({"flow": [1, 2, 3], "单位": "m³/h"}, ensure_ascii=False).encode()),
    ("list.json", b"\xef\xbb\xbf[\n 1,\n 2\n]\n"),
    ("all.zip", PLAIN_ZIP),
    ("empty.zip", b"PK\x05\x06" + bytes(18)),
    ("all.7z", b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(60)),
    ("film.mp4", MP4),
    ("notes.txt", "湿度 60%".encode()),
    ("notepad.txt", "会议纪要：水泵噪声".encode("utf-16")),
    ("notepad big endian.txt", codecs.BOM_UTF16_BE + GERMAN.encode("utf-16-be")),
    ("excel.csv", codecs.BOM_UTF16_LE + "工况\t流量\r\n1\t12,5\r\n".encode("utf-16-le")),
    ("windows.csv", GERMAN.encode("cp1252")),
    ("gbk.txt", "技术方案，第二版".encode("gbk")),
    ("french.md", "Résumé – « déjà vu » œuvre".encode("cp1252")),
    ("page break.txt", b"one\x0ctwo\r\n"),
]
REFUSED = [
    ("plan.pdf", b"<html><script>alert(1)</script>"),
    ("too late.pdf", b"x" * 1025 + b"%PDF-1.7"),
    ("word.docx", XLSX),
    ("sheet.xlsx", PLAIN_ZIP),
    ("slides.pptx", DOCX),
    ("text.odt", ODS),
    ("text.odt", DOCX),
    ("archive named.odt", PLAIN_ZIP),
    ("old.doc", XLS),
    ("old.doc", b"{\\rtf1 hello}"),
    ("valve.step", b"solid valve\nfacet normal 0 0 1\n"),
    ("valve.stp", b"ISO-10303-21;\x00\x01\x02"),
    ("plan.dwg", DXF),
    ("plan.dxf", b"AC1032" + bytes(20)),
    ("plan.dxf", b"0\nSECTION\n" + bytes(20)),
    ("data.json", b"a,b\n1,2\n"),
    ("data.json", b'{"a": 1'),
    ("data.json", b'{"a": "\xff"}'),
    ("all.zip", b"7z\xbc\xaf\x27\x1c"),
    ("all.7z", PLAIN_ZIP),
    ("film.mp4", b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00"),
    ("film.mp4", b"\x1aE\xdf\xa3webm"),
    ("photo.png", b"GIF89a"),
    ("notes.txt", b"MZ\x90\x00\x03\x00"),
    ("notes.txt", b"text, then \x00 zero"),
    ("notes.txt", b"\xff\xfeodd"),
    ("notes.csv", b"\x81\x8d\x8f\x90\x9d\xff"),
    ("run.exe", b"MZ"),
    ("page.html", b"<html>"),
    ("picture.svg", b"<svg/>"),
    ("no ending", b"text"),
    ("empty.txt", b""),
]


@pytest.mark.parametrize(("name", "data"), TAKEN, ids=[name for name, _data in TAKEN])
def test_what_people_send_is_taken_and_comes_back(isolated: Flask, name: str, data: bytes) -> None:
    with isolated.app_context():
        kept = files.keep(io.BytesIO(data), name)
        assert (kept.name, kept.size) == (name, len(data))
        assert b"".join(files.chunks(kept.digest)) == data


@pytest.mark.parametrize(("name", "data"), REFUSED, ids=[f"{n}-{name}" for n, (name, _data) in enumerate(REFUSED)])
def test_what_is_not_what_its_name_says_is_refused(isolated: Flask, name: str, data: bytes) -> None:
    with isolated.test_request_context(), pytest.raises(Invalid):
        files.keep(io.BytesIO(data), name)


class Endless(io.RawIOBase):
    """A stream that says how much of it was asked for at once, and cannot be read again."""

    def __init__(self, size: int) -> None:
        self.left, self.most = size, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self.most = max(self.most, size if size >= 0 else self.left)
        given = min(self.left, size if size >= 0 else self.left)
        self.left -= given
        return b"a" * given


def test_a_file_is_never_whole_in_memory(isolated: Flask) -> None:
    stream = Endless(30 * CHUNK)
    with isolated.app_context():
        kept = files.keep(stream, "long.txt")  # type: ignore[arg-type]
        assert (kept.size, stream.most) == (30 * CHUNK, CHUNK)
        assert max(len(chunk) for chunk in files.chunks(kept.digest)) <= 2 * CHUNK


def test_what_is_too_large_is_refused_with_its_size_and_the_limit(isolated: Flask) -> None:
    with isolated.test_request_context(headers={"Accept-Language": "en"}):
        with pytest.raises(Invalid, match=r"3\.5 MB.*2 MB"):
            files.keep(io.BytesIO(b"a" * (7 * CHUNK // 2)), "long.txt", limit=2 * CHUNK)
        assert files.keep(io.BytesIO(b"a" * 2 * CHUNK), "long.txt", limit=2 * CHUNK).size == 2 * CHUNK


def test_a_size_is_never_told_as_the_limit_that_it_passes() -> None:
    assert [megabytes(size) for size in (CHUNK, CHUNK + 1, 1, 100 * CHUNK)] == ["1 MB", "1.01 MB", "0.01 MB", "100 MB"]


def in_pieces(data: bytes, size: int) -> IO[bytes]:
    """A file that is read in chunks of a size, so that a character may be split."""

    class Pieces(io.BytesIO):
        def read(self, asked: int | None = -1) -> bytes:
            return super().read(min(asked or size, size) if asked != -1 else size)

    return Pieces(data)


@given(st.text(alphabet="aé漢😀\n ", min_size=1), st.sampled_from(["utf-8", "utf-16", "gb18030"]), st.integers(1, 5))
def test_text_is_text_however_it_is_cut(words: str, encoding: str, size: int) -> None:
    assert is_text(in_pieces(words.encode(encoding), size) if size > 4 else io.BytesIO(words.encode(encoding)))


@pytest.fixture
def narrow(isolated: Flask) -> Iterator[Flask]:
    """A platform that takes two kinds only."""
    from dataclasses import replace

    kept = isolated.config["CROWD"]
    isolated.config["CROWD"] = replace(kept, upload_kinds=("pdf", "step"))
    yield isolated
    isolated.config["CROWD"] = kept


def test_the_operator_says_which_kinds_are_taken(narrow: Flask) -> None:
    with narrow.test_request_context():
        assert files.keep(io.BytesIO(STEP), "valve.step").media_type == "model/step"
        with pytest.raises(Invalid, match="pdf, step"):
            files.keep(io.BytesIO(b"%PDF"), "plan.docx")
