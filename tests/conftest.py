"""Two ways to have a database (see docs/architecture.md, Tests).

`isolated`: the test runs inside an outer transaction that is rolled back; for services and pages.
`committed`: a fresh clone of the template database; for workers, races and deferred rules.
Both use the embedded PostgreSQL and Redis, shared by all test processes of a run.
"""

import fcntl
import functools
import gc
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
import sqlalchemy as sa
from coverage import Coverage
from flask import Flask
from hypothesis import HealthCheck, settings

from crowd import rights, schema
from crowd.app import create_app
from crowd.config import Settings
from crowd.db import db
from crowd.embedded import servers as crowd_servers
from crowd.feature import declare
from crowd.features import FEATURES
from crowd.limits import Limits
from crowd.notifications.models import OutgoingEmail
from tests.afterwards import watch
from tests.cast import Cast
from tests.client import Browser
from tests.processes import hash_quickly, process_number
from tests.turns import one_language_each
from tests.visible import unfit_text
from tests.worlds import Worlds, as_known

# A new database is 700 small files, and making them on a disk takes a second of processor: tests keep theirs in memory,
# where it has the space. `tests/afterwards.py` removes them.
MEMORY, NEEDED = Path("/dev/shm"), 8 * 2**30  # bytes
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > NEEDED and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

declare(FEATURES)  # as every process does; no test depends on another one's application
# Of property tests: the same examples in every run; `make test-long` draws many others, by a seed that it prints.
UNMEASURED = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
settings.register_profile("fast", derandomize=True, database=None, deadline=None, suppress_health_check=UNMEASURED)
settings.register_profile("long", settings.get_profile("fast"), derandomize=False, max_examples=2_000)
settings.load_profile("fast")
ROLE = "crowd_app"
_numbers = itertools.count()
_part: IO[bytes] | None = None  # held for as long as this process lives
_made: list[Path] = []  # what applications make once for a run, in folders of a run that has servers


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than processors: those that wait for workers, a browser or a clock leave theirs to others."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before `-m` takes its part."""
    one_language_each(items)


def pytest_collection_finish() -> None:
    """What is there before the first test stays until the end: the collector took a sixth of the time to look at it."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Write what coverage has counted: xdist ends a process that has not ended itself ten seconds later."""
    if (counting := Coverage.current()) is not None:
        counting.save()


@sa.event.listens_for(OutgoingEmail, "before_insert")
def read_letters(_mapper: object, _connection: object, letter: OutgoingEmail) -> None:
    """Check every email that a test writes, like every page that it fetches."""
    wrong = [problem for text in (letter.subject, letter.text or "") for problem in unfit_text(text)]
    assert wrong == [], f"a letter tells a person {wrong}"


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this test run share; what was started in it ends with the last of them."""
    global _part
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    _part = watch(folder)
    return folder


@pytest.fixture(scope="session")
def servers(run_folder: Path) -> Iterator[crowd_servers.Servers]:
    """PostgreSQL and Redis for the whole run; the last process stops them. Its applications compile a template once."""
    _made[:] = [run_folder / name for name in ("templates", "static")]
    for folder in _made:
        folder.mkdir(exist_ok=True)
    with crowd_servers.servers(run_folder / "servers", fsync=False, connections=200) as running:
        _make_template(running, run_folder)
        yield running


def _make_template(servers: crowd_servers.Servers, folder: Path) -> None:
    """Migrate one database, once; every other is a copy of its files. Its few rows are read by one plan a statement:
    PostgreSQL would plan the first five times again, in each database.
    """
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "template.done"
        if not done.exists():
            _admin(servers, "CREATE DATABASE crowd_template OWNER crowd_owner")
            schema.upgrade(servers.database_url("crowd_owner", "crowd_template"), ROLE)
            _admin(servers, f"ALTER ROLE {ROLE} SET plan_cache_mode = force_generic_plan")
            done.touch()


@functools.cache
def _maintenance(servers: crowd_servers.Servers) -> sa.Engine:
    url = servers.database_url("postgres", "postgres")
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


def _admin(servers: crowd_servers.Servers, *statements: str) -> None:
    with _maintenance(servers).connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _clone(servers: crowd_servers.Servers, folder: Path, name: str, template: str = "crowd_template") -> str:
    """A new database from the template; its URL for the application's role. One copies at a time.

    The rights on a database itself are not copied with its files.
    """
    with (folder / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _admin(
            servers,
            f"CREATE DATABASE {name} TEMPLATE {template} OWNER crowd_owner STRATEGY FILE_COPY",
            rights.OF_DATABASE.format(role=ROLE, database=name),
        )
    return servers.database_url(ROLE, name)


def _redis_url(servers: crowd_servers.Servers) -> str:
    return str(servers.redis_url).replace("db=0", f"db={process_number()}")


def settings_for(servers: crowd_servers.Servers, home: Path, database: str, **changes: object) -> Settings:
    """Settings of a test's platform. All of them share what is made of templates and of static files."""
    home.mkdir(parents=True, exist_ok=True)
    for made in _made:
        if not (home / made.name).exists():
            (home / made.name).symlink_to(made, target_is_directory=True)
    return Settings(
        data_dir=home,
        database_url=database,
        owner_database_url=database.replace(ROLE, "crowd_owner"),
        redis_url=_redis_url(servers),
        fragment_seconds=0,
        secret_key="a secret that only the tests know, long enough",
        **{"limits": Limits(min_open_seconds=24 * 3600)} | changes,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="session")
def shared_app(servers: crowd_servers.Servers, run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One application for all isolated tests of this process."""
    url = _clone(servers, run_folder, f"isolated_{process_number()}")
    app = _for_tests(create_app(settings_for(servers, tmp_path_factory.mktemp("home"), url)))
    gc.freeze()
    return app


def _for_tests(app: Flask) -> Flask:
    """Nobody is limited in their rate, and neither a password nor a known statement takes time."""
    app.config.update(TESTING=True, RATELIMIT_ENABLED=False)
    with app.app_context():
        as_known(db.engine)
    return hash_quickly(app)


@pytest.fixture(scope="session")
def worlds(shared_app: Flask, servers: crowd_servers.Servers, run_folder: Path) -> Worlds:
    """The databases of this process's isolated tests."""
    return Worlds(shared_app, run_folder / "worlds", functools.partial(_clone, servers, run_folder))


@pytest.fixture
def isolated(shared_app: Flask, worlds: Worlds) -> Iterator[Flask]:
    """The application on a connection whose transaction is rolled back after the test."""
    with worlds.test():
        yield shared_app


@pytest.fixture
def committed(servers: crowd_servers.Servers, run_folder: Path, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database of its own, where commits are real; `app.config["CROWD"]` says where it is."""
    name = f"committed_{os.getpid()}_{next(_numbers)}"
    url = _clone(servers, run_folder, name)
    app = _for_tests(create_app(settings_for(servers, tmp_path / "home", url)))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    _admin(servers, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def cast(isolated: Flask) -> Iterator[Cast]:
    """Ada the sponsor, Bo the solver, Cy the reviewer, Dee the stranger, Eve the operator, and the others.

    Holds an application context for the test's own calls of services. Pages are asked for through `browser`, whose
    requests get contexts of their own.
    """
    with isolated.app_context():
        yield Cast()


@pytest.fixture
def browser(isolated: Flask) -> Browser:
    """A web client: `browser.sign_in(user)`, `get`, `post` (fills in the CSRF token), `follow`."""
    return Browser(isolated)
