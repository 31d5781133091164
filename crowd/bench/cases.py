"""`crowd bench cases`: the pages of cases with ten thousand cases of ten kinds, and with a hundred.

The pages are requested one after another in this process, without a server: what is measured is the work of a page, of
Python and of PostgreSQL. Each statement is then explained, so that a page that reads a whole table is seen.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask import Flask

from crowd.app import create_app
from crowd.bench import case_rows, crew, machine, multiply
from crowd.bench.clients import AGENT
from crowd.bench.pages import percentile
from crowd.cases.models import Case, CaseStep
from crowd.config import Settings
from crowd.db import db
from crowd.demo import personas, scenario
from crowd.procedure import COUNCIL, SERVICE_CENTRE

HOME = "bench-cases"
COPIES = 20  # of what cases are about, and of who may have a conflict of interest in them
COPIED = (
    "user", "organisation", "membership", "membership_period", "challenge", "challenge_question", "proposal",
    "share_period",
)  # fmt: skip
STAFF, MEMBERS = 40, 9  # people of the service centre and of the council, beside those of the demonstration
FEW = 100
LARGE = 1000  # rows from which a table that is read from end to end is reported
PAGES = {  # name: (persona, URL)
    "queue_of_the_centre": ("eve", "/cases/queue"),
    "queue_of_the_council": ("gu", "/cases/queue"),
    "my_cases": ("bo", "/cases"),
    "dashboard_of_the_centre": ("eve", "/dashboard"),
    "dashboard_of_the_council": ("gu", "/dashboard"),
    "dashboard_of_a_party": ("bo", "/dashboard"),
}
Statement = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Visit:
    """A page, and the cookies of its reader."""

    path: str
    cookie: str


def run(settings: Settings, number: int, turns: int, say: Callable[[str], None]) -> dict[str, object]:
    """Request each page so many times with a hundred cases, and with `number`."""
    shutil.rmtree(settings.data_dir / HOME, ignore_errors=True)
    with machine.platform(replace(settings, fragment_seconds=0), HOME) as own:
        app = create_app(own)
        kinds = case_rows.kinds()
        with app.app_context():
            scenario.load(say)
            crew.people("centre", STAFF)
            crew.people("member", MEMBERS)
            db.session.remove()
            db.engine.dispose()
        say(f"{COPIES} times the people and challenges of the demonstration ...")
        multiply.multiply(str(own.owner_database_url), 1, COPIES, COPIED)
        found: dict[str, dict[str, object]] = {}
        present = 0
        for size in sorted({FEW, number}):
            say(f"{size} cases of {len(kinds)} kinds ...")
            case_rows.fill(str(own.owner_database_url), size - present, first=present)
            present = size
            for name, page in _pages(app).items():
                found.setdefault(name, {})[str(size)] = _measure(app, own, page, turns)
        with app.app_context():
            db.engine.dispose()
    return {"cases": found, "kinds": sorted(kinds)}


def _pages(app: Flask) -> dict[str, Visit]:
    """The pages of one case are those whose step is open before the body; each reader has a session."""
    with app.app_context():
        paths = PAGES | {
            "case_for_the_centre": ("eve", f"/cases/{_open(SERVICE_CENTRE)}"),
            "case_for_the_council": ("gu", f"/cases/{_open(COUNCIL)}"),
        }
        people = {who: personas.account(who).id for who, _path in paths.values()}
        cookies = crew.cookies(list(people.values()))
        return {name: Visit(path, cookies[people[who]][0]) for name, (who, path) in paths.items()}


def _open(body: str) -> str:
    """A case about a challenge, in which the rules of conflict have the most to ask."""
    query = sa.select(Case.public_id).join(Case.steps).where(CaseStep.body == body, CaseStep.state == "open")
    return db.session.scalars(query.where(Case.subject_type == "challenge").order_by(Case.id.desc()).limit(1)).one()


def _measure(app: Flask, own: Settings, page: Visit, turns: int) -> dict[str, object]:
    """`statements` of one response, `whole` the tables of which one reads more than a thousand rows from end to end."""
    client = app.test_client(use_cookies=False)
    headers = {"Cookie": page.cookie, "User-Agent": AGENT, "Host": f"{own.host}:{own.port}"}
    with app.app_context():
        engine = db.engine

    def visit() -> None:
        answer = client.get(page.path, headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(f"{page.path}: {answer.status}")

    visit()
    with _statements(engine) as sent:
        visit()
    database, python = machine.cpu_seconds(machine.database_pid(own)), time.process_time()
    times = list(_timed(visit, turns))
    return {
        "statements": len(sent), "p50_ms": percentile(times, 50), "max_ms": round(max(times), 1),
        "cpu_web_ms": round((time.process_time() - python) * 1000 / turns, 1),
        "cpu_database_ms": round((machine.cpu_seconds(machine.database_pid(own)) - database) * 1000 / turns, 1),
        "whole": sorted(_read_whole(engine, sent)),
    }  # fmt: skip


def _timed(visit: Callable[[], None], turns: int) -> Iterator[float]:
    for _turn in range(turns):
        began = time.perf_counter()
        visit()
        yield (time.perf_counter() - began) * 1000


@contextmanager
def _statements(engine: sa.Engine) -> Iterator[list[Statement]]:
    """The statements that read rows, with their parameters."""
    found: list[Statement] = []

    def note(_one: object, _other: object, statement: str, values: Mapping[str, object], *_more: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            found.append((statement, values))

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def _read_whole(engine: sa.Engine, sent: Sequence[Statement]) -> set[str]:
    found: set[str] = set()
    with engine.connect() as connection:
        for statement, parameters in sent:
            plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).scalar_one()
            tree = json.loads(plan) if isinstance(plan, str) else plan
            found |= set(_sequential(tree[0]["Plan"]))
    return found


def _sequential(node: Mapping[str, Any]) -> Iterator[str]:
    read = node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)
    if node["Node Type"] == "Seq Scan" and read > LARGE:
        yield f"{node['Relation Name']} ({read:.0f})"
    for one in node.get("Plans", ()):
        yield from _sequential(one)
