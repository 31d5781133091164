"""What `make mutants` changes: the mutants of a file, and a process's code made to be one of them.

`tests/mutants.py` draws a sample and runs the tests.
"""

import ast
import gc
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("crowd", "challenges", "submissions", "scoring")
GROUPS = {
    "transfers": ("crowd/ledger/posting.py", "crowd/ledger/transfers.py", "crowd/ledger/**/services.py"),
    "splits": ("crowd/money.py", "submissions/shares/s*.py", "scoring/settlement/payments.py",
               "scoring/settlement/services.py"),
    "policies": ("*/**/policy.py",),
    "TRANSITIONS": ("*/**/workflow.py",),
}  # fmt: skip
# What a lock prevents needs two transactions at once, and is shown by tests/races; `strict` helps who programs.
UNSEEN = ("lock", "skip_locked", "populate_existing", "strict")  # arguments
LOCKS = ("hold", "lock")  # functions that only lock, and calls of them

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: of the node with that number in its file, or of an entry of a table; `lines` are the node's."""

    group: str
    path: str
    lines: range
    text: str
    node: int = -1
    other: int = 0
    table: tuple[str, str, str] = ("", "", "")  # its name, the operation, and the state that is no longer a source

    def __str__(self) -> str:
        return f"{self.path}:{self.lines.start} ({self.group}) {self.text}"


# ---- which there are


def files_of(group: str) -> list[str]:
    """The paths of a group's files."""
    found = {path.relative_to(ROOT) for pattern in GROUPS[group] for path in ROOT.glob(pattern)}
    return sorted(str(path) for path in found if path.parts[0] in PACKAGES)


def mutants_of(group: str, path: str) -> Iterator[Mutant]:
    """Every mutant of a file: of the bodies of its functions, and of its tables of transitions."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    for number, node in enumerate(changeable(tree)):
        for other, after in enumerate(alternatives(node)):
            lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            yield Mutant(group, path, lines, f"{_short(node)} -> {_short(after)}", number, other)
    if group == "TRANSITIONS":
        yield from _of_tables(path, tree)


def _of_tables(path: str, tree: ast.Module) -> Iterator[Mutant]:
    for node in tree.body:
        if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)):
            continue
        name = node.targets[0].id
        if not name.endswith("TRANSITIONS") or not isinstance(node.value, ast.Dict):
            continue
        for key, value in zip(node.value.keys, node.value.values, strict=True):
            assert isinstance(key, ast.Constant)
            assert isinstance(value, ast.Tuple)
            assert isinstance(value.elts[0], ast.Set)
            lines = range(key.lineno, key.lineno + 1)
            yield Mutant("TRANSITIONS", path, lines, f"{name} without {key.value!r}", table=(name, str(key.value), ""))
            for source in value.elts[0].elts:
                assert isinstance(source, ast.Attribute)
                text = f"{name}: {key.value!r} not from {source.attr}"
                yield Mutant("TRANSITIONS", path, lines, text, table=(name, str(key.value), source.attr))


def changeable(tree: ast.AST) -> Iterator[ast.stmt | ast.expr]:
    """The nodes of functions' bodies, in order: no annotation, default, decorator, assertion, log line or f-string."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            for inner in node.body if node.name not in LOCKS else ():
                yield from _within(inner)
        elif isinstance(node, ast.Lambda):
            yield from _within(node.body)
        else:
            yield from changeable(node)


def _within(node: ast.AST) -> Iterator[ast.stmt | ast.expr]:
    if isinstance(node, ast.Assert | ast.JoinedStr | ast.arguments) or _logs(node) or _locks(node):
        return
    if isinstance(node, ast.FunctionDef):
        yield from chain.from_iterable(map(_within, node.body))
        return
    if isinstance(node, ast.stmt | ast.expr):
        yield node
    for name, value in ast.iter_fields(node):
        if name == "annotation" or (isinstance(node, ast.keyword) and node.arg in UNSEEN):
            continue
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, ast.AST):
                yield from _within(inner)


