"""`make mutants`: change the code in small ways, one at a time, and see whether a test fails.

One pytest session collects the tests and starts the servers once. Each mutant lives in a fork of it: the fork gives
the functions of a module their changed code, or takes an entry out of a table of transitions, and runs the tests that
came through that line, the nearest and fastest first, until one fails. No file is written: nothing has to be restored.

The sample is drawn by a seed, in turn from each group of GROUPS. Libraries for this (mutmut, cosmic-ray) run all tests
for each mutant, or start PostgreSQL and Redis again for each; see docs/testing.md.
"""

import argparse
import ast
import os
import pickle
import random
import signal
import sys
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from coverage import Coverage
from flask import Flask
from hypothesis import HealthCheck, Phase, settings

from crowd.db import db
from tests import worlds
from tests.mutations import GROUPS, PACKAGES, ROOT, Mutant, Unloadable, apply, files_of, lines_that_use, mutants_of

MEASURED = ROOT / "build" / "mutants"
TESTS = (
    "tests/crowd/test_money.py", "tests/crowd/test_workflow.py", "tests/architecture/test_policies_challenges.py",
    "tests/architecture/test_policies_scoring.py", "tests/architecture/test_policies_submissions.py",
    "tests/scoring/test_calculations.py", "tests/crowd/accounts/test_policy.py", "tests/inputs/test_amounts.py",
    "tests/submissions/test_shares.py", "tests/submissions/shares", "tests/scoring/settlement", "tests/crowd/ledger",
    "tests/challenges/lifecycle", "tests/challenges/funding", "tests/challenges/test_policy.py",
    "tests/challenges/test_services.py",
    "tests/challenges/test_jobs.py", "tests/challenges/test_on_behalf.py", "tests/challenges/test_monthly_totals.py",
    "tests/crowd/accounts", "tests/submissions", "tests/scoring",
)  # fmt: skip
TABLES = ("tests/crowd/test_workflow.py", "tests/architecture/test_policies_")  # they look at tables as they are
LEAST = 95  # percent that have to be killed
SHARE = 0.45  # of the time, at most, to see which test runs which line
OF_ONE = 150  # seconds of tests for one mutant, at most


