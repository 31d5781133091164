"""Types: `Any` becomes rarer, and never stands for who acts. What is left, and why, is in docs/testing.md."""

import ast
from collections.abc import Iterator

from tests.source import nodes, sources

LINES = 341  # of the product that name Any; lower it with every one that goes
SLACK = 15  # between this number and the truth, so that two branches may each remove some


def naming_any() -> Iterator[str]:
    """The lines of code in which `Any` is used as a type; imports of it do not count."""
    for path, tree in sources():
        lines = {node.lineno for node in nodes(tree) if isinstance(node, ast.Name) and node.id == "Any"}
        yield from (f"{path}:{line}" for line in sorted(lines))


def test_any_becomes_rarer() -> None:
    number = len(list(naming_any()))
    assert number <= LINES, f"{number - LINES} more lines name Any: give them a type"
    assert number > LINES - SLACK, f"lower LINES to {number}, so that they stay away"


def test_who_acts_has_a_type() -> None:
    untyped = [
        f"{path}:{argument.lineno}"
        for path, tree in sources()
        for function in nodes(tree)
        if isinstance(function, ast.FunctionDef)
        for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        if argument.arg.strip("_") == "actor" and argument.annotation is not None
        if "Any" in ast.unparse(argument.annotation)
    ]
    assert untyped == []


def test_the_alias_is_not_a_way_around() -> None:
    """A second name of Any would hide it from the count."""
    aliases = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        for node in nodes(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id == "Any"
    ]
    assert aliases == []
