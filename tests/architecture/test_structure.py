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
from tests.source import PACKAGES, nodes, sources

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


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in nodes(tree) if isinstance(node, ast.Call))


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


def test_every_job_that_is_asked_for_exists() -> None:
    asked_for = {name for _, name in enqueued_names()} | {job for each in FEATURES for job in each.schedule}
    assert len(asked_for) > 20
    for name in asked_for:
        assert background.kind(name).name == name


def test_every_subscribed_job_takes_the_arguments_of_its_event(shared_app: Flask) -> None:
    subscribed = [(event, job) for event, jobs in declared().subscribers.items() for job in jobs]
    assert len(subscribed) >= 6
    for event, job in subscribed:
        taken = list(inspect.signature(background.kind(job).function).parameters)
        assert taken == [field.name for field in fields(event) if field.name != "at"], job


def test_every_event_is_published_and_heard(shared_app: Flask) -> None:
    events = {event for event in Event.__subclasses__() if event.__module__.partition(".")[0] in PACKAGES}
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
        if name.partition(".")[0] in PACKAGES
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


DEFINITIONS = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = CAST(:schema AS regnamespace) AND contype IN ('c', 'f', 'p', 'u')
    UNION SELECT relname, CASE relkind WHEN 'i' THEN pg_get_indexdef(oid, 0, true) ELSE 'a sequence' END FROM pg_class
    WHERE relnamespace = CAST(:schema AS regnamespace) AND relkind IN ('i', 'S')"""
OF_NO_MODEL = ("alembic_version", "platform_clock")


def definitions(connection: sa.Connection, schema: str) -> dict[str, str]:
    """What each constraint, index and sequence of a schema says, by its name."""
    rows = connection.execute(sa.text(DEFINITIONS), {"schema": schema})
    return {name: said for name, said in rows if not name.startswith(OF_NO_MODEL)}


def differences(name: str, models: str | None, database: str | None) -> str:
    """What the definitions of one name do not share: the words that only one of them lists, or all that they say."""
    words = [set(re.findall(r"'(\w+)'", said or "")) for said in (models, database)]
    sides = [" ".join(sorted(own - other)) for own, other in (words, words[::-1])]
    if models and database and any(sides):
        models, database = sides
    return f"{name}: the models have {models or 'nothing'}, the database {database or 'nothing'}: write a migration"


def compared(app: Flask, *statements: str) -> list[str]:
    """The differences between the models, made in a schema of their own, and the migrated database after statements;
    all of it is rolled back.
    """
    assert scheduler.ScheduleRun.__tablename__ in db.metadata.tables  # a table that the web does not import
    engine = sa.create_engine(app.config["CROWD"].owner_database_url, poolclass=sa.NullPool)
    with app.app_context(), engine.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
        made = definitions(connection, "public")
        connection.execute(sa.text("CREATE SCHEMA models"))
        connection.execute(sa.text("SET LOCAL search_path TO models, public"))
        db.metadata.create_all(connection, checkfirst=False)
        wanted = definitions(connection, "models")
    assert len(wanted) > 300
    both = ((name, wanted.get(name), made.get(name)) for name in sorted(wanted.keys() | made.keys()))
    return [differences(*row) for row in both if row[1] != row[2]]


def test_the_models_say_what_the_migrations_made(shared_app: Flask) -> None:
    """Alembic compares no CHECK (the words of an enum), no condition of an index and no name; a later migration would
    not find them.
    """
    assert compared(shared_app) == []


@pytest.mark.parametrize(
    ("table", "name", "other", "found"),
    [
        ("approval", "ck_approval_approvalkind", "CHECK (kind <> 'x' AND kind IN ('deposit'))", "bank_response"),
        ("approval", "ck_approval_approvalstate", "CHECK (state IN ('single', 'waiting', 'approved'))", "declined"),
        ("payout", "ck_payout_payoutstate", "CHECK (state IN ('requested', 'lost'))", "lost"),
        ("deposit", "ck_deposit_amount", "CHECK (amount >= 0)", "amount >= 0"),
        (
            "posting",
            "fk_posting_source_id",
            "FOREIGN KEY (source_id) REFERENCES ledger_account",
            "RESTRICT",
        ),
    ],
)
def test_a_rule_that_was_not_migrated_is_found(
    shared_app: Flask, table: str, name: str, other: str, found: str
) -> None:
    drop = f"ALTER TABLE {table} DROP CONSTRAINT {name}"
    (said,) = compared(shared_app, drop, f"ALTER TABLE {table} ADD CONSTRAINT {name} {other}")
    assert said.startswith(f"{name}: the models have ")
    assert found in said
    (said,) = compared(shared_app, drop)
    assert "the database nothing" in said


def test_doors_are_short() -> None:
    long = [
        f"{path}:{node.name} {node.end_lineno - node.lineno + 1}"
        for path, tree in sources()
        if path.name in DOORS
        for node in nodes(tree)
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
        for node in nodes(tree)
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
        for node in nodes(tree)
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
        for node in nodes(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("wtforms")
        for alias in node.names
        if alias.name in {"IntegerField", "DecimalField", "FloatField", "IntegerRangeField", "DecimalRangeField"}
    ]
    assert found == []
