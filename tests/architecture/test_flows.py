"""The pages in docs/flows name files and functions; each one exists."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from crowd.config import ROOT

FLOWS = sorted((ROOT / "docs" / "flows").glob("*.md"))
# `path/file.py`: `name`, `name`
NAMED = re.compile(r"`([\w/.-]+\.(?:py|html|md))`(?::\s+`(\w+)`((?:(?:,| or| and)\s+`\w+`)*))?")


def named(text: str) -> Iterator[tuple[str, str]]:
    """(file, name) of what a page names; the name is empty where it names the file only."""
    for found in NAMED.finditer(text):
        yield found[1], found[2] or ""
        for name in re.findall(r"`(\w+)`", found[3] or ""):
            yield found[1], name


@cache
def names_in(path: Path) -> frozenset[str]:
    """The functions, classes and constants at the top of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return frozenset(found)


def missing(text: str) -> list[str]:
    """What a page names and the code does not have."""
    return [
        f"{file}: {name}"
        for file, name in named(text)
        if not (ROOT / file).is_file() or (name and name not in names_in(ROOT / file))
    ]


@pytest.mark.parametrize("path", FLOWS, ids=lambda path: path.stem)
def test_a_flow_names_what_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(list(named(text))) >= 15
    assert missing(text) == []


def test_there_are_four_flows_and_the_architecture_links_each() -> None:
    architecture = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert len(FLOWS) == 4
    assert [path.name for path in FLOWS if f"(flows/{path.name})" not in architecture] == []


def test_a_name_that_does_not_exist_is_found() -> None:
    text = "`crowd/audit.py`: `record`, `no_such`; `crowd/no_file.py`; `crowd/access.py`:\n`access_row` or `nothing`"
    assert missing(text) == ["crowd/audit.py: no_such", "crowd/no_file.py: ", "crowd/access.py: nothing"]
