"""The platform under the browser: real web, workers and scheduler on a free port, with demonstration data."""

import fcntl
import http.client
import os
import secrets
import signal
import socket
import string
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import sqlalchemy as sa
from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from crowd.accounts.security import SESSION_KEY
from crowd.app import create_app
from crowd.clock import now
from crowd.config import Settings
from crowd.demo import personas
from crowd.demo.scenarios.founding import PASSWORD
from crowd.supervisor import crowd_command

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 400  # seconds, in which it loads the demonstration, perhaps beside other tests
STOPS_WITHIN = 30
# A walk through every page is no guessing at passwords: the limits on rates are tested elsewhere.
LIMITS = ("SIGN_IN_PER_MINUTE", "SIGN_UP_PER_HOUR", "WRITES_PER_MINUTE", "API_PER_MINUTE")


class Platform:
    """Where it is, who is on it, and its database as the owner sees it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.address = settings.address
        self.port = settings.port
        self.password = PASSWORD
        self._cookies: dict[str, str] = {}

    @cached_property
    def app(self) -> Flask:
        """The application on the platform's own database, for its map of addresses and for services."""
        return create_app(self.settings)

    @cached_property
    def _owner(self) -> sa.Engine:
        return sa.create_engine(str(self.settings.owner_database_url), isolation_level="AUTOCOMMIT")

    def rows(self, sql: str, **values: Any) -> list[Any]:
        """Rows of the database; statements that change something are committed at once."""
        with self._owner.connect() as connection:
            result = connection.execute(sa.text(sql), values)
            return list(result.all()) if result.returns_rows else []

    def value(self, sql: str, **values: Any) -> Any:
        """The first value of the first row. Raises AssertionError where there is no row."""
        found = self.rows(sql, **values)
        assert found, f"nothing in the demonstration answers {sql!r} {values}"
        return found[0][0]

    def email(self, key: str) -> str:
        """The email address of a persona, by key; an email address is returned unchanged."""
        return key if "@" in key else personas.person(key).email

    def id_of(self, key: str) -> int:
        """The number of a person's account."""
        return int(self.value('SELECT id FROM "user" WHERE email = :email', email=self.email(key)))

    def cookie(self, key: str) -> str:
        """The session cookie of a signed-in person: a row in the table of sessions, and its signed name."""
        if key not in self._cookies:
            number, uniquifier = self.rows(
                'SELECT id, fs_uniquifier FROM "user" WHERE email = :email', email=self.email(key)
            )[0]
            sid = secrets.token_urlsafe(12)
            self.rows(
                "INSERT INTO login_session (sid, user_id, last_active_at, expires_at, ip_address, user_agent) "
                "VALUES (:sid, :user, :now, :end, '', 'Crowd tests')",
                sid=sid, user=number, now=now(), end=now() + timedelta(days=1),
            )  # fmt: skip
            facts = {"_user_id": uniquifier, "_fresh": True, SESSION_KEY: sid, "fs_cc": "set", "fs_paa": time.time()}
            signer = SecureCookieSessionInterface().get_signing_serializer(self.app)
            assert signer is not None
            self._cookies[key] = str(signer.dumps(facts | {"identity": uniquifier}))
        return self._cookies[key]

    def ask(self, path: str, who: str | None = None, method: str = "GET") -> http.client.HTTPResponse:
        """One plain HTTP request, in English; redirects are not followed. The body was read into `.text`."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        cookies = ["locale=en"] + ([f"crowd={self.cookie(who)}"] if who else [])
        try:
            line.request(
                method,
                quote(path, safe=string.punctuation),
                headers={"Cookie": "; ".join(cookies), "Accept": "text/html,*/*"},
            )
            answer = line.getresponse()
            answer.body = answer.read()  # type: ignore[attr-defined]
            return answer
        finally:
            line.close()

    def command(self, *words: str) -> str:
        """What a `crowd` command on this platform prints. Raises CalledProcessError where it ends badly."""
        run = subprocess.run(
            crowd_command(*words), cwd=ROOT, env=_environment(self.settings), capture_output=True, text=True,
            check=True, timeout=400,
        )  # fmt: skip
        return run.stdout

    def until(self, condition: Callable[[], Any], what: str, seconds: float = 60) -> Any:
        """Wait for what workers do; the condition's value. Raises AssertionError with `what` when it takes too long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.25)
        raise AssertionError(f"after {seconds} s still not so: {what}")

    def start(self) -> int:
        """`crowd up --demo` as a process of its own, once it is ready; its process id."""
        log = self.settings.data_dir / "up.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                crowd_command("up", "--demo"),
                cwd=ROOT, env=_environment(self.settings), stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        try:
            _wait(process, self, log)
        except BaseException:
            process.kill()
            raise
        return process.pid

    @contextmanager
    def alone(self) -> Iterator[None]:
        """What creates rows where there are none runs in one test process at a time."""
        with _locked(self.settings.data_dir / "rows.lock"):
            yield

    def dispose(self) -> None:
        """Close the connections."""
        self._owner.dispose()
        if "app" in self.__dict__:
            with self.app.app_context():
                from crowd.db import db

                db.session.remove()
                db.engine.dispose()


@contextmanager
def demonstration(settings: Settings) -> Iterator[Platform]:
    """The platform of a data folder: loaded and served by the first test process that needs it, until the last leaves.

    Its port and the process that serves it are noted in the folder.
    """
    note, lock = settings.data_dir / "served", settings.data_dir / "served.lock"
    with open(settings.data_dir / "users.lock", "ab") as users:
        with _locked(lock):
            if _alone(users):
                _begin(settings, note)
            fcntl.flock(users, fcntl.LOCK_SH)
        pid, port = map(int, note.read_text().split())
        platform = Platform(replace(settings, port=port))
        try:
            yield platform
        finally:
            platform.dispose()
            with _locked(lock):
                if _alone(users):
                    _stop(pid)


def _begin(settings: Settings, note: Path) -> None:
    """Serve it; where the folder has no demonstration yet, it is loaded first."""
    platform = Platform(replace(settings, port=free_port()))
    note.write_text(f"{platform.start()} {platform.port}")
    platform.dispose()


def _stop(pid: int) -> None:
    """End it, whichever test process has started it; what has ended has no command any more."""
    with suppress(OSError):
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + STOPS_WITHIN
        while Path(f"/proc/{pid}/cmdline").read_bytes():
            if time.monotonic() > until:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _alone(users: IO[bytes]) -> bool:
    """Whether no other process has a share in the file."""
    with suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def free_port() -> int:
    """A free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(settings: Settings) -> dict[str, str]:
    ours = {
        "CROWD_DATA_DIR": settings.data_dir,
        "CROWD_PORT": settings.port,
        "CROWD_SECRET_KEY": settings.secret_key,
        "CROWD_DATABASE_URL": settings.database_url,
        "CROWD_OWNER_DATABASE_URL": settings.owner_database_url,
        "CROWD_REDIS_URL": settings.redis_url,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CROWD_")}
    limits = {f"CROWD_LIMIT_{name}": "5000" for name in LIMITS}
    return kept | limits | {name: str(value) for name, value in ours.items() if value is not None}


def _wait(process: "subprocess.Popen[bytes]", running: Platform, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if running.ask("/readyz").status == 200:
                return
        except OSError:
            time.sleep(0.3)
        else:
            time.sleep(0.3)
    raise AssertionError(f"Crowd did not come up. It said:\n{log.read_text(errors='replace')[-4000:]}")
