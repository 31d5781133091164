"""The database's schema: its current revision, and upgrading it as its owner.

Alembic is imported only where something is migrated: the web process reads one row and the names of files.
"""

import re
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from crowd import rights
from crowd.config import ROOT, Misconfigured, Settings

MIGRATIONS = ROOT / "migrations"
BASELINE = "0200"  # the first migration of version 0.2.0; what came before cannot be carried over
MIGRATING = 20_261_120  # the advisory lock under which a database is migrated


def head() -> str:
    """The newest migration's number, from the files."""
    numbers = (re.match(r"(\d{4})_", path.name) for path in (MIGRATIONS / "versions").glob("*.py"))
    return max(number.group(1) for number in numbers if number)


def current(connection: sa.Connection) -> str | None:
    """The current revision of a database; None where it was never migrated."""
    if connection.execute(sa.text("SELECT to_regclass('alembic_version')")).scalar() is None:
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def refuse_before_baseline(at: str | None) -> None:
    """Raise Misconfigured where a database's revision is of a version before 0.2."""
    if at is not None and at < BASELINE:
        raise Misconfigured(
            f"This database is of a Crowd before 0.2 (migration {at}), which this one cannot upgrade. To begin anew, "
            "name an empty database, or an empty data folder in CROWD_DATA_DIR."
        )


def behind(connection: sa.Connection) -> timedelta:
    """How far the platform's clock was set back, never positive; zero outside the demonstration's past and tests."""
    return connection.execute(sa.text("SELECT behind FROM platform_clock")).scalar_one()


def refuse_the_past(settings: Settings) -> None:
    """Keep production from running on a database whose clock was set back: it decides deadlines.

    Raises Misconfigured. A database that is unavailable is not checked: `/readyz` checks it when it is back.
    """
    if not settings.production:
        return
    engine = sa.create_engine(str(settings.database_url), poolclass=sa.NullPool)
    with suppress(OperationalError), engine.connect() as connection:
        past = -behind(connection) if current(connection) else timedelta(0)
        if past:
            raise Misconfigured(f"The clock of this database is {past} behind: it held a demonstration. Use another.")


def upgrade(owner_url: str, app_role: str) -> str:
    """Migrate as the owner and give the application's role what it needs; returns the number reached.

    Raises Misconfigured for a database from before 0.2.
    """
    from alembic import command
    from alembic.config import Config

    engine = sa.create_engine(owner_url, poolclass=sa.NullPool)
    try:
        with engine.connect() as holder, engine.connect() as connection:
            holder.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATING})  # one process migrates
            refuse_before_baseline(current(holder))
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes.update(connection=connection, app_role=app_role)
            command.upgrade(config, "head")
            with engine.begin() as owner:
                rights.withdraw(owner, app_role)
        with engine.connect() as connection:
            return current(connection) or ""
    finally:
        engine.dispose()


def role_of(url: str) -> str:
    """The role in a database URL."""
    return sa.make_url(url).username or "crowd_app"


def versions() -> list[Path]:
    """The migration files, oldest first."""
    return sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))
