"""Fault injection: processes die, hang and come back, Redis forgets and restarts, PostgreSQL restarts without notice.

A plan is drawn from a seed, so that it can be repeated; the exact time of a fault depends on the machine.
"""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import redis

from crowd.embedded import postgres, servers
from crowd.embedded.paths import locate, runs, until
from tests.processes import Platform, Process

KINDS = {"horse": 14, "both": 2, "parent": 2, "pause": 2, "flushall": 3, "redis": 2, "postgres": 2}  # how often
GAP = 0.8  # seconds between two faults, on average
HORSE_SECONDS = 4  # how long to wait for a work-horse to hit


def plan(seed: int, rounds: int) -> list[str]:
    """So many faults; each kind at least once where the number allows it."""
    dice = random.Random(seed)
    rest = dice.choices(list(KINDS), list(KINDS.values()), k=max(0, rounds - len(KINDS)))
    blows = [*KINDS, *rest][:rounds]
    dice.shuffle(blows)
    return blows


class Weather:
    """Injects faults into a platform's workers and servers, and restarts what a supervisor would."""

    def __init__(self, platform: Platform, home: Path, seed: int) -> None:
        self.platform, self.home = platform, home
        self.dice = random.Random(seed)
        self.paused: list[list[int]] = []
        self.dealt: list[str] = []
        self.restarts = 0
        self.acts: dict[str, Callable[[], object]] = {
            "horse": lambda: self._strike(Process.kill_horse),
            "both": lambda: self._strike(Process.kill),
            "parent": lambda: self._strike(Process.kill_parent),
            "pause": lambda: self._strike(lambda process: self.paused.append(process.pause())),
            "flushall": lambda: self._redis().flushall(),
            "redis": self._restart_redis,
            "postgres": self._restart_postgres,
        }

    def storm(self, blows: list[str]) -> None:
        """Inject them one after the other."""
        for blow in blows:
            time.sleep(self.dice.expovariate(1 / GAP))
            self.acts[blow]()
            self.dealt.append(blow)
            if blow != "pause":
                self._resume()
            self.keep_up()
        self._resume()

    def keep_up(self) -> None:
        """Start again what has died, as the supervisor of `crowd up` does."""
        for process in [process for process in self.platform.processes if not process.runs]:
            self.platform.processes.remove(process)
            process.kill()  # an orphan has had its time until here
            self.platform.start(*process.words)
            self.restarts += 1

    def _workers(self) -> list[Process]:
        return [process for process in self.platform.processes if process.words == ("worker",)]

    def _strike(self, blow: Callable[[Process], object]) -> None:
        """Kill a busy worker, shortly after its job has begun; an idle one if none is busy."""
        victims = self._workers()
        until(lambda: any(process.horses() for process in victims), HORSE_SECONDS)
        busy = [process for process in victims if process.horses()] or victims
        time.sleep(self.dice.uniform(0, 0.12))
        blow(self.dice.choice(busy))

    def _resume(self) -> None:
        for pids in self.paused:
            Process.resume(pids)
        self.paused.clear()

    def _redis(self) -> redis.Redis:
        return redis.Redis.from_url(str(self.platform.settings.redis_url))

    def _restart_redis(self) -> None:
        _kill(int(self._redis().info("server")["process_id"]), signal.SIGKILL)
        time.sleep(self.dice.uniform(0, 1))
        assert servers.revive(self.home) == ["Redis"]

    def _restart_postgres(self) -> None:
        """The immediate shutdown: no process may finish anything, and the next start recovers from the log."""
        pid = postgres.postmaster(locate(self.home))
        assert pid is not None
        _kill(pid, signal.SIGQUIT)
        assert "PostgreSQL" in servers.revive(self.home)


def _kill(pid: int, number: int) -> None:
    os.kill(pid, number)
    assert until(lambda: not runs(pid), 20), f"process {pid} survives"
