"""PostgreSQL refuses to run as root, so root starts it as `nobody`, with one of root's rights.

That right (DAC_OVERRIDE) lets it use a data folder below root's private ones, so that no folder's mode has to change.
Its programs find each other with access(), which uses only the real user's rights unless the process keeps
them through the change of user (no_setuid_fixup). In a container without that right, they run from a copy.
"""

import errno
import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

from crowd.embedded.paths import LocalError, environment

CAPABILITIES = {"dac_override": 1, "setgid": 6, "setuid": 7}  # required rights
COPIES = Path("/var/cache/crowd-postgresql")  # root's; survives restarts, and is never cleaned up
OTHERS = "Start Crowd as an ordinary user, or name an outside server in CROWD_DATABASE_URL."


def own() -> tuple[int, int]:
    """The owner of a new cluster's files: this account; as root, `nobody`. Raises LocalError."""
    if os.getuid() != 0:
        return os.getuid(), os.getgid()
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise LocalError(
            f"PostgreSQL refuses to run as root, and this machine has no account `nobody` to run it as. {OTHERS}"
        ) from None
    return nobody.pw_uid, nobody.pw_gid


def command(program: Path, uid: int, gid: int) -> list[str]:
    """The command that starts PostgreSQL's `program` as this account. Raises LocalError where root cannot."""
    if os.getuid() != 0:
        return [str(program)]
    plain = [_setpriv(), f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs"]
    rights = [*plain, "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    kept = [*rights, "--securebits=+no_setuid_fixup"]
    if _try(*kept, *_test(program)).returncode == 0:
        return [*kept, str(program)]
    tried = _try(*rights, "true")
    if tried.returncode:
        raise _cannot(f"setpriv says: {tried.stderr.strip()}")
    if _try(*plain, *_test(program)).returncode:
        program = _copy_of(program, plain)
    return [*rights, str(program)]


def send(order: signal.Signals, pid: int, uid: int, gid: int) -> None:
    """Signal a process of this account; where root may not signal others' processes, as their account."""
    try:
        os.kill(pid, order)
    except ProcessLookupError:
        return
    except PermissionError:
        if os.getuid() != 0:
            raise
        words = [_setpriv(), f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
        _try(*words, "sh", "-c", f"kill -{int(order)} {pid}")


def _setpriv() -> str:
    missing = _missing_capabilities()
    if missing:
        raise _cannot(f"this container withholds {', '.join(missing)}")
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise _cannot("the program setpriv (of util-linux) is missing")
    return setpriv


def _cannot(why: str) -> LocalError:
    return LocalError(f"PostgreSQL refuses to run as root, and root cannot hand it to another account: {why}. {OTHERS}")


def _missing_capabilities() -> list[str]:
    """The missing rights of root; an unknown kernel counts as granting all."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return []
    held = next((int(line.split()[1], 16) for line in status.splitlines() if line.startswith("CapEff:")), -1)
    return [name.upper() for name, bit in CAPABILITIES.items() if not held >> bit & 1]


def _try(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment(), cwd="/")


def _test(program: Path) -> list[str]:
    return ["test", "-r", str(program), "-a", "-x", str(program)]


def _copy_of(program: Path, plain: list[str]) -> Path:
    """The same program in a folder of root's that every account can read, copied there once."""
    try:
        copy = _whole_copy(program)
    except OSError as error:
        raise _unreachable(program, f"cannot be copied for it: {error}") from error
    if _try(*plain, *_test(copy)).returncode:
        raise _unreachable(program, f"neither can their copy below {COPIES}")
    return copy


def _unreachable(program: Path, why: str) -> LocalError:
    return LocalError(
        f"PostgreSQL refuses to run as root, its programs in {program.parent} cannot be started by another account, "
        f"and {why}. Put the clone into a folder that everybody may enter, such as /opt. Or: {OTHERS}"
    )


def _whole_copy(program: Path) -> Path:
    """The program's copy, in a folder named after its contents. One that others could have changed, or that
    differs, is copied again. Raises OSError.
    """
    source, parts = program.parents[3], _parts(program)
    with suppress(FileExistsError):
        COPIES.mkdir(parents=True)
        COPIES.chmod(0o755)
    if not _is_roots(COPIES):
        raise PermissionError(errno.EPERM, "not a folder that root alone may write", str(COPIES))
    digest = _digest(source, parts)
    copy = COPIES / digest[:16]
    with open(COPIES / "lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (copy.is_dir() and all(map(_is_roots, (copy, *copy.rglob("*")))) and _digest(copy, parts) == digest):
            _copy(source, parts, copy)
    return copy / program.relative_to(source)


def _parts(program: Path) -> list[Path]:
    """The folders that a program of PostgreSQL needs, in site-packages: its own, without those for
    compilers, and the libraries beside its package.
    """
    package, installed = program.parents[2], program.parents[1]
    parts = [installed / "bin", installed / "lib", installed / "share", package.with_name(f"{package.name}.libs")]
    return [part.relative_to(program.parents[3]) for part in parts if part.is_dir()]


def _copy(source: Path, parts: list[Path], copy: Path) -> None:
    """Copy to a temporary folder, readable whatever the original modes, and move it into place when complete."""
    fresh = copy.with_name("new")
    shutil.rmtree(fresh, ignore_errors=True)
    for part in parts:
        shutil.copytree(source / part, fresh / part, symlinks=True, copy_function=shutil.copy)
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    if copy.is_symlink() or copy.is_file():
        copy.unlink()
    shutil.rmtree(copy, ignore_errors=True)
    fresh.rename(copy)


def _is_roots(path: Path) -> bool:
    """Whether only root may change it."""
    found = path.lstat()
    return found.st_uid == 0 and (stat.S_ISLNK(found.st_mode) or not found.st_mode & 0o022)


def _digest(folder: Path, parts: list[Path]) -> str:
    """A digest of these parts of a folder."""
    whole = hashlib.sha256()
    for path in sorted(found for part in parts for found in (folder / part).rglob("*")):
        held = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        whole.update(b"%s\0%d\0" % (os.fsencode(path.relative_to(folder)), len(held)) + held)
    return whole.hexdigest()
