"""What each kind of test costs, in seconds of processor: `make test ARGS="-p tests.costs"`.

Wall time says how busy the machine was; seconds of processor compare two runs. A test's are those of its process and of
what this process has started (commands, workers, a browser). The platform of the demonstration belongs to the process
that began it, whoever looks at it. PostgreSQL and Redis serve all tests, and are counted by themselves.
"""

import os
from collections import defaultdict
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

NAME = "processor"  # of what a test process tells the one that began it
SERVERS = "PostgreSQL and Redis"
OF_ALL = ("postgres", "redis-server")  # processes that serve all tests
TICK = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
by_kind: defaultdict[str, float] = defaultdict(float)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Count a test from before its fixtures until after them."""
    begun = spent(os.getpid())
    try:
        return (yield)
    finally:
        by_kind["/".join(item.nodeid.split("/")[:2]).partition("::")[0]] += spent(os.getpid()) - begun


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After its last test a process lets go of the servers."""
    if nextitem is None:
        by_kind[SERVERS] = sum(spent(pid, but=()) for pid in _servers(_folder_of(item.config)))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that began this one."""
    if (told := getattr(session.config, "workeroutput", None)) is not None:
        told[NAME] = dict(by_kind)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """Hear what one of the test processes has counted; of the servers, each has counted all."""
    told = dict(getattr(node, "workeroutput", {}).get(NAME, {}))
    by_kind[SERVERS] = max(by_kind[SERVERS], told.pop(SERVERS, 0))
    for kind, seconds in told.items():
        by_kind[kind] += seconds


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the kinds, the dearest first."""
    terminalreporter.section("seconds of processor")
    dearest = sorted(by_kind.items(), key=lambda one: -one[1])
    for kind, seconds in (*dearest, ("all", sum(by_kind.values()))):
        terminalreporter.write_line(f"{seconds:8.1f}  {kind}")


def spent(pid: int, but: tuple[str, ...] = OF_ALL) -> float:
    """Seconds of a process and of all that it has started, which run or have ended; without those of these names."""
    with suppress(OSError):
        name, _end, rest = (PROC / f"{pid}/stat").read_text().partition(" (")[2].rpartition(") ")
        if name not in but:
            own = sum(map(int, rest.split()[11:15])) / TICK
            return own + sum(spent(child, but) for child in _children(pid))
    return 0


def _children(pid: int) -> Iterator[int]:
    for task in (PROC / f"{pid}/task").glob("*/children"):
        with suppress(OSError):
            yield from map(int, task.read_text().split())


def _folder_of(config: pytest.Config) -> Path:
    """The folder of this run, in which each test process has one."""
    own = Path(vars(config)["_tmp_path_factory"].getbasetemp())
    return own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own


def _servers(folder: Path) -> Iterator[int]:
    """The servers whose data are there."""
    for entry in PROC.glob("[0-9]*"):
        with suppress(OSError):
            words = os.fsdecode((entry / "cmdline").read_bytes())
            if str(folder) in words and any(name in words for name in OF_ALL):
                yield int(entry.name)
