"""No lower package names a job, a table or a page of an upper one: not in SQL, and not in a string.

import-linter holds the imports; the layers are read from its contract. Events and questions (docs/architecture.md) are
for what a lower package needs of above. An upper package changes a lower one's row by that package's operation.
"""

import ast
import configparser
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from crowd.config import ROOT
from crowd.db import Model, db
from crowd.feature import declared
from tests.architecture.test_structure import calls
from tests.source import PACKAGES, nodes, sources

TABLE_IN_SQL = re.compile(r'\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+(?:ONLY\s+)?(?:public\.)?"?(\w+)"?')
# Tables of endpoints that stay composed at the edge of the web.
MEASURING = {"crowd.bench"}  # moves dates of its own platform


@cache
def layers() -> tuple[tuple[str, ...], ...]:
    """The modules of each layer, the lowest first."""
    contract = configparser.ConfigParser()
    contract.read(ROOT / "setup.cfg")
    lines = contract["importlinter:contract:layers"]["layers"].split("\n")
    return tuple(tuple(line.replace(" ", "").split("|")) for line in reversed(lines) if line.strip())


def rank(module: str) -> int:
    """The number of a module's layer; one that no layer names is on top of all that do."""
    for number, names in enumerate(layers()):
        if any(f"{module}.".startswith(f"{name}.") for name in names):
            return number
    return len(layers())


@cache
def modules() -> list[tuple[Path, str, ast.Module]]:
    """(path, dotted name, tree) of the product's modules."""
    return [(path, ".".join(path.with_suffix("").parts).removesuffix(".__init__"), tree) for path, tree in sources()]


def texts(tree: ast.Module) -> Iterator[str]:
    """The strings of a module that are not docstrings; `1` stands for what an f-string fills in."""
    docstrings = {
        id(node.body[0].value)
        for node in nodes(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
        if isinstance(node.body[0], ast.Expr)
    }
    within = {id(part) for node in nodes(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | within:
            yield node.value


def module_of_table() -> dict[str, str]:
    """The module whose model each table is; a table between two is the first one's."""
    found = {str(mapper.local_table.name): mapper.class_.__module__ for mapper in Model.registry.mappers}
    for table in db.metadata.tables.values():
        if table.name not in found:
            first = next(iter(table.foreign_keys)).column.table
            found[table.name] = found[first.name]
    return found


def test_no_package_reads_a_table_of_an_upper_one(shared_app: Flask) -> None:
    owners = module_of_table()
    assert len(owners) >= 50
    found = []
    for path, module, tree in modules():
        named = {name for text in texts(tree) for name in TABLE_IN_SQL.findall(text)}
        for call in calls(tree):
            if getattr(call.func, "attr", "") == "table" and call.args and isinstance(call.args[0], ast.Constant):
                named.add(call.args[0].value)
        found += [f"{path}: {name}" for name in named if name in owners and rank(owners[name]) > rank(module)]
    assert found == []


def test_no_package_names_a_job_of_an_upper_one(shared_app: Flask) -> None:
    jobs = {job: feature.jobs for feature in declared().features for job in feature.job_labels}
    assert len(jobs) >= 20
    assert not jobs.keys() & shared_app.view_functions.keys(), "a name is either a job's or a page's"
    found = [
        f"{path}: {text}"
        for path, module, tree in modules()
        for text in texts(tree)
        if text in jobs and rank(jobs[text]) > rank(module)
    ]
    assert found == []


def test_no_package_names_a_module_of_an_upper_one(shared_app: Flask) -> None:
    names = {module for _, module, _ in modules()}
    found = []
    for path, module, tree in modules():
        for text in texts(tree):
            parts = text.split(".") if re.fullmatch(r"\w+(\.\w+)+", text) else []
            heads = [".".join(parts[:number]) for number in range(2, len(parts) + 1)]
            found += [f"{path}: {text}" for head in heads if head in names and rank(head) > rank(module)]
    assert found == []


def test_no_package_names_a_page_of_an_upper_one(shared_app: Flask) -> None:
    views = {
        endpoint: view.__module__
        for endpoint, view in shared_app.view_functions.items()
        if view.__module__.partition(".")[0] in PACKAGES
    }
    assert len(views) >= 150
    found = [
        f"{path}: {text} of {endpoint}"
        for path, module, tree in modules()
        for text in texts(tree)
        for endpoint in pages(shared_app, text)
        if endpoint in views and rank(views[endpoint]) > rank(module)
    ]
    assert found == []


def pages(app: Flask, text: str) -> Iterator[str]:
    """The endpoint that a text is, or that its path leads to."""
    if text in app.view_functions:
        yield text
    elif re.fullmatch(r"/\w[\w/-]*", text):
        try:
            yield str(app.url_map.bind("").match(text)[0])
        except (HTTPException, RequestRedirect):
            return


# ---- an upper package changes a lower one's row through its operation


def mapped() -> dict[str, tuple[str, set[str]]]:
    """(module, names of columns) of each model, by its name."""
    return {
        mapper.class_.__name__: (mapper.class_.__module__, set(mapper.columns.keys()))
        for mapper in Model.registry.mappers
    }


def test_no_package_sets_a_column_of_a_lower_one(shared_app: Flask) -> None:
    tables = {str(sa.inspect(m.class_).local_table.name): m.class_.__name__ for m in Model.registry.mappers}
    found = [
        f"{path}:{target.lineno} {ast.unparse(target)}"
        for path, module, tree in modules()
        if not module.startswith(tuple(MEASURING))
        for target in assigned(tree)
        if of_lower(module, target, tables)
    ]
    assert found == []


def assigned(tree: ast.Module) -> Iterator[ast.Attribute]:
    return (node for node in nodes(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))


def of_lower(module: str, target: ast.Attribute, tables: dict[str, str]) -> bool:
    """Whether this is a column of a lower model: by the name of the row, or because only lower models have it."""
    models = mapped()
    row = target.value.id if isinstance(target.value, ast.Name) else ""
    if row in ("self", "g", ""):
        return False
    if row in tables:
        owner, columns = models[tables[row]]
        return target.attr in columns and rank(owner) < rank(module)
    owners = [owner for owner, columns in models.values() if target.attr in columns]
    return "_" in target.attr and bool(owners) and all(rank(owner) < rank(module) for owner in owners)


@pytest.mark.parametrize("verb", ["insert", "update", "delete"])
def test_no_package_writes_rows_of_a_lower_one_in_sql(shared_app: Flask, verb: str) -> None:
    models = mapped()
    found = [
        f"{path}:{call.lineno} {ast.unparse(call)[:60]}"
        for path, module, tree in modules()
        if not module.startswith(tuple(MEASURING))
        for call in calls(tree)
        if verb in (getattr(call.func, "attr", ""), getattr(call.func, "id", "")) and call.args
        for name in [ast.unparse(call.args[0])]
        if name in models and rank(models[name][0]) < rank(module)
    ]
    assert found == []


def test_no_package_makes_rows_of_a_lower_one(shared_app: Flask) -> None:
    models: dict[str, Any] = mapped()
    found = [
        f"{path}:{call.lineno} {call.func.id}"
        for path, module, tree in modules()
        if not module.startswith(tuple(MEASURING))
        for call in calls(tree)
        if isinstance(call.func, ast.Name) and call.func.id in models and imports(tree, call.func.id)
        if rank(models[call.func.id][0]) < rank(module)
    ]
    assert found == []


def imports(tree: ast.Module, name: str) -> bool:
    return any(
        alias.name == name and (node.module or "").endswith("models")
        for node in nodes(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    )