@dataclass
class Runs:
    """What the tests ran before anything was changed: their ids by file and line, and the seconds of each."""

    tests: dict[str, dict[int, list[str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


# ---- in the fork


def in_fork(work: Callable[[], int], seconds: float) -> int | None:
    """The status with which a fork of this process ends its work; None where it takes longer, and is killed."""
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        status, told = 70, os.dup(2)
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(1, 2)
            status = work()
        except BaseException:
            os.write(told, traceback.format_exc().encode())
        os._exit(status)
    until, ended = time.monotonic() + seconds, 0
    try:
        while not ended and time.monotonic() < until:
            time.sleep(0.01)
            ended, status = os.waitpid(pid, os.WNOHANG)
    finally:
        if not ended:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status) if ended else None


# ---- the session


class Session:
    """Collects as pytest does, and runs the tests in forks, as often as there are mutants."""

    def __init__(self, seed: int, minutes: float, only: Sequence[str], *, again: bool) -> None:
        self.seed, self.only, self.again = seed, only, again
        self.began, self.until = time.monotonic(), time.monotonic() + 60 * minutes
        self.items: dict[str, pytest.Item] = {}
        self.app: Flask
        self.survivors: list[str] = []
        self.counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        """Keep the application, whose connections a fork must not use."""
        made = yield
        if fixturedef.argname == "shared_app":
            self.app = made
        return made

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of pytest's own loop."""
        order = {path: number for number, path in enumerate(TESTS)}
        first = [next(n for path, n in order.items() if item.nodeid.startswith(path)) for item in session.items]
        ordered = [item for _n, _place, item in sorted(zip(first, range(len(first)), session.items, strict=True))]
        self.items = {item.nodeid: item for item in ordered}
        try:
            self._warm_up()
            self._try_all(self._measure(), self._draw())
        finally:
            session._setupstate.teardown_exact(None)  # stops the servers, as after the last test of any run
        return True

    def _try_all(self, runs: Runs, mutants: Sequence[Mutant]) -> None:
        for number, mutant in enumerate(mutants, 1):
            if time.monotonic() > self.until:
                break
            outcome = self._try(mutant, runs)
            self.counts[mutant.group][outcome] += 1
            if outcome in ("survived", "not run"):
                self.survivors.append(f"{outcome}: {mutant}")
                print(f"{number} of {len(mutants)}: {self.survivors[-1]}", flush=True)

    def _warm_up(self) -> None:
        """Run one test with the application here, so that every fork has the servers and the application."""
        first = next(item for item in self.items.values() if "isolated" in getattr(item, "fixturenames", ()))
        following: Any = first.session
        failed = [one for one in runtestprotocol(first, log=False, nextitem=following) if one.failed]
        assert not failed, failed[0].longreprtext

    def _forked(self) -> None:
        """A fork has connections of its own: two processes on one socket would corrupt both. It shares no beginnings
        with other forks: a test that finds what it begins with does not come through the lines that made it.
        """
        self.app.extensions.pop(worlds.NAME, None)
        with self.app.app_context():
            db.engine.dispose(close=False)
        self.app.extensions.pop("crowd.redis", None)

    def _measure(self) -> Runs:
        """Run the tests in a fork and note which lines each comes through; as many as there is time for."""
        most = (self.until - time.monotonic()) * SHARE
        known: Runs = pickle.loads(MEASURED.read_bytes()) if self.again and MEASURED.exists() else Runs()

        def work() -> int:
            self._forked()
            MEASURED.parent.mkdir(exist_ok=True)
            MEASURED.write_bytes(pickle.dumps(self._run_all(known, time.monotonic() + most)))
            return 0

        assert in_fork(work, most + 300) == 0
        runs: Runs = pickle.loads(MEASURED.read_bytes())
        took, failed = time.monotonic() - self.began, runs.failed or "none"
        print(f"{len(runs.seconds)} of {len(self.items)} tests ran in {took:.0f} s; failed: {failed}", flush=True)
        return runs

    def _run_all(self, runs: Runs, until: float) -> Runs:
        found = Coverage(data_file=None, config_file=False, source=[str(ROOT / one) for one in PACKAGES])
        found.start()
        for item in (item for test, item in self.items.items() if test not in runs.seconds):
            if time.monotonic() > until:
                break
            found.switch_context(item.nodeid)
            began = time.monotonic()
            if run(item):
                runs.seconds[item.nodeid] = time.monotonic() - began
            else:
                runs.failed.append(item.nodeid)
        found.stop()
        data = found.get_data()
        for name in data.measured_files():
            by_line = runs.tests.setdefault(str(Path(name).relative_to(ROOT)), {})
            for line, tests in data.contexts_by_lineno(name).items():
                by_line.setdefault(line, []).extend(one for one in tests if one in runs.seconds)
        return runs

    def _draw(self) -> list[Mutant]:
        """All mutants in the order of the seed, in turn from each group."""
        chance, drawn = random.Random(self.seed), []
        for group in self.only or GROUPS:
            mutants = [mutant for path in files_of(group) for mutant in mutants_of(group, path)]
            chance.shuffle(mutants)
            print(f"{group}: {len(mutants)} mutants", flush=True)
            drawn.append(mutants)
        return [one for turn in zip_longest(*drawn) for one in turn if one]

    def _chosen(self, mutant: Mutant, runs: Runs) -> list[str]:
        """The tests that came through a mutant's lines: those that mirror its file, then the others, fastest first.

        Of a table also those that read it.
        """
        if not mutant.table[0]:
            lines = {*mutant.lines, *lines_that_use(mutant)}
            found = {test for line in lines for test in runs.tests.get(mutant.path, {}).get(line, ())}
        else:
            named = [(path, line) for path, line in _lines_that_name(mutant.path, mutant.table[1])]
            found = {test for path, line in named for test in runs.tests.get(path, {}).get(line, ())}
            found |= {test for test in runs.seconds if test.startswith(TABLES)}
        words = {*Path(mutant.path).parts[:-1], Path(mutant.path).stem} - {"crowd", "ledger", "services"}
        chosen: list[str] = []
        spent = 0.0
        for test in sorted(found, key=lambda test: (not any(word in test for word in words), runs.seconds[test])):
            spent += runs.seconds[test]
            if chosen and spent > OF_ONE:
                break
            chosen.append(test)
        return chosen

    def _try(self, mutant: Mutant, runs: Runs) -> str:
        chosen = self._chosen(mutant, runs)
        if not chosen:
            return "not run"

        def work() -> int:
            self._forked()
            try:
                apply(mutant)
            except Unloadable:
                return 1
            return 0 if all(run(self.items[test]) for test in chosen if test in self.items) else 1

        usual = sum(runs.seconds[test] for test in chosen)
        status = in_fork(work, 10 + 3 * min(usual, OF_ONE))
        return {0: "survived", 1: "killed", None: "too slow"}.get(status, "broken")


def run(item: pytest.Item) -> bool:
    """Whether a test passes; the fixtures of the session stay, as before a next test of any module."""
    following: Any = item.session
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


def _lines_that_name(path: str, operation: str) -> Iterator[tuple[str, int]]:
    """Where the package of a table has the name of an operation."""
    for file in sorted((ROOT / path).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value == operation:
                yield str(file.relative_to(ROOT)), node.lineno


def main() -> int:
    """Draw, try, and report; the exit status is 1 where too many survive."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--minutes", type=float, default=28)
    parser.add_argument("--again", action="store_true", help="keep what the last run saw of the tests")
    parser.add_argument("--only", action="append", choices=sorted(GROUPS), default=[])
    given = parser.parse_args()
    print(f"SEED={given.seed}", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the servers are stopped then, too
    session = Session(given.seed, given.minutes, given.only, again=given.again)
    settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.function_scoped_fixture),
    )
    options = [
        "-qq",
        "--capture",
        "no",
        "-p",
        "no:xdist",
        "--no-summary",
        "-m",
        "not long",
        "--hypothesis-profile",
        "mutants",
    ]
    status = pytest.main([*options, *dict.fromkeys(TESTS)], plugins=[session])
    return _report(session) if status in (0, 5) else int(status)


def _report(session: Session) -> int:
    print("", *session.survivors, "", sep="\n")
    tried = killed = 0
    for group, counts in session.counts.items():
        print(f"{group}: {', '.join(f'{number} {outcome}' for outcome, number in sorted(counts.items()))}")
        tried += sum(counts.values())
        killed += counts["killed"] + counts["too slow"]
    percent = 100 * killed / tried if tried else 0.0
    print(f"{killed} of {tried} were killed, {percent:.1f} %; at least {LEAST} % have to be. SEED={session.seed}")
    return 0 if percent >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
