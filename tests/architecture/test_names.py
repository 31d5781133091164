"""One name for one class: whoever reads the name of a class of the product knows which class is meant."""

import ast
from collections import defaultdict

from tests.source import sources


def test_no_class_name_occurs_twice() -> None:
    """Inner classes are not counted: WTForms wants a `Meta` in a form."""
    places = defaultdict(list)
    for path, tree in sources():
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path))
    assert {name: paths for name, paths in places.items() if len(paths) > 1} == {}
