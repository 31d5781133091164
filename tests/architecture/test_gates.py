"""The gates beside the tests: floors of coverage that name real files, and mutants that really change the code."""

import ast
from configparser import ConfigParser

import pytest

from challenges import workflow
from crowd import money
from crowd.config import ROOT
from tests import floors, mutants, mutations

SETUP = ConfigParser()
SETUP.read(ROOT / "setup.cfg")
PERCENTS = {"crowd/ledger/posting.py": 96.0, "crowd/ledger/fees/policy.py": 94.9, "crowd/money.py": 100.0}


def test_a_file_below_its_floor_is_named() -> None:
    found = floors.below(PERCENTS, {"95": "crowd/ledger/*\n*/policy.py", "90": "crowd/money.py\ncrowd/gone.py"})
    assert found == ["crowd/ledger/fees/policy.py: 94.9 % of 95 %", "crowd/gone.py: no such file was measured"]
    assert floors.below(PERCENTS, {"90": "crowd/*"}) == []


def test_every_floor_is_of_files_that_exist() -> None:
    assert SETUP.getint("coverage:report", "fail_under") >= 90
    for floor, patterns in SETUP["floors"].items():
        assert int(floor) >= 95
        assert all(any(ROOT.glob(pattern.replace("*/", "**/"))) for pattern in patterns.split())


FUNCTION = '''
def rule(a: "int | None" = 1, *, b=not 1) -> bool:
    """Text."""
    log.info(a + 1)
    assert a < 1
    if not a and b:
        raise ValueError(f"{a + 1}")
    stop(a, lock=True)
    ledger.hold()
    lock([a + 1])
    return a <= 2


def hold() -> None:
    execute(1)
'''


def test_each_kind_of_change_is_made_and_no_other() -> None:
    tree = ast.parse(FUNCTION)
    texts = [
        (ast.unparse(node), ast.unparse(ast.fix_missing_locations(other)))
        for node in mutations.changeable(tree) for other in mutations.alternatives(node)
    ]  # fmt: skip
    assert texts == [
        ("not a and b", "not a or b"), ("not a", "a"), ("raise ValueError(f'{a + 1}')", "pass"),
        ("stop(a, lock=True)", "pass"), ("return a <= 2", "return not a <= 2"), ("a <= 2", "a < 2"), ("2", "3"),
    ]  # fmt: skip


@pytest.mark.parametrize("group", sorted(mutations.GROUPS))
def test_every_group_has_mutants(group: str) -> None:
    files = mutations.files_of(group)
    assert files
    assert sum(1 for path in files for _mutant in mutations.mutants_of(group, path)) > 90


def test_a_mutant_is_there_in_its_fork_and_nowhere_else() -> None:
    def seen(text: str, path: str, group: str, is_so: str) -> bool:
        found = next(one for one in mutations.mutants_of(group, path) if text in one.text)

        def work() -> int:
            mutations.apply(found)
            return int(eval(is_so, {"money": money, "workflow": workflow}))

        return mutants.in_fork(work, 60) == 1

    assert seen(
        "points + 5000 -> amount * points - 5000", "crowd/money.py", "splits", "money.apply_basis_points(1, 1) < 0"
    )
    assert seen("-weights[i] -> weights[i]", "crowd/money.py", "splits", "money.split(2, [1, 3]) == [1, 1]")
    shortest = "money._PART.match('5千万')['scale'] == '千'"  # a pattern that is computed while the module is loaded
    assert seen("True -> False", "crowd/money.py", "splits", shortest)
    table = "challenges/workflow.py"
    assert seen("without 'close'", table, "TRANSITIONS", "'close' not in workflow.TRANSITIONS")
    assert seen("'cancel' not from DRAFT", table, "TRANSITIONS", "'draft' not in workflow.TRANSITIONS['cancel'][0]")
    assert money.apply_basis_points(1, 1) == 0
    assert money._PART.match("5千万")["scale"] == "千万"
    assert "draft" in workflow.TRANSITIONS["cancel"][0]
    assert mutants.in_fork(lambda: 0, 60) == 0


def test_a_mutant_whose_module_cannot_be_loaded_is_told_apart() -> None:
    found = next(one for one in mutations.mutants_of("splits", "crowd/money.py") if "re.escape(word) - (" in one.text)

    def work() -> int:
        with pytest.raises(mutations.Unloadable):
            mutations.apply(found)
        return 1

    assert mutants.in_fork(work, 60) == 1


def test_a_fork_that_does_not_end_is_ended() -> None:
    def work() -> int:
        while True:
            pass

    assert mutants.in_fork(work, 0.2) is None
