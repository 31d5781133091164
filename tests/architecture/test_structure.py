"""The structure of the code: one commit, guarded endpoints, resolvable jobs, compiled templates, correct migrations."""

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from crowd import background, scheduler
from crowd.config import ROOT
from crowd.db import db
from crowd.events import Event
from crowd.feature import Question, declared
from crowd.features import FEATURES
from crowd.web import guards

ROOMS = ("crowd", "challenges", "submissions", "scoring")
DOORS = {"views.py", "api.py", "admin.py", "jobs.py"}
# Modules that read a request: the parser of arguments and fields, and code that copies them (a next page, a new form).
READERS = {
    "crowd/web/arguments.py",
    "crowd/web/paging.py",
    "crowd/web/rate_limits.py",
    "crowd/app.py",
    "crowd/web/error_pages.py",
}
DOOR_LINES = 25  # with decorators and docstring; the rule is 15 lines of code


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_only_the_database_module_commits() -> None:
    found = [
        str(path)
        for path, tree in sources()
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit" and path != Path("crowd/db.py")
    ]
    assert found == []


def test_every_endpoint_is_guarded(shared_app: Flask) -> None:
    unguarded = [
        rule.endpoint for rule in shared_app.url_map.iter_rules() if not guards.guard_of(shared_app, rule.endpoint)
    ]
    assert unguarded == []


def enqueued_names() -> Iterator[tuple[Path, str]]:
    for path, tree in sources():
        for call in calls(tree):
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            if name == "enqueue" and call.args and isinstance(call.args[0], ast.Constant):
                yield path, str(call.args[0].value)


@pytest.mark.parametrize(
    "name",
    sorted({name for _, name in enqueued_names()} | {job for each in FEATURES for job in each.schedule}),
)
def test_every_job_that_is_asked_for_exists(name: str) -> None:
    assert background.kind(name).name == name


def test_every_subscribed_job_takes_the_arguments_of_its_event(shared_app: Flask) -> None:
    subscribed = [(event, job) for event, jobs in declared().subscribers.items() for job in jobs]
    assert len(subscribed) >= 6
    for event, job in subscribed:
        taken = list(inspect.signature(background.kind(job).function).parameters)
        assert taken == [field.name for field in fields(event) if field.name != "at"], job


def test_every_event_is_published_and_heard(shared_app: Flask) -> None:
    events = {event for event in Event.__subclasses__() if event.__module__.partition(".")[0] in ROOMS}
    assert declared().subscribers.keys() == events
    published = {
        call.args[0].func.id
        for _, tree in sources()
        for call in calls(tree)
        if getattr(call.func, "id", "") == "publish" and isinstance(call.args[0], ast.Call)
        if isinstance(call.args[0].func, ast.Name)
    }
    assert published == {event.__name__ for event in events}


def test_every_question_has_an_answer(shared_app: Flask) -> None:
    questions = {
        question
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in ROOMS
        for question in vars(module).values()
        if isinstance(question, Question)
    }
    assert len(questions) >= 12
    assert declared().answers.keys() == questions


def test_every_template_compiles(shared_app: Flask) -> None:
    environment = shared_app.jinja_env
    for path in sorted((ROOT / "templates").rglob("*.html")) + sorted((ROOT / "templates").rglob("*.txt")):
        environment.get_template(str(path.relative_to(ROOT / "templates")))


