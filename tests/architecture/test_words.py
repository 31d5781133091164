"""Every action, state and notification of the code has a name for people."""

import ast
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module

import pytest
from flask import Flask

from crowd.config import ROOT
from crowd.db import db
from crowd.feature import declared
from crowd.notifications.kinds import KINDS
from crowd.web.audit_page import FACTS
from crowd.web.labels import LABELS
from tests.architecture.test_structure import calls, sources

WORKFLOWS = ("challenges.workflow", "submissions.workflow", "scoring.workflow", "crowd.ledger.workflow")


def recorded_verbs() -> Iterator[str]:
    for _, tree in sources():
        for call in calls(tree):
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            verb = call.args[1] if name in {"record", "audit", "note"} and len(call.args) > 1 else None
            for part in ast.walk(verb) if verb is not None else ():
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and "." in part.value:
                    yield part.value


def test_every_recorded_act_has_words(shared_app: Flask) -> None:
    missing = {verb for verb in recorded_verbs() if verb not in declared().audit and not verb.endswith(("_", "."))}
    assert missing == set()


def test_every_recorded_fact_has_words() -> None:
    named = {
        word.arg
        for path, tree in sources()
        for call in calls(tree)
        if isinstance(call.func, ast.Name) and call.func.id == "record" and "demo" not in path.parts
        for word in call.keywords
    }
    assert named - {None, "challenge_id"} - FACTS.keys() == set()


def test_every_subject_and_every_kind_of_job_has_words(shared_app: Flask) -> None:
    tables = set(db.metadata.tables)
    assert declared().subjects.keys() - tables == {"request", "demo"}
    assert declared().job_labels.keys() == jobs()


def jobs() -> set[str]:
    """The names of all functions that are registered as a job kind."""
    return {
        ast.literal_eval(mark.args[0])
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and getattr(mark.func, "attr", getattr(mark.func, "id", "")) == "job"
    }


def states() -> Iterator[tuple[str, str]]:
    for name in WORKFLOWS:
        for kind in vars(import_module(name)).values():
            if isinstance(kind, type) and issubclass(kind, StrEnum) and kind.__name__.endswith("State"):
                for state in kind:
                    yield f"{kind.__name__.removesuffix('State').lower()}.{state}", str(state)


@pytest.mark.parametrize(("particular", "general"), sorted(set(states())))
def test_every_state_has_words(particular: str, general: str) -> None:
    assert particular in LABELS or general in LABELS


def test_every_notice_that_is_sent_is_defined(shared_app: Flask) -> None:
    """Kinds are defined when their packages are imported, which the application does."""
    assert KINDS
    rooms = {path.parent for path in ROOT.rglob("notifications.py") if ".venv" not in path.parts}
    assert len(rooms) >= 5
