"""Rules return values and sentences that carry values: only the edge knows how a reader writes money and dates."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.source import nodes, sources

# Files of a package that show things to people; packages that consist of pages; programs for operators.
EDGE = {"views.py", "api.py", "admin.py", "forms.py", "cli.py", "charts.py", "labels.py", "clauses.py"}
EDGE |= {"certificates.py"}  # documents for people
EDGE |= {"deciding_clauses.py", "silence_text.py"}  # parts of `clauses.py`, and sentences for pages
PAGES = ("crowd/web/", "crowd/site/", "crowd/demo/", "crowd/bench/", "crowd/app.py")
FORMATS = ("crowd.web.templating", "crowd.web.sentences", "babel.dates", "babel.numbers", "babel.lists")
# It fills in stored sentences when they are read.
READ_LATE = {"crowd/notifications/kinds.py"}


def rules() -> Iterator[tuple[Path, ast.Module]]:
    """Every module that is neither part of the edge nor of a page."""
    for path, tree in sources():
        if path.name not in EDGE and not str(path).startswith(PAGES) and str(path) not in READ_LATE:
            yield path, tree


def formats(tree: ast.Module) -> Iterator[str]:
    """What a module imports to write money, dates or numbers for a reader."""
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.startswith(FORMATS))
        elif isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                name = f"{node.module}.{one.name}"
                if name.startswith(FORMATS) or name.startswith("flask_babel.format_"):
                    yield name


def test_rules_import_no_formats() -> None:
    assert [f"{path}: {name}" for path, tree in rules() for name in formats(tree)] == []


def test_errors_of_operations_are_lazy_sentences() -> None:
    """What a service or a policy refuses is translated for the person who reads it, with its values."""
    found = [
        str(path)
        for path, tree in rules()
        if path.name in ("services.py", "policy.py", "workflow.py")
        for node in nodes(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "flask_babel"
        for one in node.names
        if not one.name.startswith("lazy_")
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from crowd.web.templating import format_money", ["crowd.web.templating.format_money"]),
        ("from crowd.web import templating", ["crowd.web.templating"]),
        ("from flask_babel import format_date, gettext", ["flask_babel.format_date"]),
        ("import babel.dates", ["babel.dates"]),
        ("from crowd.web.paging import Page", []),
    ],
)
def test_an_import_of_a_format_is_found(source: str, found: list[str]) -> None:
    assert list(formats(ast.parse(source))) == found
