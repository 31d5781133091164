"""Every action, state and notification of the code has a name for people."""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from importlib import import_module

import pytest

from crowd.accounts.models import MemberRole, OrganisationKind, PlatformRole
from crowd.background import JobState
from crowd.config import ROOT
from crowd.db import db
from crowd.feature import Feature, Label, declare, declared
from crowd.features import FEATURES
from tests.architecture.test_structure import calls
from tests.source import nodes, sources

WORKFLOWS = ("challenges.workflow", "submissions.workflow", "scoring.workflow", "crowd.ledger.workflow")


@pytest.fixture(autouse=True, scope="module")
def features() -> None:
    """What an application declares when it is made; these tests need no more of it."""
    declare(FEATURES)


def recorded_verbs() -> Iterator[str]:
    for _, tree in sources():
        for call in calls(tree):
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            verb = call.args[1] if name in {"record", "audit", "note"} and len(call.args) > 1 else None
            for part in ast.walk(verb) if verb is not None else ():
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value:
                    yield part.value


def test_every_recorded_act_has_words() -> None:
    missing = {verb for verb in recorded_verbs() if verb not in declared().audit and not verb.endswith(("_", "."))}
    assert missing == set(), "AUDIT in feature.py of the package that records them has their words"


def test_every_recorded_fact_has_words() -> None:
    named = {
        word.arg
        for path, tree in sources()
        for call in calls(tree)
        if isinstance(call.func, ast.Name) and call.func.id in {"record", "audit"} and "demo" not in path.parts
        for word in call.keywords
    }
    missing = named - {None, "challenge_id"} - declared().audit_data.keys()
    assert missing == set(), "DATA in feature.py of the package that records them has their words"


def test_no_recorded_value_leaves_to_its_name_how_it_is_shown() -> None:
    """Amounts, shares, instants, states and kinds are recorded as `crowd.values`, not as numbers and texts."""
    plain = {
        f"{path}:{word.value.lineno} {word.arg}={ast.unparse(word.value)}"
        for path, tree in sources()
        for call in calls(tree)
        if isinstance(call.func, ast.Name) and call.func.id in {"record", "audit"}
        for word in call.keywords
        if re.search(r"(?<!_)\b(amount|cost|points|basis_points|kind|role|state|currency)\b", ast.unparse(word.value))
        or ".isoformat(" in ast.unparse(word.value)
        if not re.match(r"\[?(values\.)?(money|basis_points|moment|term|job)\(", ast.unparse(word.value))
    }
    assert {one for one in plain if " currency=" not in one} == set()


def test_every_subject_and_every_kind_of_job_has_words() -> None:
    tables = set(db.metadata.tables)  # `fee_rate` was one until fees were rules: the trail names its rows
    assert declared().subjects.keys() - tables == {"request", "demo", "fee_rate"}, "SUBJECTS in feature.py names tables"
    assert declared().job_labels.keys() ^ jobs() == set(), "JOBS in feature.py of the package has a line for each job"


def jobs() -> set[str]:
    """The names of all functions that are registered as a job kind."""
    return {
        ast.literal_eval(mark.args[0])
        for path, tree in sources()
        for node in nodes(tree)
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and getattr(mark.func, "attr", getattr(mark.func, "id", "")) == "job"
    }


def states() -> Iterator[type[StrEnum]]:
    """What pages show by a label: the enums of workflows, roles, and the states of jobs."""
    yield from (PlatformRole, MemberRole, OrganisationKind, JobState)
    for name in WORKFLOWS:
        for kind in vars(import_module(name)).values():
            if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum:
                yield kind


@pytest.mark.parametrize("states", list(states()), ids=lambda kind: kind.__name__)
def test_every_state_has_a_label(states: type[StrEnum]) -> None:
    """All of an enum's members are labelled under one key, so that none is shown as its stored word."""
    found = [kind for kind, labels in declared().labels.items() if set(states) <= {*labels} and _keyed(labels, states)]
    assert found, (
        f"labels.py beside {states.__module__} has a line for each of {states.__name__}, and feature.py names it"
    )


def _keyed(labels: Mapping[str, Label], states: type[StrEnum]) -> bool:
    return {type(value) for value in labels} == {states}


def findings(feature: Feature) -> set[str]:
    """The names of the findings of a package's check."""
    tree = ast.parse(inspect.getsource(import_module(feature.checks)))
    return {
        str(call.args[0].value)
        for call in calls(tree)
        if isinstance(call.func, ast.Name) and call.func.id in {"LedgerRule", "LedgerFinding"} and call.args
        if isinstance(call.args[0], ast.Constant)
    }


CHECKING = pytest.mark.parametrize("feature", [one for one in FEATURES if one.checks], ids=lambda one: one.name)


@CHECKING
def test_every_finding_of_a_check_has_a_label(feature: Feature) -> None:
    """The package that checks names its findings, and names no others."""
    found = findings(feature)
    assert len(found) >= 2
    assert found - declared().labels["finding"].keys() == set(), "FINDINGS in labels.py of the package names them"
    assert feature.labels["finding"].keys() - found == set(), "FINDINGS in labels.py names what the check never finds"


@CHECKING
def test_every_finding_of_a_check_is_provoked_by_a_test(feature: Feature) -> None:
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert {name for name in findings(feature) if f'"{name}"' not in tests} == set(), "a test breaks each rule once"


def test_pages_give_a_declared_key_with_each_state() -> None:
    """`values.state(x, 'payout')`, `x|state_label('payout')` and calls in Python name kinds that a package declares."""
    sites = [
        site
        for path in [*(ROOT / "templates").rglob("*.html"), *(path for path, _ in sources())]
        for site in re.findall(
            r"(?:values\.state\(|\bstate_label\(|\bkinds\.term\()([^\n]*?)['\"](\w+)['\"]\)",
            path.read_text(encoding="utf-8"),
        )
    ]
    assert len(sites) > 60
    assert {kind for _, kind in sites} - declared().labels.keys() == set()


def test_every_kind_of_notification_that_a_package_defines_is_declared() -> None:
    """Each `notifications.py` has `KINDS`, and a manifest declares all of them under its own name."""
    modules = {path for path, _ in sources() if path.name == "notifications.py"}
    assert len(modules) >= 5
    for path in modules:
        module = import_module(".".join(path.with_suffix("").parts))
        if hasattr(module, "KINDS"):
            missing = module.KINDS.keys() - declared().notifications.keys()
            assert missing == set(), f"feature.py of the package declares the KINDS of {path}"
    for feature in declared().features:
        assert all(name.partition(".")[0] == feature.name for name in feature.notifications)


def test_a_notification_names_people_by_their_accounts() -> None:
    """By `crowd.values.person`: where an account is deleted, its name is found in other people's inboxes."""
    keys, named = {"actor", "person", "reviewer"}, []
    for path, tree in sources():
        for one in nodes(tree) if path.name == "notifications.py" else ():
            pairs = []
            if isinstance(one, ast.Dict):
                pairs = [(key.value, value) for key, value in zip(one.keys, one.values, strict=True)
                         if isinstance(key, ast.Constant)]  # fmt: skip
            elif isinstance(one, ast.Call):
                pairs = [(keyword.arg, keyword.value) for keyword in one.keywords]
            named += [(path, value) for key, value in pairs if key in keys]
    assert len(named) >= 10
    plain = [f"{path}:{value.lineno}" for path, value in named if isinstance(value, ast.Attribute)]
    assert plain == []
