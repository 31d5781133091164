"""Random draws are the same for the same subject, whatever else is added: their seeds are keys and words, never row
ids.
"""

import ast

import pytest

from crowd.config import ROOT
from crowd.demo.simulator import chance

SOURCES = sorted((ROOT / "crowd" / "demo").rglob("*.py"))
OF_ROWS = {"id", "owner_id", "user_id", "number", "proposal_id", "assignment", "payment_reference", "reference"}


def test_the_same_matter_falls_the_same_way() -> None:
    assert chance("answer", "a").random() == chance("answer", "a").random() != chance("answer", "b").random()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "crowd" / "demo")))
def test_no_dice_are_thrown_by_the_number_of_a_row(path: object) -> None:
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))  # type: ignore[attr-defined]
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "chance"
    ]
    words = {
        part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "")
        for call in calls
        for about in call.args
        for part in ast.walk(about)
    }
    assert not words & OF_ROWS
