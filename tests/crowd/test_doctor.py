"""`crowd doctor` says what is wrong, and what to do about it, while the rest is examined all the same."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest
import redis
from click.testing import CliRunner
from flask import Flask

from crowd import cli, doctor
from crowd.doctor import CheckResult
from crowd.embedded import servers as crowd_servers
from tests.processes import environment_of, free_port


@pytest.fixture
def named(committed: Flask, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment of a platform where all is well; what a test sets in it is wrong."""
    settings = committed.config["CROWD"]
    owner = {"CROWD_OWNER_DATABASE_URL": str(settings.owner_database_url)}
    for name, value in (environment_of(settings) | owner).items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def troubles() -> dict[str, CheckResult]:
    """What is wrong by its name; each comes with advice."""
    found = {finding.name: finding for finding in doctor.examine() if not finding.ok}
    assert all(finding.advice for finding in found.values())
    return found


def test_of_a_sound_platform_each_part_is_said_with_what_was_found(named: pytest.MonkeyPatch) -> None:
    done = CliRunner().invoke(cli.crowd, ["doctor"])
    assert done.exit_code == 0
    assert "TROUBLE" not in done.stdout
    for part in ("settings", "data folder", "database", "migrations", "clock", "redis", "storage", "mail", "pages"):
        assert f"ok       {part}: " in done.stdout, part


def test_a_wrong_setting_is_the_only_finding(named: pytest.MonkeyPatch) -> None:
    named.setenv("CROWD_PORT", "eighty")
    done = CliRunner().invoke(cli.crowd, ["doctor"])
    assert done.exit_code == 1
    said, advice = done.stdout.splitlines()
    assert said == "TROUBLE  settings: CROWD_PORT must be a whole number, not 'eighty'."
    assert advice.strip().startswith("Correct the setting")


def test_a_database_that_is_away_is_said_of_both_its_roles(named: pytest.MonkeyPatch) -> None:
    port = free_port()
    for name in ("CROWD_DATABASE_URL", "CROWD_OWNER_DATABASE_URL"):
        named.setenv(name, f"postgresql+psycopg://nobody@127.0.0.1:{port}/none")
    found = troubles()
    assert {"database", "database's owner"} <= found.keys()
    assert found.keys() & {"redis", "storage", "mail", "data folder"} == set(), "the rest was examined"
    for name, setting in (("database", "CROWD_DATABASE_URL"), ("database's owner", "CROWD_OWNER_DATABASE_URL")):
        assert str(port) in found[name].found
        assert len(found[name].found.splitlines()) == 1
        assert setting in found[name].advice


def test_an_owner_who_may_not_change_the_database_is_named(named: pytest.MonkeyPatch, committed: Flask) -> None:
    named.setenv("CROWD_OWNER_DATABASE_URL", str(committed.config["CROWD"].database_url))
    found = troubles()
    assert {name: one.found for name, one in found.items()} == {"database's owner": "crowd_app"}


def test_a_redis_that_is_away_is_said_and_the_rest_examined(named: pytest.MonkeyPatch) -> None:
    named.setenv("CROWD_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    (trouble,) = troubles().values()
    assert (trouble.name, "jobs wait" in trouble.advice) == ("redis", True)


def test_a_redis_that_drops_keys_would_lose_jobs(named: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with crowd_servers.servers(tmp_path / "own", postgres=False) as own:
        named.setenv("CROWD_REDIS_URL", str(own.redis_url))
        server = redis.Redis.from_url(str(own.redis_url))
        server.config_set("maxmemory-policy", "allkeys-lru")
        assert troubles() == {}, "there is no limit above which it would drop any"
        server.config_set("maxmemory", "100mb")
        (trouble,) = troubles().values()
        assert (trouble.name, trouble.found) == ("redis", "drops keys (allkeys-lru)")
        server.config_set("maxmemory-policy", "noeviction")
        assert troubles() == {}


class OldRedis(socketserver.StreamRequestHandler):
    """A server of a version that Crowd cannot use: it knows HELLO and INFO, and answers all else with OK."""

    told = b"redis_version:6.0.16\r\nmaxmemory:0\r\n"
    answers: ClassVar = {b"INFO": b"$%d\r\n%s\r\n" % (len(told), told), b"HELLO": b"%1\r\n$5\r\nproto\r\n:3\r\n"}

    def handle(self) -> None:
        while head := self.rfile.readline():
            words = []
            for _word in range(int(head[1:])):
                self.rfile.readline()
                words.append(self.rfile.readline().strip().upper())
            self.wfile.write(self.answers.get(words[0], b"+OK\r\n"))


@contextmanager
def serving(handler: type[socketserver.BaseRequestHandler]) -> Iterator[int]:
    """A server at a port of this machine."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def test_a_redis_that_is_too_old_is_said_with_its_version(named: pytest.MonkeyPatch) -> None:
    with serving(OldRedis) as port:
        named.setenv("CROWD_REDIS_URL", f"redis://127.0.0.1:{port}/0")
        (trouble,) = troubles().values()
    assert (trouble.name, trouble.found) == ("redis", "version 6.0.16")
    assert "6.2" in trouble.advice


def test_a_store_that_takes_nothing_is_said(named: pytest.MonkeyPatch, committed: Flask) -> None:
    folder = committed.config["CROWD"].data_dir / "files"
    if folder.exists():
        folder.rename(folder.with_name("moved"))
    folder.write_text("a file where the folder should be")
    found = troubles()
    assert str(folder) in found["storage"].found
    assert "CROWD_STORAGE_URL" in found["storage"].advice


def test_a_mail_server_that_is_away_is_said(named: pytest.MonkeyPatch) -> None:
    named.setenv("CROWD_MAIL_URL", f"smtp://127.0.0.1:{free_port()}?tls=no")
    (trouble,) = troubles().values()
    assert (trouble.name, "CROWD_MAIL_URL" in trouble.advice) == ("mail", True)


@pytest.mark.parametrize("folder", ["/proc/crowd", "/proc/self/cmdline/crowd"])
def test_a_data_folder_that_cannot_be_written_is_said_before_any_server_is_started(
    folder: str, named: pytest.MonkeyPatch
) -> None:
    for name in ("CROWD_DATABASE_URL", "CROWD_OWNER_DATABASE_URL", "CROWD_REDIS_URL"):
        named.delenv(name)
    named.setenv("CROWD_DATA_DIR", folder)
    done = CliRunner().invoke(cli.crowd, ["doctor", "--json"])
    assert done.exit_code == 1
    findings = {one["name"]: one for one in json.loads(done.stdout)["findings"]}
    assert {name for name, one in findings.items() if not one["ok"]} == {"data folder", "servers"}
    assert "CROWD_DATA_DIR" in findings["data folder"]["advice"]
