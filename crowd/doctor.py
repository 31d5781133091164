"""`crowd doctor`: what is configured, reachable and migrated, and what is wrong, each with what to do.

Each ok was tried, not only read: a page was rendered under the platform's own URL, an object was stored and read,
and Crowd connected, verified the certificate and signed in at the mail server.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import redis
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from crowd import environment, files, rights, schema
from crowd.app import create_app
from crowd.config import Misconfigured, Settings
from crowd.embedded import servers
from crowd.errors import OperationError
from crowd.notifications import mail

PROBE = b"crowd doctor stored this to see whether it can be read again"
REDIS_LEAST = (6, 2)


@dataclass(frozen=True)
class CheckResult:
    """One thing checked; `advice` is empty where it is ok."""

    name: str
    ok: bool
    found: str
    advice: str = ""


def examine() -> list[CheckResult]:
    """Check everything. Starts embedded servers where no outside ones are named, and stops them again."""
    try:
        settings = environment.from_env()
    except Misconfigured as error:
        return [CheckResult("settings", False, str(error), "Correct the setting that is named and try again.")]
    findings = [
        CheckResult("settings", True, f"{settings.mode} mode, data in {settings.data_dir}"),
        _home(settings.data_dir),
    ]
    with ExitStack() as held:
        try:
            own = held.enter_context(
                servers.servers(settings.data_dir, postgres=not settings.database_url, redis=not settings.redis_url)
            )
        except OperationError as error:
            return [*findings, CheckResult("servers", False, str(error.message), "See the logs in the data folder.")]
        settings = replace(
            settings,
            database_url=settings.database_url or own.app_url,
            owner_database_url=settings.owner_database_url or own.owner_url,
            redis_url=settings.redis_url or own.redis_url,
        )
        findings += _database(settings)
        findings += [look(settings) for look in (_redis, _storage, _mail, _bank, _pages, _proxies)]
    return findings


def as_text(findings: list[CheckResult]) -> str:
    """The findings for a person, one line each, with advice below what is wrong."""
    lines = []
    for finding in findings:
        lines.append(f"{'ok     ' if finding.ok else 'TROUBLE'}  {finding.name}: {finding.found}")
        if not finding.ok and finding.advice:
            lines.append(f"         {finding.advice}")
    return "\n".join(lines)


def _home(home: Path) -> CheckResult:
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if trouble := _unwritable(existing):
        return CheckResult("data folder", False, trouble, "Set CROWD_DATA_DIR to a folder of yours.")
    disk = os.statvfs(existing)
    free = disk.f_bavail * disk.f_frsize // 2**20
    return CheckResult(
        "data folder", free > 200, f"{free} MB free", "Make room: PostgreSQL stops when the disk is full."
    )


def _unwritable(folder: Path) -> str:
    """Why a folder cannot be written to; empty where it can."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(PROBE)
    except OSError as error:
        return f"{folder} cannot be written: {error.strerror}"
    return ""


