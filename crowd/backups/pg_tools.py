"""PostgreSQL's own programs, and the database as its owner sees it."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from crowd.backups.archive import of_the_disk
from crowd.config import Misconfigured, Settings
from crowd.embedded import servers
from crowd.errors import Unavailable


@contextmanager
def as_owner(settings: Settings) -> Iterator[sa.Engine]:
    """The database as its owner: the application's role may not read sequences and may create nothing."""
    if not settings.owner_database_url:
        raise Misconfigured("Set CROWD_OWNER_DATABASE_URL to the address of the database's owner.")
    engine = sa.create_engine(settings.owner_database_url, poolclass=sa.NullPool)
    try:
        yield engine
    except SQLAlchemyError as error:
        message = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise Unavailable(of_the_disk(message) or f"The database said: {message}") from error
    finally:
        engine.dispose()


def major_version(connection: sa.Connection) -> int:
    """The server's major version."""
    return int(connection.scalar(sa.text("SHOW server_version_num"))) // 10000


def row_counts(connection: sa.Connection) -> dict[str, int]:
    """How many rows each table has, by name."""
    names = sorted(sa.inspect(connection).get_table_names())
    return {name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0 for name in names}


def find_program(name: str, major: int) -> str:
    """A program of the server's own major version: the package's, Debian's, or the one on PATH. Raises Unavailable."""
    places = (servers.program(name), Path(f"/usr/lib/postgresql/{major}/bin/{name}"), shutil.which(name))
    found = {str(place): _version_of(str(place)) for place in places if place and os.access(place, os.X_OK)}
    for place, its in found.items():
        if its == major:
            return place
    others = ", ".join(f"{place} ({its})" for place, its in found.items()) or "none"
    raise Unavailable(
        f"This needs the program {name} of PostgreSQL {major} on PATH. Found: {others}. "
        f"On Debian and Ubuntu: apt-get install postgresql-client-{major}"
    )


def _version_of(program: str) -> int:
    output = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"\) (\d+)", output)
    return int(match[1]) if match else 0


def run(
    settings: Settings,
    command: list[str],
    *,
    feed: IO[bytes] | None = None,
    output: IO[bytes] | None = None,
    connect: bool = True,
) -> None:
    """Run one of PostgreSQL's programs as the owner; its password is passed in the environment. Raises Unavailable."""
    url = sa.make_url(str(settings.owner_database_url))
    environment = os.environ | {"LC_ALL": "C"} | ({"PGPASSWORD": str(url.password)} if url.password else {})
    if connect:
        address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
        command = [*command, f"--dbname={address}"]
    with tempfile.TemporaryFile() as errors:
        source = subprocess.PIPE if feed else subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=source, stdout=output, stderr=errors, env=environment)
        if feed is not None and process.stdin is not None:
            try:
                with process.stdin:
                    shutil.copyfileobj(feed, process.stdin)
            except BrokenPipeError:
                pass  # it has exited with a message
        if process.wait():
            errors.seek(0)
            lines = errors.read().decode(errors="replace").strip().splitlines() or ["nothing"]
            words = next((line for line in lines if "error:" in line), lines[-1])
            raise Unavailable(of_the_disk("\n".join(lines)) or f"{Path(command[0]).name} said: {words}")