def test_templates_keep_to_the_content_security_policy() -> None:
    """No inline style, no inline handler, no inline script without a nonce; emails are not pages."""
    wrong = re.compile(r"\sstyle=\"|<style|\son[a-z]+=\"|<script(?![^>]*nonce)")
    found = [
        str(path)
        for path in (ROOT / "templates").rglob("*.html")
        if "email" not in path.parts and wrong.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_models_equal_migrations(shared_app: Flask) -> None:
    with shared_app.app_context():
        engine = sa.create_engine(shared_app.config["CROWD"].owner_database_url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            kept = {"platform_clock", "alembic_version"}
            differences = [
                change
                for change in compare_metadata(context, db.metadata)
                if not (change[0] == "remove_table" and change[1].name in kept)
            ]
    assert differences == []


def names_in_models() -> set[str]:
    """The names of all constraints, indexes and sequences that the models declare."""
    assert scheduler.ScheduleRun.__tablename__ in db.metadata.tables  # a table that the web does not import
    found = {f"{table.name}_id_seq" for table in db.metadata.tables.values() if table.c.get("id") is not None}
    for table in db.metadata.tables.values():
        found |= {str(one.name) for one in (*table.constraints, *table.indexes)}
    return found


def names_in_database(connection: sa.Connection) -> set[str]:
    """The same of the tables that the migrations made."""
    tables = list(db.metadata.tables)
    query = """
        SELECT conname FROM pg_constraint
        WHERE CAST(CAST(conrelid AS regclass) AS text) = ANY(:tables) AND contype IN ('c', 'f', 'p', 'u')
        UNION SELECT CAST(CAST(indexrelid AS regclass) AS text) FROM pg_index
        WHERE CAST(CAST(indrelid AS regclass) AS text) = ANY(:tables)
        UNION SELECT relname FROM pg_class
        WHERE relkind = 'S' AND relnamespace = CAST('public' AS regnamespace)"""
    quoted = [connection.dialect.identifier_preparer.quote(name) for name in tables]
    return set(connection.scalars(sa.text(query), {"tables": quoted}))


def test_keys_checks_and_sequences_have_the_names_of_the_models(shared_app: Flask) -> None:
    """Alembic compares no names of checks, keys and sequences; a later migration would not find them."""
    with shared_app.app_context():
        engine = sa.create_engine(shared_app.config["CROWD"].owner_database_url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            made = names_in_database(connection)
    assert made == names_in_models()


def test_doors_are_short() -> None:
    long = [
        f"{path}:{node.name} {node.end_lineno - node.lineno + 1}"
        for path, tree in sources()
        if path.name in DOORS
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > DOOR_LINES
    ]
    assert long == []


def test_services_know_nothing_of_requests() -> None:
    """Services, queries and policies never import the request, the signed-in person, or abort."""
    forbidden = {"request", "current_user", "abort", "session", "g"}
    found = [
        f"{path}: {alias.name}"
        for path, tree in sources()
        if path.name in {"services.py", "queries.py", "policy.py", "models.py", "workflow.py"}
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in {"flask", "flask_login"}
        for alias in node.names
        if alias.name in forbidden
    ]
    assert found == []


def test_the_project_names_no_host_of_a_registry_and_no_workshop() -> None:
    for lock in ROOT.glob("*.lock"):
        assert "http" not in lock.read_text()


def test_every_advisory_lock_has_a_number_of_its_own() -> None:
    numbers = [
        number
        for path, _tree in sources()
        for number in re.findall(r"= ([\d_]+)  # the advisory lock", path.read_text(encoding="utf-8"))
    ]
    assert len(numbers) >= 3
    assert len(numbers) == len(set(numbers))


def test_no_view_reads_arguments_by_itself() -> None:
    found = [
        f"{path}:{node.lineno} request.{node.attr}"
        for path, tree in sources()
        if str(path) not in READERS
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("args", "values", "form", "json", "get_json")
        if isinstance(node.value, ast.Name) and node.value.id == "request"
    ]
    assert found == []


def test_no_template_reads_arguments_by_itself() -> None:
    wrong = re.compile(r"request\.(args|values|form|view_args\.)")
    assert [str(path) for path in (ROOT / "templates").rglob("*.html") if wrong.search(path.read_text())] == []


def test_numbers_are_read_by_fields_of_ours() -> None:
    """WTForms' own accept infinity, other scripts' digits and numbers beyond any column."""
    found = [
        f"{path}: {alias.name}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("wtforms")
        for alias in node.names
        if alias.name in {"IntegerField", "DecimalField", "FloatField", "IntegerRangeField", "DecimalRangeField"}
    ]
    assert found == []
