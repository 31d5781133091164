"""Statements over challenges that others than their own people read leave out what is for invited people only: whoever
selects challenges by the states in which they are public says how they treat it.
"""

import ast
from collections.abc import Iterator

from crowd.config import ROOT
from tests.source import nodes, sources

STATES = {"PUBLIC", "RESULTS", "TAKING", "CLOSED"}  # sets of states in which a challenge has opened
RULES = ("FOR_EVERYBODY", "LISTED", "visible_to")  # of `challenges.policy`
# Where no reader is needed: (file, function or name), and why.
OTHERS = {
    ("submissions/policy.py", "visible_to"): "proposals, by a rule of their own",
    ("submissions/policy.py", "_in_closed"): "a part of that rule",
}


def selections() -> Iterator[tuple[str, str, str]]:
    """(file, function or name, source) of each statement that selects challenges by such states."""
    for path, tree in sources():
        text = (ROOT / path).read_text("utf-8")
        for part in tree.body:
            asked = [one for one in nodes(part) if isinstance(one, ast.Call) and _by_state(one)]
            if asked:
                named = getattr(part, "name", "") or ast.unparse(getattr(part, "targets", [part])[0])
                yield path.as_posix(), named, ast.get_source_segment(text, part) or ""


def _by_state(call: ast.Call) -> bool:
    """Whether it is `Challenge.state.in_(PUBLIC)`, or of another such set."""
    asked = isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "Challenge.state.in_"
    return asked and any(ast.unparse(one).rpartition(".")[2] in STATES for one in call.args)


def test_nothing_is_listed_that_is_for_invited_people_only() -> None:
    found = list(selections())
    assert len(found) >= 8, "the test sees them"
    without = [(path, name) for path, name, text in found if not any(rule in text for rule in RULES)]
    others = [(path, name) for path, name, _text in found if (path, name) in OTHERS]
    assert [one for one in without if one not in OTHERS] == []
    assert sorted(others) == sorted(OTHERS)
