"""The product's own source as trees, parsed and walked once for a test process."""

import ast
import gc
from functools import cache
from pathlib import Path

from crowd.config import ROOT

PACKAGES = ("crowd", "challenges", "submissions", "scoring")


@cache
def sources() -> tuple[tuple[Path, ast.Module], ...]:
    """(path from the project's folder, tree) of each module of the product."""
    paths = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    found = tuple((path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))) for path in paths)
    gc.freeze()  # they stay until the end; the collector need not look at them again and again
    return found


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """All nodes of a tree."""
    return tuple(ast.walk(tree))
