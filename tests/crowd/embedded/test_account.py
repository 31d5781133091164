"""PostgreSQL for root: programs and data in any folder, and the messages where a container withholds rights."""

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crowd.embedded.servers import stop_servers
from tests.holding import NOBODY, held, ordinary, postmaster, put_programs, without
from tests.turns import all_but_first

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can take on another account")
NEEDED = ("dac_override", "setgid", "setuid")


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that only root may enter, its path with spaces and Chinese, with the servers' programs in it."""
    folder = tmp_path_factory.mktemp("root") / "root's own 私人" / "the clone, 克隆"
    put_programs(folder)
    folder.parent.chmod(0o700)
    return folder


@pytest.fixture(scope="module")
def home(private: Path) -> Iterator[Path]:
    """A data folder beside the programs, which the tests use one after the other."""
    folder = private / "data folder 数据"
    yield folder
    stop_servers(folder)


@pytest.fixture(scope="module")
def copies() -> Iterator[Path]:
    """Where programs are copied to if they must be."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "copies"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account may enter."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="open to all 公开 ") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def _program(home: Path) -> Path:
    """Which file the running PostgreSQL was started from."""
    return Path(os.fsdecode(Path(f"/proc/{postmaster(home)}/exe").readlink()))


def test_programs_and_data_below_a_folder_of_roots(private: Path, home: Path, open_folder: Path) -> None:
    with held(home, PYTHONPATH=str(private), TEST_COPIES=str(open_folder / "copies")) as said:
        assert said == "up"
        assert Path(f"/proc/{postmaster(home)}").stat().st_uid == NOBODY, "PostgreSQL is never root"
        assert _program(home).is_relative_to(private)
    assert postmaster(home) is None
    assert not (open_folder / "copies").exists(), "no copy where none is needed"
    for folder in (private.parent, home):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, "no folder is opened for it"


CAN_DO_WITHOUT = ("setpcap", "kill", "chown", "fowner", "fsetid", "sys_admin", "sys_ptrace")


@pytest.mark.parametrize("right", all_but_first(CAN_DO_WITHOUT, 2))
def test_root_without_a_right_that_it_can_do_without(private: Path, copies: Path, right: str) -> None:
    home = private / f"without {right}"
    with held(home, *without(right), only="postgres", PYTHONPATH=str(private), TEST_COPIES=str(copies)) as said:
        assert said == "up"
    assert postmaster(home) is None, "and it can stop what it started"


def test_root_with_no_right_but_those_that_it_needs(private: Path, home: Path, copies: Path) -> None:
    kept = ",".join(f"+{name}" for name in NEEDED)
    bare = ["setpriv", f"--bounding-set=-all,{kept}", "--inh-caps=-all"]
    with held(home, *bare, PYTHONPATH=str(private), TEST_COPIES=str(copies)) as said:
        assert said == "up"
    assert postmaster(home) is None


@pytest.mark.parametrize("right", NEEDED)
def test_a_right_that_is_needed_and_withheld_is_named(private: Path, right: str) -> None:
    home = private / f"without {right}"
    with held(home, *without(right), only="postgres", PYTHONPATH=str(private)) as said:
        assert f"this container withholds {right.upper()}." in said
        assert "refuses to run as root" in said
        assert "as an ordinary user" in said
    assert not (home / "postgres").exists()


@contextmanager
def _copied(private: Path, home: Path, copies: Path) -> Iterator[Path]:
    """PostgreSQL as it runs without securebits: the file that was started, while it runs."""
    surroundings = {"PYTHONPATH": str(private), "TEST_COPIES": str(copies)}
    with held(home, *without("setpcap"), only="postgres", **surroundings) as said:
        assert said == "up"
        program = _program(home)
        assert program.is_relative_to(copies)
        yield program


def test_without_securebits_the_programs_are_copied_once(private: Path, home: Path, copies: Path) -> None:
    with _copied(private, home, copies) as program:
        made = program.stat()
    with _copied(private, home, copies) as program:
        assert (program.stat().st_ino, program.stat().st_mtime_ns) == (made.st_ino, made.st_mtime_ns)


@pytest.mark.parametrize(
    "change", all_but_first(["a byte", "a file more", "a file less", "others may write", "somebody else's"])
)
def test_a_copy_that_was_tampered_with_is_made_anew(private: Path, home: Path, copies: Path, change: str) -> None:
    with _copied(private, home, copies) as program:
        share = program.parents[1] / "share" / "postgresql"
    sample = next(path for path in sorted(share.rglob("*")) if path.is_file() and path.stat().st_size)
    before = sample.read_bytes()
    match change:
        case "a byte":
            sample.write_bytes(before[:-1] + b"?")
        case "a file more":
            sample.with_name("more").write_text("more")
        case "a file less":
            sample.unlink()
        case "others may write":
            sample.chmod(0o666)
        case "somebody else's":
            shutil.chown(sample, NOBODY)
    with _copied(private, home, copies):
        assert sample.read_bytes() == before
        assert (sample.stat().st_uid, sample.stat().st_mode & 0o022) == (0, 0)
        assert not sample.with_name("more").exists()


def test_a_place_for_copies_that_is_not_roots_alone_is_refused(private: Path, home: Path, open_folder: Path) -> None:
    copies = open_folder / "copies"
    copies.mkdir()
    copies.chmod(0o777)
    with held(home, *without("setpcap"), only="postgres", PYTHONPATH=str(private), TEST_COPIES=str(copies)) as said:
        assert f"not a folder that root alone may write: '{copies}'" in said
        assert str(private) in said, "it says which programs are out of reach"
    assert not list(copies.iterdir())


def test_programs_that_no_account_but_root_may_read(private: Path, home: Path, open_folder: Path) -> None:
    """As pip leaves them where root's umask is 077."""
    site = open_folder / "site"
    put_programs(site)
    for path in (site, *site.rglob("*")):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)
    for words in ([], without("setpcap")):
        with held(home, *words, only="postgres", PYTHONPATH=str(site), TEST_COPIES=str(open_folder / "copies")) as said:
            assert said == "up"