def _database(settings: Settings) -> Iterator[CheckResult]:
    engine = sa.create_engine(str(settings.database_url), poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            version = int(connection.execute(sa.text("SHOW server_version_num")).scalar_one())
            fits = 160000 <= version < 190000
            yield CheckResult("database", fits, f"PostgreSQL {version // 10000}", "Crowd needs PostgreSQL 16 to 18.")
            at, head = schema.current(connection), schema.head()
            empty = "empty: the first command that needs it sets it up"
            found = f"at {at}, code at {head}" if at else empty
            advice = "Run: crowd db upgrade" if at is None or at >= schema.BASELINE else "Name an empty database."
            yield CheckResult("migrations", at in (None, head), found, advice)
            if at == head:
                yield from _rights(connection)
                yield _clock(connection)
    except SQLAlchemyError as error:
        yield CheckResult("database", False, _first_line(error), "Check CROWD_DATABASE_URL, and that the server runs.")
    if settings.owner_database_url:
        yield _owner(settings.owner_database_url)


def _first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", error)).splitlines()[0]


def _owner(url: str) -> CheckResult:
    """Whether the owner can sign in, and may change the database."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            name, owns = connection.execute(
                sa.text("SELECT current_user, has_schema_privilege('public', 'CREATE')")
            ).one()
    except SQLAlchemyError as error:
        return CheckResult("database's owner", False, _first_line(error), "Check CROWD_OWNER_DATABASE_URL.")
    return CheckResult("database's owner", owns, str(name), "This role cannot create tables: name the owner.")


def _rights(connection: sa.Connection) -> Iterator[CheckResult]:
    for check in rights.CHECKS:
        broken = check.broken(connection)
        yield CheckResult(check.name, not broken, "; ".join(broken) or check.fine, check.advice)


def _clock(connection: sa.Connection) -> CheckResult:
    behind = schema.behind(connection)
    advice = "The demonstration was not loaded completely. Run: crowd demo"
    return CheckResult("clock", not behind, f"offset {behind}", advice)


def _redis(settings: Settings) -> CheckResult:
    try:
        told = redis.Redis.from_url(str(settings.redis_url), socket_timeout=2, socket_connect_timeout=2).info()
    except (redis.RedisError, OSError) as error:
        return CheckResult("redis", False, str(error), "Check CROWD_REDIS_URL. The site works on; jobs wait.")
    version, policy = str(told["redis_version"]), told.get("maxmemory_policy", "noeviction")
    if tuple(int(part) for part in version.split(".")[:2]) < REDIS_LEAST:
        return CheckResult("redis", False, f"version {version}", "Crowd needs Redis 6.2 or newer.")
    if told.get("maxmemory") and policy != "noeviction":
        return CheckResult(
            "redis", False, f"drops keys ({policy})", "Set --maxmemory-policy noeviction, or jobs are lost."
        )
    return CheckResult("redis", True, f"version {version}, answers")


def _storage(settings: Settings) -> CheckResult:
    """Whether an object can be stored and read again; it stays, because the key needs no right to delete."""
    where = settings.storage_url or f"folder {settings.data_dir / 'files'}"
    try:
        store = files.opened(settings)
        store.put("doctor", PROBE)
        same = bytes(store.get("doctor").bytes()) == PROBE
    except Exception as error:  # each kind of store has errors of its own
        reason = f"{where}: {str(error).splitlines()[0]}"
        return CheckResult("storage", False, reason, "Check CROWD_STORAGE_URL and its key.")
    return CheckResult("storage", same, where, "What was stored is not what was read: this store is used by others.")


def _mail(settings: Settings) -> CheckResult:
    server = settings.mail_server
    try:
        with mail.connected(settings):
            pass
    except OSError as error:
        return CheckResult("mail", False, str(error), "Emails wait until this is fixed. Check CROWD_MAIL_URL.")
    if server is None:
        return CheckResult("mail", True, f".eml files in {settings.data_dir / 'mail'}")
    how = {"starttls": "STARTTLS", "ssl": "TLS", "no": "no TLS"}[server.tls]
    who = f"signed in as {server.user}" if server.user else "without signing in"
    return CheckResult("mail", True, f"{server.host}:{server.port}, {how}, {who}")


def _bank(settings: Settings) -> CheckResult:
    if settings.gateway != "folder":
        return CheckResult("bank", True, "simulated bank responses")
    folder = settings.data_dir / "bank"
    trouble = _unwritable(folder) if folder.exists() else ""
    return CheckResult("bank", not trouble, trouble or f"files in {folder}", "Give the folder to the workers' account.")


def _pages(settings: Settings) -> CheckResult:
    """Whether the platform answers at the URL that its own links use."""
    try:
        answer = create_app(settings).test_client().get("/terms", base_url=settings.address)
    except Exception as error:
        return CheckResult("pages", False, f"{type(error).__name__}: {error}", "See what `crowd web` says.")
    found = f"answers under {settings.address}"
    if answer.status_code != 200:
        found = f"{answer.status_code} under {settings.address}"
    return CheckResult("pages", answer.status_code == 200, found, "Check CROWD_BASE_URL and CROWD_TRUSTED_HOSTS.")


def _proxies(settings: Settings) -> CheckResult:
    hidden = settings.production and not settings.trusted_proxies
    found = f"{settings.trusted_proxies} in front"
    advice = (
        "TLS ends in front of Crowd, so set CROWD_TRUSTED_PROXIES: without it all visitors have the proxy's address."
    )
    return CheckResult("proxies", not hidden, found, advice)
