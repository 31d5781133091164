"""What templates may read: every name is passed by the code that renders them, and none hides a global or is hidden by
one.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from jinja2 import StrictUndefined, meta, nodes

from crowd.app import create_app
from crowd.config import ROOT, Settings
from tests import source

TEMPLATES = ROOT / "templates"
ALWAYS = {"request", "session", "g", "current_user", "config"}  # Flask's and Flask-Login's


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    home = tmp_path_factory.mktemp("home")
    return create_app(
        Settings(data_dir=home, database_url="postgresql+psycopg://a@/b?host=/nowhere", secret_key="s" * 40)
    )


@pytest.fixture(scope="module")
def trees(app: Flask) -> dict[str, nodes.Template]:
    """Every template, parsed."""
    found = [path for path in TEMPLATES.rglob("*") if path.suffix in (".html", ".txt")]
    return {path.relative_to(TEMPLATES).as_posix(): app.jinja_env.parse(path.read_text("utf-8")) for path in found}


@pytest.fixture(scope="module")
def added(app: Flask) -> set[str]:
    """The variables that packages add to each of their templates."""
    functions = [f for of_one in app.template_context_processors.values() for f in of_one]
    own = [f for f in functions if f.__module__.split(".")[0] in ("crowd", "challenges", "submissions", "scoring")]
    with app.test_request_context():
        return {name for function in own for name in cast(dict[str, Any], function())}


def rules_in(tree: nodes.Template) -> list[str]:
    """What a template decides itself: a state or role compared with a constant, a date with the present, a role asked
    of a person; as "line: what".
    """
    found = []
    for one in tree.find_all(nodes.Compare):
        sides = [one.expr, *(operand.expr for operand in one.ops)]
        named = [name_of(side) for side in sides]
        if {"state", "role"} & set(named) and any(is_constant(side) for side in sides):
            found.append(f"{one.lineno}: a state or role is compared")
        if any(isinstance(side, nodes.Call) and name_of(side.node) == "now" for side in sides):
            found.append(f"{one.lineno}: a date is compared with the present")
    called = [one for one in tree.find_all(nodes.Call) if name_of(one.node) in ("is_any", "has_role")]
    sieves = [one for one in tree.find_all(nodes.Filter) if one.name in ("selectattr", "rejectattr")]
    chosen = [one for one in sieves if one.args[0] in (nodes.Const("state"), nodes.Const("role"))]
    found += [f"{one.lineno}: a role is checked" for one in called]
    return found + [f"{one.lineno}: rows are chosen by state or role" for one in chosen]


def name_of(node: nodes.Expr) -> str:
    """The last name of an expression: `state` of `payout.state` and of `state`; empty for any other."""
    return str(getattr(node, "attr", getattr(node, "name", "")))


def is_constant(node: nodes.Expr) -> bool:
    """A constant, or a row of them."""
    return isinstance(node, nodes.Const) or (
        isinstance(node, nodes.Tuple | nodes.List) and all(isinstance(item, nodes.Const) for item in node.items)
    )


@cache
def own_names(tree: nodes.Template) -> frozenset[str]:
    """The names that a template makes: set, looped over, parameters, macros, imports."""
    names = {one.name for one in tree.find_all(nodes.Name) if one.ctx in ("store", "param")}
    names |= {one.name for one in tree.find_all(nodes.Macro)}
    return frozenset(names | {one.target for one in tree.find_all(nodes.Import)})


@cache
def undeclared(tree: nodes.Template) -> set[str]:
    """The names that a template reads and does not make."""
    return meta.find_undeclared_variables(tree)


def renders() -> Iterator[tuple[str, str, set[str | None]]]:
    """(place, template, names given; None among them for `**facts`) of every call that renders a template."""
    for path, tree in source.sources():
        for call in source.nodes(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "render_template":
                template = call.args[0].value if isinstance(call.args[0], ast.Constant) else ""
                yield f"{path}:{call.lineno}", str(template), {keyword.arg for keyword in call.keywords}


def needs(name: str, trees: dict[str, nodes.Template]) -> set[str]:
    """What a template, with those that it extends and includes, reads and does not make itself."""
    tree = trees[name]
    parts = [one.template for one in tree.find_all((nodes.Extends, nodes.Include))]
    below = [needs(part.value, trees) for part in parts if isinstance(part, nodes.Const)]
    made = set(own_names(tree))
    for part in parts:
        if isinstance(part, nodes.Const) and part.value in trees:
            made |= own_names(trees[part.value])
    return set().union(undeclared(tree), *below) - made


def test_a_name_that_nobody_gives_is_an_error(app: Flask) -> None:
    assert app.jinja_env.undefined is StrictUndefined


def test_no_name_of_a_template_is_a_global_too(app: Flask, trees: dict[str, nodes.Template], added: set[str]) -> None:
    """A missing variable would be the global, as `kept` was in error pages: a function, printed."""
    known = set(app.jinja_env.globals)
    assert {name: own_names(tree) & known for name, tree in trees.items() if own_names(tree) & known} == {}
    assert {where: given & known for where, _template, given in renders() if given & known} == {}
    assert added & known == set()


def test_every_template_is_given_what_it_reads(app: Flask, trees: dict[str, nodes.Template], added: set[str]) -> None:
    known = set(app.jinja_env.globals) | ALWAYS | added
    wrong, seen = {}, 0
    for where, template, given in renders():
        if template and None not in given:
            seen += 1
            if missing := needs(template, trees) - known - given:
                wrong[f"{where} {template}"] = missing
    assert wrong == {}
    assert seen > 60


def test_every_letter_is_given_what_it_reads(app: Flask, trees: dict[str, nodes.Template]) -> None:
    known = set(app.jinja_env.globals) | ALWAYS | {"name", "subject", "address", "contact"}
    wrong, seen = {}, 0
    for path, tree in source.sources():
        for call in source.nodes(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) == "compose":
                assert isinstance(call.args[0], ast.Constant)
                given = {str(keyword.arg) for keyword in call.keywords}
                for ending in ("txt", "html"):
                    seen += 1
                    if missing := needs(f"email/{call.args[0].value!s}.{ending}", trees) - known - given:
                        wrong[f"{path}:{call.lineno}"] = missing
    for name in (
        one for one in trees if one.startswith("security/email/")
    ):  # Flask-Security gives links by their names
        seen += 1
        if missing := needs(name, trees) - known - {"reset_link"} - ({"link"} if "instructions" in name else set()):
            wrong[name] = missing
    assert wrong == {}
    assert seen > 10


def test_a_macro_is_given_what_it_reads(app: Flask, trees: dict[str, nodes.Template]) -> None:
    """A macro that others import sees no variables of their page: what it reads beside globals is a parameter."""
    known = set(app.jinja_env.globals) | {"kwargs", "caller"}
    imported = {
        str(one.template.value)
        for tree in trees.values()
        for one in tree.find_all(nodes.Import)
        if isinstance(one.template, nodes.Const)
    }
    wrong = {}
    for name in imported:
        for macro in trees[name].find_all(nodes.Macro):
            alone = nodes.Template([macro], lineno=1)
            alone.set_environment(app.jinja_env)
            if missing := meta.find_undeclared_variables(alone) - known - own_names(trees[name]):
                wrong[f"{name}: {macro.name}"] = missing
    assert wrong == {}


def test_a_macro_that_may_be_called_with_a_block_says_so(trees: dict[str, nodes.Template]) -> None:
    wrong = []
    for name, tree in trees.items():
        for macro in tree.find_all(nodes.Macro):
            called = {id(one.node) for one in macro.find_all(nodes.Call)}
            asks = [one for one in macro.find_all(nodes.Name) if one.name == "caller" and one.ctx == "load"]
            if any(id(one) not in called for one in asks) and "caller" not in {one.name for one in macro.args}:
                wrong.append(f"{name}: {macro.name}")
    assert wrong == []


def test_a_macro_is_called_with_what_it_needs(trees: dict[str, nodes.Template]) -> None:
    """A parameter that was left out is not empty but an error: what may be left out has a default."""
    wrong, seen = [], 0
    for name, tree in trees.items():
        files = {
            one.target: str(one.template.value)
            for one in tree.find_all(nodes.Import)
            if isinstance(one.template, nodes.Const)
        }
        for call in tree.find_all(nodes.Call):
            called = call.node
            if isinstance(called, nodes.Getattr) and isinstance(called.node, nodes.Name) and called.node.name in files:
                macro = macros(trees[files[called.node.name]]).get(called.attr)
            else:
                macro = macros(tree).get(called.name) if isinstance(called, nodes.Name) else None
            if macro is not None and call.dyn_args is None and call.dyn_kwargs is None:
                seen += 1
                needed = [one.name for one in macro.args[: len(macro.args) - len(macro.defaults)]]
                if missing := set(needed[len(call.args) :]) - {one.key for one in call.kwargs}:
                    wrong.append(f"{name}:{call.lineno} {macro.name} lacks {', '.join(sorted(missing))}")
    assert wrong == []
    assert seen > 300


@cache
def macros(tree: nodes.Template) -> dict[str, nodes.Macro]:
    """The macros of a template, by name; without one that has a parameter of its own name, which hides it."""
    found = {one.name: one for one in tree.find_all(nodes.Macro)}
    return {name: one for name, one in found.items() if name not in {of_it.name for of_it in one.args}}


def test_no_template_is_left_over(trees: dict[str, nodes.Template]) -> None:
    """Every template is rendered, extended, included or imported by somebody."""
    named = {
        str(one.template.value)
        for tree in trees.values()
        for one in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport))
        if isinstance(one.template, nodes.Const)
    }
    text = "\n".join(
        path.read_text("utf-8")
        for room in ("crowd", "challenges", "submissions", "scoring")
        for path in Path(ROOT / room).rglob("*.py")
    )
    left = {name for name in trees if name not in named and f'"{name}"' not in text}
    assert {name for name in left if not name.startswith(("security/", "email/"))} == set()


@pytest.mark.parametrize(
    "text",
    [
        "{% if payout.state == 'requested' %}{% endif %}",
        "{% if a and deposit.state not in ('suspense', 'credited') %}{% endif %}",
        "{{ 'owner' if 'owner' == member.role }}",
        "{% for row in rows if row.state != 'done' %}{% endfor %}",
        "{% if usable_from > now() %}{% endif %}",
        "{% if current_user.is_any('finance') %}{% endif %}",
        "{{ rows|selectattr('state', 'equalto', 'done')|list }}",
    ],
)
def test_a_rule_in_a_template_is_found(app: Flask, text: str) -> None:
    assert rules_in(app.jinja_env.parse(text)) != []


def test_templates_decide_nothing(trees: dict[str, nodes.Template]) -> None:
    """Policy says who and workflow says when: a page is given what may be done, or a property of what it shows."""
    assert {name: found for name, tree in trees.items() if (found := rules_in(tree))} == {}


def test_lines_are_short() -> None:
    """A long sentence is written in parts, which Jinja joins: `_('one '` on a line and `'two')` on the next."""
    files = [path for kind in ("*.html", "*.txt") for path in TEMPLATES.rglob(kind)]
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > 120
    ]
    assert long == []


def test_a_colon_is_that_of_the_language() -> None:
    """Chinese has its own: a label and a value are one text."""
    found = [
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.html")
        if re.search(r"\}\}:\s", path.read_text("utf-8"))
    ]
    assert found == []


def test_every_data_attribute_is_read_by_the_style_or_the_script() -> None:
    """Another one does nothing: its name is misspelt."""
    readers = "".join(
        (ROOT / "crowd" / "static" / name).read_text("utf-8") for name in ("crowd.css", "crowd.js", "markdown.js")
    )
    texts = [path.read_text("utf-8") for path in TEMPLATES.rglob("*.html")]
    named = {name for text in texts for name in re.findall(r"\sdata-([a-z][a-z-]*)(?=[=\s>{%])", text)}
    taken_apart = " ".join(re.findall(r"\{([^}]*)\} = \w+\.dataset", readers))
    script = {name: re.sub(r"-(\w)", lambda letter: letter[1].upper(), name) for name in named}
    assert len(named) > 25
    for name, key in script.items():
        ways = [f"data-{name}", f"dataset.{key}", *([f".{key}"] if "-" in name else [])]
        assert any(way in readers for way in ways) or re.search(rf"\b{key}\b", taken_apart), f"data-{name}"