def test_without_securebits_programs_in_the_open_are_used_as_they_are(home: Path, open_folder: Path) -> None:
    site = put_programs(open_folder / "site")
    with held(
        home, *without("setpcap"), only="postgres", PYTHONPATH=str(site), TEST_COPIES=str(open_folder / "copies")
    ) as said:
        assert said == "up"
        assert _program(home).is_relative_to(site)
    assert not (open_folder / "copies").exists()


def test_an_ordinary_user_with_programs_and_data_in_a_folder_of_theirs(open_folder: Path) -> None:
    mine = open_folder / "my own 我的"
    put_programs(mine / "site")
    for path in (mine, *mine.rglob("*")):
        shutil.chown(path, NOBODY, NOBODY)
    mine.chmod(0o700)
    with held(mine / "var", *ordinary(), PYTHONPATH=str(mine / "site")) as said:
        assert said == "up"
        assert Path(f"/proc/{postmaster(mine / 'var')}").stat().st_uid == NOBODY
        assert _program(mine / "var").is_relative_to(mine)
    assert postmaster(mine / "var") is None


def test_root_of_a_container_that_has_no_other_account(private: Path) -> None:
    alone = ["unshare", "--user", "--map-root-user"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode:
        pytest.skip("this machine makes no containers without privileges")
    with held(private / "alone", *alone, only="postgres", PYTHONPATH=str(private)) as said:
        assert "setpriv says:" in said
        assert "as an ordinary user" in said


def test_the_program_that_hands_over_is_missing(private: Path, home: Path, tmp_path: Path) -> None:
    with held(home, only="postgres", PYTHONPATH=str(private), PATH=str(tmp_path)) as said:
        assert "the program setpriv (of util-linux) is missing" in said


def test_programs_on_a_disk_that_starts_none(private: Path, home: Path, open_folder: Path) -> None:
    site = put_programs(open_folder / "site")
    stubborn = f'mount --bind "{site}" "{site}" && mount -o remount,bind,noexec "{site}" && exec "$@"'
    words = ["unshare", "--mount", "sh", "-c", stubborn, "sh"]
    if subprocess.run([*words, "true"], capture_output=True).returncode:
        pytest.skip("this container may not mount")
    surroundings = {"PYTHONPATH": str(site), "TEST_COPIES": str(open_folder / "copies")}
    with held(home, *words, only="postgres", **surroundings) as said:
        assert said == "up", "root uses a copy of PostgreSQL's"
    with held(home, *words, only="redis", **surroundings) as said:
        assert "valkey-server cannot be started here: Permission denied" in said
    shutil.chown(open_folder, NOBODY)
    with held(open_folder / "var", *words, *ordinary(), only="postgres", **surroundings) as said:
        assert "bin/initdb cannot be started here: Permission denied" in said
