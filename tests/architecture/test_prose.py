"""Comments, docstrings and documents are in plain technical English: a list of words that must not come back.

Identifiers, and strings that are shown to people, are not checked; neither is text in backticks or in a block of code.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from crowd.config import ROOT

PACKAGES = ("crowd", "challenges", "submissions", "scoring", "tests")
DOCUMENTS = ("*.md", "docs/*.md", "docs/*/*.md", ".github/*.md")
SAY = {  # a pattern of words: what to write instead
    r"rooms?": "package",
    r"houses?": "platform, organisation or code",
    r"doors?|doorbell": "endpoint or view",
    r"bells?|rung": "wake-up",
    r"theatre": "simulator",
    r"stor(?:y|ies)|chapters?": "scenario or demonstration data",
    r"pencil": "SVG",
    r"desks?": "dashboard",
    r"front page": "home page",
    r"pots?": "ledger account",
    r"(?:the|our) books": "ledger",
    r"slips?": "payment proof",
    r"sheets?": "statement page",
    r"rails?": "gateway",
    r"finalis(?:e[sd]?|ing)": "submit",
    r"recall(?:s|ed|ing)?": "withdraw from screening",
    r"laps(?:e[sd]?|ing)": "expire",
    r"(?:gives?|given|giving|gave) back": "return to the payer",
    r"(?:takes?|taken|taking|took) back": "remove or cancel",
    r"happenings?": "history entries",
    r"fates?": "outcome",
    r"organs?": "role or body",
    r"verbs?": "operation or action",
    r"xact": "transaction",
    r"quietly": "without a wake-up",
    r"gather(?:s|ed|ing)?": "load or collect",
    r"pieces?": "fragment or partial",
    r"sweeps?": "requeue",
    r"weather": "fault injection",
    r"mend(?:s|ed|ing)?": "correct",
    r"anew": "again",
    r"thereby|hereby|thereof|lest|upon|shall": "plain, present-day English",
    r"timetable": "schedule or recurring jobs",
    r"(?:he|his|him|himself)": "they, their, them, themselves",
    r"one's own|oneself": "name the person",
    r"call(?:s|ed)? off": "cancel",
    r"hand(?:s|ed)? in": "submit",
    r"nobody is led": "no link leads",
}
WORDS = re.compile("|".join(rf"(?P<w{number}>\b(?:{words})\b)" for number, words in enumerate(SAY)), re.IGNORECASE)
# To look through each file for so many words takes long; its vocabulary is shorter, and has the words that stand alone.
PLAIN = re.compile(r"[\w|?:()]+")
ALONE = re.compile(rf"\b(?:{'|'.join(words for words in SAY if PLAIN.fullmatch(words))})\b", re.IGNORECASE)
TOGETHER = re.compile(rf"\b(?:{'|'.join(words for words in SAY if not PLAIN.fullmatch(words))})\b", re.IGNORECASE)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """(first line, text) of each docstring of a module, of its classes and of its functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, DOCUMENTED) and (text := ast.get_docstring(node, clean=False)):
            yield node.body[0].lineno, text


def comments(source: str) -> Iterator[tuple[int, str]]:
    """(line, text) of each comment."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of the prose of a module or of a document, without code."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from docstrings(source)
        yield from comments(source)
    else:
        yield 1, re.sub(r"```.*?```", blank, source, flags=re.DOTALL)


def blank(found: re.Match[str]) -> str:
    """The line ends of a text, so that the lines after it keep their numbers."""
    return "\n" * found[0].count("\n")


def suspect(text: str) -> bool:
    """Whether a text, code included, has a word of the list."""
    return bool(ALONE.search("\n".join(set(re.findall(r"\w+", text)))) or TOGETHER.search(text))


def findings(first: int, text: str) -> Iterator[str]:
    """A sentence for each word of the list in a text that begins at a line."""
    text = re.sub(r"`[^`]*`", blank, text)
    for found in WORDS.finditer(text):
        line = first + text.count("\n", 0, found.start())
        advice = list(SAY.values())[int(str(found.lastgroup)[1:])]
        yield f'{line}: "{found[0]}" (write: {advice})'


def checked() -> Iterator[Path]:
    """Every module of the packages and every document. The demonstration's own texts are not prose about the code."""
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")
    for pattern in DOCUMENTS:
        yield from ROOT.glob(pattern)


def test_no_word_of_the_list_is_used() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{finding}"
        for path in checked()
        if path != Path(__file__) and suspect(path.read_text(encoding="utf-8"))
        for first, text in prose(path)
        for finding in findings(first, text)
    ]
    assert not found, "\n".join(["Comments and documents use words of tests/architecture/test_prose.py:", *found])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A door of\nthe web.", ["4: "]),
        ("Plain English; `front page` is code.", []),
        ("A `door`\nand his\ndesk", ["5: ", "6: "]),
        ("Shareholders in the history of this chart.", []),
    ],
)
def test_a_word_is_found_with_its_line(text: str, expected: list[str]) -> None:
    assert [finding[:3] for finding in findings(4, text)] == expected


def test_comments_and_docstrings_are_read_and_strings_are_not(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text('"""One."""\n\nTEXT = "a door"  # two\n\n\ndef door():\n    """Three."""\n', encoding="utf-8")
    assert sorted(prose(path)) == [(1, "One."), (3, "# two"), (7, "Three.")]