def _logs(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and ast.unparse(node).startswith(("log.", "'", '"'))


def _locks(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return False
    return ast.unparse(node.value.func).rpartition(".")[2] in LOCKS


def alternatives(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in a node's place."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=right) if type(op) in COMPARED:
            yield ast.Compare(left, [COMPARED[type(op)]()], right)
        case ast.BoolOp(op=ast.And(), values=values):
            yield ast.BoolOp(ast.Or(), values)
        case ast.BoolOp(op=ast.Or(), values=values):
            yield ast.BoolOp(ast.And(), values)
        case ast.UnaryOp(op=ast.Not() | ast.Invert() | ast.USub(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=operator, right=right_side) if type(operator) in COMPUTED:
            yield ast.BinOp(left, COMPUTED[type(operator)](), right_side)
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Return(value=ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()) as value):
            yield ast.Return(ast.UnaryOp(ast.Not(), value))
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Raise() | ast.Expr(value=ast.Call()):
            yield ast.Pass()


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())[:90]


# ---- one of them made


class Unloadable(Exception):
    """With this change the module could not even be loaded."""


class _Change(ast.NodeTransformer):
    def __init__(self, before: ast.AST, after: ast.AST) -> None:
        self.before, self.after = before, after

    def visit(self, node: ast.AST) -> Any:
        return ast.copy_location(self.after, node) if node is self.before else self.generic_visit(node)


def apply(mutant: Mutant) -> None:
    """Make this process's code the mutant's, and compute again what it computes while its module is loaded."""
    if mutant.table[0]:
        name, operation, source = mutant.table
        transitions = getattr(_module(mutant), name)
        if source:
            transitions[operation][0].remove(next(one for one in transitions[operation][0] if one.name == source))
        else:
            del transitions[operation]
        return
    file = ROOT / mutant.path
    before = compile(file.read_text(encoding="utf-8"), str(file), "exec", dont_inherit=True)
    tree = ast.parse(file.read_text(encoding="utf-8"))
    node = list(changeable(tree))[mutant.node]
    tree = _Change(node, list(alternatives(node))[mutant.other]).visit(tree)
    after = compile(ast.fix_missing_locations(tree), str(file), "exec", dont_inherit=True)
    of_after = _codes(after)
    changed = {old: of_after[key] for key, old in _codes(before).items() if of_after.get(key, old) != old}
    gc.unfreeze()  # what is frozen would not be listed
    found = [one for one in gc.get_objects() if isinstance(one, FunctionType) and one.__code__ in changed]
    assert found, f"no function has the code of {mutant}"
    for function in found:
        function.__code__ = changed[function.__code__]
    for statement in _at_load(tree, mutant):
        try:
            exec(compile(ast.Module([statement], []), str(file), "exec"), vars(_module(mutant)))
        except Exception as error:
            raise Unloadable(str(mutant)) from error


def lines_that_use(mutant: Mutant) -> set[int]:
    """Where its file reads what the changed function computes while the module is loaded, such as a pattern."""
    tree = ast.parse((ROOT / mutant.path).read_text(encoding="utf-8"))
    names = {ast.unparse(name) for statement in _at_load(tree, mutant) for name in statement.targets}
    return {one.lineno for one in ast.walk(tree) if isinstance(one, ast.Name) and one.id in names}


def _at_load(tree: ast.Module, mutant: Mutant) -> list[ast.Assign]:
    """The assignments of the module that call the changed function."""
    functions = (one for one in tree.body if isinstance(one, ast.FunctionDef))
    changed = {one.name for one in functions if one.lineno <= mutant.lines.start <= (one.end_lineno or 0)}
    return [
        one
        for one in tree.body
        if isinstance(one, ast.Assign)
        and any(isinstance(part, ast.Call) and ast.unparse(part.func) in changed for part in ast.walk(one.value))
    ]


def _module(mutant: Mutant) -> ModuleType:
    return sys.modules[mutant.path.removesuffix(".py").replace("/", ".")]


def _codes(code: CodeType) -> dict[tuple[str, int, int], CodeType]:
    """The code of every function of a module: by its name, its line, and how many of that name are there before."""
    found: dict[tuple[str, int, int], CodeType] = {}
    waiting = [code]
    while waiting:
        for one in (const for const in waiting.pop().co_consts if isinstance(const, CodeType)):
            number = sum(key[:2] == (one.co_qualname, one.co_firstlineno) for key in found)
            found[one.co_qualname, one.co_firstlineno, number] = one
            waiting.append(one)
    return found
