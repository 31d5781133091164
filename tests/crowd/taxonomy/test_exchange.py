"""A list of terms as CSV: each mistake is said with the line in which it stands, and the other lines are read."""

import pytest

from crowd.taxonomy import exchange
from crowd.taxonomy.exchange import MAX_NAME, TermRecord

LONG = "x" * (MAX_NAME + 1)


def said(text: str, scheme: str) -> list[tuple[int, str]]:
    return [(fault.line, str(fault.text)) for fault in exchange.read(text, scheme).faults]


@pytest.mark.parametrize(
    ("scheme", "line", "words"),
    [
        ("field", "a b,,Aye,,,,", "letters, digits and hyphens, 40 at most: “a b” does not"),
        ("field", f"{'a' * 41},,Aye,,,,", "letters, digits and hyphens, 40 at most"),
        ("field", "a,,,,,,", "The term “a” has no English name"),
        ("field", f"a,,{LONG},,,,", f"at most {MAX_NAME} characters"),
        ("field", f"a,,Aye,Bee|{LONG},,,", f"at most {MAX_NAME} characters"),
        ("field", "a,,A|B,,,,", "no vertical bar"),
        ("field", "a,noise,Aye,,,,", "have no parent"),
        ("region", "a,a,Aye,,,,", "cannot be below itself"),
        ("field", "a,,Aye,,,,gone", "“retired”, not “gone”"),
        ("region", "a,,Aye,,tier=moon,,", "no attribute “tier=moon”"),
        ("field", "a,,Aye,,tier=core,,", "no attribute “tier=core”"),
        ("field", "a,,Aye,,,region:CN,", "not linked to “region:CN”"),
        ("field", "a,,Aye,,,food,", "not linked to “food”"),
    ],
)
def test_a_mistake_is_said_with_its_line_and_leaves_out_that_line_alone(scheme: str, line: str, words: str) -> None:
    text = f"code,parent,en,also,attributes,links,state\nfirst,,First,,,,\n{line}\nlast,,Last,,,,retired\n"
    ((number, sentence),) = said(text, scheme)
    assert (number, words in sentence) == (3, True), sentence
    assert [record.code for record in exchange.read(text, scheme).records] == ["first", "last"]


@pytest.mark.parametrize(("length", "refused"), [(MAX_NAME, False), (MAX_NAME + 1, True)])
def test_a_name_may_have_so_many_characters_and_no_more(length: int, refused: bool) -> None:
    assert bool(said(f"code,en\na,{'x' * length}\n", "field")) is refused


def test_a_line_may_have_several_mistakes() -> None:
    found = said("code,parent,en\na b,a b,\n", "region")
    assert [line for line, _words in found] == [2, 2, 2]


@pytest.mark.parametrize("sign", [";", "\t"])
def test_a_file_of_a_spreadsheet_with_other_separators_is_told_to_use_commas(sign: str) -> None:
    ((line, words),) = said(f"code{sign}en\na{sign}Aye\n", "field")
    assert (line, "Save the file as CSV with commas" in words) == (1, True)


def test_columns_that_are_missing_or_unknown_are_named() -> None:
    found = [words for _line, words in said("parent,name\nCN,Aye\n", "region")]
    assert len(found) == 3
    assert all(any(f"column “{name}”" in words for words in found) for name in ("code", "en", "name"))


def test_a_code_that_stands_twice_is_named_once() -> None:
    assert [words for _line, words in said("code,en\na,Aye\nb,Bee\na,Eh\na,Ay\n", "field")] == [
        "The code “a” stands in several lines."
    ]


def test_a_cell_that_never_ends_is_said_by_its_line() -> None:
    sheet = exchange.read('code,en\na,Aye\nb,"' + "y" * 200_000 + "\n", "field")
    assert [(fault.line, "is not CSV" in str(fault.text)) for fault in sheet.faults] == [(3, True)]
    assert sheet.records == ()


def test_a_file_written_from_records_is_read_as_the_same_records() -> None:
    records = [
        TermRecord("CN-1", {"en": "One", "zh_Hans_CN": "一"}, ("First", "No. 1"), "CN", {"tier": "core"}),
        TermRecord("CN-2", {"en": "Two"}, state="retired"),
    ]
    header = ",".join(exchange.HEADER)
    lines = [",".join(row) for row in exchange.rows(records)]
    assert exchange.read("\n".join([header, *lines]), "region").records == records


@pytest.mark.parametrize(("one", "other"), [("Ｎoise-Control", "noise control"), ("聲學", "声学"), ("A/B", "ab")])
def test_spellings_of_one_name_have_one_fold(one: str, other: str) -> None:
    assert exchange.fold(one) == exchange.fold(other)


def test_a_name_of_signs_alone_keeps_them() -> None:
    assert exchange.fold("...") == "..."
    assert exchange.fold("...") != exchange.fold("//")
