"""No option without an effect: every choice and setting is read somewhere, and every definition is used."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import fields
from functools import cache

import click
import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from challenges import filtering
from challenges.queries import listed
from crowd.cli import crowd
from crowd.config import ROOT, Settings
from crowd.feature import declared
from crowd.limits import Limits
from crowd.notifications.kinds import ALWAYS, group_of, groups
from crowd.web.arguments import Arguments
from tests.architecture.test_documents import inner_commands
from tests.source import nodes, sources


def names_read(tree: ast.AST) -> set[str]:
    """The names that a module reads, as variables or attributes."""
    found = set()
    for node in nodes(tree):
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.attr if isinstance(node, ast.Attribute) else node.id)
    return found


def calls_of(function: ast.FunctionDef, begin: str) -> list[int]:
    """The lines of a function's calls whose name begins so."""
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if ast.unparse(call.func).startswith(begin)]


def imported_names(tree: ast.AST) -> set[str]:
    """The dotted names that a module imports from others, and reads as attributes of what it imports."""
    known = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in nodes(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return set(known.values()) | {
        f"{known[node.value.id]}.{node.attr}"
        for node in nodes(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known
    }


def words_in(tree: ast.AST) -> set[str]:
    """The texts of a module, some of which are names by which something else reads them."""
    return {node.value for node in nodes(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


@cache
def read() -> set[str]:
    """The names that any module reads, as names or as texts."""
    return set().union(*(names_read(tree) | words_in(tree) for _path, tree in sources()))


TEMPLATES = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))


def test_every_setting_and_limit_is_read() -> None:
    names = {spec.name for kind in (Settings, Limits) for spec in fields(kind)}
    assert [name for name in sorted(names) if name not in read() and f"limits.{name}" not in TEMPLATES] == []


def test_no_setting_or_limit_is_read_from_its_default() -> None:
    """`Limits().mail_attempts` is what nobody can set."""
    found = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        for node in nodes(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call)
        if isinstance(node.value.func, ast.Name) and node.value.func.id in ("Limits", "Settings")
    ]
    assert found == []


def test_limits_are_read_in_one_way() -> None:
    found = {
        str(path)
        for path, tree in sources()
        for node in nodes(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "current_app.config['CROWD'].limits"
    }
    assert found == {"crowd/config.py"}, "limits() of crowd.config gives them everywhere else"


def test_every_group_of_notices_has_some_and_every_notice_is_of_a_group(shared_app: Flask) -> None:
    """The choice of mail for a group has an effect."""
    used = {group_of(kind) for kind in declared().notifications}
    assert used - {ALWAYS} == set(groups())


def test_every_kind_of_notice_is_sent(shared_app: Flask) -> None:
    """Its constant, or the table that holds it, is read where notifications are written."""
    constants = {
        target.id
        for path, tree in sources()
        if path.name == "notifications.py"
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if getattr(node.value.func, "id", getattr(node.value.func, "attr", "")) == "define"
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert len(constants) > 40
    assert constants - read() == set(), "a function of the same notifications.py sends it"


def test_every_function_that_notifies_is_called() -> None:
    """By another file: a kind whose function no service calls is never sent."""
    made, called = set(), set()
    for path, tree in sources():
        called |= imported_names(tree)
        if path.name == "notifications.py":
            functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
            made |= {f"{'.'.join(path.with_suffix('').parts)}.{name}" for name in functions if name[0] != "_"}
    assert len(made) > 40
    assert made - called == set(), "services.py beside it calls the function in the operation's transaction"


def test_notifications_follow_a_deletion() -> None:
    """Before it, those who are asked for (`owners_of`) include who goes."""
    deleting = [
        (path, node, calls_of(node, "db.session.delete"))
        for path, tree in sources()
        for node in nodes(tree)
        if isinstance(node, ast.FunctionDef) and calls_of(node, "db.session.delete")
    ]
    assert len(deleting) > 5
    early = [
        f"{path}: {node.name}"
        for path, node, deleted in deleting
        if any(line < max(deleted) for line in calls_of(node, "notifications."))
    ]
    assert early == []


def commands(group: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    for name, one in inner_commands(group).items() if isinstance(group, click.Group) else ():
        yield from commands(one, f"{path} {name}")
    if not isinstance(group, click.Group):
        yield path, group


@pytest.mark.parametrize(("path", "command"), [pytest.param(*row, id=row[0]) for row in commands(crowd, "crowd")])
def test_every_flag_of_a_command_is_read(path: str, command: click.Command) -> None:
    function = inspect.unwrap(command.callback)
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    read = {node.id for node in nodes(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    passed_on = {one.arg for node in nodes(tree) if isinstance(node, ast.arguments) and (one := node.kwarg)}
    assert {str(one.name) for one in command.params} <= read or passed_on


# ---- the list of challenges

FILTERS = {
    "q": "leak", "state": "open", "type": "ideation", "stage": "0", "tag": "water", "language": "en",
    "currency": "CNY", "here": "1", "organisation": "7", "industry": "food", "region": "370200", "escrow": "1",
    "sort": "prize",
}  # fmt: skip


def test_every_filter_of_the_list_has_a_reader() -> None:
    read = set(re.findall(r'args\.(?:texts?|question|flag|number)\("(\w+)"', inspect.getsource(filtering.read)))
    assert read - {"usual"} == set(FILTERS)  # a mark of the page, tried in tests/challenges/test_searching.py


@pytest.mark.parametrize("name", sorted(FILTERS.keys() - {"sort"}))
@pytest.mark.usefixtures("cast")
def test_every_filter_of_the_list_narrows_it(name: str) -> None:
    def statement(arguments: dict[str, str]) -> str:
        return str(listed(filtering.read(Arguments(MultiDict({"filtered": "1"} | arguments)))))

    assert statement({name: FILTERS[name]}) != statement({})
