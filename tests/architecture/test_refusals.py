"""What a person is refused is said in that person's language: no refusal takes an unmarked literal or an error's text.

The syntax trees of all packages are read. A message is translated where it is a call of gettext or of one of its kin,
or a name, an entry of a table, or a function's result that is nothing else wherever it comes from.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.source import nodes, sources

GETTEXT = {"_", "_l", "gettext", "lazy_gettext", "ngettext", "lazy_ngettext", "pgettext", "lazy_pgettext"}
REFUSALS = {"Refusal", "NotFound", "Forbidden", "Conflict", "Invalid", "TooMany", "Unavailable"}
IN_FORMS = {"ValidationError", "StopValidation"}
# Words of commands, which an operator reads in a terminal, in the one language of commands.
TERMINAL = ("crowd/backups/", "crowd/bench/", "crowd/embedded/", "crowd/embedded/servers.py", "crowd/supervisor.py")
# What the fields of a form say: each message is looked at where a field or a service makes it.
OF_FORMS = {"form_problems", "_messages", "validate"}


@dataclass
class Module:
    """A module's tree, and what its names mean at its top."""

    path: Path
    tree: ast.Module
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    values: dict[str, list[ast.expr]] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)


@cache
def modules() -> dict[str, Module]:
    """Every module of the packages, by its dotted name."""
    found = {}
    for path, tree in sources():
        name = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        found[name] = here = Module(path, tree)
        for node in nodes(tree):
            if isinstance(node, ast.FunctionDef):
                here.functions[node.name] = node
            elif isinstance(node, ast.ImportFrom) and node.module:
                here.imports |= {one.asname or one.name: (node.module, one.name) for one in node.names}
        for node in tree.body:
            for target, value in assignments([node]):
                here.values.setdefault(target, []).append(value)
    return found


@cache
def refusals() -> frozenset[str]:
    """The names of the refusals, with those that packages derive from them."""
    names = set(REFUSALS)
    for here in modules().values():
        for node in nodes(here.tree):
            if not isinstance(node, ast.ClassDef) or not {getattr(base, "id", "") for base in node.bases} & names:
                continue
            if not any(isinstance(part, ast.FunctionDef) and part.name == "__init__" for part in node.body):
                names.add(node.name)  # one with an own beginning says what it says there
    return frozenset(names)


