"""The command line: the `crowd` command, with the commands that features declare.

Every command works on an empty data folder with nothing running: it starts what is missing, migrates an empty
database, and stops what it started. With `--json` standard output ends with one JSON object on one line; all else
goes to standard error.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
import sqlalchemy as sa
from flask import Flask

from crowd import environment, logs, schema, supervisor
from crowd.backups import backup as backups_backup
from crowd.backups import restore as backups_restore
from crowd.bench.cli import group as bench_group
from crowd.config import Misconfigured, Settings
from crowd.embedded import servers
from crowd.errors import OperationError

P = ParamSpec("P")
R = TypeVar("R")


as_json_option = click.option("--json", "as_json", is_flag=True, help="End standard output with one JSON object.")


class PlatformGroup(click.Group):
    """The commands below, and those that features declare, imported when one of them or the list is needed."""

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of this name, or None."""
        return super().get_command(context, name) or self._declared().get(name)

    def list_commands(self, context: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted([*super().list_commands(context), *self._declared()])

    def _declared(self) -> dict[str, click.Command]:
        """Each runs inside the application. Raises DeclaredTwice."""
        from crowd import features
        from crowd.feature import DeclaredTwice, declare

        found = declare(features.FEATURES).load_commands()
        if twice := found.keys() & self.commands.keys():
            raise DeclaredTwice(f"features declare commands that the platform has: {sorted(twice)}")
        return {name: mounted(command) for name, command in found.items()}


@click.group(cls=PlatformGroup, context_settings={"help_option_names": ["-h", "--help"]})
def crowd() -> None:
    """Crowd, an open challenge and bounty platform."""


def main() -> None:
    """Run the command; a rejected operation or a wrong setting is reported in a sentence, with exit status 1."""
    with suppress(Misconfigured):  # the command itself says what is wrong
        logs.configure(environment.from_env())
    try:
        crowd()
    except (Misconfigured, OperationError) as error:
        click.echo(f"crowd: {getattr(error, 'message', error)}", err=True)
        sys.exit(1)


@contextmanager
def running(*, redis: bool = True, migrate: bool = True) -> Iterator[Settings]:
    """Settings whose servers answer: outside ones as configured, embedded ones kept running meanwhile."""
    settings = environment.from_env()
    with servers.servers(
        settings.data_dir, postgres=not settings.database_url, redis=redis and not settings.redis_url
    ) as own:
        settings = supervisor.outside(settings, own)
        if migrate:
            ensure_migrated(settings)
        yield settings


def ensure_migrated(settings: Settings) -> None:
    """Migrate an empty database; refuse one with an older revision or a clock that is set back, and say what to do."""
    at, head = current_revision(str(settings.database_url)), schema.head()
    if at == head:
        schema.refuse_the_past(settings)
        return
    schema.refuse_before_baseline(at)
    if at is not None:
        raise Misconfigured(f"The database is at migration {at}, this code at {head}. Run: crowd db upgrade")
    if not settings.owner_database_url:
        raise Misconfigured("The database is empty. Set CROWD_OWNER_DATABASE_URL and run: crowd db upgrade")
    click.echo("Setting up the database ...", err=True)
    schema.upgrade(settings.owner_database_url, schema.role_of(str(settings.database_url)))


def current_revision(url: str) -> str | None:
    """The current revision of the database at `url`."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return schema.current(connection)


@contextmanager
def application(**options: Any) -> Iterator[Flask]:
    """The application with its context pushed, on running servers."""
    from crowd.app import create_app

    with running(**options) as settings:
        app = create_app(settings)
        with app.app_context():
            yield app


def say(result: dict[str, Any], as_json: bool, text: Callable[[], str]) -> None:
    """The last line of a command: one JSON object, or words for a person."""
    click.echo(json.dumps(result, ensure_ascii=False, default=str) if as_json else text())


def within(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function inside the application."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with application():
            return function(*args, **kwargs)

    return run


def mounted(command: click.Command) -> click.Command:
    """A copy of a package's command, or of a group of them, each run inside the application."""
    outer = copy(command)
    if isinstance(outer, click.Group):
        outer.commands = {name: mounted(inner) for name, inner in outer.commands.items()}
    elif outer.callback is not None:
        outer.callback = within(outer.callback)
    return outer


@crowd.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Bring the database up to date, as its owner."""
    with running(redis=False, migrate=False) as settings:
        if not settings.owner_database_url:
            raise Misconfigured("Set CROWD_OWNER_DATABASE_URL to the URL of the database's owner.")
        role = schema.role_of(str(settings.database_url))
        click.echo(f"The database is at migration {schema.upgrade(settings.owner_database_url, role)}.")


@crowd.command()
def web() -> None:
    """Serve the web alone, with the servers that the settings name."""
    sys.exit(supervisor.web(environment.from_env(), prepare=ensure_migrated))


def _environment(settings: Settings) -> None:
    """Pass the URLs of running servers to the processes that this one starts."""
    os.environ["CROWD_DATABASE_URL"] = str(settings.database_url)
    os.environ["CROWD_REDIS_URL"] = str(settings.redis_url)


@crowd.command()
def worker() -> None:
    """Run jobs until stopped."""
    with running() as settings:
        _environment(settings)
        from crowd import worker as entrance

        entrance.work()


@crowd.command()
def scheduler() -> None:
    """Enqueue recurring jobs and requeue lost ones until stopped."""
    with running() as settings:
        _environment(settings)
        from crowd import worker as entrance

        entrance.run_scheduler()


@crowd.command()
@click.option("--demo", "with_demo", is_flag=True, help="Load the demonstration into an empty platform first.")
def up(with_demo: bool) -> None:
    """Serve everything: web, workers and the scheduler, under one foreground process."""
    settings = environment.from_env()

    def prepare(running_settings: Settings) -> None:
        ensure_migrated(running_settings)
        if with_demo and running_settings.demo:
            _demonstrate(running_settings, embedded=settings.database_url is None)

    sys.exit(supervisor.up(settings, prepare=prepare, announce=_announce))


def _announce(settings: Settings) -> None:
    """Print the demonstration's accounts, if this is one."""
    if settings.demo:
        from crowd.demo import scenario

        with _context(settings):
            click.echo(scenario.greeting())


@contextmanager
def _context(settings: Settings) -> Iterator[Flask]:
    from crowd.app import create_app

    app = create_app(settings)
    with app.app_context():
        yield app
        from crowd.db import db as database

        database.engine.dispose()


def _demonstrate(settings: Settings, *, embedded: bool) -> dict[str, Any]:
    """Play the scenario where it is missing; from the start in an embedded database, which is the
    demonstration's own.
    """
    from crowd.demo import scenario

    with _context(settings):
        return scenario.load(lambda line: click.echo(line, err=True), anew=embedded)


@crowd.command()
@as_json_option
def demo(as_json: bool) -> None:
    """Load the demonstration, once; a platform with accounts stays unchanged."""
    with running() as settings:
        if not settings.demo:
            raise Misconfigured("The demonstration is for CROWD_MODE=demo only.")
        result = _demonstrate(settings, embedded=environment.from_env().database_url is None)
        from crowd.demo import scenario

        with _context(settings):
            say(result, as_json, scenario.greeting)


@crowd.command()
@click.argument("file", type=click.Path(path_type=Path))
@as_json_option
def backup(file: Path, as_json: bool) -> None:
    """Save the whole platform into FILE: database and stored files, but no secret; exit status 1 where some files are
    missing.
    """
    with running(redis=False, migrate=False) as settings, _context(settings):
        result = backups_backup.create_backup(settings, file.absolute(), lambda line: click.echo(line, err=True))
    say(result, as_json, lambda: "Saved {rows} rows and {files} files in {file}.".format(**result))
    sys.exit(1 if result["missing"] else 0)


@crowd.command()
@click.argument("file", type=click.Path(path_type=Path))
@as_json_option
def restore(file: Path, as_json: bool) -> None:
    """Restore FILE, a backup, into an empty platform."""
    with running(migrate=False) as settings, _context(settings):
        result = backups_restore.restore_backup(settings, file.absolute(), lambda line: click.echo(line, err=True))
    say(result, as_json, lambda: "Restored {rows} rows and {files} files.".format(**result))


@crowd.command()
@as_json_option
def doctor(as_json: bool) -> None:
    """Check what is configured, reachable and migrated; exit status 1 where something is wrong."""
    from crowd import doctor as examination

    findings = examination.examine()
    say({"findings": [vars(f) for f in findings]}, as_json, lambda: examination.as_text(findings))
    sys.exit(0 if all(f.ok for f in findings) else 1)


@crowd.command()
def settings() -> None:
    """Print every setting and every limit with its default and its meaning, as Markdown."""
    from crowd import settings_reference

    click.echo(settings_reference.page(), nl=False)


crowd.add_command(bench_group)
