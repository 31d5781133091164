"""Names of stored files: whatever somebody called a file, it is uploaded, and saved again under that name."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from crowd.file_names import as_attachment, clean_name

NAMES = (
    "report.pdf",
    "技术方案（终稿）.pdf",
    "技术 方案 第 2 版.pdf",
    "Prüfbericht für Müller & Söhne.pdf",
    unicodedata.normalize("NFD", "Résumé – café.pdf"),
    "📈 результаты.pdf",
    "長" * 200 + ".pdf",
    "100% sure; really=yes.pdf",
    "it's a 'quoted' name.pdf",
    "تقرير.pdf",
    "家庭👨\u200d👩\u200d👧.pdf",
    "no ending in ASCII.文档.pdf",
)


def saved_as(header: str) -> str:
    """The name under which a browser saves: `filename*` goes before `filename`."""
    kind, options = parse_options_header(header)
    assert kind == "attachment"
    return options["filename"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_goes_out_as_it_came_in(name: str) -> None:
    kept = clean_name(name)
    header = as_attachment(kept)
    assert header.isascii()
    assert saved_as(header) == kept
    assert kept.endswith(".pdf")


@pytest.mark.parametrize("name", ["\u3000", "\u0300", "\u200b", "\u202e", "...", "/"])
def test_a_name_of_nothing_is_file(name: str) -> None:
    assert clean_name(name) == "file"


@given(st.text(min_size=1))
def test_any_name_is_a_header(name: str) -> None:
    kept = clean_name(name)
    header = as_attachment(kept)
    assert header.isascii()
    assert "\n" not in header
    assert "\r" not in header
    assert saved_as(header) == kept
