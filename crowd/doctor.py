"""`crowd doctor`: what is configured, reachable and migrated, and what is wrong, each with what to do."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import redis
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from crowd import config, local, rights, schema
from crowd.config import Misconfigured, Settings
from crowd.errors import Refusal


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `advice` is empty where all is well."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def examine() -> list[Finding]:
    """Look at everything. Starts embedded servers where no outside ones are named, and stops them again."""
    try:
        settings = config.from_env()
    except Misconfigured as error:
        return [Finding("settings", False, str(error), "Correct the setting that is named and try again.")]
    findings = [Finding("settings", True, f"{settings.mode} mode, data in {settings.home}"), _home(settings.home)]
    with ExitStack() as held:
        try:
            own = held.enter_context(
                local.servers(settings.home, postgres=not settings.database_url, redis=not settings.redis_url)
            )
        except Refusal as error:
            return [*findings, Finding("servers", False, str(error.message), "See the logs in the data folder.")]
        settings = replace(
            settings,
            database_url=settings.database_url or own.app_url,
            owner_database_url=settings.owner_database_url or own.owner_url,
            redis_url=settings.redis_url or own.redis_url,
        )
        findings += [*_database(settings), _redis(settings), _storage(settings), _mail(settings)]
    return findings


def as_text(findings: list[Finding]) -> str:
    """The findings for a person, a line each, and advice under what is wrong."""
    lines = []
    for finding in findings:
        lines.append(f"{'ok     ' if finding.ok else 'TROUBLE'}  {finding.name}: {finding.found}")
        if not finding.ok and finding.advice:
            lines.append(f"         {finding.advice}")
    return "\n".join(lines)


def _home(home: Path) -> Finding:
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not os.access(existing, os.W_OK):
        return Finding("data folder", False, f"{existing} cannot be written", "Set CROWD_HOME to a folder of yours.")
    disk = os.statvfs(existing)
    free = disk.f_bavail * disk.f_frsize // 2**20
    return Finding("data folder", free > 200, f"{free} MB free", "Make room: PostgreSQL stops when the disk is full.")


def _database(settings: Settings) -> Iterator[Finding]:
    engine = sa.create_engine(str(settings.database_url), poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            version = int(connection.execute(sa.text("SHOW server_version_num")).scalar_one())
            fits = 160000 <= version < 190000
            yield Finding("database", fits, f"PostgreSQL {version // 10000}", "Crowd needs PostgreSQL 16 to 18.")
            at, head = schema.current(connection), schema.head()
            empty = "empty: the first command that needs it sets it up"
            found = f"at {at}, code at {head}" if at else empty
            yield Finding("migrations", at in (None, head), found, "Run: crowd db upgrade")
            if at == head:
                yield from _rights(connection)
                yield _clock(connection)
                yield passwords(connection)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        yield Finding("database", False, reason, "Check CROWD_DATABASE_URL, and that the server runs.")


def _rights(connection: sa.Connection) -> Iterator[Finding]:
    for check in rights.CHECKS:
        broken = check.broken(connection)
        yield Finding(check.name, not broken, "; ".join(broken) or check.fine, check.advice)


def _clock(connection: sa.Connection) -> Finding:
    behind = schema.behind(connection)
    advice = "The demonstration's story did not end. Run: crowd demo"
    return Finding("clock", not behind, f"offset {behind}", advice)


def passwords(connection: sa.Connection) -> Finding:
    """How many passwords would be lost with CROWD_SECRET; migration 0011 says since when none is added."""
    keyed = connection.execute(sa.text("SELECT count(*) FROM \"user\" WHERE password LIKE '{hmac}%'")).scalar_one()
    return Finding("passwords", True, f"{keyed} still depend on CROWD_SECRET; each is freed at its next sign-in")


def _redis(settings: Settings) -> Finding:
    try:
        redis.Redis.from_url(str(settings.redis_url), socket_timeout=2).ping()
    except redis.RedisError as error:
        return Finding("redis", False, str(error), "Check CROWD_REDIS_URL. The site works on; jobs wait.")
    return Finding("redis", True, "answers")


def _storage(settings: Settings) -> Finding:
    return Finding("storage", True, settings.storage_url or f"folder {settings.home / 'files'}")


def _mail(settings: Settings) -> Finding:
    return Finding("mail", True, "by SMTP" if settings.mail_url else f".eml files in {settings.home / 'mail'}")
