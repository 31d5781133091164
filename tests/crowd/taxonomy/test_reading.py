"""A file with terms as it is sent to a page: in the encodings of spreadsheets, and not longer than a page takes."""

import pytest

from crowd.taxonomy.reading import MAX_LINES, decoded, read_checked


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_is_read_in_the_encodings_that_spreadsheets_write(encoding: str) -> None:
    assert decoded("code,en,zh_Hans_CN\nacoustics,sound,声学\n".encode(encoding)).endswith("声学\n")


@pytest.mark.parametrize(("lines", "fits"), [(MAX_LINES, True), (MAX_LINES + 1, False)])
def test_a_longer_file_is_for_the_command(lines: int, fits: bool) -> None:
    text = "code,en\n" + "".join(f"c{number},Name {number}\n" for number in range(lines - 1))
    sheet = read_checked(text, "field")
    assert len(sheet.records) == (lines - 1 if fits else 0)
    said = [str(fault.text) for fault in sheet.faults]
    assert said == [] if fits else "crowd taxonomy import" in said[0]