def assignments(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """(name, value) of what is assigned to names, to their entries, or added to them."""
    for top in nodes:
        for node in ast.walk(top):
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    yield from _targets(target, node.value)
            elif isinstance(node, ast.NamedExpr):
                yield node.target.id, node.value
            elif isinstance(node, ast.For | ast.comprehension):
                rows = node.iter.elts if isinstance(node.iter, ast.Tuple | ast.List) else [node.iter]
                for row in rows:
                    yield from _targets(node.target, row)


def _targets(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        yield target.value.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, part in zip(target.elts, value.elts, strict=True):
            yield from _targets(one, part)
    elif isinstance(target, ast.Tuple):
        yield from ((one.id, value) for one in target.elts if isinstance(one, ast.Name))


class Proof:
    """Whether an expression can only be a translated sentence; `function` is where it stands."""

    def __init__(self, here: Module, function: ast.FunctionDef | None, seen: frozenset[object] = frozenset()) -> None:
        self.here, self.function, self.seen = here, function, seen

    def holds(self, node: ast.expr | None) -> bool:
        """Whether nothing unmarked can come out of the expression; an empty text says nothing, which is allowed."""
        match node:
            case None | ast.Constant(value="" | None):
                return True
            case ast.IfExp(body=one, orelse=other):
                return self.holds(one) and self.holds(other)
            case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Dict(values=parts):
                return all(self.holds(part) for part in parts)
            case ast.Starred(value=part) | ast.DictComp(value=part):
                return self.holds(part)
            case ast.ListComp(elt=part) | ast.GeneratorExp(elt=part):
                return self.holds(part)
            case ast.BinOp(left=one, op=ast.Add() | ast.BitOr(), right=other):
                return self.holds(one) and self.holds(other)
            case ast.Attribute(attr="message" | "fields" | "errors" | "form_errors"):
                return True  # of a refusal, which is looked at where it is made
            case ast.Subscript(value=table):
                return self.holds(table)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Call():
                return self._call(node)
        return False

    def _call(self, call: ast.Call) -> bool:
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if name in GETTEXT:
            return not any(self._is_an_error(part.value) for part in call.keywords)
        if name == "str" and call.args:
            return self.holds(call.args[0])
        if name in OF_FORMS:
            return True
        if name in ("get", "values", "items") and isinstance(call.func, ast.Attribute):
            return self.holds(call.func.value)
        found = self._function(call)
        return found is not None and found

    def _is_an_error(self, node: ast.expr) -> bool:
        """Whether a value in a sentence is the text of an exception that was caught."""
        caught = {h.name for h in nodes(self.here.tree) if isinstance(h, ast.ExceptHandler) and h.name}
        texts = [n for n in ast.walk(node) if isinstance(n, ast.Call) and getattr(n.func, "id", "") in ("str", "repr")]
        return any(isinstance(text.args[0], ast.Name) and text.args[0].id in caught for text in texts if text.args)

    def _function(self, call: ast.Call) -> bool | None:
        """Whether all that a function of ours returns is translated; None where it is not ours."""
        where, name = self.here, call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if isinstance(call.func, ast.Name) and name in where.imports:
            where, name = modules().get(where.imports[name][0], where), where.imports[name][1]
        elif isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
            package, member = self.here.imports.get(call.func.value.id, ("", ""))
            where = modules().get(f"{package}.{member}", where)
        elif isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Call):
            # A method of what a function returns: it stands in the function's module.
            package, _member = self.here.imports.get(getattr(call.func.value.func, "id", ""), ("", ""))
            where = modules().get(package, where)
        function = where.functions.get(name)
        if function is None or (where.path, name) in self.seen:
            return None if function is None else True
        proof = Proof(where, function, self.seen | {(where.path, name)})
        returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
        yielded = [node.value for node in ast.walk(function) if isinstance(node, ast.Yield)]
        return all(proof.holds(value) for value in [*returned, *yielded])

    def _name(self, name: str) -> bool:
        key = (self.here.path, self.function.name if self.function else "", name)
        if key in self.seen:
            return True
        deeper = Proof(self.here, self.function, self.seen | {key})
        if self.function is not None:
            if local := [value for target, value in assignments([self.function]) if target == name]:
                return all(deeper.holds(value) for value in local)
            if name in _parameters(self.function):
                return deeper._argument(self.function, name)
        if name in self.here.values:
            return all(Proof(self.here, None, deeper.seen).holds(value) for value in self.here.values[name])
        package, member = self.here.imports.get(name, ("", ""))
        there = modules().get(package)
        return bool(there and there.values.get(member)) and Proof(there, None, deeper.seen)._name(member)

    def _argument(self, function: ast.FunctionDef, name: str) -> bool:
        """Whether every caller gives a translated sentence for this parameter."""
        given = list(_given(function, name))
        return bool(given) and all(Proof(here, inside, self.seen).holds(value) for here, inside, value in given)


def _parameters(function: ast.FunctionDef) -> list[str]:
    arguments = function.args
    return [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def _given(function: ast.FunctionDef, name: str) -> Iterator[tuple[Module, ast.FunctionDef | None, ast.expr]]:
    position = _parameters(function).index(name)
    for here, inside, call in calls().get(function.name, ()):
        named = next((one.value for one in call.keywords if one.arg == name), None)
        value = named if named is not None else call.args[position] if position < len(call.args) else None
        if value is not None:
            yield here, inside, value


@cache
def calls() -> dict[str, list[tuple[Module, ast.FunctionDef | None, ast.Call]]]:
    """(module, innermost function, call) of every call of all packages, by the name of what is called."""
    found: dict[str, list[tuple[Module, ast.FunctionDef | None, ast.Call]]] = {}
    for here in modules().values():
        for inside, call in calls_of(here):
            called = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            found.setdefault(called, []).append((here, inside, call))
    return found


def calls_of(here: Module) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
    """(innermost function, call) of every call of a module."""

    def walk(node: ast.AST, inside: ast.FunctionDef | None) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                yield inside, child
            yield from walk(child, child if isinstance(child, ast.FunctionDef) else inside)

    return walk(here.tree, None)


def sentences(here: Module, call: ast.Call) -> list[ast.expr]:
    """The parts of a call that a person reads, if the call refuses or tells something."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    owner = getattr(getattr(call.func, "value", None), "id", "")
    fields = [one.value for one in call.keywords if one.arg == "fields"]
    if name in IN_FORMS or (name in refusals() and _is_ours(here, name)):
        return [*call.args[:1], *fields]
    if (name, owner) == ("at", "Invalid"):
        return call.args[1:2]
    if (name, owner) == ("problem", "api"):
        return call.args[2:3]
    if name == "flash":
        return call.args[:1]
    holder = getattr(getattr(call.func, "value", None), "attr", "")
    return call.args[:1] if name in ("append", "extend") and holder in ("form_errors", "errors") else []


def _is_ours(here: Module, name: str) -> bool:
    """Whether the name is the refusal, and not another class that is called like it."""
    package, member = here.imports.get(name, ("", ""))
    return package == "crowd.errors" or member in refusals() - REFUSALS or (not package and name not in REFUSALS)


def test_refusals_are_translated() -> None:
    unmarked = [
        f"{here.path}:{part.lineno} {ast.unparse(part)}"
        for here in modules().values()
        if not str(here.path).startswith(TERMINAL)
        for inside, call in calls_of(here)
        for part in sentences(here, call)
        if not Proof(here, inside).holds(part)
    ]
    assert unmarked == []


def test_what_is_no_translation_is_seen() -> None:
    """The proof fails where it should."""
    source = """
from crowd.errors import Conflict, Invalid
def refuse(word):
    raise Conflict(word)
def table():
    try: pass
    except ValueError as error:
        raise Invalid(_("Wrong: %(why)s", why=str(error)))
    raise Conflict(f"{1} of two")
    raise Conflict("plain")
    raise Invalid(fields={"a": ["plain"]})
    refuse("plain")
"""
    here = Module(Path("here.py"), ast.parse(source))
    here.imports = {"Conflict": ("crowd.errors", "Conflict"), "Invalid": ("crowd.errors", "Invalid")}
    here.functions = {node.name: node for node in here.tree.body if isinstance(node, ast.FunctionDef)}
    found = [Proof(here, inside).holds(part) for inside, call in calls_of(here) for part in sentences(here, call)]
    assert len(found) == 5
    assert not any(found)
